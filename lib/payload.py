"""Checked contacts as the exact JSON of `async_number`. The only place that knows how a row is spelled on the wire.

Shape: api-contract.md, section 2. `encryption` and `sub_user_id` stand at top level, as in every sample of the page;
optional fields are absent when empty.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from lib.connection import Options
from lib.fields import BATCH_SIZE, BY_NAME, Kind, component_id
from lib.problems import DOUBTFUL
from lib.validation import Review

#: Order of a row's keys, as on the API page; `components` stands before `control_select_robot`.
ROW_KEYS = ("name", "phone", "email", "company", "sex", "sort", "source_id", "industry_id", "grade_id", "extra")


@dataclass(frozen=True)
class Batch:
    """At most 200 contacts of one request. seq counts from 1; contacts: index = spreadsheet row number."""

    seq: int
    contacts: pd.DataFrame
    options: Options


class Start(StrEnum):
    """What a run sends before it waits for a person."""

    ALL = "all"  # everything, without waiting
    BATCH = "batch"
    ONE = "one"  # a first batch of one row


@dataclass(frozen=True)
class Cut:
    """How the rows that can be sent fall into batches of `size`: each part by itself, in this order. `len` counts them.

    head: a first batch that goes alone; doubtful: rows that come last, none also where there are no others.
    """

    head: pd.Index
    sure: pd.Index
    doubtful: pd.Index
    size: int

    def __len__(self) -> int:
        return bool(len(self.head)) + math.ceil(len(self.sure) / self.size) + self.doubtful_batches

    @property
    def doubtful_batches(self) -> int:
        """How many of the last batches hold nothing but doubtful rows."""
        return math.ceil(len(self.doubtful) / self.size)

    @property
    def doubtful_rows(self) -> int:
        """Rows in those last batches."""
        return len(self.doubtful)

    @property
    def first(self) -> pd.Index:
        """Rows of the first batch."""
        return next((part[: self.size] for part in (self.head, self.sure, self.doubtful) if len(part)), self.head)

    @property
    def rows(self) -> tuple[pd.Index, ...]:
        """Of each batch, in the order they are sent."""
        parts = (self.head, self.sure, self.doubtful)
        return tuple(part[at : at + self.size] for part in parts for at in range(0, len(part), self.size))

    @property
    def seqs(self) -> pd.Series:
        """Number of the batch, from 1, by row."""
        batches = self.rows
        rows = [row for batch in batches for row in batch]
        return pd.Series([seq for seq, batch in enumerate(batches, start=1) for _ in batch], index=rows, dtype="int64")


def cut(review: Review, start: Start = Start.ALL, size: int = BATCH_SIZE) -> Cut:
    """The rows that can be sent, in batches of `size` (1 to 200); each part keeps the sheet's order.

    Rows a platform might refuse its whole batch for (`lib.problems.DOUBTFUL`) come last and by themselves: the page does
    not say whether one bad row spoils the others (reliability.md, section 7, probe 8).
    """
    if not 1 <= size <= BATCH_SIZE:
        raise ValueError(f"a batch holds 1 to {BATCH_SIZE} rows, not {size}")
    ready, problems = review.ready, review.problems
    is_doubtful = ready.isin(problems.loc[problems["code"].isin([code.value for code in DOUBTFUL]), "row"])
    sure, doubtful = ready[~is_doubtful], ready[is_doubtful]
    if sure.empty:
        sure, doubtful = doubtful, sure
    first = 1 if start == Start.ONE else 0
    return Cut(sure[:first], sure[first:], doubtful, size)


def batches(review: Review, options: Options, size: int = BATCH_SIZE, start: Start = Start.ALL) -> Iterator[Batch]:
    """The contacts that can be sent, in the batches of `cut`."""
    seqs = cut(review, start, size).seqs
    ready = review.contacts.loc[seqs.index]  # once: the batches are slices of it
    ends = seqs.value_counts(sort=False).sort_index().cumsum().tolist()
    for seq, (begin, end) in enumerate(zip([0, *ends], ends, strict=False), start=1):
        yield Batch(seq, ready.iloc[begin:end], options)


def first_batch(review: Review, options: Options, start: Start = Start.ALL) -> Batch | None:
    """What `batches` gives first, None where nothing can be sent; without touching the rows of the others."""
    rows = cut(review, start).first
    return Batch(1, review.contacts.loc[rows], options) if len(rows) else None


def body(batch: Batch) -> dict[str, Any]:
    """The request's JSON as plain data."""
    options = batch.options
    head: dict[str, Any] = {"ignore_crm": options.ignore_crm, "encryption": options.encryption}
    if options.sub_user_id:
        head["sub_user_id"] = options.sub_user_id
    return head | {"number_add_suffix": options.number_add_suffix, "data": _rows(batch.contacts)}


def encoded(batch_body: dict[str, Any]) -> bytes:
    """The bytes that are sent, and hashed: compact UTF-8."""
    return json.dumps(batch_body, ensure_ascii=False, separators=(",", ":")).encode()


def _rows(contacts: pd.DataFrame) -> list[dict[str, Any]]:
    named = [(key, _values(contacts, key)) for key in ROW_KEYS if key in contacts.columns]
    components = [(found, contacts[column].tolist()) for column in contacts.columns if (found := component_id(column))]
    robots = contacts["control_select_robot"].tolist() if "control_select_robot" in contacts.columns else None
    rows: list[dict[str, Any]] = []
    for at in range(len(contacts)):
        row = {key: values[at] for key, values in named if values[at] != ""}
        if given := [{"id": found, "value": values[at]} for found, values in components if values[at] != ""]:
            row["components"] = given
        if robots and robots[at]:
            row["control_select_robot"] = robots[at]
        rows.append(row)
    return rows


def _values(contacts: pd.DataFrame, key: str) -> list[Any]:
    texts = contacts[key].tolist()
    if BY_NAME[key].kind in (Kind.INTEGER, Kind.SEX):
        return [int(text) if text else "" for text in texts]
    return texts
