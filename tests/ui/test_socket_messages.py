"""What a browser may say over its websocket: what pages say, and nothing that empties, installs or inspects the server."""

import sys

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from lib.ui.web.socket_messages import is_needed
from lib.words import t
from tests.e2e.line import Line, shown
from tests.e2e.messages import NO_PAGE_SENDS, files, message, operation
from tests.e2e.server import AppServer
from tests.waiting import until

PAGES_SEND = {
    "rerun_script": message(lambda one: one.rerun_script.SetInParent()),
    "stop_script": message(lambda one: setattr(one, "stop_script", True)),
    "app_heartbeat": message(lambda one: setattr(one, "app_heartbeat", True)),
    "files": files("客户.xlsx"),
    "a long name": files("名" * 500),
    "download": operation("deferred_file"),
    "rows of a table": operation("dataframe_chunk"),
    "what streamlit answers itself": b"\xff\xff",
}


@pytest.mark.parametrize("name", NO_PAGE_SENDS)
def test_sec40_what_no_page_sends_never_reaches_streamlit(name: str) -> None:
    assert not is_needed(NO_PAGE_SENDS[name])


@pytest.mark.parametrize("name", PAGES_SEND)
def test_what_pages_send_is_passed_on(name: str) -> None:
    assert is_needed(PAGES_SEND[name])


def everything_sent(app: AppServer) -> set[str | None]:
    """300 messages that no page sends and one that asks for a page; the kinds of what is answered."""
    with Line(app.url) as line:
        for _ in range(25):
            for sent in NO_PAGE_SENDS.values():
                line.socket.send(sent)
        return {message.WhichOneof("type") for message in line.open("")}


def test_sec40_a_stranger_can_empty_nothing_and_a_page_is_drawn_all_the_same(served: AppServer) -> None:
    kinds = everything_sent(served)
    assert "delta" in kinds
    assert not kinds & {"git_info_changed", "backend_operation_response", "file_urls_response"}


def test_a_press_on_a_part_of_the_page_that_is_gone_is_not_lost(served: AppServer) -> None:
    """Streamlit answers nothing to it: the part was drawn elsewhere while the person pressed."""
    with Line(served.url) as line:
        buttons = [one.delta.new_element.button for one in line.open("")]
        asked = BackMsg()
        [sample] = [one.id for one in buttons if one.label == t("overview.sample", "zh")]
        asked.rerun_script.widget_states.widgets.add(id=sample, trigger_value=True)
        asked.rerun_script.fragment_id = "of a part that is gone"
        line.ask("", asked)
        assert t("page.upload.title", "zh") in shown(line.drawn())


def test_what_a_timer_asks_of_a_part_that_is_gone_draws_nothing(served: AppServer) -> None:
    with Line(served.url) as line:
        line.open("")
        asked = BackMsg()
        asked.rerun_script.fragment_id = "of a part that is gone"
        asked.rerun_script.is_auto_rerun = True
        line.ask("", asked)
        assert [one.WhichOneof("type") for one in line.open("history")].count("new_session") == 1


#: Threads and connections to the database that a server opens meanwhile by itself; 300 messages that held one each held 300.
ITS_OWN = 10


@pytest.mark.skipif(sys.platform != "linux", reason="what a process holds is read from /proc")
def test_sec40_300_messages_leave_threads_and_descriptors_as_they_were(served: AppServer) -> None:
    everything_sent(served)
    before = served.held()
    everything_sent(served)
    for what in ("threads", "descriptors"):
        until(
            lambda what=what: getattr(served.held(), what) <= getattr(before, what) + ITS_OWN,
            lambda: f"{served.held()} after {before}",
        )
