"""Before the button that sends: a 2.0 task that is running takes no numbers; told, and paused only on a person's word."""

import time
from typing import Any

import streamlit as st

from lib.errors import PlatformError
from lib.platform.connection import Connection
from lib.platform.directory import Task, TaskKind
from lib.ui import keys, messages, state
from lib.ui.services import Services
from lib.ui.words import plain, t

#: Seconds a look at the task's state counts as fresh while the page is drawn again.
FRESH_SECONDS = 60.0

#: Seconds until the next look after one that failed: a platform that hangs must not hold the page up each minute.
FAILED_SECONDS = 600.0


def before_sending(desk: Services, connection: Connection) -> None:
    """What the platform will say to a 2.0 task. Asks only where the task is known to be one; the answer forbids nothing."""
    known, token = desk.directory.task(connection), desk.token(connection)
    if known is None or known.kind != TaskKind.NEW or token is None:
        return
    seen = state.view(f"task.{connection.kind}.{connection.task_id}", dict[str, Any])
    if time.monotonic() >= seen.get("good_until", 0.0):
        with st.spinner(t("lookup.asking")):
            _look(desk, connection, token, seen)
    if seen.get("unseen"):
        st.caption(t("tasks.not_seen", state=t(f"tasks.state.{known.state}")))
    task: Task = desk.directory.task(connection) or known
    if task.refuses_numbers:
        _warning(desk, connection, task, seen)
    elif seen.get("paused"):
        st.success(t("tasks.paused", name=_name(task)))


def _look(desk: Services, connection: Connection, token: str, seen: dict[str, Any]) -> None:
    """Where the answer cannot be had or no longer holds the task, what was known of it stands, and that is said."""
    try:
        seen["unseen"] = desk.directory.live_task(desk.reachable(connection), token) is None
    except PlatformError:
        seen["unseen"] = True
    seen["good_until"] = time.monotonic() + (FAILED_SECONDS if seen["unseen"] else FRESH_SECONDS)


def _warning(desk: Services, connection: Connection, task: Task, seen: dict[str, Any]) -> None:
    with st.container(border=True):
        st.warning(
            t("tasks.refuses_after_pause" if seen.get("paused") else "tasks.refuses", name=_name(task))
        )
        with st.container(horizontal=True):
            st.button(
                t("tasks.look_again"), icon=":material/refresh:", on_click=seen.clear, key="task.look_again"
            )
            with st.popover(t("tasks.pause"), icon=":material/pause:"):
                st.markdown(t("tasks.pause_means", name=_name(task)))
                st.button(
                    t("tasks.pause_yes"),
                    type="primary",
                    key=keys.of("task.pause", task.id),
                    on_click=messages.attempt(lambda: _pause(desk, connection, seen)),
                )


def _pause(desk: Services, connection: Connection, seen: dict[str, Any]) -> None:
    """The documented call, once; whatever it answers, the page looks again."""
    seen.pop("good_until", None)
    desk.directory.pause(desk.reachable(connection), desk.token(connection) or "")
    seen["paused"] = True


def _name(task: Task) -> str:
    return plain(task.name or task.id)
