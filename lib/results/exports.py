"""Files that leave the app, each made and written down in one step: who took what, how many rows, hidden or in full.

What may leave the team hides the middle of every number unless the person asks for all of it. Only the rows that come
back for correction are always in full: a number cannot be mended without its digits.
"""

from functools import partial

import pandas as pd

from lib import results
from lib.draft import Draft
from lib.draft.plan import source_told
from lib.errors import Conflict
from lib.platform.connection import Connection
from lib.results import corrections, run_receipt
from lib.results.own_workbook import own_workbook
from lib.results.run_sheet import own_sheet, own_table, table_of
from lib.run.journal import BY_LOCAL
from lib.run.records import RunRecord
from lib.run.states import DataDeed
from lib.sheet.row_numbers import rows_of_file
from lib.store import AnyStore
from lib.store.journal import Doing
from lib.times import utc_now
from lib.validation import PROBLEM_COLUMNS


def results_file(
    store: AnyStore, run: RunRecord, lang: str, *, full: bool = False, zone: str = "UTC"
) -> bytes:
    """The person's own workbook with what became of every row, or a new one of their sheet: `own_workbook.form_of_results` says which.

    Row numbers stand in place of a sheet that is no longer kept.

    store: as the person may use it; takes the line on who took the file, or refuses it for whole numbers (SEC45)
    run: gives its file, worksheet and draft; what became of its rows is read now, also while it goes on
    lang: of the added columns and of the notes
    full: whole numbers, as asked for on this visit; else their middle is hidden, and it is a new workbook
    zone: IANA name for the times; one that this computer does not know counts as UTC
    """
    rows, sheet = store.runs.rows(run.id), own_sheet(store, run)
    table = own_table(store, run) if sheet is None else table_of(sheet)
    shown = results.bare_table(rows, lang) if table is None else table
    numbers = _numbers_sent(store, run, rows, full=full) if table is not None else {}
    own = own_workbook(store, run, sheet, rows, numbers, lang, zone) if full else None
    data = own.data if own else b""
    if not data:
        problems, columns = _problems(store, run)
        data = results.run_workbook(
            shown,
            rows,
            lang,
            problems=problems,
            columns=columns,
            title=run.sheet_name,
            hidden=not full,
            why_new=" ".join(own.sentences(lang)) if own else "",
            numbers=numbers,
            zone=zone,
        )
    _note(store, "results", len(shown), full=full, run_id=run.id)
    return data


def _numbers_sent(store: AnyStore, run: RunRecord, rows: pd.DataFrame, *, full: bool) -> dict[int, str]:
    """Row → number that left with it, after what was corrected; its middle hidden unless `full`."""
    if full:
        return store.runs.sent_numbers(run.id)
    left = rows[rows["sent_at"].ne("")]
    return dict(zip(left["row"].tolist(), left["phone_masked"].tolist(), strict=True))


def missing_file(store: AnyStore, run: RunRecord, lang: str, *, full: bool = False) -> bytes:
    """The rows that did not get in, or of which nobody knows.

    store: as the person may use it; takes the line on who took the file, or refuses it for whole numbers (SEC45)
    run: gives its file and draft; only rows of batches that are settled by now count
    lang: of the added columns
    full: whole numbers, as asked for on this visit; else their middle is hidden
    """
    rows, table = store.arrivals.not_arrived(run.id), own_table(store, run)
    shown = pd.DataFrame(index=rows_of_file(pd.Index(rows["row"])).unique()) if table is None else table
    numbers = dict(zip(rows["row"].tolist(), rows["phone_masked"].tolist(), strict=True))
    numbers |= store.runs.sent_numbers(run.id) if full else {}
    columns = _problems(store, run)[1]
    data = results.arrivals_workbook(shown, rows, lang, numbers=numbers, columns=columns, hidden=not full)
    _note(store, "missing", len(rows), full=full, run_id=run.id)
    return data


def log_file(store: AnyStore, run_id: str | None, lang: str, zone: str, kind: str) -> bytes:
    """The batches of a run, or of all runs. It holds no whole number.

    store: as the person may use it: all runs are those this person sees
    run_id: None for all runs but those of a guided tour
    lang: of the header and of the words for how a batch ended
    zone: IANA name for the times, which the header names; one that this computer does not know counts as UTC
    kind: "csv" or "xlsx"
    """
    batches = store.batches.table(run_id=run_id, limit=None)
    write = results.log_csv if kind == "csv" else results.log_workbook
    data = write(batches, lang, zone=zone)
    _note(store, "log", len(batches), full=False, run_id=run_id or "")
    return data


def receipt_file(store: AnyStore, run_id: str, lang: str, zone: str, *, submitter: str, task: str) -> bytes:
    """One run as a page to print, as it stands now. It holds no number.

    store: as the person may use it; everything is read from it at this moment
    run_id: of the run; of one that still goes on the page says that it has not ended
    lang: of the page
    zone: IANA name for the times, which the page names; one that this computer does not know counts as UTC
    submitter, task: what they are called; where the task has no name its id, which is then not told a second time
    """
    run, batches = store.runs.get(run_id), store.batches.table(run_id=run_id, limit=None)
    receipt = run_receipt.RunReceipt(
        run, store.runs.rows(run_id), store.arrivals.of_run(run_id), batches, submitter, task, utc_now()
    )
    data = run_receipt.page(receipt, lang, zone)
    _note(store, "receipt", len(batches), full=False, run_id=run_id)
    return data


def problems_file(store: AnyStore, draft: Draft, connection: Connection, lang: str) -> bytes:
    """The rows with problems, in full, to be mended and brought back.

    store: takes the line on who took the file, and refuses it to whoever may not see whole numbers (SEC45)
    draft: with its sheet; the rows go out with the edits made here, and with tokens by which they find back to it
    connection: where the rows are to go: that a number was sent to its task before is a problem too
    lang: of the headings and reasons
    """
    problems = draft.review(connection).problems
    tokens = partial(corrections.tokens, draft, lang=lang)
    data = results.problems_workbook(
        corrections.given_out(draft), problems, lang, columns=draft.columns, tokens=tokens
    )
    _note(store, "problems", problems["row"].nunique(), full=True, draft_id=str(draft.id))
    return data


def _problems(store: AnyStore, run: RunRecord) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    try:
        return source_told(store.runs.source(run.id))[:2]
    except Conflict:
        return pd.DataFrame(columns=list(PROBLEM_COLUMNS), dtype=object), {}


def _note(store: AnyStore, kind: str, rows: int, *, full: bool, run_id: str = "", draft_id: str = "") -> None:
    """Who it was a person's store says."""
    facts = {"kind": kind, "rows": int(rows), "full": full}
    store.journal.note_data(Doing(DataDeed.EXPORTED, BY_LOCAL.who, run_id, draft_id, facts=facts))
