"""People at their browsers, each in a context of its own, and everything the app sends to each."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from lib.run.records import DraftRecord
from lib.store import Store
from tests.e2e import desk
from tests.e2e.provider import Provider
from tests.e2e.server import AppServer
from tests.waiting import PATIENCE

PEOPLE = """
[people]
"anna@example.com" = { role = "operator", team = "south", name = "安娜" }
"bo@example.com" = { role = "viewer", team = "south" }
"chen@example.com" = { role = "operator", team = "north" }
"sub:id-of-gil" = { role = "operator", team = "north", name = "吉尔" }
"""

#: What must not get from Anna's visit to anybody else's: her file, a person in it, that person's number.
TITLE, NAME, PHONE = "金丝雀的名单", "金丝雀甲", "13987651234"

SHEET = f"姓名,手机号,公司\n{NAME},{PHONE},也可打 13612340000\n王芳,13800138000,\n"


def account(name: str, **claims: Any) -> dict[str, Any]:
    """What the provider says of this account."""
    told = {
        "sub": f"id-of-{name}",
        "email": f"{name}@example.com",
        "email_verified": True,
        "name": name.title(),
    }
    return {key: value for key, value in (told | claims).items() if value is not None}


#: Accounts of the provider; dora is not on the administrator's list.
ACCOUNTS = {name: account(name) for name in ("anna", "bo", "chen", "dora")} | {
    "eva": account("anna", sub="id-of-eva", email_verified=False),
    "fay": account("fay", email=None),
    "gil": account("gil", email=None, email_verified=None),
    "hal": account("anna", sub="id-of-hal", email_verified=None),
    "ida": account("anna", sub="id-of-ida", iat=1_000_000_000),
}


@dataclass
class Seat:
    """One person's browser. frames: all that the app has sent to it."""

    context: BrowserContext
    page: Page
    frames: list[bytes] = field(default_factory=list)

    def was_sent(self, text: str) -> bool:
        """Whether the app has sent this text."""
        return any(text.encode() in frame for frame in self.frames)

    def cookie_header(self) -> str:
        """The cookies as a browser sends them."""
        return "; ".join(f"{one['name']}={one['value']}" for one in self.context.cookies())

    def cookie(self, name: str) -> dict[str, Any]:
        """One cookie."""
        return next(dict(one) for one in self.context.cookies() if one["name"] == name)


class Team:
    """The app on a team's server, its provider and its administrator's file."""

    def __init__(self, browser: Browser, provider: Provider, server: AppServer, secrets: Path) -> None:
        self.browser, self.provider, self.server, self.secrets = browser, provider, server, secrets
        self.url = server.url
        self._contexts: list[BrowserContext] = []
        self._at_work: dict[str, Seat] = {}

    def seat(self, **options: Any) -> Seat:
        """A browser nobody has signed in at."""
        context = desk.visitor(self.browser, **options)
        self._contexts.append(context)
        return self.tab(Seat(context, context.new_page()), new=False)

    def tab(self, seat: Seat, *, new: bool = True) -> Seat:
        """One more tab of the same browser."""
        opened = Seat(seat.context, seat.context.new_page() if new else seat.page)
        opened.page.on(
            "websocket", lambda socket: socket.on("framereceived", lambda frame: _keep(opened.frames, frame))
        )
        return opened

    def enter(self, name: str, **options: Any) -> Seat:
        """Somebody's browser, signed in through the provider."""
        seat = self.seat(**options)
        seat.page.goto(self.url)
        self.sign_in(seat, name)
        return seat

    def at_work(self, name: str) -> Seat:
        """Somebody's browser as other tests have left it, signed in; the way begins at the front page."""
        if seat := self._at_work.get(name):
            desk.open_page(seat.page, self.url)
        else:
            seat = self._at_work[name] = self.enter(name)
        return seat

    def sign_in(self, seat: Seat, name: str) -> None:
        """Press the button, choose the account, and wait for what the app says to that."""
        seat.page.get_by_role("button", name="登录", exact=True).click()
        seat.page.get_by_role("link", name=name, exact=True).click()
        seat.page.wait_for_url(f"{self.url}/**")
        desk.settled(seat.page)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The app's own database."""
        opened = Store(self.server.data / "desk.db")
        try:
            yield opened
        finally:
            opened.close()

    def draft(self, draft_id: str) -> DraftRecord | None:
        """A draft as it is saved."""
        with self.store() as store:
            return store.drafts.get(draft_id)

    def administrator_writes(self, people: str) -> None:
        """Replace what stands behind [auth]; the app is not started again."""
        auth = self.secrets.read_text(encoding="utf-8").split("[people]")[0]
        self.secrets.write_text(auth + people, encoding="utf-8")

    def close(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            context.close()


def _keep(frames: list[bytes], frame: str | bytes) -> None:
    frames.append(frame if isinstance(frame, bytes) else frame.encode())


@contextmanager
def team(
    browser: Browser,
    folder: Path,
    settings: Mapping[str, str] = MappingProxyType({}),
    flags: Sequence[str] = (),
    **rest: str,
) -> Iterator[Team]:
    """A running team server. settings, flags: see `AppServer`. rest: see `Provider.secrets`."""
    secrets = folder / "secrets.toml"
    with Provider(dict(ACCOUNTS)) as provider:
        secrets.write_text(provider.secrets(PEOPLE, **rest), encoding="utf-8")
        with AppServer(folder / "data", [f"--secrets.files={secrets}", *flags], **settings) as server:
            made = Team(browser, provider, server, secrets)
            try:
                yield made
            finally:
                made.close()


def raw_visit(
    url: str,
    page: str,
    query: str = "",
    *,
    cookies: str = "",
    origin: str | None = None,
    session: str = "",
    port: int = 0,
) -> bytes:
    """All that the app sends to a program that speaks its protocol by itself and asks for a page.

    origin: None for none, as no browser would. session: the id of another's visit, to take it over. port: of this computer,
    where the name in `url` is not to be looked up.
    """
    xsrf = next(
        (part.split("=", 1)[1] for part in cookies.split("; ") if part.startswith("_streamlit_xsrf=")), "x"
    )
    asked = BackMsg()
    asked.rerun_script.page_name, asked.rerun_script.query_string = page, query
    told = b""
    with connect(
        url.replace("http", "ws", 1) + "/_stcore/stream",
        sock=socket.create_connection(("127.0.0.1", port)) if port else None,
        origin=origin,  # type: ignore[arg-type]
        subprotocols=["streamlit", xsrf, *([session] if session else [])],  # type: ignore[list-item]
        additional_headers={"Cookie": cookies} if cookies else {},
        max_size=None,
    ) as opened:
        opened.send(asked.SerializeToString())
        while True:
            frame = opened.recv(timeout=PATIENCE, decode=False)
            told += frame
            message = ForwardMsg()
            message.ParseFromString(frame)
            if message.WhichOneof("type") == "script_finished":
                return told


def sheet(folder: Path, text: str = SHEET, name: str = f"{TITLE}.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file
