"""Some rows of a run as a new upload, on a second press; nothing is sent by it. What is known of refused numbers."""

from collections.abc import Callable

import streamlit as st

from lib.access.person_store import PersonStore
from lib.draft import Draft
from lib.draft import refused as refused_rows
from lib.draft.refused import RefusedNumber
from lib.errors import AppError
from lib.run.records import RunRecord
from lib.run.states import BatchState
from lib.sheet.row_numbers import row_name
from lib.ui import keys, messages, navigation, state
from lib.ui.parts import run_state
from lib.ui.words import plain, t

#: Refused numbers named on the page; the file with the results has all of them.
NAMED = 20


def known(store: PersonStore, run: RunRecord) -> None:
    """Which numbers the platform refuses, as far as its refusals tell."""
    if run.data_deleted or not run_state.rows(run, BatchState.REJECTED):
        return
    numbers = refused_rows.named(store, run)
    alone = [one for one in numbers if one.is_alone]
    _numbers("refuses", alone)
    _numbers("mentions", [one for one in numbers if not one.is_alone])


def _numbers(kind: str, numbers: list[RefusedNumber]) -> None:
    if not numbers:
        return
    lines = [
        t("again.number", row=row_name(one.row), phone=plain(one.phone), answer=plain(one.message or "–"))
        for one in numbers[:NAMED]
    ]
    if len(numbers) > NAMED:
        lines.append(t("again.more", count=len(numbers) - NAMED))
    title = t(f"again.{kind}", count=len(numbers))
    st.error("  \n".join([title, *lines]), icon=":material/block:")


def refused(store: PersonStore, run: RunRecord) -> None:
    """The numbers the platform refused, where there are any and their sheet is kept; in halves of the batches they were in."""
    count = refused_rows.count(store, run)
    if run.data_deleted or not count:
        return
    largest = refused_rows.largest(store, run)
    halves = t("again.halves", size=refused_rows.halved(largest)) if largest > 1 else ""
    may_have_arrived = count > run_state.rows(run, BatchState.REJECTED)  # those are held back in the review
    offer(
        store,
        run,
        "refused",
        count,
        lambda: refused_rows.next_draft(store, run),
        more=halves,
        as_is=bool(halves) and not may_have_arrived,
    )


def offer(
    store: PersonStore,
    run: RunRecord,
    kind: str,
    count: int,
    make: Callable[[], Draft],
    *,
    more: str = "",
    as_is: bool = False,
) -> None:
    """Some rows of a run as a new upload; nothing where there are none, or where the run's data is deleted.

    store: where the new upload is opened from once it is made
    run: that the rows are of
    kind: the sentences are `again.<kind>…`; at most one of a kind is drawn for a run
    count: rows of the run that `make` leaves in
    make: makes and keeps the new draft, on the second press only; its AppError is shown
    more: said beside, "" for nothing
    as_is: whether they may go without a look at them first: then there is a way straight to Submit
    """
    if run.data_deleted or not count:
        return
    with st.popover(t(f"again.{kind}", count=count), icon=":material/upload_file:"):
        st.markdown(t(f"again.{kind}_means", count=count))
        if more:
            st.markdown(more)
        with st.container(horizontal=True):
            if st.button(t("again.yes"), key=keys.of("again", kind, run.id)):
                _open(store, make, "review")
            if as_is and st.button(t("again.as_is"), key=keys.of("again", kind, run.id, "as_is")):
                _open(store, make, "submit")


def _open(store: PersonStore, make: Callable[[], Draft], page: str) -> None:
    try:
        draft = make()
    except AppError as error:
        messages.show(error)
        return
    state.open_draft(store, draft.id)
    st.switch_page(navigation.path(page))
