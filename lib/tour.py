"""The guided tour: five minutes in which a person shows what the desk does when the platform is slow, silent or refuses.

Practice only. Every step makes or moves a real run, as the pages do it, to a practice platform and a task that nothing else uses
(`connection.tour`). Where it stands its runs tell, and nothing else: so a closed tab and a new start of the server find it again. To
leave it takes them away with everything that platform holds. One person gives it at a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from lib.draft import Draft, refused
from lib.draft.plan import run_plan
from lib.errors import Conflict
from lib.host import Services
from lib.platform.connection import TOUR_ID, tour
from lib.platform.practice_control import NORMAL
from lib.run.records import RunRecord
from lib.run.states import ENDED, Happening, RunState

#: What the numbers of the tour begin with: a range nobody has, and a place in it where no sample has any. Eleven digits.
PREFIX = "1540009"

#: States of a run in which the platform is being asked.
_MOVES = (RunState.RUNNING, RunState.PAUSING, RunState.CANCELLING)


@dataclass(frozen=True)
class Step:
    """One press. name: the words are `tour.<name>…`. run: the place of its run among those of the tour."""

    name: str
    run: int
    act: Callable[[Services, Sequence[RunRecord]], None]
    is_done: Callable[[Services, RunRecord], bool]


@dataclass(frozen=True)
class Stand:
    """Where the tour stands. runs: in their order. done: how many steps are.

    is_leaving: its runs are about to go. is_anothers: somebody else gives it.
    """

    runs: tuple[RunRecord, ...]
    done: int
    is_leaving: bool = False
    is_anothers: bool = False

    @property
    def step(self) -> Step | None:
        """The next step, or the one that goes on; None once all are done."""
        return STEPS[self.done] if self.done < len(STEPS) else None

    @property
    def run(self) -> RunRecord | None:
        """The run of that step, None before it is made; in the end the last."""
        at = self.step.run if self.step else -1
        return self.runs[at] if at < len(self.runs) and self.runs else None

    @property
    def goes_on(self) -> bool:
        """Whether the step was pressed, and is not done yet."""
        if not (self.step and self.run):
            return False
        is_to_be_paused = self.step.act is _pause and self.run.state == RunState.RUNNING
        return self.run.state in _MOVES and not is_to_be_paused


def stand(desk: Services) -> Stand:
    """Where this person's tour stands."""
    runs = tuple(desk.store.runs.of_tour())
    is_leaving = any(run.state in (RunState.CANCELLING, RunState.CANCELLED) for run in runs)
    done = 0
    for step in STEPS:
        if step.run >= len(runs) or not step.is_done(desk, runs[step.run]):
            break
        done += 1
    return Stand(runs, done, is_leaving, is_anothers=not runs and desk.store.runs.has_other_tour())


def press(desk: Services, name: str) -> None:
    """Do the next step, if it is the one of this name and was not done elsewhere. Raises AppError.

    A run that a restart of the server has stopped midway goes on first.
    """
    now = stand(desk)
    if now.is_anothers:
        raise Conflict("tour_of_another")
    if now.step is None or now.step.name != name or now.goes_on or now.is_leaving:
        return
    if now.run and now.run.state == RunState.PAUSED:
        _go_on(desk, now.runs)
    else:
        now.step.act(desk, now.runs)
    desk.engine.wake()


def leave(desk: Services) -> bool:
    """End this person's tour: everything is as it was before. False while a request is on its way: then once more in a moment."""
    runs = desk.store.runs.of_tour()
    if not runs:
        return True
    for run in runs:
        if run.state not in ENDED:
            desk.store.runs.cancel(run.id)
    desk.tour_platform.forget()  # what waits for an answer gets none, and is over
    try:
        _sweep(desk)
    except Conflict:
        return False
    return True


def _sweep(desk: Services) -> None:
    """Take away the runs, and what else may be left: of a step that was cut short, of a look meanwhile, of a tour somebody forgot.

    Raises Conflict("practice_running").
    """
    desk.store.retention.erase_tour()
    for draft in desk.store.drafts.latest():
        if draft.state.get("connection_id") == TOUR_ID:
            desk.store.drafts.delete(draft.id)
    desk.tour_platform.forget()


# --- what the steps do -------------------------------------------------------------------------------------


def _send(
    scenario: str, count: int, size: int, desk: Services, runs: Sequence[RunRecord], *, once: bool = True
) -> None:
    """Send so many numbers in batches of this size, with this scenario from the first batch on."""
    if not runs:
        _sweep(desk)
    lines = ["姓名,手机号", *(f"演示{at + 1:03},{PREFIX}{len(runs)}{at:03}" for at in range(count))]
    draft = Draft(desk.store)
    draft.choose_connection(TOUR_ID)
    draft.load_sheet("\n".join(lines).encode(), f"tour-{len(runs) + 1}.csv")
    draft.suggest_again()  # not what a person has chosen for columns of these names
    draft.choose_batch_size(size)
    _begin(desk, draft, scenario, once=once)


def _halve(desk: Services, runs: Sequence[RunRecord]) -> None:
    """What was refused in the last run, in two halves."""
    _begin(desk, refused.next_draft(desk.store, runs[-1]), NORMAL)


def _begin(desk: Services, draft: Draft, scenario: str, *, once: bool = False) -> None:
    plan = run_plan(draft, tour())
    desk.practice_control.choose(desk.reachable(tour()), scenario, once=once)
    desk.store.runs.create(plan)


def _look(desk: Services, runs: Sequence[RunRecord]) -> None:
    for evidence in desk.store.decisions.evidence(runs[-1].id):
        desk.store.decisions.look_now(evidence.batch_id)


def _pause(desk: Services, runs: Sequence[RunRecord]) -> None:
    desk.store.runs.pause(runs[-1].id)


def _go_on(desk: Services, runs: Sequence[RunRecord]) -> None:
    """What is left is answered at once."""
    desk.practice_control.choose(desk.reachable(tour()), NORMAL, once=False)
    desk.store.runs.resume(runs[-1].id)


# --- when they are done ------------------------------------------------------------------------------------


def _has_ended(desk: Services, run: RunRecord) -> bool:
    return run.state in ENDED


def _is_settled(desk: Services, run: RunRecord) -> bool:
    return run.state in ENDED and not run.open_batches


def _has_begun(desk: Services, run: RunRecord) -> bool:
    return bool(run.started)


def _was_paused(desk: Services, run: RunRecord) -> bool:
    if run.state == RunState.PAUSED or run.state in ENDED:
        return True
    return any(event.what == Happening.RUN_RESUMED for event in desk.store.run_log.events(run.id))


#: The tour. What the long run sends lasts longer than a person needs to say what they see.
STEPS = (
    Step("normal", 0, partial(_send, NORMAL, 20, 10), _has_ended),
    Step("lost", 1, partial(_send, "lost", 10, 10), _has_ended),
    Step("look", 1, _look, _is_settled),
    Step("refused", 2, partial(_send, "repeated", 4, 4), _has_ended),
    Step("halves", 3, _halve, _has_ended),
    Step("found", 4, _halve, _has_ended),
    Step("long", 5, partial(_send, "slow", 120, 3, once=False), _has_begun),
    Step("pause", 5, _pause, _was_paused),
    Step("go_on", 5, _go_on, _has_ended),
)
