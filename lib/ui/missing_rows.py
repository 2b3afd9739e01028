"""The rows that did not get in, or of which nobody knows: by name and number in the person's file, as a workbook, as a new upload."""

from functools import partial

import pandas as pd
import streamlit as st

from lib import results
from lib.arrivals_records import RowArrival
from lib.draft import Draft
from lib.errors import AppError
from lib.plan import source_column, source_problems, source_table
from lib.row_numbers import row_name
from lib.store import RunRecord, Store
from lib.ui import keys, messages, navigation, run_table, state
from lib.ui.words import t


def panel(store: Store, run: RunRecord) -> None:
    """Everything about them; nothing where every row got in, or is still asked about."""
    rows = store.not_arrived(run.id)
    if rows.empty or run.data_deleted:
        return
    st.markdown(t("arrivals.missing_title", count=len(rows)))
    shown = rows.head(run_table.SHOWN)
    st.dataframe(
        _table(shown, _names(store, run, shown["row"].tolist())),
        hide_index=True,
        key=keys.of("arrivals.missing", run.id),
        height=run_table.height(len(shown), 300),
    )
    if len(rows) > len(shown):
        st.caption(t("arrivals.missing_more", count=len(rows) - len(shown)))
    with st.container(horizontal=True):
        _download(store, run, len(rows))
        _again(store, run, rows.loc[rows["arrival"].eq(RowArrival.NOT_IMPORTED), "row"].tolist())


def _names(store: Store, run: RunRecord, rows: list[int]) -> list[str]:
    """What stands in the column of names; "" where no column fed them.

    Read once a visit: the sheet is frozen, and finding a column in one of 200,000 rows takes longer than drawing the page.
    """
    known: dict[int, str] = state.view(keys.of("missing_names", run.id), dict)
    if not known.keys() >= set(rows):
        source = store.source(run.id)
        _, columns = source_problems(source)
        found = source_column(source, columns["name"]).to_dict() if "name" in columns else {}
        known |= {row: str(found.get(row) or "") for row in rows}
    return [known[row] for row in rows]


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


def _download(store: Store, run: RunRecord, count: int) -> None:
    st.download_button(
        t("arrivals.download", count=count),
        data=partial(workbook, store, run, state.language()),
        file_name=t("arrivals.download_name", file=run.file_name.rsplit(".", 1)[0]),
        mime=results.XLSX,
        key=keys.of("arrivals.download", run.id),
        icon=":material/download:",
        on_click="ignore",
    )


def workbook(store: Store, run: RunRecord, lang: str) -> bytes:
    """These rows with their number in the person's file."""
    return results.arrivals_workbook(source_table(store.source(run.id)), store.not_arrived(run.id), lang)


def _again(store: Store, run: RunRecord, rows: list[int]) -> None:
    """As a new upload, on a second click; nothing is sent by it."""
    if not rows:
        return
    with st.popover(t("arrivals.again", count=len(rows)), icon=":material/upload_file:"):
        st.markdown(t("arrivals.again_means", count=len(rows)))
        if st.button(t("arrivals.again_yes"), key=keys.of("arrivals.again", run.id)):
            _open(store, run, rows)


def _open(store: Store, run: RunRecord, rows: list[int]) -> None:
    try:
        draft = Draft.of_rows(store, run, rows)
    except AppError as error:
        messages.show(error)
        return
    state.open_draft(store, draft.id)
    st.switch_page(navigation.path("review"))
