"""The person's own table of a run, to give it back: the whole file while it is kept, the columns that were sent after."""

import pandas as pd

from lib.draft.plan import source_table
from lib.draft.reading import read_upload
from lib.errors import Conflict, NotAllowed, SheetRefused
from lib.run.records import DraftRecord, RunRecord
from lib.sheet import Sheet
from lib.sheet.split import file_table
from lib.store import AnyStore


def own_table(store: AnyStore, run: RunRecord) -> pd.DataFrame | None:
    """Text columns, index = row number in the spreadsheet; None where nothing of it is kept any more."""
    if run.data_deleted:
        return None
    if (sheet := own_sheet(store, run)) is not None:
        return table_of(sheet)
    try:
        return source_table(store.runs.source(run.id))
    except Conflict:
        return None  # deleted at this moment, or because of a number in the name of a column


def table_of(sheet: Sheet) -> pd.DataFrame:
    """The table of a sheet as `own_table` gives it."""
    return file_table(sheet).rename_axis("row")


def own_sheet(store: AnyStore, run: RunRecord) -> Sheet | None:
    """The sheet as it was read, while its file is kept and can be read, by whoever may see it."""
    record = kept_draft(store, run)
    if record is None or not record.upload_id:
        return None
    try:
        sheet = read_upload(store, record.upload_id, record.state.get("reading", {}))
    except (SheetRefused, Conflict, NotAllowed):
        return None  # what was frozen with the run does instead; a viewer gets that with its numbers masked
    return sheet if sheet.sha256 == run.file_sha256 else None


def kept_draft(store: AnyStore, run: RunRecord) -> DraftRecord | None:
    """What the run was made from, while it is kept; it names the upload."""
    return store.drafts.get(run.draft_id) if run.draft_id and not run.data_deleted else None
