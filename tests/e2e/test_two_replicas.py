"""A team's server of two processes on one PostgreSQL, behind the recipe's nginx: what was begun at one goes on at the other.

The practice platform is a third party here, as the real one is: its ledger outlives whoever is killed.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, TimeoutError, expect

from lib import sandbox
from lib.access.people import Person, Role
from lib.access.person_store import PersonStore
from lib.platform.connection import practice
from lib.server.practice import TOKEN
from lib.store import Store
from tests import databases, practice_platform
from tests.e2e import desk
from tests.e2e.people import ACCOUNTS, PEOPLE, TITLE, Seat, Team, sheet
from tests.e2e.provider import Provider
from tests.e2e.proxy import HOST, Proxy, find
from tests.e2e.server import AppServer
from tests.waiting import until

pytestmark = [
    pytest.mark.skipif(
        find() is None and not os.environ.get("CI"),
        reason="no nginx here: the recipe cannot be tried; where CI is set it must be",
    ),
    pytest.mark.skipif(databases.programs() is None and not os.environ.get("CI"), reason=databases.MISSING),
]

#: Batches of 200, and milliseconds the platform takes for one: long enough to pause, to look elsewhere and to kill.
BATCHES, LATENCY = 24, 1500

PHONES = [str(13_900_000_000 + at) for at in range(BATCHES * 200)]

#: As nginx's cookie names them.
REPLICAS = ("1", "2")

#: Requests of one process that are under way, for so long that the platform has them; the answer is not there.
UNDER_WAY = timedelta(seconds=0.3)
ON_THE_WIRE = """
    SELECT count(*) FROM attempt JOIN sender ON sender.epoch = attempt.epoch
    WHERE sender.pid = %s AND attempt.progress = 'wire' AND attempt.outcome IS NULL AND attempt.started::timestamptz < %s
"""


@dataclass
class Office:
    """Two processes by the cookie that leads to each, the platform, and the database both share."""

    there: Team
    replicas: dict[str, AppServer]
    platform: str
    database: str
    store: Store

    def replica_of(self, seat: Seat) -> str:
        """Which one serves this browser."""
        return str(seat.cookie("desk_process")["value"])

    def enter(self, at: str = "") -> Seat:
        """Anna at a browser of her own, signed in; at: the replica to come to, "" for the lot."""
        seat = self.there.seat(ignore_https_errors=True)
        if at:
            seat.context.add_cookies([{"name": "desk_process", "value": at, "url": self.there.url}])
        seat.page.goto(self.there.url)
        self.there.sign_in(seat, "anna")
        return seat

    def sends(self) -> str:
        """The replica that sends; the other one stands by."""
        with psycopg.connect(self.database.replace("+psycopg", "")) as asked:
            found = asked.execute("SELECT pid FROM sender").fetchone()
        running = {one: server.pid for one, server in self.replicas.items() if server.runs}
        return next((one for one, pid in running.items() if found and pid == found[0]), "")

    def on_the_wire(self, replica: str) -> int:
        with psycopg.connect(self.database.replace("+psycopg", "")) as asked:
            return int(
                asked.execute(
                    ON_THE_WIRE, (self.replicas[replica].pid, datetime.now(UTC) - UNDER_WAY)
                ).fetchall()[0][0]
            )


@pytest.fixture
def office(browser: Browser, tmp_path: Path) -> Iterator[Office]:
    """The recipe with two processes. Everything is of this test alone, the database too."""
    with ExitStack() as stack:
        url = stack.enter_context(databases.EVERY.fresh())
        store = stack.enter_context(closing(Store(url)))
        platform = stack.enter_context(sandbox.running(token=TOKEN, latency_ms=float(LATENCY)))
        anna = Person("email:anna@example.com", Role.OPERATOR, "south")
        PersonStore(store, lambda: anna, lambda _: None).connections.save(practice(platform))
        provider = stack.enter_context(Provider(dict(ACCOUNTS)))
        secrets = tmp_path / "secrets.toml"
        secrets.write_text(
            provider.secrets(PEOPLE, redirect=f"https://{HOST}/oauth2callback"), encoding="utf-8"
        )
        settings = {"DATABASE_URL": url, "STREAMLIT_SERVER_ALLOWED_HOSTS": HOST}
        flags = [f"--secrets.files={secrets}"]
        replicas = {one: AppServer(tmp_path / f"data-{one}", flags, **settings) for one in REPLICAS}
        with ThreadPoolExecutor() as both:
            list(both.map(AppServer.start, replicas.values()))
        for one in replicas.values():
            stack.push(one)
        stack.enter_context(Proxy(*(one.port for one in replicas.values())))
        there = Team(browser, provider, replicas["1"], secrets)
        there.url = f"https://{HOST}"
        stack.callback(there.close)
        yield Office(there, replicas, platform, url, store)


def submit(anna: Seat, tmp_path: Path) -> None:
    """The whole way with every number, to the press of the button."""
    file = tmp_path / "客户.csv"
    file.write_text(
        "姓名,手机号\n" + "".join(f"客户{at},{phone}\n" for at, phone in enumerate(PHONES)), encoding="utf-8"
    )
    desk.go(anna.page, "upload")
    desk.upload(anna.page, file)
    desk.press(anna.page, "下一步：对应列")
    desk.press(anna.page, "下一步：检查")
    desk.press(anna.page, f"下一步：提交 {len(PHONES):,} 个号码")
    desk.press(anna.page, f"提交 {len(PHONES):,} 个号码")
    expect(anna.page.get_by_text("发送中").first).to_be_visible()


def pause_here_resume_there(office: Office, anna: Seat, there: str) -> None:
    """The same person at a browser that another process serves."""
    desk.press_while_there(anna.page, "暂停")
    elsewhere = office.enter(at=there)
    elsewhere.page.goto(anna.page.url)
    expect(elsewhere.page.get_by_text("已暂停", exact=True).first).to_be_visible()
    assert office.replica_of(elsewhere) == there
    desk.press_while_there(elsewhere.page, "继续发送")
    expect(elsewhere.page.get_by_text("发送中").first).to_be_visible()


def settle(office: Office, anna: Seat, run_id: str) -> None:
    """Look up each batch that was under way, as its card offers, and go on."""
    expect(anna.page.get_by_text("正在发送时程序停了").first).to_be_visible()
    cards = anna.page.get_by_role("button", name="再核对一次")

    def all_are_settled() -> bool:
        """A press that came while the page was drawn anew is lost: a person sees the card still there, and presses again."""
        with suppress(TimeoutError):  # there is none, or it went by itself
            cards.first.click(timeout=2_000)
            cards.first.wait_for(state="detached", timeout=2_000)
        return not office.store.decisions.evidence(run_id)

    until(all_are_settled, "a batch that was under way was not found")
    expect(cards).to_have_count(0)
    if office.store.runs.get(run_id).state == "paused":  # more than one was under way
        anna.page.reload()
        desk.press_while_there(anna.page, "继续发送")
    desk.has_ended(anna.page)


@pytest.mark.long
def test_a_submission_outlives_the_process_that_serves_the_person(office: Office, tmp_path: Path) -> None:
    """Paused at one, resumed at the other, then the first is killed while it sends: nothing twice, nothing lost."""
    until(office.sends, "nobody sends")
    first = office.sends()
    anna = office.enter(at=first)
    assert office.replica_of(anna) == first
    [second] = {*REPLICAS} - {first}
    submit(anna, tmp_path)
    here = anna.page.url
    pause_here_resume_there(office, anna, second)

    [run] = office.store.runs.latest()
    until(lambda: office.on_the_wire(first) > 0, "nothing is on the wire")
    office.replicas[first].stop(kill=True)
    until(lambda: office.sends() == second, "nobody took over")
    practice_platform.control(office.platform, latency_ms=0)
    anna.page.reload()
    expect(anna.page.get_by_text("客户.csv").first).to_be_visible()
    assert (anna.page.url, office.replica_of(anna)) == (here, second)

    settle(office, anna, run.id)
    told = practice_platform.ledger(office.platform)
    assert told["numbers"] == dict.fromkeys(PHONES, 1)
    assert told["requests"] == BATCHES
    assert office.store.runs.get(run.id).rows_by_state == {"accepted": len(PHONES)}
    assert office.store.runs.conservation(run.id).holds

    office.replicas[first].start()
    stays_where_it_went(office, anna, second, tmp_path)


def stays_where_it_went(office: Office, anna: Seat, second: str, tmp_path: Path) -> None:
    """The other one is back: a file still goes to where the visit is, and the history is there."""
    desk.press(anna.page, "上传下一份表格")
    desk.upload(anna.page, sheet(tmp_path))
    expect(anna.page.get_by_text(f"{TITLE}.csv").first).to_be_visible()
    assert office.replica_of(anna) == second
    desk.go(anna.page, "history")
    desk.choose_run(anna.page, 0)
    expect(anna.page.get_by_text("客户.csv").first).to_be_visible()
