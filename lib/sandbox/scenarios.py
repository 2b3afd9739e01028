"""What can be shown of the practice platform, by name: each a set of switches, the same for a terminal and for a screen.

`python -m lib.sandbox --scenario NAME`, `running(scenario=NAME)` and `POST /_control {"scenario": NAME, "batches": 1}`; what is
offered stands in the answer of `GET /_control`. Every scenario first sets back what any of them has set.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from lib.sandbox.settings import FaultRule, SandboxSettings

#: The one that everything starts with, and that one for a batch ends in.
NORMAL = "normal"

#: Seconds of the scenario that is slow: long enough for a person to see that it is waited for.
SLOW_SECONDS = 8.0


class Reach(StrEnum):
    """For how long a scenario may hold."""

    EITHER = "either"  # for so many batches, or until another is chosen
    NEXT = "next"  # for one batch: it ends by itself
    LASTING = "lasting"  # until another is chosen: it is not about a batch


@dataclass(frozen=True)
class Scenario:
    """meaning: one line for the terminal. plants: somebody else has just put a number of the next batch into the task."""

    meaning: str
    switches: Mapping[str, Any] = field(default_factory=dict)
    reach: Reach = Reach.EITHER
    plants: bool = False


def _fault(meaning: str, name: str) -> Scenario:
    return Scenario(meaning, {"faults": (FaultRule(name),)})


SCENARIOS: dict[str, Scenario] = {
    NORMAL: Scenario("every batch is taken and answered at once", reach=Reach.LASTING),
    "slow": _fault(f"every answer takes {SLOW_SECONDS:g} seconds", "slow"),
    "silent": _fault("taken, and never answered: the time limit ends the waiting", "hang_applied"),
    "lost": _fault("taken, then the connection breaks: the answer is lost", "apply_drop"),
    "dropped": _fault("the connection breaks, nothing was taken", "drop_after"),
    "gateway": _fault("taken, and a gateway answers with its own page (HTTP 504)", "504_applied"),
    "repeated": Scenario(
        "one number is in the task already, put there by somebody else: the batch is refused",
        reach=Reach.NEXT,
        plants=True,
    ),
    "task_running": _fault("the task is running (6007): nothing is taken", "6007"),
    "token_refused": _fault("the token is refused (401): nothing is taken", "401"),
    "throttled": _fault("too many requests (429): nothing is taken", "429_seconds"),
    "no_lookups": Scenario(
        "no look-up is offered: lists, details and results answer 404",
        {"variants": ("lookups_missing",)},
        Reach.LASTING,
    ),
    "half": Scenario("every second number of a batch is not imported", {"refuse_every": 2}, Reach.LASTING),
}


#: Every switch that a scenario sets, as it stands without one. Slow is prepared for in all of them: an answer that has begun
#: to wait goes on doing so when the next batch meets another scenario.
PLAIN: dict[str, Any] = {
    name: getattr(SandboxSettings(), name) for scenario in SCENARIOS.values() for name in scenario.switches
} | {"slow_seconds": SLOW_SECONDS}


def shown(settings: SandboxSettings, name: str) -> SandboxSettings:
    """The switches as this scenario needs them. Raises KeyError for one that does not exist."""
    return replace(settings, **{**PLAIN, **SCENARIOS[name].switches})
