"""In a run that 6007 has stopped: what to do, and the pause of the task as the manual has it, on a person's word only."""

from functools import partial
from typing import Literal

import streamlit as st

from lib.errors import PlatformError
from lib.platform.directory import TaskKind
from lib.run.records import RunRecord
from lib.run.states import TaskPause
from lib.store.permission import Action
from lib.ui import keys, messages
from lib.ui.parts import task_picker
from lib.ui.services import Services
from lib.ui.words import t


def offer(desk: Services, run: RunRecord) -> None:
    """What stopped the run, what came of a pause that was asked for, and else the way to ask for one."""
    outcome, name = desk.store.run_log.task_pause(run.id), task_picker.name(desk, run.connection)
    if outcome in (TaskPause.SEEN, TaskPause.TAKEN):
        (st.success if outcome == TaskPause.SEEN else st.info)(t(f"task_pause.{outcome}", name=name))
        return
    if outcome == TaskPause.RUNNING:
        st.warning(t("tasks.refuses_after_pause", name=name))
        _button("tasks.look_again", partial(_look_again, desk, run), run.id, icon=":material/refresh:")
        return
    st.warning(t("task_pause.failed", name=name) if outcome else t("run.why.task_running"))
    if not desk.may(Action.PAUSE_TASK):
        return
    if desk.token(run.connection) is None:
        st.caption(t("task_pause.no_token"))
        return
    with st.popover(t("tasks.pause"), icon=":material/pause:"):
        st.markdown(t("tasks.pause_means", name=name))
        _button("tasks.pause_yes", partial(_pause, desk, run), run.id, kind="primary")


def _button(
    words: str,
    action: partial[None],
    run_id: str,
    *,
    icon: str | None = None,
    kind: Literal["primary", "secondary"] = "secondary",
) -> None:
    st.button(t(words), type=kind, icon=icon, key=keys.of(words, run_id), on_click=messages.attempt(action))


def _pause(desk: Services, run: RunRecord) -> None:
    """The documented call, once; then one look at what it did. Raises AppError where it came to nothing."""
    try:
        desk.directory.pause(desk.reachable(run.connection), desk.token(run.connection) or "")
    except PlatformError:
        seen = _seen(desk, run)  # the call may have arrived all the same
        desk.store.run_log.note_task_pause(
            run.id, TaskPause.SEEN if seen == TaskPause.SEEN else TaskPause.FAILED
        )
        if seen != TaskPause.SEEN:
            raise
    else:
        desk.store.run_log.note_task_pause(run.id, _seen(desk, run))


def _look_again(desk: Services, run: RunRecord) -> None:
    if (seen := _seen(desk, run)) != TaskPause.RUNNING:
        desk.store.run_log.note_task_pause(run.id, seen)


def _seen(desk: Services, run: RunRecord) -> TaskPause:
    """The task's state as the platform lists it; TAKEN where that cannot be had, as of a task that was never listed."""
    try:
        task = desk.directory.live_task(desk.reachable(run.connection), desk.token(run.connection) or "")
    except PlatformError:
        return TaskPause.TAKEN
    if task is None or task.kind != TaskKind.NEW:
        return TaskPause.TAKEN
    return TaskPause.RUNNING if task.refuses_numbers else TaskPause.SEEN
