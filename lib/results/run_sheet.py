"""The person's own table of a run, to give it back: the whole file while it is kept, the columns that were sent after."""

import pandas as pd

from lib.draft.plan import source_table
from lib.draft.reading import read_upload
from lib.errors import Conflict, NotAllowed, SheetRefused
from lib.run.records import RunRecord
from lib.sheet.split import file_table
from lib.store import AnyStore


def own_table(store: AnyStore, run: RunRecord) -> pd.DataFrame | None:
    """Text columns, index = row number in the spreadsheet; None where nothing of it is kept any more."""
    if run.data_deleted:
        return None
    whole = _whole(store, run)
    if whole is not None:
        return whole
    try:
        return source_table(store.runs.source(run.id))
    except Conflict:
        return None  # deleted at this moment, or because of a number in the name of a column


def _whole(store: AnyStore, run: RunRecord) -> pd.DataFrame | None:
    record = store.drafts.get(run.draft_id) if run.draft_id else None
    if record is None or not record.upload_id:
        return None
    try:
        sheet = read_upload(store, record.upload_id, record.state.get("reading", {}))
    except (SheetRefused, Conflict, NotAllowed):
        return None  # what was frozen with the run does instead; a viewer gets that with its numbers masked
    return file_table(sheet).rename_axis("row") if sheet.sha256 == run.file_sha256 else None
