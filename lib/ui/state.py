"""The only module that spells `st.session_state`: the language, the open draft, and small view settings.

Nothing here is the only home of a fact: the draft is saved, the language and the draft's id stand in the URL.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.state import SessionState

from lib.access.person_store import PersonStore
from lib.access.visit import Visit
from lib.draft import Draft
from lib.errors import AppError
from lib.store.permission import Action
from lib.words import LANGUAGES, closest_language

LANGUAGE_KEY = "lang"
_DRAFT = "open_draft"
_PERSON = "person"
_VISIT = "visit"
_VIEW = "view."
_ERROR = "kept_error"
_PAGE = "page_asked_for"

#: Seconds for which a page that was asked for is gone to.
ASKED_SECONDS = 10.0

View = TypeVar("View")


def language() -> str:
    """The language of this visit: chosen, or the browser's."""
    chosen = st.session_state.get(LANGUAGE_KEY)
    return chosen if chosen in LANGUAGES else closest_language(st.context.locale)


def belongs_to(person: str) -> bool:
    """Whether this visit has just become another person's, "" for nobody's; then nothing of the one before is left in it."""
    before = st.session_state.get(_PERSON)
    if before is not None and before != person:
        for key in [key for key in st.session_state if key != LANGUAGE_KEY]:
            del st.session_state[key]
    st.session_state[_PERSON] = person
    return before != person


def keep_visit(visit: Visit) -> Visit:
    """Have this live as long as the visit, and no longer than the person who came stays the same."""
    st.session_state[_VISIT] = visit
    return visit


def draft(store: PersonStore) -> Draft:
    """The open draft: of this visit, else the one named in the URL, else the latest unfinished one, else a new one.

    Whoever may not prepare anything gets an empty one.
    """
    if not store.may(Action.PREPARE):
        return _fresh(store)
    held: Draft | None = st.session_state.get(_DRAFT)
    if held is None or held.is_stale:
        wanted = held.id if held else st.query_params.get("draft")
        try:
            held = (Draft.open(store, wanted) if wanted else None) or _latest(store) or _fresh(store)
        except (
            AppError
        ) as error:  # an upload that can no longer be read must not lock the person out of the rest
            keep_error(error)
            held = _fresh(store)
        st.session_state[_DRAFT] = held
    return held


def keep_error(error: AppError, at: str = "") -> None:
    """Keep an error of a callback, to be shown when the page is drawn. at: the place that tells it, "" for the top."""
    st.session_state[_ERROR] = (error, at)


def kept_error(at: str | None) -> AppError | None:
    """The error kept last, once, where it belongs to this place; None: to any."""
    error, place = st.session_state.get(_ERROR, (None, ""))
    if error is None or at not in (None, place):
        return None
    del st.session_state[_ERROR]
    found: AppError = error
    return found


def keeps_error(at: str) -> bool:
    """Whether an error of a callback that belongs to this place has not been shown yet."""
    return bool(st.session_state.get(_ERROR, (None, None))[1] == at)


def ask_for_page(name: str, *, after_report: bool = False) -> None:
    """Have the router go to another page; for callbacks. after_report: once the page that is left has reported its edits."""
    st.session_state[_PAGE] = (name, after_report, time.monotonic())


def page_asked_for() -> str | None:
    """The page asked for, once."""
    asked: tuple[str | None, bool, float] = st.session_state.get(_PAGE, (None, True, 0.0))
    name, after_report, _ = asked
    if after_report:
        return None
    del st.session_state[_PAGE]
    return name


def page_asked_for_after_report() -> str | None:
    """The page asked for a moment ago, until it is reached: a late report of the page that is left leads back there."""
    name, after_report, asked = st.session_state.get(_PAGE, (None, False, 0.0))
    return name if after_report and time.monotonic() - asked < ASKED_SECONDS else None


def page_reached(name: str) -> None:
    """This page is drawn to its end."""
    if st.session_state.get(_PAGE, ("",))[0] == name:
        del st.session_state[_PAGE]


def _latest(store: PersonStore) -> Draft | None:
    unfinished = store.drafts.latest(limit=1)
    return Draft.open(store, unfinished[0].id) if unfinished else None


def _fresh(store: PersonStore) -> Draft:
    """An empty draft that goes where the last run went."""
    draft = Draft(store)
    for run in store.runs.latest(limit=1):
        draft.connection_id = run.connection.id
    return draft


def run_in_url() -> str:
    """The id of the run that the address names, "" for none."""
    return st.query_params.get("run", "")


def show_run_in_url(run_id: str) -> None:
    """Put the run's id into the browser's address: a link within the same page does not, and the next run of the page would not know it."""
    st.query_params["run"] = run_id


def show_draft_in_url() -> None:
    """Put the open draft's id into the URL, so that a refresh or a shared link finds it."""
    held: Draft | None = st.session_state.get(_DRAFT)
    if held and held.id and st.query_params.get("draft") != held.id:
        st.query_params["draft"] = held.id
    if not (held and held.id) and "draft" in st.query_params:
        del st.query_params["draft"]  # of somebody else, or no more


def open_draft(store: PersonStore, draft_id: str | None) -> None:
    """Go on with a saved draft, or start an empty one."""
    _hold((Draft.open(store, draft_id) if draft_id else None) or _fresh(store))


def open_new(store: PersonStore, data: bytes, name: str) -> None:
    """Start a draft with this file in it; one that cannot be read leaves the open draft open. Raises AppError.

    store: where the draft is saved, which goes where the last run went
    data: the bytes of one file; several as one upload are refused here
    name: the file's, as the browser says it; phone numbers in it are hidden before it is kept
    """
    made = _fresh(store)
    made.load_sheet(data, name)
    _hold(made)


def let_go_of_what_is_stale() -> None:
    """Keep nothing of a draft that was changed elsewhere, nor of what was seen of it: it is read anew where a page needs it."""
    held: Draft | None = st.session_state.get(_DRAFT)
    if held and held.is_stale:
        del st.session_state[_DRAFT]
        _forget_views()


def prepare_next(store: PersonStore, connection_id: str) -> None:
    """Start an empty draft that goes there: the open one has been submitted and keeps its destination."""
    chosen = Draft(store)
    chosen.choose_connection(connection_id)
    _hold(chosen)


def _hold(draft: Draft) -> None:
    """Have this draft open, with no view settings of the one before."""
    st.session_state[_DRAFT] = draft
    _forget_views()


def _forget_views() -> None:
    for key in [key for key in st.session_state if str(key).startswith(_VIEW)]:
        del st.session_state[key]


def forget_ended(session: AppSession) -> None:
    """Empty a visit that has been shut down: Streamlit's own loop keeps hold of the one that it looked at last."""
    session._session_state = SessionState()  # its `clear` leaves the callbacks of widgets
    session._fragment_storage.clear()
    session.flush_browser_queue()


def view(name: str, start: Callable[[], View]) -> View:
    """A small object of view settings that lives as long as the visit; `start` makes it."""
    key = _VIEW + name
    if key not in st.session_state:
        st.session_state[key] = start()
    found: View = st.session_state[key]
    return found


def forget_view(name: str) -> None:
    """Start the view settings of this name anew."""
    st.session_state.pop(_VIEW + name, None)


def widget(key: str) -> Any:
    """What a widget holds; for callbacks, which run before the page."""
    return st.session_state.get(key)


def forget_widget(key: str) -> None:
    """Forget what a widget holds, so that it starts anew."""
    st.session_state.pop(key, None)


def widget_among(key: str, choices: Sequence[Any], start: Any) -> None:
    """Have a widget that is about to be drawn hold one of these: what it holds, else `start`, else the first; in whatever case.

    key: the widget's
    choices: at least one; compared as texts, and two that differ in case alone are one
    start: what it holds before anything was chosen; may be none of the choices
    """
    by_text = {str(choice).lower(): choice for choice in choices}
    held = (str(st.session_state.get(key, "")).lower(), str(start).lower())
    st.session_state[key] = next((by_text[text] for text in held if text in by_text), choices[0])


def set_widget(key: str, value: Any) -> None:
    """Set a widget before it is drawn; for callbacks."""
    st.session_state[key] = value
