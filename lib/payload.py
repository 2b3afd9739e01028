"""Checked contacts as the exact JSON of `async_number`. The only place that knows how a row is spelled on the wire.

Its rules and reasons: lib/validation/README.md. `encryption` and `sub_user_id` stand at top level, as in every sample of the page;
optional fields are absent when empty.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from lib.contact.fields import BY_NAME, Kind, component_id
from lib.contact.masking import mask_seen
from lib.contact.privacy import mask_phone
from lib.contact.problems import DOUBTFUL
from lib.platform.connection import Options
from lib.validation import Review

#: Rows of a batch, which is one request; stated on the API page ("at most 200").
BATCH_SIZE = 200

#: Order of a row's keys, as on the API page; `components` stands before `control_select_robot`.
ROW_KEYS = (
    "name",
    "phone",
    "email",
    "company",
    "sex",
    "sort",
    "source_id",
    "industry_id",
    "grade_id",
    "extra",
)


#: As `json.dumps`, without looking for loops in what we have just made.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)

#: Batches whose texts are taken out of the contacts together: one by one that costs more than all the rest of a body.
_AT_ONCE = 50


@dataclass(frozen=True)
class Batch:
    """At most 200 contacts of one request. seq counts from 1; rows: spreadsheet row numbers; cells: column → texts, by row."""

    seq: int
    rows: pd.Index
    cells: Mapping[str, list[str]]
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
        return next(
            (part[: self.size] for part in (self.head, self.sure, self.doubtful) if len(part)), self.head
        )

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
        return pd.Series(
            [seq for seq, batch in enumerate(batches, start=1) for _ in batch], index=rows, dtype="int64"
        )


def cut(review: Review, start: Start = Start.ALL, size: int = BATCH_SIZE) -> Cut:
    """The rows that can be sent, in batches; each part keeps the sheet's order. Raises ValueError for a size that no batch has.

    Rows a platform might refuse its whole batch for (`lib.contact.problems.DOUBTFUL`) come last and by themselves: the page does
    not say whether one bad row spoils the others.

    review: its `ready` rows are cut, its `problems` say which of them are doubtful
    start: only `Start.ONE` cuts otherwise, a first batch of one row; `Start.BATCH` and `Start.ALL` cut alike
    size: most rows of a batch, 1 to 200
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


def batches(
    review: Review, options: Options, size: int = BATCH_SIZE, start: Start = Start.ALL
) -> Iterator[Batch]:
    """The contacts that can be sent, in the batches of `cut`.

    review: cells are taken from its `contacts`, as cleaned
    options: of the connection; each batch carries them unchanged for `body`
    size, start: as for `cut`
    """
    rows = cut(review, start, size).rows
    if not rows:
        return
    ready = review.contacts.loc[rows[0].append(list(rows[1:]))]  # once: the batches are slices of it
    begin = 0
    for at in range(0, len(rows), _AT_ONCE):
        some = rows[at : at + _AT_ONCE]
        end = begin + sum(map(len, some))
        yield from _sliced(ready.iloc[begin:end], some, at + 1, options)
        begin = end


def _sliced(
    contacts: pd.DataFrame, rows: tuple[pd.Index, ...], seq: int, options: Options
) -> Iterator[Batch]:
    """Batches of these contacts, numbered from `seq` on. rows: of each of them, in the order of the contacts."""
    cells = {str(name): texts.tolist() for name, texts in contacts.items()}
    begin = 0
    for number, batch in enumerate(rows, start=seq):
        end = begin + len(batch)
        yield Batch(number, batch, {name: texts[begin:end] for name, texts in cells.items()}, options)
        begin = end


def first_batch(
    review: Review, options: Options, start: Start = Start.ALL, size: int = BATCH_SIZE
) -> Batch | None:
    """What `batches` gives first, None where nothing can be sent; without touching the rows of the others.

    review, options: as for `batches`
    start, size: as for `cut`
    """
    rows = cut(review, start, size).first
    return next(_sliced(review.contacts.loc[rows], (rows,), 1, options), None) if len(rows) else None


def body(batch: Batch) -> dict[str, Any]:
    """The request's JSON as plain data."""
    options = batch.options
    head: dict[str, Any] = {"ignore_crm": options.ignore_crm, "encryption": options.encryption}
    if options.sub_user_id:
        head["sub_user_id"] = options.sub_user_id
    return head | {"number_add_suffix": options.number_add_suffix, "data": _rows(batch.cells)}


def encoded(batch_body: dict[str, Any]) -> bytes:
    """The bytes that are sent, and hashed: compact UTF-8."""
    return _ENCODER.encode(batch_body).encode()


def masked(document: dict[str, Any]) -> dict[str, Any]:
    """A request as it may be seen: every number in it with its middle hidden, everything else as it is."""
    rows = [
        {name: mask_phone(value) if name == "phone" else _seen(value) for name, value in row.items()}
        for row in document["data"]
    ]
    return document | {"data": rows}


def _seen(value: Any) -> Any:
    if isinstance(value, str):
        return mask_seen(value)
    if isinstance(value, list):
        return [_seen(one) for one in value]
    return {name: _seen(one) for name, one in value.items()} if isinstance(value, dict) else value


def _rows(cells: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """One dict per row, without what is empty."""
    columns: dict[str, list[Any]] = {key: _values(key, cells[key]) for key in ROW_KEYS if key in cells}
    components = {found: texts for column, texts in cells.items() if (found := component_id(column))}
    if components:
        columns["components"] = _components(components)
    if "control_select_robot" in cells:
        columns["control_select_robot"] = cells["control_select_robot"]
    keys = tuple(columns)
    rows = [dict(zip(keys, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for key, values in columns.items():
        if "" in values:
            for row, value in zip(rows, values, strict=True):
                if value == "":
                    del row[key]
    return rows


def _values(key: str, texts: list[str]) -> list[Any]:
    if BY_NAME[key].kind in (Kind.INTEGER, Kind.SEX):
        return [int(text) if text else "" for text in texts]
    return texts


def _components(columns: Mapping[str, list[str]]) -> list[list[dict[str, str]] | str]:
    """Component id → texts, as one list per row; "" where a row has none."""
    single = [
        [{"id": found, "value": text} if text else None for text in texts] for found, texts in columns.items()
    ]
    return [[one for one in given if one] or "" for given in zip(*single, strict=True)]
