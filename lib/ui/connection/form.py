"""The pieces of the connection page: which connection, its four values, its options, the test."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import words
from lib.access.tokens import Home
from lib.draft import Draft
from lib.errors import AppError, ConnectionRefused
from lib.platform.connection import (
    DEFAULT_BASE_URL,
    Connection,
    ConnectionKind,
    Options,
    cleaned,
    create,
    mistakes,
)
from lib.platform.directory_source import account
from lib.platform.token import clean_token
from lib.ui import keys, messages, navigation, services, state
from lib.ui.connection import token_health, token_home
from lib.ui.parts import destination, task_picker
from lib.ui.services import Services
from lib.ui.words import plain, t

NEW = "new"

#: Fields of the form in the order they are typed.
FIELDS = ("name", "base_url", "user_id", "task_id", "sub_user_id")

OPTIONS = ("ignore_crm", "number_add_suffix", "encryption")


def choose(desk: Services, draft: Draft) -> Connection | None:
    """The connection this upload uses; None while a new one is being typed."""
    by_id = {connection.id: connection for connection in desk.connections()}
    view = state.view("connection", dict[str, Any])
    key = "connection.chosen"
    here = NEW if view.get("new") else desk.connection(draft.connection_id).id
    state.set_widget(key, here if here in by_id else NEW)

    def take() -> None:
        chosen = state.widget(key)
        view.clear()
        if chosen == NEW:
            view["new"] = True
        else:
            _use(desk, draft, chosen)

    chosen = st.radio(
        t("connection.which"),
        (*by_id, NEW),
        format_func=lambda one: t("connection.new") if one == NEW else plain(destination.name_of(by_id[one])),
        captions=[_caption(desk, connection) for connection in by_id.values()] + [t("connection.new_means")],
        key=key,
        on_change=messages.attempt(take),
    )
    return by_id.get(chosen)


def _use(desk: Services, draft: Draft, connection_id: str) -> None:
    """For this upload, or for the next one where it has been submitted: its run keeps the connection it began with."""
    if not draft.run_id:
        draft.choose_connection(connection_id)
    elif connection_id != draft.connection_id:
        state.prepare_next(desk.store, connection_id)


def _caption(desk: Services, connection: Connection) -> str:
    if connection.kind == ConnectionKind.PRACTICE:
        return t("connection.practice_caption")
    task = desk.directory.task(connection)
    called = task.name if task and task.name else connection.task_id
    return plain(t("connection.caption", host=connection.base_url, task=called))


def details(desk: Services, draft: Draft, connection: Connection | None) -> None:
    """The four values and the name, checked when saved; what was typed stays where it is wrong.

    desk: where the connection and its token are saved, and what a test asks through
    draft: goes to what was saved; where one that has been submitted goes elsewhere, an empty one is opened instead
    connection: a saved one of the real ones; None while a new one is typed, which has no button to delete it
    """
    view = state.view("connection", dict[str, Any])
    start = connection or Connection(NEW, "", ConnectionKind.REAL, DEFAULT_BASE_URL, "", "", Options())
    with st.container(border=True):
        st.markdown(f"**{t('connection.details')}**")
        _inputs(start, view.get("mistakes", {}))
        token_typed = _token_input(desk, start, view.get("mistakes", {}).get("token"))
        held = {name: str(state.widget(keys.of("connection", start.id, name)) or "") for name in FIELDS}
        task_picker.for_form(desk, start, held, token_typed)
        with st.container(horizontal=True):
            st.button(
                t("connection.test"),
                icon=":material/wifi_tethering:",
                on_click=messages.attempt(partial(_wish_test, desk, start)),
                key="test",
            )
            st.button(
                t("connection.save"),
                type="primary",
                on_click=messages.attempt(partial(_save, desk, draft, start)),
                key="save",
            )
            if connection is not None:
                with st.popover(t("connection.delete")):
                    st.markdown(t("connection.delete_means"))
                    st.button(
                        t("connection.delete_yes"),
                        on_click=messages.attempt(partial(_delete, desk, draft, connection)),
                    )
        if view.get("saved") == start.id:
            st.success(t("connection.saved"))
        if view.pop("to_test", None) == start.id and (found := _typed(desk, start, named=False)):
            _test(desk, found[0], found[1] or desk.token(found[0]))


def _inputs(start: Connection, wrong: dict[str, str]) -> None:
    left, right = st.columns(2)
    starts = {name: getattr(start, name, start.options.sub_user_id) for name in FIELDS}
    for name, place in zip(FIELDS, (left, right, left, right, left), strict=True):
        _input(place, start, name, starts[name])
        if name in wrong:
            messages.beside(place, wrong[name])


def _input(place: DeltaGenerator, start: Connection, name: str, value: str) -> None:
    """Typed, or chosen where the administrator allows only a few; what is saved but no longer allowed is still shown."""
    label, key = t(f"connection.{name}"), keys.of("connection", start.id, name)
    if choices := services.administration().destinations.choices(name):
        shown = {one.lower(): one for one in (*choices, *([value] if value and start.id != NEW else ()))}
        state.widget_among(key, tuple(shown.values()), value)
        place.selectbox(
            label, tuple(shown.values()), key=key, help=t("connection.allowed_help"), persist_state="session"
        )
    else:
        place.text_input(
            label, value=value, key=key, help=t(f"connection.{name}_help"), persist_state="session"
        )


def _token_input(desk: Services, start: Connection, wrong: str | None) -> str:
    """What was typed, "" where nothing was."""
    view = state.view("connection", dict[str, Any])
    home = desk.token_home(start)
    if home == Home.SERVER:
        st.caption(t("token.home.server"))
        return ""
    known = desk.tokens.fingerprint(start.id)
    typed = st.text_input(
        t("connection.token"),
        type="password",
        autocomplete="new-password",
        key=keys.of("connection", start.id, "token", view.get("token_version", 0)),
        placeholder=t("connection.token_known", fingerprint=known)
        if known
        else t("connection.token_placeholder"),
        help=t("connection.token_help"),
        live=True,  # leaving the box by the Tab key leads to its eye, and from there nothing typed would be reported
    )
    if wrong:
        messages.beside(st.container(), wrong)
    token_home.show(desk, start, home)
    return typed


def _typed(desk: Services, start: Connection, *, named: bool = True) -> tuple[Connection, str | None] | None:
    """The connection as it is typed, and the token typed for it, None for the one that is known.

    None where something typed is wrong, which then stands beside its input. named: whether it needs a name.
    """
    view = state.view("connection", dict[str, Any])
    typed = cleaned(
        **{name: str(state.widget(keys.of("connection", start.id, name)) or "") for name in FIELDS}
    )
    allowed = services.administration().destinations
    wrong = allowed.mistakes(typed["base_url"], typed["user_id"], typed["task_id"]) | mistakes(**typed)
    if typed["name"].casefold() in _names_taken(desk, start.id):
        wrong["name"] = "connection_name_taken"
    if not named:
        wrong.pop("name", None)
    raw = str(state.widget(keys.of("connection", start.id, "token", view.get("token_version", 0))) or "")
    token = _token_typed(desk, start, typed, raw, wrong)
    view["mistakes"] = wrong
    view.pop("saved", None)
    if wrong:
        return None
    made = create(
        typed["name"] or "-",  # a connection that is only tested needs none
        typed["base_url"],
        typed["user_id"],
        typed["task_id"],
        typed["sub_user_id"],
        connection_id="" if start.id == NEW else start.id,
    )
    return replace(made, options=replace(start.options, sub_user_id=typed["sub_user_id"])), token


def _save(desk: Services, draft: Draft, start: Connection) -> None:
    found = _typed(desk, start)
    if found is None:
        return
    saved, token = found
    desk.store.connections.save(saved)
    view = state.view("connection", dict[str, Any])
    version = view.get("token_version", 0)
    state.set_widget(keys.of("connection", start.id, "token", version), "")
    view.pop("new", None)
    for name in FIELDS:
        state.forget_widget(keys.of("connection", NEW, name))
    _use(desk, draft, saved.id)
    view = state.view("connection", dict[str, Any])
    view["saved"], view["token_version"] = saved.id, version + bool(token)
    if token:  # last: what the keyring does not take is told, and everything else is saved
        desk.tokens.set(saved.id, token, keep=token_home.is_wanted(start))


def _moved(start: Connection, typed: dict[str, str]) -> bool:
    """Whether a token in keeping would go to another address or account than the one it was typed for."""
    origin = (start.base_url.lower(), start.user_id.lower())
    return start.id != NEW and (typed["base_url"].lower(), typed["user_id"].lower()) != origin


def _names_taken(desk: Services, own_id: str) -> set[str]:
    """Names another choice of the list goes by: Streamlit tells options apart by their text, and so do people."""
    fixed = {words.t(key, lang) for key in ("practice.name", "connection.new") for lang in words.LANGUAGES}
    others = {one.name for one in desk.connections() if one.id != own_id}
    return {name.casefold() for name in fixed | others}


def _token_typed(
    desk: Services, start: Connection, typed: dict[str, str], raw: str, wrong: dict[str, str]
) -> str | None:
    """The cleaned token, None where the one there is stays; what is wrong with it is put into `wrong`."""
    given = desk.given_token(replace(start, base_url=typed["base_url"], user_id=typed["user_id"]))
    known = desk.tokens.get(start.id) is not None
    if not raw.strip() and known and not given and _moved(start, typed):
        wrong["token"] = "token_moved"
    if not raw.strip() and (known or given):
        return None
    try:
        return clean_token(raw)
    except ConnectionRefused as refused:
        wrong["token"] = refused.code
        return None


def _delete(desk: Services, draft: Draft, connection: Connection) -> None:
    waiting = ("running", "pausing", "paused", "cancelling")
    for run in desk.store.runs.latest(limit=None):
        if run.connection.id == connection.id and (run.state in waiting or run.open_batches):
            raise ConnectionRefused("connection_in_use")
    desk.tokens.forget(
        connection.id
    )  # first: a connection that is gone could not be asked to give up its token again
    desk.store.connections.delete(connection.id)
    if not any(account(other) == account(connection) for other in desk.connections()):
        desk.directory.forget(connection)
    _use(desk, draft, "")


def next_step(draft: Draft) -> None:
    """On with the upload, or back to the run that waited for a token."""
    with navigation.bar(""):
        if draft.run_id:
            navigation.go_button("submit", "guard.to_progress")
        else:
            navigation.go_button("mapping" if draft.sheet else "upload", "connection.next")


def options(desk: Services, connection: Connection) -> None:
    """How the numbers are handed over, each choice with its consequence."""
    with st.container(border=True):
        st.markdown(f"**{t('connection.options')}**")
        for name in OPTIONS:
            key = keys.of("option", connection.id, name)
            state.set_widget(key, getattr(connection.options, name))
            with st.container(gap="xxsmall"):
                st.toggle(
                    t(f"option.{name}"),
                    key=key,
                    on_change=messages.attempt(partial(_set_option, desk, connection, name, key)),
                )
                st.caption(t(f"option.{name}_means"))
            if name == "number_add_suffix" and connection.options.number_add_suffix:
                st.warning(t("option.number_add_suffix_warning"))


def _set_option(desk: Services, connection: Connection, name: str, key: str) -> None:
    chosen: dict[str, Any] = {name: bool(state.widget(key))}
    desk.store.connections.save(replace(connection, options=replace(connection.options, **chosen)))


def _wish_test(desk: Services, start: Connection) -> None:
    """Test what is typed when the page is drawn, unless something typed is wrong."""
    if _typed(desk, start, named=False):
        state.view("connection", dict[str, Any])["to_test"] = start.id


def test_practice(desk: Services, practice: Connection) -> None:
    """The same test for the practice platform, of which nothing is typed."""
    if st.button(t("connection.test"), icon=":material/wifi_tethering:"):
        _test(desk, practice, desk.token(practice))


def _test(desk: Services, connection: Connection, token: str | None) -> None:
    """Ask the platform two harmless questions and say plainly what came of it. Sends no number."""
    try:
        with st.spinner(t("connection.testing")):
            verdict = desk.platform.test(desk.reachable(connection), token or "")
    except AppError as error:
        messages.show(error)
        return
    box = {"ready": st.success, "unclear": st.warning, "not_offered": st.warning}.get(verdict.code, st.error)
    box(t(f"verdict.{verdict.code}"))
    if verdict.detail:
        st.text(t("platform.said", message=verdict.detail))
    token_health.show(verdict.health)
