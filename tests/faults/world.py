"""The scripted platform: takes rows, forgets to answer, answers late, lies about nothing it does not have to.

Its ledger is the truth of a schedule: what was applied, how often, and how often it was allowed to be.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from lib.errors import PlatformError, Refused, Unauthorised
from lib.platform.answers import FailureCode, Receipt
from lib.platform.connection import Connection
from lib.sandbox.faults import Takes
from tests.faults import endings
from tests.faults.endings import Kind, Way

#: Seconds for one call (lib.platform.api), and rows on a page of the list.
TOTAL_SECONDS, LIST_PAGE = 120.0, 3

#: What can be wrong with the list.
LIST_FAULTS = ("drops", "shifts", "page 1 again", "masked", "without extra", "masked without extra")

#: How a platform says that it has no list, or none for this account.
NO_LIST = (
    Refused(FailureCode.NOT_FOUND, http_status=404),
    Unauthorised(FailureCode.FORBIDDEN, http_status=403),
)

#: Rows of a batch that a partial application takes.
FIRST_ROWS = 1

Row = dict[str, Any]

#: Called with the name of the point an attempt has reached; may kill, pause, or hand the line to another process.
Hook = Callable[[str], None]


@dataclass
class World:
    """One task on the platform. token: the one it accepts; late: batches that will be applied, at which second."""

    chance: Random
    choose: Callable[[], Way]
    token: str = "token-1"
    now: Callable[[], float] = lambda: 0.0
    applied: Counter[str] = field(default_factory=Counter)  # by extra
    phones: Counter[str] = field(default_factory=Counter)
    allowed: Counter[str] = field(
        default_factory=Counter
    )  # beyond once: a gateway's second delivery, a person's resend
    order: list[Row] = field(default_factory=list)
    late: list[tuple[float, list[Row]]] = field(default_factory=list)
    posts: int = 0
    applications: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    longest_delay: float = 600.0
    choose_list: Callable[[], str] = lambda: "well"
    list_fault: str = "well"
    missing_list: Exception | None = None  # what is said where this account is shown no list at all
    strangers: int = 0
    last_list: float = 0.0  # when a list that can tell was last read to its end
    steps: int = 0  # numbers what follows, so that one of two things at the same moment is the earlier
    posted: dict[str, int] = field(default_factory=dict)  # row → step at which it last arrived
    begun: int = 0
    read_at: int = 0  # step at which the list that was last read to its end was begun
    refused: set[str] = field(default_factory=set)  # first rows of batches whose data was refused for good

    def send(
        self,
        connection: Connection,
        token: str,
        body: bytes,
        on_wire: Callable[[], None],
        hook: Hook,
        seen: Hook,
    ) -> Receipt:
        """One POST. seen: called with the body's first row once bytes have arrived, for the oracle of the mark."""
        way = self.choose()
        self.hits[way.name] += 1
        if way.kind == Kind.BEFORE:
            raise endings.broken(way)
        hook("connected")
        on_wire()
        marked = self.now()
        self.posts += 1
        rows: list[Row] = json.loads(body)["data"]
        seen(rows[0]["extra"])
        self.steps += 1
        self.posted.update((row["extra"], self.steps) for row in rows)
        hook("wired")
        way = way if token == self.token else endings.WAYS["401"]
        if self.now() - marked > TOTAL_SECONDS:  # the edge's own limit: bytes this late do not leave
            raise endings.broken(endings.WAYS["write_timeout/nothing"])
        unique_id = f"unique-{self.posts}"
        self._take(way, rows)
        hook("taken")
        if way.kind == Kind.BROKEN:
            raise endings.broken(way)
        if way.name in endings.REFUSALS:
            self.refused.add(rows[0]["extra"])
        receipt = endings.answered(way.name, unique_id, token)
        hook("answered")
        return receipt

    def _take(self, way: Way, rows: list[Row]) -> None:
        if way.takes == Takes.ALL:
            self.apply(rows)
        elif way.takes == Takes.TWICE:
            self.apply(rows)
            self.allowed.update(row["phone"] for row in rows)
            self.apply(rows)
        elif way.takes == Takes.FIRST:
            self.apply(rows[:FIRST_ROWS])
        elif way.takes == Takes.LATER:
            self.late.append((self.now() + self.chance.uniform(1.0, self.longest_delay), rows))

    def apply(self, rows: list[Row]) -> None:
        """These rows are in the task now."""
        self.applied.update(row["extra"] for row in rows)
        self.phones.update(row["phone"] for row in rows)
        self.order += rows
        self.applications += 1

    def pass_time(self) -> None:
        """What was to be applied by now is."""
        now = self.now()
        for moment in [one for one in self.late if one[0] <= now]:
            self.late.remove(moment)
            self.apply(moment[1])

    def has(self, extra: str) -> bool:
        """Whether this row is in the task."""
        return self.applied[extra] > 0

    # --- what is asked: lib.reconcile.number_list.Asked -----------------------------------------------------------------

    def numbers(self, connection: Connection, token: str, page: int, per_page: int) -> dict[str, Any]:
        """One page of the list, unless it is one of its bad moments."""
        if page == 1:
            self.list_fault = self.choose_list()
            self.steps += 1
            self.begun = self.steps
            self.hits[f"list {self.list_fault}"] += 1
        self._answers(token)
        if self.missing_list:
            self.hits["list missing"] += 1
            raise self.missing_list
        rows = self._listed()
        if self.list_fault == "shifts":
            self.strangers += 1
        last = max(1, -(-len(rows) // LIST_PAGE))
        shown = 1 if self.list_fault == "page 1 again" else page
        if page == shown == last and self.list_fault not in ("shifts", "masked without extra"):
            self.last_list = self.now()  # as it is: the marks or the numbers are there
            self.read_at = self.begun
        meta = {"current_page": shown, "last_page": last, "total": len(rows), "per_page": LIST_PAGE}
        return {"code": 200, "data": rows[(shown - 1) * LIST_PAGE : shown * LIST_PAGE], "meta": meta}

    def number(self, connection: Connection, token: str, phone: str) -> dict[str, Any]:
        """One number, or the platform's word that it has none."""
        self._answers(token)
        for row in self._listed():
            if row["phone"] == phone:
                return {"code": 200, "data": row}
        raise Refused(FailureCode.NOT_FOUND, http_status=404, envelope_code=404)

    def lookup(self, connection: Connection, token: str, unique_id: str) -> dict[str, Any]:
        """Not answered here: what it says is documented nowhere."""
        raise PlatformError(FailureCode.LOOKUP_UNCLEAR, http_status=404)

    def _answers(self, token: str) -> None:
        if token != self.token:
            raise Unauthorised(FailureCode.TOKEN_REFUSED, http_status=401)
        if self.list_fault == "drops":
            raise PlatformError(FailureCode.LOOKUP_NO_ANSWER)

    def _listed(self) -> list[Row]:
        strangers = [
            {"phone": f"1990000{at:04}", "extra": f"stranger-{at}"} for at in range(self.strangers, -1, -1)
        ]
        shown = []
        for at, row in enumerate(strangers + self.order[::-1]):
            phone = (
                f"{row['phone'][:3]}****{row['phone'][7:]}"
                if self.list_fault.startswith("masked")
                else row["phone"]
            )
            extra = {} if self.list_fault.endswith("without extra") else {"extra": row["extra"]}
            shown.append({"id": f"{len(self.order) + self.strangers - at}", "phone": phone, **extra})
        return shown

    def too_often(self) -> list[str]:
        """Numbers applied more often than allowed."""
        return [phone for phone, times in self.phones.items() if times > 1 + self.allowed[phone]]
