"""Batches whose outcome is unknown: what is known about each, and what a person may decide. Nothing here sends by itself.

No button is the default one; sending again needs the number of numbers typed by hand and a look that is fresh.
"""

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from lib.run.records import Evidence
from lib.run.states import REFUSED_REPEATED, HeldAs, ScanNote
from lib.sheet.row_numbers import row_name
from lib.store import AnyStore
from lib.store.permission import Action
from lib.ui import keys, messages, state
from lib.ui.parts import platform_facts
from lib.ui.services import Services
from lib.ui.words import moment, t

#: Where the errors of these buttons are told (`messages.pending`).
PLACE = "unknowns"


def cards(desk: Services, run_id: str, drawn: dict[int, str]) -> None:
    """One card for each batch that is unknown or waits for a decision.

    desk: whose person sees what is known, and decides only where their role may
    run_id: of the run that the batches are of
    drawn: `open_states` when the whole page was drawn; where they are others now, it is drawn anew
    """
    messages.whole_page_to_tell(PLACE)
    if open_states(desk.store, run_id) != drawn:
        st.rerun()  # the whole page: its figures and sentences count what has moved
    every = desk.store.decisions.evidence(run_id)
    if not every:
        return
    st.header(t("unknown.title"), anchor=False)
    st.caption(t("unknown.means"))
    for evidence in every:
        with st.container(border=True, gap="small"):
            _facts(evidence)
            if desk.may(Action.DECIDE):
                _decisions(desk, evidence)


def open_states(store: AnyStore, run_id: str) -> dict[int, str]:
    """Batch → state, of those that are unknown or wait for a decision."""
    return {one.batch_id: one.state for one in store.decisions.evidence(run_id)}


def _facts(evidence: Evidence) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(t(f"batch.state.{evidence.state}"), icon=":material/help:", color="violet")
        st.markdown(
            t(
                "unknown.batch",
                seq=evidence.seq,
                first=row_name(evidence.first_row),
                last=row_name(evidence.last_row),
                count=evidence.rows,
                when=moment(evidence.sent_at),
            )
        )
    lines = [t(f"error.{evidence.why}")] if evidence.why else []
    said = evidence.held_as == HeldAs.NO_EVIDENCE and evidence.why == REFUSED_REPEATED  # with the refusal
    if evidence.held_as and not said:
        lines.append(t(f"held.{evidence.held_as}", found=evidence.found, missing=evidence.missing))
    if evidence.scans:
        lines.append(
            t(
                "unknown.looked",
                count=evidence.scans,
                complete=evidence.complete_scans,
                when=moment(evidence.last_scan),
            )
        )
        if evidence.complete_scans:  # without the whole list, what was not found says nothing
            lines.append(t("unknown.found", found=evidence.found, total=evidence.rows))
    elif not evidence.held_as:
        lines.append(t("unknown.not_looked"))
    if evidence.note and evidence.note != ScanNote.COMPLETE:  # how many looks were complete is said above
        lines.append(t(f"scan.{evidence.note}"))
    if evidence.next_scan_at:
        is_due = datetime.fromisoformat(evidence.next_scan_at) <= datetime.now(UTC)
        lines.append(
            t("unknown.looking") if is_due else t("unknown.next", when=moment(evidence.next_scan_at))
        )
    st.markdown("  \n".join(lines))
    platform_facts.raw(evidence.raw)


def _decisions(desk: Services, evidence: Evidence) -> None:
    store = desk.store
    with st.container(horizontal=True):
        st.button(
            t("unknown.check_again"),
            key=keys.of("check", evidence.batch_id),
            icon=":material/search:",
            on_click=messages.attempt(partial(_check_again, desk, evidence), PLACE),
        )
        _seen(store, evidence)
        if evidence.state == "held":
            _resend(desk, evidence)
            _leave_out(store, evidence)
    if evidence.state == "unknown":
        st.caption(t("unknown.not_yet"))


def _check_again(desk: Services, evidence: Evidence) -> None:
    """Look now; where the list could not be read until now, looking starts over: what it shows may become evidence."""
    if evidence.held_as == HeldAs.NO_EVIDENCE and evidence.note not in (ScanNote.MASKED, ScanNote.UNCLEAR):
        desk.store.decisions.check_again(evidence.batch_id)
    else:
        desk.store.decisions.look_now(evidence.batch_id)
    desk.engine.wake()


def _seen(store: AnyStore, evidence: Evidence) -> None:
    """The person looked at the platform's own console."""
    key = keys.of("seen", evidence.batch_id)
    with st.popover(t("unknown.seen"), icon=":material/visibility:"):
        st.markdown(t("unknown.seen_means", count=evidence.rows))
        st.text_input(t("unknown.reason"), key=key, placeholder=t("unknown.reason_placeholder"))
        written = bool(str(state.widget(key) or "").strip())
        st.button(
            t("unknown.seen_yes"),
            key=keys.of("seen_yes", evidence.batch_id),
            disabled=not written,
            on_click=messages.attempt(
                lambda: store.decisions.confirm_arrived(evidence.batch_id, str(state.widget(key)).strip()),
                PLACE,
                t("unknown.seen_done", seq=evidence.seq, count=evidence.rows),
            ),
        )


def _resend(desk: Services, evidence: Evidence) -> None:
    """Only with the count typed by hand: after a fresh look, or where no list can tell, with how the person looked themselves."""
    on_word, count = evidence.held_as == HeldAs.NO_EVIDENCE, evidence.missing
    label, icon = ("absent", "visibility_off") if on_word else ("resend", "send")
    reason = keys.of("absent", evidence.batch_id)
    with st.popover(t(f"unknown.{label}", count=count), icon=f":material/{icon}:"):
        if not on_word and not evidence.can_resend:
            st.markdown(t("unknown.look_first"))
            return
        st.markdown(t("unknown.resend_means", count=count))
        if on_word:
            st.text_input(t("unknown.reason"), key=reason, placeholder=t("unknown.absent_placeholder"))
        typed = st.text_input(t("unknown.type_count", count=count), key=keys.of("count", evidence.batch_id))
        written = str(state.widget(reason) or "").strip()
        st.button(
            t("unknown.resend_yes", count=count),
            key=keys.of("resend_yes", evidence.batch_id),
            disabled=typed.strip().replace(",", "") != str(count) or (on_word and not written),
            on_click=messages.attempt(
                partial(_send_again, desk, evidence, written),
                PLACE,
                t("unknown.resend_done", seq=evidence.seq, count=count),
            ),
        )


def _send_again(desk: Services, evidence: Evidence, reason: str) -> None:
    """reason: how the person looked, where no list can tell."""
    if evidence.held_as == HeldAs.NO_EVIDENCE:  # nothing may go again on the list's word
        desk.store.decisions.resend_on_word(evidence.batch_id, evidence.missing, reason)
    else:
        desk.store.decisions.resend_missing(evidence.batch_id, evidence.missing)
    desk.engine.wake()


def _leave_out(store: AnyStore, evidence: Evidence) -> None:
    is_blind = evidence.held_as == HeldAs.NO_EVIDENCE
    with st.popover(t("unknown.leave_out"), icon=":material/person_off:"):
        words = "unknown.leave_out_blind" if is_blind else "unknown.leave_out_means"
        st.markdown(t(words, count=evidence.missing))
        st.button(
            t("unknown.leave_out_yes"),
            key=keys.of("leave_yes", evidence.batch_id),
            on_click=messages.attempt(
                partial(store.decisions.leave_out_missing, evidence.batch_id),
                PLACE,
                t("unknown.leave_out_done", seq=evidence.seq, count=evidence.missing),
            ),
        )
