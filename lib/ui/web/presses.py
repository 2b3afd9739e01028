"""A press on a part of the page that is gone counts all the same: the whole page is drawn with it.

A part that is drawn by itself (a fragment) is known by its place on the page. Where a run of the whole page puts it elsewhere
while a person presses, Streamlit drops the press without a word: neither is its callback called nor anything drawn.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession


@contextmanager
def kept() -> Iterator[None]:
    """For every visit, as long as this lasts. What only a timer asks for may be dropped: the next run draws it."""
    ask = AppSession.request_rerun

    def ask_for_what_is_there(session: AppSession, client_state: ClientState | None) -> None:
        part = client_state.fragment_id if client_state and not client_state.is_auto_rerun else ""
        if client_state and part and not session.has_fragment(part):
            client_state.fragment_id = ""
        ask(session, client_state)

    AppSession.request_rerun = ask_for_what_is_there  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        AppSession.request_rerun = ask  # type: ignore[method-assign]
