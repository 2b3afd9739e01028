"""The door: who may come in, and the desk as that person may use it. Nothing of anybody's is built or drawn before it.

Every page takes its desk from here, so that no way to a page leads past the door. Where nobody signs in there is one
person, and the door stands open.
"""

from functools import partial
from weakref import WeakValueDictionary

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.access.people import UNNAMED_PROVIDER, Person, claimed, may, subject
from lib.access.visit import Visit
from lib.errors import NotAdmitted, StoreUnavailable
from lib.store.permission import Action
from lib.ui import keys, messages, services, state
from lib.ui.services import Services
from lib.ui.words import plain, t

#: Refusals over which a new sign-in helps, and over which only the administrator does, who has to be told whom to let in.
SIGN_IN_ANEW = ("signed_out", "identity_expired")
ASK_ADMINISTRATOR = ("email_missing", "email_unverified", "not_listed")

#: Visits that came through the door, by Streamlit's id. The visit itself holds the value, and takes it along when it ends.
_inside: WeakValueDictionary[str, Visit] = WeakValueDictionary()


def desk() -> Services:
    """The desk as this visit's person may use it; where nobody may come in, that is said and the script ends here.

    Raises StoreUnavailable.
    """
    visit = _visit()
    try:
        person = visit.person()
    except NotAdmitted as refusal:
        state.belongs_to("")
        visit.refused(refusal)
        _closed(visit, refusal)
        st.stop()
    if state.belongs_to(f"{person.id} {person.login}"):
        visit.begin()
    if context := get_script_run_ctx():
        _inside[context.session_id] = state.keep_visit(visit)
    return services.get().of(visit.person)


def may_upload(session_id: str) -> bool:
    """Whether this visit came through the door, and may still prepare anything: asked before a byte is taken from it."""
    person = _who_is_inside(session_id)
    return person is not None and may(person, Action.PREPARE)


def is_inside(session_id: str) -> bool:
    """Whether this visit came through the door, and may still: asked before a download is given to it."""
    return _who_is_inside(session_id) is not None


def _who_is_inside(session_id: str) -> Person | None:
    visit = _inside.get(session_id)
    try:
        return visit.person() if visit else None
    except (NotAdmitted, StoreUnavailable):
        return None


def _visit() -> Visit:
    return Visit(services.get().store, services.administration, st.user.to_dict())


def _closed(visit: Visit, refusal: NotAdmitted) -> None:
    """Why nobody comes in, and what to do: sign in, sign in anew, or with another account."""
    st.set_page_config(page_title=t("page.overview.title"))
    st.title(t("page.overview.title"), anchor=False)
    identity = st.user.to_dict()
    with st.container(border=True):
        st.markdown(messages.sentence(refusal))
        if refusal.code in ASK_ADMINISTRATOR:
            st.text(t("sign_in.as", who=claimed(identity)))
            st.text(t("sign_in.subject", subject=subject(identity)))
        with st.container(horizontal=True):
            if refusal.code in SIGN_IN_ANEW:
                for provider in services.administration().providers:
                    _sign_in(provider)
            elif identity.get("is_logged_in"):
                _sign_out(visit, t("sign_in.other"))


def _sign_in(provider: str) -> None:
    named = None if provider == UNNAMED_PROVIDER else provider
    st.button(
        t("sign_in.with", provider=plain(provider)) if named else t("sign_in.do"),
        key=keys.of("sign_in", provider),
        type="primary",
        icon=":material/login:",
        on_click=partial(st.login, named),
    )


def _sign_out(visit: Visit, label: str) -> None:
    st.button(label, key="sign_out", icon=":material/logout:", on_click=partial(_leave, visit))


def _leave(visit: Visit) -> None:
    visit.end()
    st.logout()


def who(desk: Services) -> None:
    """Who is signed in, in the sidebar, and the way out; nothing where nobody signs in."""
    person = desk.store.person
    if person.is_alone:
        return
    with st.sidebar.container(border=True, gap="xsmall"):
        st.text(person.shown)
        if person.name:
            st.text(person.id)  # a caption would make a link of an address
        team = t("sign_in.team", team=plain(person.team)) if person.team else ""
        st.caption(" · ".join(filter(None, (t(f"role.{person.role}"), team))))
        _sign_out(_visit(), t("sign_in.out"))
