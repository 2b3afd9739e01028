"""What the practice platform has beside the vendor's addresses: scenarios to choose, its ledger, and a fresh start.

Nothing here can be asked of a real connection, wherever it leads: `PracticeOnly` is raised before anything is opened. It is asked
over a plain connection of its own, because none of it is the vendor's and no token goes along.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from lib.errors import NotSent, PracticeOnly
from lib.platform.answers import FailureCode
from lib.platform.connection import Connection, ConnectionKind, is_loopback

#: Seconds for one question: it is on this computer.
PATIENCE_SECONDS = 10.0

#: The scenario in which all is well, and that one for a batch ends in.
NORMAL = "normal"


@dataclass(frozen=True)
class Stage:
    """What is being shown. scenario: its name, "" for switches without one. batches_left: None until another is chosen.

    offered: name → for how long it may hold: "either", "next" (one batch) or "lasting".
    """

    scenario: str
    batches_left: int | None
    offered: Mapping[str, str]


@dataclass(frozen=True)
class HeldRows:
    """What the practice platform holds of the rows asked for, since its last fresh start. Counts of rows.

    taken: how often any was taken, twice: rows that were taken more than once. by_place: place of the row as asked → times.
    """

    taken: int
    twice: int
    by_place: tuple[int, ...]


@dataclass(frozen=True)
class Holdings:
    """All of it. numbers: different ones, taken: how often any was taken, twice: numbers taken more than once."""

    batches: int
    numbers: int
    taken: int
    twice: int


def stage(connection: Connection) -> Stage:
    """What is being shown, and what may be. Raises PracticeOnly, NotSent."""
    return _stage(_asked(connection, "/_control"))


def choose(connection: Connection, scenario: str, *, once: bool) -> Stage:
    """Have this scenario from the next batch on. Raises PracticeOnly, NotSent.

    connection: of a practice platform on this computer, with the address it has now
    scenario: a name of `Stage.offered`; NotSent for any other
    once: for one batch, else until another is chosen; as far as the scenario is offered for that
    """
    changes = {"scenario": scenario} | ({"batches": 1} if once else {})
    return _stage(_asked(connection, "/_control", changes))


def holdings(connection: Connection) -> Holdings:
    """Everything it holds, in counts. Raises PracticeOnly, NotSent."""
    ledger = _asked(connection, "/_ledger?rows=0")
    times = list(ledger["numbers"].values())
    return Holdings(len(ledger["batches"]), len(times), sum(times), sum(one > 1 for one in times))


def held(connection: Connection, marks: Iterable[str]) -> HeldRows:
    """What it holds of rows that carry these marks in `extra`. Raises PracticeOnly, NotSent."""
    wanted = list(marks)
    taken = Counter(
        row.get("extra", "") for batch in _asked(connection, "/_ledger")["batches"] for row in batch["rows"]
    )
    times = tuple(taken[mark] if mark else 0 for mark in wanted)
    return HeldRows(sum(times), sum(one > 1 for one in times), times)


def reset(connection: Connection) -> None:
    """Empty it, and have all be normal. Raises PracticeOnly, NotSent."""
    _asked(connection, "/_control", {"reset": True, "scenario": NORMAL})


def forget(connection: Connection, phone: str) -> None:
    """Have it let go of everything about a number. Raises PracticeOnly, NotSent."""
    _asked(connection, "/_control", {"forget": phone})


def must_be_practice(connection: Connection) -> None:
    """Raises PracticeOnly for every other connection, and for one that leads away from this computer."""
    if connection.kind != ConnectionKind.PRACTICE or not is_loopback(connection.base_url):
        raise PracticeOnly("practice_only")


def _stage(answer: Mapping[str, Any]) -> Stage:
    return Stage(answer["scenario"], answer["batches_left"], answer["scenarios"])


def _asked(connection: Connection, path: str, changes: Mapping[str, Any] | None = None) -> Any:
    must_be_practice(connection)
    address = urlsplit(connection.base_url)
    body = None if changes is None else json.dumps(changes).encode()
    with closing(HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE_SECONDS)) as line:
        try:
            line.request("GET" if body is None else "POST", path, body, {"Content-Type": "application/json"})
            answer = line.getresponse()
            text = answer.read()
        except (OSError, HTTPException) as error:
            raise NotSent(FailureCode.UNREACHABLE) from error
    if answer.status != 200:
        raise NotSent("practice_refuses")
    return json.loads(text)
