"""Choosing the task by its name: the platform's list on request, kept with its age; typing the id stays possible."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from lib.errors import AppError, ConnectionRefused
from lib.platform.connection import Connection, ConnectionKind, Options, cleaned, mistakes
from lib.platform.directory import Task, TaskKind, TaskList
from lib.platform.token import clean_token
from lib.ui import keys, messages, services, state
from lib.ui.parts import platform_facts
from lib.ui.services import Services
from lib.ui.words import plain, t

Take = Callable[[Task], None]


def for_practice(desk: Services, practice: Connection) -> None:
    """The practice platform's tasks; a choice holds at once."""

    def take(task: Task) -> None:
        sub_user_id = _sub_user_id(task, practice) or ""
        options = replace(practice.options, sub_user_id=sub_user_id)
        desk.store.connections.save(replace(practice, task_id=task.id, options=options))

    with st.container(border=True):
        _picker(
            desk,
            practice,
            practice.task_id,
            lambda: (desk.reachable(practice), desk.token(practice) or ""),
            take,
        )


def for_form(desk: Services, start: Connection, fields: dict[str, str], token_typed: str) -> None:
    """Beside the form of a connection: a choice is put into its inputs and saved with them.

    desk: whose directory keeps the list; it is asked on a press only
    start: what the form began with; its inputs are known by its id
    fields: what the form's inputs hold, as typed; they are cleaned and checked here
    token_typed: as typed; "" where the one that is known is meant
    """
    typed = cleaned("-", fields["base_url"], fields["user_id"], fields["task_id"], fields["sub_user_id"])
    about = replace(
        start, base_url=typed["base_url"].rstrip("/"), user_id=typed["user_id"], task_id="", options=Options()
    )

    def asked() -> tuple[Connection, str]:
        wrong = mistakes(**typed)
        for name in ("base_url", "user_id"):
            if name in wrong:
                raise ConnectionRefused(wrong[name])
        known = desk.token(start)
        return about, known if known and not token_typed.strip() else clean_token(token_typed)

    def take(task: Task) -> None:
        state.set_widget(keys.of("connection", start.id, "task_id"), task.id)
        sub_user_id = _sub_user_id(task, about)
        if sub_user_id is not None:
            state.set_widget(keys.of("connection", start.id, "sub_user_id"), sub_user_id)

    _picker(desk, about, typed["task_id"], asked, take)


def _sub_user_id(task: Task, connection: Connection) -> str | None:
    """The sub-account to send with: "" for the account's own task, None where the answer does not say whose it is."""
    if not task.owner:
        return None
    return "" if task.owner.lower() == connection.user_id.lower() else task.owner


def _picker(
    desk: Services, about: Connection, task_id: str, asked: Callable[[], tuple[Connection, str]], take: Take
) -> None:
    kept = desk.directory.tasks(about)
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(t("tasks.fetch"), icon=":material/list:", key=keys.of("tasks", about.id))
        age = st.empty()
    if pressed:
        try:
            with st.spinner(t("lookup.asking")):
                kept = desk.directory.fetch_tasks(*asked())
        except AppError as error:
            platform_facts.show_error(error, t("lookup.kept" if kept else "tasks.cannot"))
    if kept is None:
        practice = about.kind == ConnectionKind.PRACTICE
        age.caption(t("tasks.fetch_practice" if practice else "tasks.fetch_means"))
        return
    age.caption(t("tasks.age", count=len(kept.tasks), age=platform_facts.age(kept.at)))
    _choice(kept, about, task_id, take)
    _limits(kept)


def _choice(kept: TaskList, about: Connection, task_id: str, take: Take) -> None:
    allowed = services.administration().destinations
    by_id = {
        task.id: task
        for task in kept.tasks
        if about.kind == ConnectionKind.PRACTICE or allowed.allows_task(task.id)
    }
    if not by_id:
        if not (kept.gaps or kept.unread or kept.cut):
            st.info(t("tasks.none"))
        return
    labels = _labels(kept, about)
    key = keys.of("task", about.id)
    chosen = kept.find(task_id) if task_id.lower() in map(str.lower, by_id) else None
    state.set_widget(key, chosen.id if chosen else None)
    st.selectbox(
        t("tasks.choose"),
        list(by_id),
        format_func=labels.__getitem__,
        placeholder=t("tasks.search"),
        key=key,
        on_change=messages.attempt(partial(_take, key, by_id, take)),
    )
    if chosen and chosen.refuses_numbers:
        st.warning(t("tasks.running"))


def _take(key: str, by_id: dict[str, Task], take: Take) -> None:
    chosen = state.widget(key)
    if chosen in by_id:
        take(by_id[chosen])


def _labels(kept: TaskList, about: Connection) -> dict[str, str]:
    """Different for every task: Streamlit tells options apart by their text."""
    texts = {task.id: _label(task, kept, about) for task in kept.tasks}
    times = Counter(texts.values())
    return {
        identity: text if times[text] == 1 else f"{text} · {identity}" for identity, text in texts.items()
    }


def _label(task: Task, kept: TaskList, about: Connection) -> str:
    parts = [task.name or task.id, t(f"tasks.state.{task.state}")]
    if task.kind == TaskKind.NEW:
        parts.insert(1, t("tasks.new"))
    if task.owner and task.owner.lower() != about.user_id.lower():
        parts.append(t("tasks.sub_account", name=kept.owners.get(task.owner.lower()) or task.owner))
    return " · ".join(parts)


def _limits(kept: TaskList) -> None:
    """What the list does not hold."""
    lines = [t(f"tasks.gap.{gap.what}") for gap in kept.gaps]
    if kept.unread:
        lines.append(t("tasks.unread", count=kept.unread))
    if kept.cut:
        lines.append(t("tasks.cut"))
    if lines:
        st.caption(" ".join(lines))
    for gap in kept.gaps:
        platform_facts.raw(gap.raw)


#: Signs shown of an id where a line is short.
ID_SIGNS = 8


def short_name(desk: Services, connection: Connection) -> str:
    """As `name`, and of an id only as much as tells two apart."""
    called = name(desk, connection)
    return called if called != plain(connection.task_id) else plain(connection.task_id[:ID_SIGNS] + "…")


def name(desk: Services, connection: Connection) -> str:
    """What the connection's task is called, its id where no name is known; harmless in Markdown."""
    task = desk.directory.task(connection)
    return plain(task.name if task and task.name else connection.task_id)
