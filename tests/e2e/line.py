"""A visit by a program that speaks Streamlit's protocol by itself, as whoever is no browser can."""

import html
import re
from contextlib import ExitStack
from types import TracebackType

import httpx
from google.protobuf import text_format
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs, UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from tests.waiting import PATIENCE


class Line:
    """One websocket of an app. cookies: as a browser sends them, of somebody who has signed in. session: its id, once it has one."""

    def __init__(self, url: str, cookies: str = "", patience: float = PATIENCE) -> None:
        self.url, self._patience, self.session, self._files = url, patience, "", 0
        self._page, self._uploader = "", ""
        self.http = httpx.Client(base_url=url, timeout=patience, trust_env=False)
        for name, _, value in (one.partition("=") for one in cookies.split("; ") if one):
            self.http.cookies.set(name, value, domain=self.http.base_url.host)
        for path in ("/", "/_stcore/host-config", "/_stcore/health"):  # each may give a cookie
            self.http.get(path)
        held = "; ".join(f"{one.name}={one.value}" for one in self.http.cookies.jar)
        self._opened = ExitStack()
        self._opened.callback(self.http.close)
        self.socket = self._opened.enter_context(
            connect(
                url.replace("http", "ws", 1) + "/_stcore/stream",
                origin=url,  # type: ignore[arg-type]
                subprotocols=["streamlit", self.http.cookies["_streamlit_xsrf"]],  # type: ignore[list-item]
                additional_headers={"Cookie": held},
                max_size=None,
                open_timeout=patience,
            )
        )

    def ask(self, page: str, asked: BackMsg | None = None) -> None:
        """Have a page drawn; nothing of the answer is read."""
        self._page = page
        asked = asked or BackMsg()
        asked.rerun_script.page_name = page
        self.socket.send(asked.SerializeToString())

    def drawn(self) -> list[ForwardMsg]:
        """Every message until a page is drawn; where its script begins anew, until that has ended."""
        told: list[ForwardMsg] = []
        while not told or not _is_end(told[-1]):
            message = ForwardMsg()
            message.ParseFromString(self.socket.recv(timeout=self._patience, decode=False))
            if message.WhichOneof("type") == "new_session":
                self.session = message.new_session.initialize.session_id
            self._uploader = message.delta.new_element.file_uploader.id or self._uploader
            told.append(message)
        return told

    def open(self, page: str) -> list[ForwardMsg]:
        """Have a page drawn, to its end."""
        self.ask(page)
        return self.drawn()

    def put(self, data: bytes, name: str = "a.csv", session: str = "", file_id: str = "file") -> int:
        """The status with which a file is answered, sent as a browser sends it. session: another's."""
        answer = self.http.put(
            f"/_stcore/upload_file/{session or self.session}/{file_id}",
            headers={"X-Xsrftoken": self.http.cookies["_streamlit_xsrf"]},
            files={"file": (name, data)},
        )
        return answer.status_code

    def choose(self, data: bytes, name: str) -> int:
        """Put a file into the uploader of the page that was drawn last, and have it drawn anew; its end is not waited for."""
        self._files += 1
        file_id = f"file-{self._files}"
        status = self.put(data, name, file_id=file_id)
        address = f"/_stcore/upload_file/{self.session}/{file_id}"
        asked = BackMsg()
        state = asked.rerun_script.widget_states.widgets.add(id=self._uploader)
        state.file_uploader_state_value.uploaded_file_info.append(
            UploadedFileInfo(
                file_id=file_id,
                name=name,
                size=len(data),
                file_urls=FileURLs(file_id=file_id, upload_url=address, delete_url=address),
            )
        )
        self.ask(self._page, asked)
        return status

    def __enter__(self) -> "Line":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()


def _is_end(message: ForwardMsg) -> bool:
    return (
        message.WhichOneof("type") == "script_finished"
        and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
    )


def shown(told: list[ForwardMsg]) -> str:
    """Everything of these messages, as text, in which one can look for something."""
    return "".join(text_format.MessageToString(message, as_utf8=True) for message in told)


def sign_in(url: str, account: str, patience: float = PATIENCE) -> str:
    """Cookies of somebody who has signed in through the tests' provider, as their browser holds them."""
    with Line(url, patience=patience) as line:
        button = next(
            one.delta.new_element.button.id for one in line.open("") if one.delta.new_element.button.id
        )
        asked = BackMsg()
        asked.rerun_script.widget_states.widgets.add(id=button, trigger_value=True)
        line.ask("", asked)
        told = line.drawn()
        while not (way := next((one.auth_redirect.url for one in told if one.auth_redirect.url), "")):
            told = line.drawn()
        choice = line.http.get(way, follow_redirects=True)
        link = re.search(rf'href="([^"]+)">{account}<', choice.text)
        assert link, choice.text
        line.http.get(choice.url.join(html.unescape(link[1])), follow_redirects=True)
        return "; ".join(
            f"{one.name}={one.value}"
            for one in line.http.cookies.jar
            if one.domain == line.http.base_url.host
        )
