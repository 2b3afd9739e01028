"""Taking an accepted batch out of the task again: chosen, its count typed by hand, told in three buckets."""

from functools import partial

import streamlit as st

from lib.run.arrivals import BatchArrival
from lib.ui import keys, messages, state
from lib.ui.services import Services
from lib.ui.words import t

#: Where the errors of the panel's buttons are told (`messages.pending`).
PLACE = "arrivals"


def outcomes(found: list[BatchArrival]) -> None:
    """What became of every withdrawal, and which is under way."""
    for one in found:
        if one.withdrawing:
            st.info(t("withdrawal.under_way", seq=one.seq), icon=":material/hourglass:")
        elif one.withdrawn or one.called or one.failed:
            counts = {"withdrawn": one.withdrawn, "called": one.called, "failed": one.failed}
            st.success(t("withdrawal.done", seq=one.seq, **counts), icon=":material/undo:")
        if one.withdraw_note:
            st.warning(t("withdrawal.of_batch", seq=one.seq, note=t(f"withdrawal.note.{one.withdraw_note}")))


def withdraw(desk: Services, found: list[BatchArrival]) -> None:
    """One batch, after its count was typed by hand."""
    by_id = {one.batch_id: one for one in found if one.withdrawn < one.rows and not one.withdrawing}
    if not by_id:
        return
    labels = {one.batch_id: t("withdrawal.batch", seq=one.seq, count=_left(one)) for one in by_id.values()}
    with st.popover(t("withdrawal.title"), icon=":material/undo:"):
        st.markdown(t("withdrawal.means"))
        chosen = st.selectbox(
            t("withdrawal.which"), list(by_id), format_func=labels.__getitem__, key="withdrawal.batch"
        )
        count, key = _left(by_id[chosen]), keys.of("withdrawal.count", chosen)
        typed = st.text_input(t("withdrawal.type_count", count=count), key=key).strip()
        st.button(
            t("withdrawal.yes", count=count),
            key=keys.of("withdrawal.yes", chosen),
            disabled=typed.replace(",", "") != str(count),
            on_click=messages.attempt(
                partial(_ask, desk, chosen, count, key),
                PLACE,
                t("withdrawal.under_way", seq=by_id[chosen].seq),
            ),
        )


def _left(one: BatchArrival) -> int:
    return one.rows - one.withdrawn


def _ask(desk: Services, batch_id: int, count: int, key: str) -> None:
    desk.store.arrivals.ask_withdrawal(batch_id, count)
    state.forget_widget(key)
    desk.arrivals.wake()
