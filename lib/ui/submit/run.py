"""A run as it goes: what was sent, what came back, what waits; pause, resume, cancel."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

import streamlit as st

from lib.engine import EngineStatus
from lib.platform.answers import FailureCode
from lib.run.journal import LOCAL
from lib.run.records import RunNotes, RunRecord
from lib.run.states import ENDED, UNSETTLED, BatchState, ScanNote, Why
from lib.store import AnyStore
from lib.store.permission import Action
from lib.ui import afterwards, colours, keys, messages, navigation
from lib.ui.parts import (
    again,
    batch_table,
    destination,
    inspector,
    journal,
    ledger,
    pictures,
    platform_facts,
    run_state,
)
from lib.ui.parts.row_counts import FIGURE_WIDTH
from lib.ui.services import Services
from lib.ui.submit import pace, scenario, start, task_pause, unknowns
from lib.ui.words import moment, plain, t

#: Reasons that a token cures.
_TOKEN_REASONS = ("token", "token_missing", "account")

#: Seconds from which a length of time is told in minutes.
WHOLE_MINUTES_FROM = 180

#: Seconds without an answer from which it is told.
TOLD_FROM = 5

#: Figures that stand for more than one state of a batch.
_SHOWN_TOGETHER = {"planned": ("planned", "sending")}

#: Answers of the platform told above a run; the table of its batches has all of them.
ANSWERS = 3

#: Figures of a run, each where there is something to count.
_FIGURES = ("accepted", "planned", "rejected", "unknown", "held")


def watch(desk: Services, run_id: str) -> None:
    """The run, drawn again every second while it moves; its long table less often, so that it can be read."""
    drawn = unknowns.open_states(desk.store, run_id)  # before everything that counts them
    run = desk.store.runs.get(run_id)
    is_moving = run.state in batch_table.MOVING
    every = (
        "1s" if is_moving else "5s" if run.state == "paused" else None
    )  # somebody else may go on with a paused one
    st.fragment(partial(_panel, desk, run_id, _offered(desk, run)), run_every=every)()
    with st.container():  # above the table, near the sentence that tells of the refusal
        again.known(desk.store, run)
        if desk.may(Action.PREPARE):
            again.refused(desk.store, run)
    st.fragment(partial(_table, desk, run_id), run_every="3s" if is_moving else None)()
    inspector.of_run(desk, run)
    ledger.of_run(desk, run)
    messages.pending(unknowns.PLACE)  # a fragment that is drawn anew every few seconds would wipe it away
    moves = run.open_batches or is_moving
    st.fragment(partial(unknowns.cards, desk, run_id, drawn), run_every="3s" if moves else None)()
    if run.state in (*batch_table.MOVING, "paused") and desk.may(Action.SETTINGS):
        pace.settings(desk.store)
    if moves or run.state == "paused":
        scenario.choice(desk, run.connection, every="3s" if is_moving else None)


def glance(desk: Services, run: RunRecord) -> None:
    """How far a run is and what came of it, with nothing to press: for whoever leads a person through it."""
    run_state.badge(run)
    _progress(run, desk.engine.status)
    pictures.batches(desk.store.batches.states(run.id), key=keys.of("picture.batches", run.id))
    _figures(run)
    again.known(desk.store, run)
    _came_of(desk.store, run)


def _panel(desk: Services, run_id: str, drawn: "Offered") -> None:
    """drawn: what the bar was drawn by, with the whole page."""
    messages.whole_page_to_tell()
    run = desk.store.runs.get(run_id)
    st.set_page_config(page_title=run_state.title(run))
    with st.container(horizontal=True, vertical_alignment="center"):
        run_state.badge(run)
        where = plain(destination.name_of(run.connection))
        st.markdown(t("run.head", file=plain(run.file_name), destination=where, when=moment(run.created)))
        if run.created_by != LOCAL:
            st.caption(t("run.by", who=plain(journal.name(run.created_by))))
    if run.list_source:
        st.caption(t("run.list_source", source=plain(run.list_source)))
    offered = _offered(desk, run)
    _reason(desk, run, other=offered.has_other_token)
    start.came_back(desk.store, run)
    has_ended = run.state in ENDED
    if has_ended:
        _came_of(desk.store, run)
    _progress(run, desk.engine.status)
    pictures.batches(desk.store.batches.states(run.id), key=keys.of("picture.batches", run.id))
    _figures(run)
    st.caption(_conservation(run))
    if not has_ended:
        _came_of(desk.store, run)
    if drawn != offered:
        st.rerun()  # the whole page: it starts or stops polling, and the bar offers what comes next


def _table(desk: Services, run_id: str) -> None:
    batch_table.batches(desk.store, desk.store.runs.get(run_id))


def _reason(desk: Services, run: RunRecord, *, other: bool) -> None:
    """other: the token is not the one the run began with."""
    sender = desk.engine.status
    if sender.storage:
        st.error(t(f"error.{sender.storage}"))
    untold = run.why in ("", Why.OPERATOR, Why.FIRST_BATCH) or (other and run.why in _TOKEN_REASONS)
    if run.state == "paused" and run.why == Why.TASK_RUNNING:
        task_pause.offer(desk, run)
    elif run.state == "paused" and not untold:
        st.warning(t(f"run.why.{run.why}"))
    if other:
        st.warning(t("run.other_token"))
    if run.state == "paused" and (other or run.why in _TOKEN_REASONS) and desk.may(Action.TOKEN):
        navigation.go_button("connection", "guard.to_connection")


def _came_of(store: AnyStore, run: RunRecord) -> None:
    """What came of it that a person has to know. Of a run that goes on it stands last, so that nothing moves when it comes."""
    for name in UNSETTLED:
        if count := run.batches.get(name, 0):
            st.warning(t(f"run.{name}", count=count, rows=run.rows_by_state.get(name, 0)))
    _refusals(store, run)
    _notes(store.run_log.notes(run.id))


def _refusals(store: AnyStore, run: RunRecord) -> None:
    """How much the platform refused, with the answers it gave most often, in its own words."""
    rows = run_state.rows(run, BatchState.REJECTED)
    if not rows:
        return
    found = store.batches.table(run.id, state=BatchState.REJECTED.value, limit=None)
    st.error(t("run.rejected", count=len(found), rows=rows))
    for code in sorted(set(found["code"]) - {FailureCode.REFUSED.value}):
        st.markdown(t(f"error.{code}"))
    for message, count in found.groupby("message")["rows"].sum().nlargest(ANSWERS).items():
        st.text(t("run.rejected_said", count=int(count), message=message or "–"))
    if answers := store.batches.refusals(run.id, ANSWERS):
        platform_facts.raw_of_batches(t("lookup.raw"), answers)


def _notes(notes: RunNotes) -> None:
    """What the platform's list showed after the end, and where it could not be asked."""
    if notes.twice:
        st.error(t("run.seen_twice", count=notes.twice))
    if notes.unseen:
        st.info(t("run.not_seen", count=notes.unseen))
    if notes.not_looked:
        st.info(t("run.not_looked", count=notes.not_looked))
    if notes.audit == ScanNote.COMPLETE and not (notes.twice or notes.unseen):
        st.caption(t("run.all_seen"))
    elif notes.audit and notes.audit != ScanNote.COMPLETE:
        st.caption(t("run.not_audited"))


def _progress(run: RunRecord, sender: EngineStatus) -> None:
    """How far it is and how long it takes, and in a sentence what goes on now; the picture below is of the same batches."""
    done, share = run_state.done(run), run_state.share_done(run)
    words = t("run.progress", done=done, total=run.to_send, percent=f"{share:.0%}", pace=_pace(run, done))
    st.markdown(words if run.state in ENDED else f"**{words}**")
    if run.state in batch_table.MOVING:
        st.markdown(_of_this_moment(sender, run))


def _figures(run: RunRecord) -> None:
    by_state = run.rows_by_state
    figures = st.container(
        horizontal=True
    )  # wraps on a narrow screen, where columns would cut the figures off
    for name in _FIGURES:
        rows = sum(by_state.get(state, 0) for state in _SHOWN_TOGETHER.get(name, (name,)))
        if not rows:
            continue
        label = colours.key(colours.OF_BATCH[name], t(f"run.rows.{name}"))
        figures.metric(
            label,
            f"{rows:,}",
            border=True,
            width=FIGURE_WIDTH,
            height="stretch",
            help=t(f"run.rows.{name}_means"),
        )


def _of_this_moment(sender: EngineStatus, run: RunRecord) -> str:
    """What goes on now: the pause after a failure, an answer that takes long, as far as this process sends; else what is on its way."""
    if (rests := sender.rests.get(run.id, 0.0)) >= 1 and run.state == "running":
        return t("run.rests", seconds=round(rests))
    if (waits := sender.waits.get(run.id, 0.0)) >= TOLD_FROM:
        return t("run.waits", seconds=round(waits), limit=round(sender.limits[run.id]))
    under_way, waiting = (run.batches.get(state, 0) for state in (BatchState.SENDING, BatchState.PLANNED))
    return t(f"run.now.{run.state}", count=under_way, waiting=waiting)


def _pace(run: RunRecord, done: int) -> str:
    """What is left at the pace so far, or the time it took."""
    if not run.started:
        return t("run.took", time="–")
    end = datetime.fromisoformat(run.finished) if run.finished else datetime.now(UTC)
    spent = (end - datetime.fromisoformat(run.started)).total_seconds()
    if run.state != "running":
        return t("run.took", time=_span(spent))
    return t("run.left", time=_span(spent / done * (run.to_send - done))) if done else t("run.left_unknown")


def _span(seconds: float) -> str:
    """A length of time as a person says it."""
    if seconds < WHOLE_MINUTES_FROM:
        return t("run.seconds", seconds=round(seconds))
    return t("run.minutes", minutes=f"{round(seconds / 60):,}")


def _conservation(run: RunRecord) -> str:
    """Every row of the file in one line that adds up."""
    parts = [f"{t(f'batch.state.{name}')} {rows:,}" for name, rows in run.rows_by_state.items() if rows] + [
        f"{t(f'disposition.{name}')} {rows:,}"
        for name in ("held_back", "repeated", "left_out")
        if (rows := getattr(run, name))
    ]
    return t("run.adds_up", total=run.rows_total, parts=" + ".join(parts))


class Offered(NamedTuple):
    """All that the bar depends on: a run may have gone on and paused again between two looks. waiting: numbers, of one that is paused."""

    state: str
    why: str
    waiting: int
    has_other_token: bool


def _offered(desk: Services, run: RunRecord) -> Offered:
    waiting = run.rows_by_state.get("planned", 0) if run.state == "paused" else 0
    return Offered(run.state, run.why, waiting, bool(_other_token(desk, run)))


def _buttons(desk: Services, run: RunRecord) -> None:
    """What can be done with a run that has not ended. Of one that moves no number is said here, which would soon be wrong."""
    store, is_paused = desk.store, run.state == "paused"
    if run.state == "running":
        _button("pause", ":material/pause:", partial(store.runs.pause, run.id))
    if is_paused:
        if other_token := _other_token(desk, run):
            _button("resume_other_token", ":material/key:", partial(_resume, desk, run.id, other_token))
        else:
            start.go_on(run, partial(_resume, desk, run.id))
    if run.state in ("running", "pausing", "paused"):
        with st.popover(t("run.cancel"), icon=":material/cancel:"):
            waiting = run.rows_by_state.get("planned", 0)
            st.markdown(t("run.cancel_means", count=waiting) if is_paused else t("run.cancel_means_moving"))
            _button("cancel_yes", ":material/cancel:", partial(store.runs.cancel, run.id))


def _button(name: str, icon: str, action: Callable[[], object]) -> None:
    st.button(t(f"run.{name}"), key=keys.of("run", name), icon=icon, on_click=messages.attempt(action))


def _other_token(desk: Services, run: RunRecord) -> str:
    """The token there is now, where it is not the one the run began with; "" for all is well."""
    token = desk.token(run.connection)
    return token if token and run.state == "paused" and desk.store.runs.is_other_token(run.id, token) else ""


def _resume(desk: Services, run_id: str, confirmed_token: str = "") -> None:
    desk.store.runs.resume(run_id, confirmed_token)
    desk.engine.wake()


def bar(desk: Services, run_id: str, *, offers: bool) -> None:
    """What can be done now, in sight wherever the page is scrolled to: with the run until it ends, and what comes after.

    desk: whose person has buttons for the run only where their role may send
    run_id: of the run, looked up when the bar is drawn
    offers: whether the next upload and the results are offered too; without them a run that has ended has no bar
    """
    run = desk.store.runs.get(run_id)
    has_ended = run.state in ENDED
    if has_ended and not offers:
        return
    with navigation.bar("" if has_ended else t(f"run.bar.{run.state}")):
        if desk.may(Action.SEND):
            _buttons(desk, run)
        if offers:
            afterwards.offer(desk, run_id, primary=has_ended)
