"""The hour: what the person does meanwhile, what is measured, and what must hold at the end."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from playwright.sync_api import Browser

from lib.run.records import RunRecord
from tests import practice_platform
from tests.e2e import desk
from tests.e2e.people import Team, team
from tests.e2e.server import Held
from tests.hostile_hour.visitors import Attack, Server

#: Numbers in one request, as the platform takes at most; requests in flight at once.
BATCH, IN_FLIGHT = 200, 4

#: The first number of the long submission, and of the small ones that the person makes meanwhile.
FIRST_PHONE, FIRST_OF_SMALL = 13_700_000_000, 15_800_000_000

#: Numbers in a small submission.
SMALL = 3

#: How much more than before the server may hold once they are gone.
MORE = 1.2

#: Seconds after which what is waited for will not come: the machine may be as busy as the visitors can make it.
_PATIENCE = 900.0


@dataclass
class Hour:
    """What came of it. rounds: seconds of each time the person prepared and submitted a small file. wrong: what did not hold; grown: what the
    server holds more of afterwards, a measure of the long programme and of no test.
    """

    batches: int
    before: Held
    after: Held = Held(0, 0, 0)
    peak_megabytes: float = 0
    rounds: list[float] = field(default_factory=list)
    met: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    grown: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"{name}: {', '.join(f'{what} {count}' for what, count in counted.items())}"
            for name, counted in self.met.items()
        ]
        slowest = max(self.rounds, default=0.0)
        return "\n".join(
            [
                f"{self.batches} batches; {len(self.rounds)} small submissions beside them, the slowest prepared in {slowest:.1f} s",
                *lines,
                f"before: {self.before}",
                f"peak: {self.peak_megabytes:.0f} MB",
                f"after: {self.after}",
                *(f"GROWN: {one}" for one in self.grown),
                *(f"WRONG: {one}" for one in self.wrong or ["nothing"]),
            ]
        )


def play(browser: Browser, folder: Path, *, seconds: float, batches: int, kept_seconds: int) -> Hour:
    """Play it in this folder. seconds: for the long submission; kept_seconds: how long the server keeps a visit that has ended."""
    flags = [f"--server.disconnectedSessionTTL={kept_seconds}"]
    settings = {"CONTACT_DESK_CALLBACK_KEY": "make", "MALLOC_ARENA_MAX": "1"}  # as the units of .deploy
    with team(browser, folder, settings, flags) as office:
        return _Play(office, folder, seconds, batches, kept_seconds).play()


class _Play:
    def __init__(self, office: Team, folder: Path, seconds: float, batches: int, kept_seconds: int) -> None:
        self._office, self._folder, self._kept_seconds = office, folder, kept_seconds
        self._seconds, self._batches = seconds, batches
        self._page = office.enter("anna").page
        self._submitted: dict[str, list[int]] = {}

    def play(self) -> Hour:
        """The long submission begins, the visitors come, the person works on until it has ended, they go, and it is reckoned up."""
        inside = self._office.enter("chen")
        server = Server(self._office.url, inside.cookie_header())
        inside.context.close()
        desk.go(self._page, "connection")
        desk.press(self._page, "测试连接")
        platform = self._office.server.practice_url()
        practice_platform.control(platform, latency_ms=self._seconds / self._batches * IN_FLIGHT * 1000)
        self._submit("长.csv", range(FIRST_PHONE, FIRST_PHONE + BATCH * self._batches))
        self._small()
        hour = Hour(self._batches, self._office.server.held())
        with self._watched(hour), Attack(server) as attack:
            late = time.monotonic() + 4 * self._seconds + _PATIENCE
            while not hour.rounds or (not self._has_ended("长.csv") and time.monotonic() < late):
                begun = time.monotonic()
                self._small()
                hour.rounds.append(time.monotonic() - begun)
        practice_platform.control(platform, latency_ms=0)
        _until(lambda: all(map(self._has_ended, self._submitted)), "a submission never ended")
        hour.met, hour.wrong = attack.met, [*attack.failed, *self._taken_from_strangers(attack)]
        hour.wrong += self._reckoned(practice_platform.ledger(platform))
        hour.after = self._settled(hour.before)
        hour.grown = list(_grown(hour.before, hour.after))
        return hour

    def _small(self) -> None:
        """A small file goes the whole way, and the person looks at what became of others."""
        first = FIRST_OF_SMALL + SMALL * len(self._submitted)
        self._submit(f"小{len(self._submitted)}.csv", range(first, first + SMALL))
        desk.go(self._page, "history")
        desk.heading(self._page, "提交记录")

    def _submit(self, name: str, phones: range) -> None:
        file = self._folder / name
        file.write_text("\n".join(["姓名,手机号", *(f"客户,{phone}" for phone in phones)]), encoding="utf-8")
        desk.open_page(self._page, self._office.url, "upload")
        desk.upload(self._page, file)
        desk.press(self._page, "下一步：对应列")
        desk.press(self._page, "下一步：检查")
        desk.press(self._page, f"下一步：提交 {len(phones):,} 个号码")
        desk.heading(self._page, "提交到呼叫任务")
        desk.press(self._page, f"提交 {len(phones):,} 个号码")
        self._submitted[name] = list(phones)
        _until(lambda: self._run(name), f"{name} was not submitted")

    def _run(self, name: str) -> RunRecord | None:
        with self._office.store() as store:
            return next((run for run in store.runs.latest(10_000) if run.file_name == name), None)

    def _has_ended(self, name: str) -> bool:
        run = self._run(name)
        return bool(run and run.state == "finished")

    def _reckoned(self, ledger: dict[str, object]) -> Iterator[str]:
        """What the platform has applied, beside what the desk says."""
        wanted = {str(phone): 1 for phones in self._submitted.values() for phone in phones}
        applied = ledger["numbers"]
        assert isinstance(applied, dict)
        lost, twice = wanted.keys() - applied.keys(), {one for one, count in applied.items() if count > 1}
        if lost or twice or applied != wanted:
            yield f"{len(lost)} numbers lost, {len(twice)} twice, {len(applied.keys() - wanted.keys())} of nobody"
        for name, phones in self._submitted.items():
            run = self._run(name)
            if not run or run.rows_by_state != {"accepted": len(phones)}:
                yield f"the desk says of {name}: {run and run.rows_by_state}"

    def _taken_from_strangers(self, attack: Attack) -> Iterator[str]:
        if taken := attack.met["uploads_without_sign_in"]["upload 204"]:
            yield f"{taken} files were taken from visits that had not signed in"
        if not self._office.server.runs:
            yield "the server has ended"

    def _settled(self, before: Held) -> Held:
        """What is held once the visits that have ended are swept."""
        end = time.monotonic() + 2 * self._kept_seconds + 60
        held = self._office.server.held()
        while time.monotonic() < end and list(_grown(before, held)):
            time.sleep(1)
            held = self._office.server.held()
        return held

    @contextmanager
    def _watched(self, hour: Hour) -> Iterator[None]:
        """Keep the most memory that the server has had."""
        over = Event()

        def watch() -> None:
            while not over.wait(0.5):
                hour.peak_megabytes = max(hour.peak_megabytes, self._office.server.held().megabytes)

        watching = Thread(target=watch)
        watching.start()
        try:
            yield
        finally:
            over.set()
            watching.join()


def _grown(before: Held, after: Held) -> Iterator[str]:
    for name in ("megabytes", "descriptors", "threads"):
        had, has = getattr(before, name), getattr(after, name)
        if has > MORE * had:
            yield f"{name}: {has:.0f} after {had:.0f}"


def _until(holds: object, what: str) -> None:
    end = time.monotonic() + _PATIENCE
    while not holds():  # type: ignore[operator]
        if time.monotonic() > end:
            raise AssertionError(what)
        time.sleep(0.2)
