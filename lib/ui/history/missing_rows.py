"""The rows that did not get in, or of which nobody knows: by name and number in the person's file, as a new upload, as a workbook."""

from functools import partial

import pandas as pd
import streamlit as st

from lib import results
from lib.access.person_store import PersonStore
from lib.draft import Draft
from lib.draft.plan import source_texts
from lib.errors import Conflict
from lib.results import exports
from lib.run.arrivals import RowArrival
from lib.run.records import RunRecord
from lib.sheet.row_numbers import row_name, row_of_file
from lib.store import AnyStore
from lib.ui import keys, state
from lib.ui.parts import again, tables
from lib.ui.words import t


def panel(store: PersonStore, run: RunRecord, *, may_prepare: bool) -> None:
    """Everything about them; nothing where every row got in, or is still asked about.

    store: where they are looked up, and where a new upload of them is kept
    run: whose rows they are; of one whose data is deleted there are no names, and nothing to upload
    may_prepare: whether those that did not get in are offered as a new upload; those of which nobody knows never are
    """
    rows = store.arrivals.not_arrived(run.id)
    if rows.empty:
        return
    st.markdown(t("arrivals.missing_title", count=len(rows)))
    shown = rows.head(tables.SHOWN)
    st.dataframe(
        _table(shown, _names(store, run, shown["row"].tolist())),
        hide_index=True,
        key=keys.of("arrivals.missing", run.id),
        height=tables.height(len(shown), 300),
    )
    if len(rows) > len(shown):
        st.caption(t("arrivals.missing_more", count=len(rows) - len(shown)))
    if may_prepare:
        missing = rows.loc[rows["arrival"].eq(RowArrival.NOT_IMPORTED), "row"].tolist()
        again.offer(store, run, "missing", len(missing), lambda: Draft.of_rows(store, run, missing))


def _names(store: AnyStore, run: RunRecord, rows: list[int]) -> list[str]:
    """What stands in the column of names; "" where no column fed them, or where the sheet is no longer kept.

    Read once a visit: the sheet is frozen, and finding a column in one of 200,000 rows takes longer than drawing the page.
    """
    known: dict[int, str] = state.view(keys.of("missing_names", run.id, run.data_deleted), dict)
    if not known.keys() >= set(rows):
        known |= dict.fromkeys(rows, "") | _read_names(store, run.id, rows)
    return [known[row] for row in rows]


def _read_names(store: AnyStore, run_id: str, rows: list[int]) -> dict[int, str]:
    try:
        source = store.runs.source(run_id)
    except Conflict:
        return {}
    found = source_texts(source, "name").to_dict()
    return {row: str(found.get(row_of_file(row)) or "") for row in rows}


def _table(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    kinds = [RowArrival(kind) for kind in rows["arrival"]]
    reasons = zip(kinds, rows["reason"], strict=True)
    table = {
        t("arrivals.column.row"): [row_name(row) for row in rows["row"]],
        t("field.name.label"): names,
        t("field.phone.label"): rows["phone_masked"].tolist(),
        t("arrivals.column.arrival"): [t(f"arrival.row.{kind}") for kind in kinds],
        t("arrivals.column.reason"): [results.reason_words(*pair, state.language()) for pair in reasons],
        t("batch.seq"): rows["batch"].tolist(),
    }
    return pd.DataFrame({head: cells for head, cells in table.items() if any(cells)})


def download(store: AnyStore, run: RunRecord, *, full: bool) -> None:
    """These rows as a workbook, with their number in the person's file; nothing where there are none.

    store: where they are looked up, and where the file is made and written down when it is asked for
    run: whose rows they are; the workbook is named after its file
    full: whether whole numbers stand in the workbook; else their middle is hidden
    """
    rows = store.arrivals.not_arrived(run.id)
    if rows.empty:
        return
    is_known = rows["arrival"].eq(RowArrival.NOT_IMPORTED).any()
    kind = "download" if is_known else "download_unconfirmed"
    st.download_button(
        t(f"arrivals.{kind}", count=len(rows)),
        data=partial(exports.missing_file, store, run, state.language(), full=full),
        file_name=t("arrivals.download_name", file=run.file_name.rsplit(".", 1)[0]),
        mime=results.XLSX,
        key=keys.of("arrivals.download", run.id),
        icon=":material/download:",
        on_click="ignore",
    )
