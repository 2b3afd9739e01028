"""What can be shown of the practice platform, by name: what each does, for how long, and that all is well again after it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lib import sandbox
from lib.sandbox.faults import KNOWN
from lib.sandbox.scenarios import PLAIN, SCENARIOS, Reach
from lib.sandbox.settings import SettingError
from lib.sandbox.variants import KNOWN_VARIANTS
from lib.sandbox.world import STRANGER
from tests import practice_platform
from tests.core.sandbox.scenes import TASK, TOKEN, Desk, row
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def desk(shared: Desk) -> Iterator[Desk]:
    shared.control(reset=True, scenario="normal")
    yield shared
    shared.control(reset=True, scenario="normal", token=TOKEN)


def sent(desk: Desk, *phones: str) -> int | None:
    """The HTTP status of a batch, None where none came."""
    try:
        return desk.send(*map(row, phones)).status_code
    except httpx.TransportError:
        return None


#: Scenario → HTTP status of a batch of one number, and how often the ledger then has it.
ENDINGS: dict[str, tuple[int | None, int]] = {
    "normal": (200, 1),
    "lost": (None, 1),
    "dropped": (None, 0),
    "gateway": (504, 1),
    "repeated": (422, 0),
    "task_running": (200, 0),
    "token_refused": (401, 0),
    "throttled": (429, 0),
    "no_lookups": (200, 1),
    "half": (200, 1),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_each_scenario_ends_a_batch_as_its_name_says(desk: Desk, name: str) -> None:
    assert desk.control(scenario=name).json()["scenario"] == name
    assert (sent(desk, "13012121211"), desk.ledger()["numbers"].get("13012121211", 0)) == ENDINGS[name]


def test_those_that_take_time_are_prepared_for_it() -> None:
    assert SCENARIOS.keys() - ENDINGS.keys() == {"slow", "silent"}
    assert PLAIN["slow_seconds"] > 5, "a person must be able to see it"


def test_a_scenario_for_one_batch_is_over_after_it(desk: Desk) -> None:
    desk.control(scenario="gateway", batches=1)
    assert [sent(desk, f"1301212121{n}") for n in range(3)] == [504, 200, 200]
    shown = desk.get("/_control")
    assert (shown["scenario"], shown["batches_left"], shown["faults"]) == ("normal", None, [])


def test_a_scenario_without_an_end_holds_until_another_is_chosen(desk: Desk) -> None:
    desk.control(scenario="throttled")
    assert [sent(desk, "13012121211") for _ in range(2)] == [429, 429]
    desk.control(scenario="normal")
    assert sent(desk, "13012121211") == 200


def test_another_scenario_leaves_nothing_of_the_one_before(desk: Desk) -> None:
    for name in SCENARIOS:
        desk.control(scenario=name)
    desk.control(scenario="normal")
    shown = desk.get("/_control")
    assert (shown["faults"], shown["variants"], shown["refuse_every"]) == ([], [], 0)


def test_the_number_that_somebody_else_put_in_refuses_every_batch_it_stands_in_and_no_other(
    desk: Desk,
) -> None:
    desk.control(scenario="repeated", batches=1)
    assert sent(desk, "13012121211", "13012121212") == 422
    assert desk.get("/_control")["scenario"] == "normal"
    assert [sent(desk, "13012121211"), sent(desk, "13012121212")] == [422, 200]
    assert desk.ledger()["numbers"] == {"13012121212": 1}
    listed = desk.get(f"{TASK}/number", page=1, per_page=10)["data"]
    assert [(one["phone"], one["extra"]) for one in listed] == [
        ("13012121212", ""),
        ("13012121211", STRANGER),
    ]


def test_half_of_the_numbers_are_not_imported(desk: Desk) -> None:
    desk.control(scenario="half")
    sent(desk, *(f"1301212121{n}" for n in range(4)))
    assert len(desk.ledger()["numbers"]) == 2


def test_no_look_up_is_offered(desk: Desk) -> None:
    desk.control(scenario="no_lookups")
    assert desk.get(f"{TASK}/number", page=1)["code"] == 404


def test_a_switch_turned_by_itself_has_no_name(desk: Desk) -> None:
    desk.control(scenario="lost", batches=1)
    desk.control(faults=["500"])
    shown = desk.get("/_control")
    assert (shown["scenario"], shown["batches_left"]) == ("", None)


def test_a_scenario_holds_as_long_as_it_can_whatever_is_asked(desk: Desk) -> None:
    assert desk.control(scenario="repeated").json()["batches_left"] == 1
    assert desk.control(scenario="half", batches=1).json()["batches_left"] is None


@pytest.mark.parametrize(
    "changes",
    [{"scenario": "nothing_like_it"}, {"scenario": 7}, {"scenario": "lost", "batches": 0}, {"batches": True}],
)
def test_a_scenario_that_does_not_exist_changes_nothing(desk: Desk, changes: dict[str, Any]) -> None:
    assert desk.control(**changes, seed=5).status_code == 422
    shown = desk.get("/_control")
    assert (shown["scenario"], shown["seed"]) == ("normal", 0)


def test_what_is_offered_is_told_with_how_long_it_may_hold(desk: Desk) -> None:
    assert desk.get("/_control")["scenarios"] == {name: one.reach.value for name, one in SCENARIOS.items()}


def test_a_scenario_sets_only_switches_that_exist() -> None:
    for name, one in SCENARIOS.items():
        assert {rule.name for rule in one.switches.get("faults", ())} <= KNOWN, name
        assert set(one.switches.get("variants", ())) <= KNOWN_VARIANTS, name
        assert not one.plants or one.reach == Reach.NEXT, "each half of a batch would have a stranger in it"


def test_the_terminal_knows_the_same_names() -> None:
    asked = [sys.executable, "-m", "lib.sandbox"]
    ran = subprocess.run(
        [*asked, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert all(f"  {name} " in ran.stdout and one.meaning in ran.stdout for name, one in SCENARIOS.items())
    wrong = subprocess.run(
        [*asked, "--scenario", "x"], cwd=ROOT, capture_output=True, timeout=PATIENCE, check=False
    )
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    with sandbox.running(scenario="token_refused") as url:
        assert practice_platform.control(url)["scenario"] == "token_refused"
    with pytest.raises(SettingError), sandbox.running(scenario="x"):
        pass
