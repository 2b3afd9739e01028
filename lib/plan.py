"""A draft frozen into a run: which row goes where, in which batch, as which bytes."""

import io

import pandas as pd

from lib import payload
from lib.connection import Connection
from lib.draft import Draft, only_repeated
from lib.sheet_split import file_table
from lib.store import RunPlan
from lib.validation import Review


def run_plan(draft: Draft, connection: Connection) -> RunPlan:
    """Everything `Store.create_run` needs. Bodies are made lazily, one batch at a time."""
    assert draft.sheet, "no sheet to plan"
    assert draft.id, "a draft that was never saved"
    draft.must_be_current()
    review = draft.review(connection)
    return RunPlan(
        draft_id=draft.id,
        connection=connection,
        file_name=draft.sheet.name,
        file_sha256=draft.sheet.sha256,
        sheet_name=draft.sheet.sheet or "",
        source=source_bytes(file_table(draft.sheet)),
        rows=_rows(draft, review),
        bodies=(
            (batch.seq, len(batch.contacts), payload.encoded(payload.body(batch)))
            for batch in payload.batches(review, connection.options)
        ),
        repeats_allowed=draft.sends_again(connection),
    )


def _rows(draft: Draft, review: Review) -> pd.DataFrame:
    assert draft.sheet
    index = draft.sheet.table.index
    errors = review.problems[review.problems["severity"].eq("error")].drop_duplicates("row").set_index("row")
    rows = pd.DataFrame({"disposition": "left_out", "reason": "", "batch": -1, "extra": "", "phone": ""}, index=index)
    rows.loc[review.contacts.index, "disposition"] = "held_back"
    rows.loc[only_repeated(review), "disposition"] = "repeated"
    rows.loc[errors.index, "reason"] = errors["code"].astype(object)
    ready = review.contacts[review.sendable]
    rows.loc[ready.index, "disposition"] = "to_send"
    rows.loc[ready.index, "batch"] = [at // payload.BATCH_SIZE + 1 for at in range(len(ready))]
    for name in ("extra", "phone"):
        if name in review.contacts.columns:
            rows.loc[review.contacts.index, name] = review.contacts[name].astype(object)
    return rows


def source_bytes(table: pd.DataFrame) -> bytes:
    """The person's sheet as Parquet, to give it back with the results."""
    buffer = io.BytesIO()
    table.rename_axis(None).to_parquet(buffer)  # a column of the sheet may be called "row" too
    return buffer.getvalue()


def source_table(data: bytes) -> pd.DataFrame:
    """The reverse of `source_bytes`: text columns, index = spreadsheet row number."""
    return pd.read_parquet(io.BytesIO(data)).rename_axis("row")
