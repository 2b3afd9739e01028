"""The rows a platform refused: sent again in smaller batches, until what is left is the number it refuses, and named.

A refusal is of a whole batch, because of one number as well as of all. No answer that says which is documented anywhere,
so every refused batch is cut in two: after log2 of its rows one number stands alone.
"""

import math
from dataclasses import dataclass

import pandas as pd

from lib.contact.masking import holds_mask
from lib.draft import Draft
from lib.payload import BATCH_SIZE
from lib.platform.answers import FailureCode
from lib.run.records import RunRecord
from lib.run.states import REFUSED_REPEATED, REPEATED_UNCHECKED, BatchState
from lib.store import AnyStore

#: Refusals of what a batch holds: a part of it may be taken.
_OF_ROWS = frozenset({FailureCode.REFUSED.value, REPEATED_UNCHECKED})


@dataclass(frozen=True)
class RefusedNumber:
    """A number the platform refuses, masked. message: its answer, "" for none. is_alone: it was the only one of its batch;
    else the answer itself holds it."""

    row: int
    phone: str
    message: str
    is_alone: bool


def _batches(store: AnyStore, run: RunRecord) -> pd.DataFrame:
    """Those that were refused, and those refused as repeated that no list confirmed, once a person has left them out."""
    found = store.batches.table(run.id, limit=None)
    left_out = found["state"].eq(BatchState.CANCELLED.value) & found["code"].eq(REFUSED_REPEATED)
    return found[found["state"].eq(BatchState.REJECTED.value) | left_out]


def _rows(store: AnyStore, run: RunRecord) -> pd.Series:
    """Their rows, without those that were found on the platform after all."""
    refused = _batches(store, run)
    if refused.empty:
        return pd.Series(dtype="int64")  # without reading the rows of a run that was merely stopped
    rows = store.runs.rows(run.id)
    still = rows["batch_state"].isin([BatchState.REJECTED.value, BatchState.CANCELLED.value])
    return rows.loc[still & rows["batch"].isin(refused["seq"]), "row"]


def count(store: AnyStore, run: RunRecord) -> int:
    """How many rows `next_draft` would leave in."""
    states = (BatchState.REJECTED.value, BatchState.CANCELLED.value)
    return len(_rows(store, run)) if any(run.rows_by_state.get(state) for state in states) else 0


def largest(store: AnyStore, run: RunRecord) -> int:
    """Rows of the largest batch that was refused for them; 0 where none was: a task that is not there refuses no row."""
    found = _batches(store, run)
    rows = found.loc[found["code"].isin({*_OF_ROWS, REFUSED_REPEATED}), "rows"]
    return 0 if rows.empty else int(rows.max())


def halved(rows: int) -> int:
    """The size by which a batch of so many rows, and every smaller one of more than that, is cut in two; of 0 a whole batch."""
    return math.ceil(rows / 2) or BATCH_SIZE


def next_draft(store: AnyStore, run: RunRecord) -> Draft:
    """A new draft of the refused rows, in halves of the largest refused batch. Raises as `Draft.of_rows`."""
    return Draft.of_rows(store, run, map(int, _rows(store, run)), halved(largest(store, run)))


def named(store: AnyStore, run: RunRecord) -> list[RefusedNumber]:
    """The numbers that are known to be refused, in the order of the sheet."""
    found = store.runs.refused(run.id)
    every = zip(*(found[name].tolist() for name in found.columns), strict=True)
    return [
        RefusedNumber(int(row), phone, message, rows == 1)
        for row, phone, rows, code, message in every
        if code in _OF_ROWS and (rows == 1 or (holds_mask(phone) and phone in message))
    ]
