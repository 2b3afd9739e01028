"""Numbers that are in the task already, told before the button that sends; the person decides about them."""

import time
from dataclasses import dataclass, field
from functools import partial

import pandas as pd
import streamlit as st

from lib.contact.privacy import mask_phone
from lib.draft import Draft
from lib.errors import PlatformError
from lib.platform.connection import Connection
from lib.reconcile import preflight
from lib.reconcile.preflight import Present
from lib.sheet.row_numbers import row_name
from lib.ui import keys, messages, state
from lib.ui.services import Services
from lib.ui.words import plain, t

#: Seconds after which a look is made anew when the page is drawn.
FRESH_SECONDS = 300.0

#: Numbers shown as examples.
_EXAMPLES = 5


@dataclass
class _View:
    """What was seen of one task, and the numbers the person wants sent all the same."""

    of: Connection | None = None
    present: Present | None = None
    allowed: set[str] = field(default_factory=set)


def card(desk: Services, draft: Draft, connection: Connection) -> bool:
    """What the task holds already; whether the person may go on to the button.

    desk: whose platform is asked, with nothing but GETs, where the last look is missing or older than `FRESH_SECONDS`
    draft: whose numbers are looked for; those the person does not want sent are left out of it
    connection: whose task is looked at, where a token for it is known; for another one look and decisions begin anew
    """
    token = desk.token(connection)
    if token is None or not draft.tally(connection).to_send:
        return True  # the button says what is missing
    view = state.view(f"preflight.{draft.id}", _View)
    if view.of != connection:
        view.of, view.present = connection, None
        view.allowed.clear()  # a decision about one task is none about another
    if view.present is None or time.monotonic() - view.present.at > FRESH_SECONDS:
        with st.spinner(t("preflight.looking")):
            view.present = _look(desk, connection, token)
    there, own = preflight.already_there(draft, desk.store, connection, view.present)
    open_ones = there[~there.isin(view.allowed)]
    if len(open_ones):
        _question(draft, connection, view, open_ones)
        return False
    if not view.present.is_whole:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("preflight.not_looked"))
            st.button(
                t("preflight.again"),
                key=keys.of("preflight_again", draft.id),
                on_click=partial(_forget, view),
            )
    elif len(own):
        st.caption(t("preflight.own", count=len(own)))
    elif not len(there):
        seen = view.present.count
        st.caption(t("preflight.clear", count=seen) if seen else t("preflight.empty"))
    return True


def _look(desk: Services, connection: Connection, token: str) -> Present:
    try:
        return preflight.look(desk.platform, desk.reachable(connection), token)
    except PlatformError:  # the practice platform did not start: nothing was seen, which is told
        return Present(frozenset(), is_whole=False, count=0, at=time.monotonic())


def _question(draft: Draft, connection: Connection, view: _View, there: pd.Series) -> None:
    st.warning(t("preflight.found", count=len(there)))
    first = there.head(_EXAMPLES)
    examples = [
        t("preflight.example", row=row_name(row), phone=plain(mask_phone(phone)))
        for row, phone in zip(first.index, first, strict=True)
    ]
    st.caption(t("preflight.examples", list=t("preflight.comma").join(examples)))
    with st.container(horizontal=True):
        st.button(
            t("preflight.leave_out", count=len(there)),
            key=keys.of("preflight_leave", draft.id),
            icon=":material/person_off:",
            on_click=messages.attempt(partial(preflight.leave_out, draft, connection, there)),
        )
        st.button(
            t("preflight.send_anyway", count=len(there)),
            key=keys.of("preflight_send", draft.id),
            icon=":material/send:",
            on_click=partial(view.allowed.update, there.tolist()),
        )


def _forget(view: _View) -> None:
    view.present = None
