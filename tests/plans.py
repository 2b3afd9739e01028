"""The one builder of plans: what a run is frozen from, as small as the story needs."""

import io
import json
from functools import cache
from typing import Any

import pandas as pd

from lib.platform.connection import Connection, practice
from lib.run.records import RunPlan

#: Where no request ever goes.
NOWHERE = practice("http://127.0.0.1:9")

#: The first phone number of a plan, less its `first`.
FIRST_PHONE = 13_000_000_000


@cache
def _source(first: int, rows: int) -> bytes:
    buffer = io.BytesIO()
    phones = [str(FIRST_PHONE + first + at) for at in range(rows)]
    pd.DataFrame({"手机号": phones}).to_parquet(buffer)
    return buffer.getvalue()


def plan(
    batches: int = 1,
    rows_each: int = 3,
    *,
    connection: Connection = NOWHERE,
    first: int = 0,
    marks: str = "mark",
    held_back: int = 0,
    repeats_allowed: bool = False,
    draft_id: str | None = None,
    **head: Any,
) -> RunPlan:
    """Rows numbered from `first`: `batches` of `rows_each` to send, then `held_back` rows that stay.

    marks: what `extra` begins with; none where "". head: what else stands in each body, beside its "data".
    """
    sent = batches * rows_each
    total = sent + held_back
    phones = [str(FIRST_PHONE + first + at) for at in range(total)]
    extras = [f"{marks}-{first + at}" if marks else "" for at in range(total)]
    rows = pd.DataFrame(
        {
            "disposition": ["to_send"] * sent + ["held_back"] * held_back,
            "reason": [""] * sent + ["phone_too_short"] * held_back,
            "batch": [at // rows_each + 1 for at in range(sent)] + [-1] * held_back,
            "extra": extras,
            "phone": phones,
        },
        index=range(2, total + 2),
    )
    entries = [
        {"phone": phone, "sort": 0} | ({"extra": extra} if extra else {})
        for phone, extra in zip(phones, extras, strict=True)
    ]
    bodies = (
        (
            at + 1,
            rows_each,
            json.dumps(head | {"data": entries[at * rows_each : (at + 1) * rows_each]}).encode(),
        )
        for at in range(batches)
    )
    return RunPlan(
        draft_id,
        connection,
        "客户.xlsx",
        "0" * 64,
        "Sheet1",
        _source(first, total),
        rows,
        bodies,
        repeats_allowed,
        elsewhere_allowed=True,
    )
