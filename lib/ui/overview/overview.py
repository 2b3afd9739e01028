"""The pieces of the overview: welcome, what needs attention, a new upload, unfinished ones, figures, recent runs."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

import streamlit as st

from lib.errors import AppError
from lib.platform.connection import Connection, ConnectionKind
from lib.run.records import DraftRecord, RunRecord
from lib.run.states import BatchState, DataDeed, Why
from lib.store import AnyStore
from lib.store.history import SentFigures
from lib.store.journal import Doing
from lib.store.permission import Action
from lib.ui import colours, keys, messages, navigation, state
from lib.ui.parts import destination, pictures, run_state, tour_link, uploads
from lib.ui.services import Services
from lib.ui.words import day, moment, plain, t, zone

#: Days of the longer figures, and for which a refusal is told.
WEEK = 7

#: Pixels of a figure with its name: all six stand in one line at 1366.
FIGURE_WIDTH = 130


def start(desk: Services, connection: Connection) -> None:
    """A new upload by dropping its file here, by another way, or the sample to try it with; in practice the tour.

    connection: of the open upload.
    """
    with st.container(border=True):
        given = uploads.uploader("overview.file")
        if given is not None:
            _take(desk, given.getvalue(), given.name)
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(t("overview.start"), icon=":material/content_paste:"):
                state.open_draft(desk.store, None)
                st.switch_page(navigation.path("upload"))
            if st.button(t("overview.sample"), icon=":material/science:"):
                uploads.take_sample(desk.store)
                st.switch_page(navigation.path("upload"))
            tour_link.link(desk, connection)


def _take(desk: Services, data: bytes, name: str) -> None:
    try:
        with st.spinner(t("upload.reading")):
            state.open_new(desk.store, data, name)
    except AppError as error:
        messages.show(error)
        return
    uploads.release()
    st.switch_page(navigation.path("upload"))


def welcome() -> None:
    """What this is, in three steps, for somebody who sees it for the first time."""
    st.markdown(t("overview.what"))
    for column, step in zip(st.columns(3), ("one", "two", "three"), strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(t(f"overview.step.{step}"))


def restored(desk: Services) -> None:
    """That the database is older than what was sent: what is newer than the backup is in no run that could say so."""
    last_sent = desk.store.database.restored()
    if last_sent is None:
        return
    st.error(t("overview.restored", when=moment(last_sent)) if last_sent else t("overview.restored_unknown"))
    if desk.may(Action.SEND) and st.button(t("overview.restored_read")):
        desk.store.database.note_restored_read()
        st.rerun()


def attention(runs: list[RunRecord]) -> None:
    """Runs that wait for a person: with batches that are unknown or wait for a decision, paused, or refused of late."""
    waiting = [(run, badge) for run in runs if (badge := _needs(run))]
    if not waiting:
        return
    st.header(t("overview.needs"), anchor=False)
    for run, badge in waiting:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.badge(badge.label, icon=badge.icon, color=badge.colour)
            st.text(_what_waits(run), width="stretch")
            if st.button(t("overview.look"), key=keys.of("attention", run.id)):
                st.switch_page(navigation.path("history"), query_params={"run": run.id})


class _Badge(NamedTuple):
    label: str
    icon: str
    colour: colours.Name


def _needs(run: RunRecord) -> _Badge | None:
    """The most urgent thing a run waits with, None for none."""
    if run.open_batches:
        name = BatchState.HELD if BatchState.HELD in run.batches else BatchState.UNKNOWN
        return _Badge(t(f"batch.state.{name}"), ":material/help:", colours.UNKNOWN)
    if run.state == "paused":
        return _Badge(t("run.state.paused"), ":material/pause_circle:", colours.OF_RUN["paused"])
    if run_state.rows(run, BatchState.REJECTED) and _age_in_days(run.created) < WEEK:
        return _Badge(t("batch.state.rejected"), ":material/block:", colours.ERROR)
    return None


def _what_waits(run: RunRecord) -> str:
    about = {"file": run.file_name, "when": moment(run.created)}
    if run.open_batches or run.state == "paused":
        if run.why == Why.FIRST_BATCH and not run.open_batches:
            return t("overview.first", **about)
        return t("overview.waits", unknown=run.open_batches, **about)
    return t("overview.refused", count=run_state.rows(run, BatchState.REJECTED), **about)


def drafts(desk: Services, open_id: str | None) -> None:
    """Unfinished uploads with how far they are, each to be continued or deleted with its data. open_id: the one at hand."""
    store = desk.store
    unfinished = [record for record in store.drafts.latest() if record.upload_id]
    if not unfinished:
        return
    st.header(t("overview.drafts"), anchor=False)
    for record in unfinished:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(gap=None, width="stretch"):
                st.text(record.state.get("file_name", ""))
                st.caption(" · ".join(_how_far(record)))
            if record.id == open_id:
                st.badge(t("drafts.open"), icon=":material/edit:")
            _end(store, record)
            if st.button(t("overview.continue"), key=keys.of("continue", record.id)):
                state.open_draft(store, record.id)
                st.switch_page(navigation.path("review"))
            with st.popover(t("overview.delete"), icon=":material/delete:"):
                st.markdown(t("drafts.delete_means", file=plain(record.state.get("file_name", ""))))
                st.button(
                    t("drafts.delete_yes"),
                    key=keys.of("delete", record.id),
                    type="primary",
                    on_click=messages.attempt(partial(_delete, desk, record.id)),
                )


def _end(store: AnyStore, record: DraftRecord) -> None:
    """When a draft nobody touches will go, said a week ahead, and a button that keeps it."""
    if end := store.retention.draft_end(record, store.settings.get()):
        st.badge(
            t("drafts.end", day=day(end)),
            icon=":material/auto_delete:",
            color="orange",
            help=t("drafts.end_means"),
        )
        keep = messages.attempt(partial(store.retention.keep_draft, record.id))
        st.button(t("drafts.keep"), key=keys.of("keep", record.id), on_click=keep)


def _how_far(record: DraftRecord) -> list[str]:
    """Rows, what the last review came to, and when it was last changed."""
    rows = t("drafts.rows", count=record.state.get("rows", 0))
    if not record.counts:
        return [rows, t("drafts.not_checked"), _age(record.updated)]
    kept = record.counts["held_back"] + record.counts["repeated"]
    return [
        rows,
        t("drafts.to_send", count=record.counts["to_send"]),
        t("drafts.kept", count=kept) if kept else t("drafts.no_problems"),
        _age(record.updated),
    ]


def _age_in_days(stamp: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(stamp)) / timedelta(days=1)


def _age(stamp: str) -> str:
    """How long ago something was changed, in the largest unit that tells."""
    minutes = int(_age_in_days(stamp) * 1440)
    units = (("days", 1440), ("hours", 60), ("minutes", 1))
    return next(
        (t(f"age.{unit}", count=minutes // length) for unit, length in units if minutes >= length),
        t("age.now"),
    )


def _delete(desk: Services, draft_id: str) -> None:
    store = desk.store
    store.drafts.delete(draft_id)
    store.journal.note_data(Doing(DataDeed.DRAFT_DELETED, "person", draft_id=draft_id))
    desk.retention.wake()
    if state.draft(store).id == draft_id:
        state.open_draft(store, None)


def figures(store: AnyStore) -> None:
    """What was sent today and in seven days and what came of it, practice and real apart; nothing where nothing was."""
    today, week = (store.history.came_of(days, zone()) for days in (1, WEEK))
    kinds = [kind for kind in (ConnectionKind.REAL, ConnectionKind.PRACTICE) if kind in week]
    for kind in kinds:
        name = t("banner.real" if kind == ConnectionKind.REAL else "banner.practice")
        with st.container(border=True):
            st.markdown(f"**{name}**")
            shown = {"today": today.get(kind, SentFigures()), "week": week[kind]}
            with st.container(
                horizontal=True
            ):  # wraps on a narrow screen, where columns would cut the figures
                for when, counts in shown.items():
                    for what, count in counts._asdict().items():
                        st.metric(t(f"overview.{what}_{when}"), f"{count:,}", width=FIGURE_WIDTH)


def sent_per_day(store: AnyStore) -> None:
    """The days by the person's own clock, as every time on screen is; nothing where it would be a single bar."""
    sent = store.history.sent_per_day(pictures.DAYS, zone())
    if sent["day"].nunique() > 1:
        pictures.days(sent, datetime.now(zone()).date(), key="picture.days")


def recent(store: AnyStore, runs: list[RunRecord]) -> None:
    """The last runs, each a link, and the days as a picture."""
    if not runs:
        return
    st.header(t("overview.recent"), anchor=False)
    for run in runs[:5]:
        with st.container(horizontal=True, vertical_alignment="center"):
            run_state.badge(run)
            run_state.link(run, plain(run.file_name))
            st.markdown(
                t(
                    "overview.run",
                    when=moment(run.created),
                    destination=plain(destination.name_of(run.connection)),
                    accepted=run.rows_by_state.get("accepted", 0),
                    to_send=run.to_send,
                )
            )
    sent_per_day(store)
