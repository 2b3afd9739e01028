"""One schedule: a seed decides who moves when, what breaks, and what the platform does; then all is healed and judged."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from lib.errors import Conflict
from lib.platform.answers import Receipt
from lib.platform.connection import Connection
from lib.run.records import Evidence
from tests.faults.desk import SHAPES, Content, Desk, plan
from tests.faults.endings import WAYS, Kind, Way
from tests.faults.process import Process
from tests.faults.watch import Found, Watch
from tests.faults.world import LIST_FAULTS, NO_LIST, World

#: Moves of a schedule while things go wrong, and at most so many until all has settled afterwards.
MOVES, HEALING = (6, 22), 60

#: Seconds for which a look is fresh enough to send again what it did not find (T15).
FRESH_SECONDS = 60.0

#: Seconds by which the computer's date may be wrong: a quarter, a day, and a day and more behind.
DATES = (0.0, 1_207.0, 90_000.0, -100_000.0)

#: How deep one process may act inside another's attempt.
DEPTH = 2

_BY_KIND = {kind: sorted(name for name, way in WAYS.items() if way.kind == kind) for kind in Kind}

#: What real lines and gateways do most, and what costs most when it is taken for something else.
_OFTEN = (
    "500_applied", "502_applied", "503_applied", "504_applied", "503", "partial", "apply_late", "no_unique_id", "401", "429",
    "422", "read_timeout/all", "read_timeout/later", "reset/all", "reset/first", "reset/nothing", "twice", "refused_port",
)  # fmt: skip


@dataclass
class Weather:
    """How bad it is, drawn once for a schedule: chances per decision."""

    well: float
    death: float
    breakage: float
    meddling: float

    @staticmethod
    def drawn(chance: Random) -> "Weather":
        return Weather(
            well=chance.choice((0.2, 0.5, 0.8)),
            death=chance.choice((0.0, 0.0, 0.02, 0.06)),
            breakage=chance.choice((0.0, 0.0, 0.0, 0.08)),
            meddling=chance.choice((0.0, 0.1, 0.3)),
        )


class Schedule:
    """One world, one database, up to two processes, one person."""

    def __init__(self, seed: int, desk: Desk, hits: Counter[str]) -> None:
        self.chance, self.hits, self.desk = Random(seed), hits, desk
        self.weather, self.depth, self.healed = Weather.drawn(self.chance), 0, False
        self.concurrency, self.follows = self.chance.randint(1, 3), self.chance.random() < 0.5
        self.runs = desk.reset(self.chance.choice(SHAPES))
        self.first, self.typed_token = 1_000, "token-1"
        self.looks = self.chance.random() < 0.7
        self.world = World(
            self.chance, self._way, now=self.desk.clock, hits=hits, choose_list=self._list_fault
        )
        if self.chance.random() < 0.1:
            self.world.missing_list = self.chance.choice(NO_LIST)
        self.watch = Watch(desk.raw, self.world, looks=self.looks)
        self.backup: Content | None = None
        self.processes: list[Process] = []
        self.processes.append(self._process())

    def play(self) -> Found:
        """Everything that goes wrong, then the healing; what the oracles found."""
        for _ in range(self.chance.randint(*MOVES)):
            self._move()
            if self.watch.found.count:
                return self.watch.found
        if self.looks and self.watch.is_unknown() and self.chance.random() < 0.5:
            self._evening()
        self._heal()
        return self.watch.found

    # --- what may happen -----------------------------------------------------------------------------------

    def _move(self) -> None:
        self._of_weight(
            (10, self._step),
            (8, self._job),
            (3, self._time),
            (2, self._resume),
            (0.7, self._pause),
            (0.12, self._cancel),
            (0.6, self._token),
            (0.7, self._kill),
            (1.6, self._second),
            (0.3, self._lose_lock),
            (0.25, self._new_run),
            (0.12, self._double_click),
            (3 if self.looks else 0, self._reconcile),
            (1.5 if self.looks else 0, self._wait_for_evidence),
            (2, self._decide),
            (0.3, self._date),
            (0.8, self._back_up),
            (0.5 if self.depth == 0 else 0, self._restore),
        )

    def _of_weight(self, *moves: tuple[float, Callable[[], None]]) -> None:
        weights = [weight for weight, _ in moves]
        self.chance.choices([move for _, move in moves], weights)[0]()
        self.watch.look()

    def _step(self) -> None:
        process = self.chance.choice(self.processes)
        if not process.step() and not process.jobs:
            self._replace(process)

    def _job(self) -> None:
        self.chance.choice(self.processes).run_job()

    def _time(self) -> None:
        self.desk.clock.now += self.chance.choice((0.5, 3.0, 61.0, 700.0))
        self.world.pass_time()

    def _date(self) -> None:
        """Somebody sets the computer's clock, or it is set right."""
        self.hits["date moved"] += 1
        self.desk.clock.ahead = self.chance.choice(DATES)

    def _back_up(self) -> None:
        """What a backup holds that is made now; not of decisions that the platform's list would have to be read for again.

        On a server not before the first sender: nobody has made a run there by then.
        """
        if not self.watch.is_decided() and self.desk.is_at_home():
            self.backup = self.desk.content()

    def _restore(self) -> None:
        """Every process ends, the backup is put back, and the next one starts before anybody looks."""
        if self.backup is None:
            return
        with_mark = self.desk.stores[0].is_on_server or self.chance.random() < 0.8
        self.hits["backup restored" if with_mark else "backup restored without its mark"] += 1
        for process in self.processes:
            process.alive = False
        self.processes.clear()
        self.desk.restore(self.backup, with_mark=with_mark)
        self.watch.restored()
        self.runs = [run_id for run_id in self.runs if run_id in self.watch.states("run")]
        self.processes.append(self._process(dies=False))
        self.processes[0].step()
        self.watch.look()

    def _resume(self) -> None:
        """The person says at the same time that the token is right."""
        self.hits["person resume"] += 1
        self.desk.stores[0].runs.resume(self.chance.choice(self.runs), self.typed_token)

    def _pause(self) -> None:
        self._person("pause")

    def _cancel(self) -> None:
        self._person("cancel")

    def _person(self, verb: str) -> None:
        self.hits[f"person {verb}"] += 1
        getattr(self.desk.stores[0].runs, verb)(self.chance.choice(self.runs))

    def _token(self) -> None:
        """The platform wants another token, or the person types the right one, or loses it."""
        what = self.chance.choice(("changed", "typed", "lost"))
        self.hits[f"token {what}"] += 1
        if what == "changed":
            self.world.token = f"token-{self.chance.randint(1, 3)}"
        else:
            self.typed_token = self.world.token if what == "typed" else ""

    def _kill(self) -> None:
        process = self.chance.choice(self.processes)
        self.hits["killed between moves"] += 1
        process.alive = False
        self._replace(process)

    def _second(self) -> None:
        """Another process starts: it stands by, or takes over while the elder lives on and is resumed later."""
        if len(self.processes) < 2:
            self.hits["second process"] += 1
            self.processes.append(self._process())
            if self.chance.random() < 0.7:
                self._lose_lock()
            self.processes[-1].step()

    def _lose_lock(self) -> None:
        self.hits["lock lost"] += 1
        self.processes[0].loses_lock()

    def _new_run(self) -> None:
        """A further run, half of the time with numbers that are in an earlier one: those must be refused."""
        store, repeats = self.desk.stores[0], self.chance.random() < 0.5
        first = 0 if repeats else self.first
        try:
            self.runs.append(
                store.runs.create(
                    plan(1, 1, first, f"again{len(self.runs)}" if repeats else "new", repeats_allowed=False)
                )
            )
            self.hits["run added" if not repeats else "run added, its number is free again"] += 1
            self.first += 10
        except Conflict as refused:
            self.hits[f"run refused: {refused.code}"] += 1
        self.watch.expect()

    def _reconcile(self) -> None:
        self.chance.choice(self.processes).reconcile()

    def _wait_for_evidence(self) -> None:
        """Half an hour of looking, and then the person comes back."""
        for seconds in (61.0, 300.0, 400.0, 700.0):
            self.desk.clock.now += seconds
            self.world.pass_time()
            for process in self.processes:
                process.reconcile()
            self.watch.look()

    def _evening(self) -> None:
        """Things calm down, a person goes through what is unresolved, and what they decide meets faults again."""
        self.typed_token = self.world.token
        if not any(process.alive for process in self.processes):
            self.processes.append(self._process())
        for _ in range(self.chance.randint(1, 2)):
            self._wait_for_evidence()
            for _ in range(self.chance.randint(1, 4)):
                self._decide()
                self.watch.look()
                self._move()

    def _decide(self) -> None:
        """A person looks at one unresolved batch and does one of the things the page offers."""
        open_ones = [
            one
            for run_id in self.watch.unresolved()
            for one in self.desk.stores[0].decisions.evidence(run_id)
        ]
        if not open_ones:
            return
        held = [one for one in open_ones if one.state == "held"]
        one = self.chance.choice(held if held and self.chance.random() < 0.8 else open_ones)
        verb = self.chance.choice(
            ("check_again", "look_now", "resend", "resend", "resend", "leave_out", "confirm")
        )
        try:
            getattr(self, f"_{verb}")(one)
            self.hits[f"person {verb} ({one.state} {one.held_as})"] += 1
        except Conflict as refused:
            self.hits[f"person {verb} refused: {refused.code}"] += 1

    def _check_again(self, one: Evidence) -> None:
        self.desk.stores[0].decisions.check_again(one.batch_id)

    def _look_now(self, one: Evidence) -> None:
        self.desk.stores[0].decisions.look_now(one.batch_id)

    def _resend(self, one: Evidence) -> None:
        """I8: only right after a list that was read to its end; and never in the wrong number."""
        typed, missing = one.missing + (self.chance.random() < 0.1), self.watch.missing_of(one.batch_id)
        self.desk.stores[0].decisions.resend_missing(one.batch_id, typed)
        self.world.refused -= missing  # a refusal that was not believed (A18), decided over by a person
        if typed != one.missing or self.desk.clock() - self.world.last_list > FRESH_SECONDS:
            self.watch.found.wrong.append(f"batch {one.seq} is sent again without a fresh and clean look")

    def _leave_out(self, one: Evidence) -> None:
        self.watch.dropped |= self.watch.missing_of(one.batch_id)
        self.desk.stores[0].decisions.leave_out_missing(one.batch_id)

    def _confirm(self, one: Evidence) -> None:
        """This person does not lie: only what is there is confirmed."""
        if all(map(self.world.has, self.watch.missing_of(one.batch_id))):
            self.desk.stores[0].decisions.confirm_arrived(one.batch_id, "在平台上看到了")

    def _double_click(self) -> None:
        """The button pressed twice on one draft: one run."""
        self.hits["double click"] += 1
        stores, self.first = self.desk.stores, self.first + 10
        ids = {
            store.runs.create(plan(1, 1, self.first, "draft", draft_id=f"draft-{self.first}"))
            for store in stores
        }
        self.runs += ids
        self.watch.expect()
        if len(ids) != 1:
            self.watch.found.wrong.append("one draft became two runs")

    # --- processes -----------------------------------------------------------------------------------------

    def _process(self, *, dies: bool = True) -> Process:
        taken = [process.store for process in self.processes if process.alive]
        made = Process(
            next(store for store in self.desk.stores if store not in taken), self._send, self.desk.clock, self.desk.clock.date, self.chance, self.hits,
            self.watch.look, lambda: self.typed_token or None, self.world if self.looks else None, concurrency=self.concurrency, follows=self.follows,
        )  # fmt: skip
        if dies and not self.healed:
            made.death, made.breakage = self.weather.death, self.weather.breakage
        return made

    def _replace(self, process: Process) -> None:
        """A dead process is started again."""
        self.processes.remove(process)
        if not self.processes:
            self.processes.append(self._process())

    def _send(
        self, process: Process, connection: Connection, token: str, body: bytes, on_wire: Callable[[], None]
    ) -> Receipt:
        def hook(point: str) -> None:
            process.survive(point)
            self._meddle(point)
            process.survive(point)

        return self.world.send(connection, token, body, on_wire, hook, self.watch.marked)

    def _meddle(self, point: str) -> None:
        """While an attempt is at this point, other things happen."""
        if self.healed or self.depth >= DEPTH or self.chance.random() >= self.weather.meddling:
            return
        self.hits[f"meddled {point}"] += 1
        self.depth += 1
        for _ in range(self.chance.randint(1, 4)):
            self._move()
        self.depth -= 1

    def _way(self) -> Way:
        if self.healed or self.chance.random() < self.weather.well:
            return WAYS["well"]
        if self.chance.random() < 0.4:
            return WAYS[self.chance.choice(_OFTEN)]
        kind = self.chance.choices(list(Kind), (1, 4, 2))[0]
        return WAYS[self.chance.choice(_BY_KIND[kind])]

    def _list_fault(self) -> str:
        return "well" if self.healed or self.chance.random() < 0.85 else self.chance.choice(LIST_FAULTS)

    # --- the end -------------------------------------------------------------------------------------------

    def _heal(self) -> None:
        """Every fault gone, every pause lifted, the right token typed: what may be sent is, what is unknown stays so."""
        self.healed, self.typed_token = True, self.world.token
        self.desk.clock.ahead, self.world.missing_list = 0.0, None
        for process in self.processes:
            process.death = process.breakage = 0.0
        if self.chance.random() < 0.4:
            self._kill()
        for _ in range(HEALING):
            self._heal_once()
            if self._is_settled():
                break
        self.desk.clock.now += 100_000.0
        self.world.pass_time()
        self.watch.settled()
        self._conserved()

    def _heal_once(self) -> None:
        for run_id in self.watch.paused():
            self.desk.stores[0].runs.resume(run_id, self.typed_token)
        for process in list(self.processes):
            stepped = process.step()
            while process.jobs and process.alive:
                process.run_job()
            process.reconcile()
            if not stepped or not process.alive:
                self._replace(process)
        self.desk.clock.now += 61.0
        self.world.pass_time()
        self.watch.look()

    def _is_settled(self) -> bool:
        return not self.watch.is_open() and not any(process.jobs for process in self.processes)

    def _conserved(self) -> None:
        for run_id in (
            self.runs if self.chance.random() < 0.25 else ()
        ):  # the watch has counted after every commit
            if not self.desk.stores[0].runs.conservation(run_id).holds:
                self.watch.found.lost.append("the store's own count does not add up")
