"""The practice platform for whoever points another client at it, and the way to begin practice anew."""

from functools import partial
from typing import Any

import streamlit as st

from lib.errors import AppError
from lib.platform.connection import Connection
from lib.store.permission import Action
from lib.ui import messages, state
from lib.ui.services import Services
from lib.ui.words import t


def card(desk: Services, practice: Connection) -> None:
    """Where it is and with which token it is reached; its token is no secret, and opens nothing else."""
    with st.container(border=True):
        st.markdown(f"**{t('practice.client')}**")
        st.caption(t("practice.client_means"))
        try:
            there = desk.reachable(practice)
        except AppError as error:
            messages.show(error)
            return
        left, right = st.columns(2)
        for place, name, value in (
            (left, "address", there.base_url),
            (right, "token", desk.token(practice) or ""),
            (left, "user_id", there.user_id),
            (right, "task_id", there.task_id),
        ):
            place.caption(t(f"practice.{name}"))
            place.code(value, language=None)
        if desk.may(Action.DELETE) and desk.store.person.teams is None:
            _reset(desk, practice)


def _reset(desk: Services, practice: Connection) -> None:
    view = state.view("connection", dict[str, Any])
    with st.popover(t("practice.reset"), icon=":material/restart_alt:"):
        st.markdown(t("practice.reset_means"))
        st.button(
            t("practice.reset_yes"),
            key="practice.reset",
            type="primary",
            on_click=messages.attempt(partial(_begin_anew, desk, practice)),
        )
    if (gone := view.pop("practice_reset", None)) is not None:
        st.success(t("practice.was_reset", count=gone))


def _begin_anew(desk: Services, practice: Connection) -> None:
    gone = desk.practice_control.reset(desk.reachable(practice))
    state.let_go_of_what_is_stale()
    state.view("connection", dict[str, Any])["practice_reset"] = gone
