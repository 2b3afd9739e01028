"""Checked contacts as the exact JSON of `async_number`. The only place that knows how a row is spelled on the wire.

Shape: api-contract.md, section 2. `encryption` and `sub_user_id` stand at top level, as in every sample of the page;
optional fields are absent when empty.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lib.connection import Options
from lib.fields import BATCH_SIZE, BY_NAME, Kind, component_id
from lib.validation import Review

#: Order of a row's keys, as on the API page; `components` stands before `control_select_robot`.
ROW_KEYS = ("name", "phone", "email", "company", "sex", "sort", "source_id", "industry_id", "grade_id", "extra")


@dataclass(frozen=True)
class Batch:
    """At most 200 contacts of one request. seq counts from 1; contacts: index = spreadsheet row number."""

    seq: int
    contacts: pd.DataFrame
    options: Options


def batches(review: Review, options: Options, size: int = BATCH_SIZE) -> Iterator[Batch]:
    """The contacts that can be sent, in the sheet's order, in batches of `size` (1 to 200)."""
    if not 1 <= size <= BATCH_SIZE:
        raise ValueError(f"a batch holds 1 to {BATCH_SIZE} rows, not {size}")
    ready = review.contacts[review.sendable]
    for seq, start in enumerate(range(0, len(ready), size), start=1):
        yield Batch(seq, ready.iloc[start : start + size], options)


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
