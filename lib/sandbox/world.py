"""The world behind the practice platform: one account, its tasks, the numbers in them, and the ledger of what was applied.

The ledger is the ground truth of every test: a row counts from the moment it is applied, whether or not anybody was told.
Everything here is touched by one event loop only; nothing locks.
"""

import string
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from lib.sandbox.kept import KEPT_DAYS, KeptFile
from lib.sandbox.scenarios import NORMAL, SCENARIOS, Reach, Scenario, shown
from lib.sandbox.settings import Repeats, SandboxSettings

USER_ID = "4d99d91c-f5d9-49da-88da-758977cc58a9"
TASK_ID = "b15b7392-a83f-4e0e-9570-31dd2ec8f85c"
SUB_USER_ID = "91f9254f-ca58-49af-be34-8370d7549d73"

#: A 2.0 task that is running: it answers 6007 to every write until it is stopped.
RUNNING_TASK_ID = "c3a6b1de-7f52-4d0b-9b7e-2f8f0f6f4e21"

#: A classic task of the sub-account.
SUB_TASK_ID = "5e0f4a57-2c1d-4f0a-8d36-b8a1c9e47d10"

#: The task of the app's guided tour; in no list, so that nobody chooses it.
TOUR_TASK_ID = "7c1d0f8e-3b52-4a86-9e47-d5a90c63f218"

#: How the platform writes a time.
_TIME = "%Y-%m-%d %H:%M:%S"

#: `extra` of a number that somebody else has put into the task.
STRANGER = "同事的名单"

#: Letters and digits after the underscore of `number_add_suffix`; the page does not say how many.
SUFFIX_LENGTH = 4


@dataclass(frozen=True)
class SandboxTask:
    """A task of the account. `new`: a 2.0 task, listed and stopped under its own addresses. `listed`: whether lists show it."""

    id: str
    name: str
    owner: str
    new: bool = False
    listed: bool = True


TASKS: dict[str, SandboxTask] = {
    task.id: task
    for task in (
        SandboxTask(TASK_ID, "十一月老客户回访", USER_ID),
        SandboxTask(RUNNING_TASK_ID, "会员续费提醒（2.0）", USER_ID, new=True),
        SandboxTask(SUB_TASK_ID, "华东分公司邀约", SUB_USER_ID),
        SandboxTask(TOUR_TASK_ID, "演示导览", USER_ID, listed=False),
    )
}

#: Of `customer/create`; the first id is the one in the API page's sample.
COMPONENTS: tuple[dict[str, Any], ...] = (
    {
        "id": "2a87347c-6dd5-4e22-97fe-9b8001dbcd17",
        "name": "昵称",
        "type": "text",
        "sort": 0,
        "validate": ["sometimes"],
    },
    {
        "id": "8f14e45f-ceea-467f-a9d1-3b1c6f0d2a55",
        "name": "意向车型",
        "type": "text",
        "sort": 1,
        "validate": ["required"],
    },
    {
        "id": "c9f0f895-fb98-4b91-8a1e-74c2d5be0f31",
        "name": "年龄",
        "type": "number",
        "sort": 2,
        "validate": ["sometimes", "integer"],
    },
    {
        "id": "45c48cce-2e2d-4fbd-8a0c-1f6bb3d7e902",
        "name": "预约日期",
        "type": "date",
        "sort": 3,
        "validate": ["sometimes", "date"],
    },
    {
        "id": "d3d94468-02a4-4259-b55d-38e6d163e820",
        "name": "备注",
        "type": "text",
        "sort": 4,
        "validate": ["sometimes"],
    },
)

SUB_USERS: tuple[dict[str, Any], ...] = (
    {"id": SUB_USER_ID, "name": "华东分公司", "phone": "13800000001", "email": "huadong@example.com"},
)


@dataclass(frozen=True)
class Submission:
    """One request that passed the contract, as it arrived."""

    request: int
    user_id: str
    task_id: str
    document: dict[str, Any]

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.document["data"]
        return rows


@dataclass
class World:
    """State of the practice platform since its start or its last reset; with `kept`, of before its start too."""

    settings: SandboxSettings
    clock: Callable[[], float] = time.monotonic
    posts: int = 0
    lists: int = 0
    lookups: int = 0
    strays: int = 0
    said: int = 0
    token_expired: bool = False
    running: set[str] = field(default_factory=lambda: {RUNNING_TASK_ID})
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[dict[str, Any]] = field(default_factory=list)
    callbacks: list[dict[str, Any]] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)
    tasks: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {task: [] for task in TASKS})
    present: dict[str, set[str]] = field(default_factory=lambda: {task: set() for task in TASKS})
    scenario: str = ""
    batches_left: int | None = None
    strangers: dict[str, set[str]] = field(default_factory=lambda: {task: set() for task in TASKS})
    planted: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: KeptFile | None = None
    letters: Random = field(init=False)

    def __post_init__(self) -> None:
        self.letters = Random(self.settings.seed)
        for document in self.kept.load() if self.kept else ():
            self._restore(document)
        self.expire()

    def show(self, scenario: str, batches: int | None = None) -> None:
        """Switch to a scenario, for so many batches or, with None, until another is chosen; as far as its reach goes. Raises KeyError."""
        self.settings = shown(self.settings, scenario)
        reach = SCENARIOS[scenario].reach
        self.scenario, self.batches_left = scenario, batches
        if reach == Reach.NEXT:
            self.batches_left = 1
        elif reach == Reach.LASTING:
            self.batches_left = None

    def spend(self) -> Scenario | None:
        """The scenario that a batch meets which has just come, None for switches without a name; after the last one all is normal again."""
        met = SCENARIOS.get(self.scenario)
        if self.batches_left is not None:
            self.batches_left -= 1
            if not self.batches_left:
                self.show(NORMAL)
        return met

    def plant(self, task_id: str, rows: list[dict[str, Any]]) -> None:
        """Somebody else was faster: the first of these numbers is in the task, and neither in the ledger nor ours."""
        phone, key = rows[0]["phone"], f"stranger-{uuid.uuid4()}"
        row = {
            "phone": phone,
            "stored": phone,
            "id": str(uuid.uuid4()),
            "sort": 0,
            "extra": STRANGER,
            "created_at": now_text(),
        }
        row |= {"_visible_at": self.clock(), "_batch": key, "_called": False}
        self.planted[key] = {"unique_id": key, "task_id": task_id, "at": now_text(), "rows": [row]}
        self._bring_in(task_id, row)
        self.strangers[task_id].add(phone)
        self._keep(key)

    def repeated(self, task_id: str, rows: list[dict[str, Any]]) -> list[int]:
        """Positions of rows whose number stands earlier in this request or already in the task."""
        stand, seen, found = self.present[task_id], set(), []
        for position, row in enumerate(rows):
            if row["phone"] in seen or row["phone"] in stand:
                found.append(position)
            seen.add(row["phone"])
        return found

    def apply(
        self, submission: Submission, rows: list[dict[str, Any]] | None = None, *, check: bool = True
    ) -> str:
        """Put rows into the task and the ledger; the batch's unique_id.

        submission: passed the contract; its task gets the rows, and its request is what the ledger shows
        rows: those of the submission that take effect, None for all; `refuse_every` may leave out some of them
        check: whether repeated numbers are left out, silently as the page says, unless `repeats` or a suffix takes them
        """
        self.expire()
        rows = submission.rows if rows is None else rows
        suffix = submission.document.get("number_add_suffix", False)
        leave_out = check and not suffix and self.settings.repeats != Repeats.ACCEPT
        refused = dict.fromkeys(self.repeated(submission.task_id, rows) if leave_out else (), "repeated")
        if every := self.settings.refuse_every:
            refused = dict.fromkeys(range(every - 1, len(rows), every), "refused") | refused
        unique_id, moment = str(uuid.uuid4()), now_text()
        taken = [
            self._store(submission.task_id, row, suffix, unique_id, moment)
            for at, row in enumerate(rows)
            if at not in refused
        ]
        self.batches[unique_id] = {
            "unique_id": unique_id,
            "request": submission.request,
            "user_id": submission.user_id,
            "task_id": submission.task_id,
            "sub_user_id": submission.document.get("sub_user_id"),
            "at": moment,
            "rows": taken,
            "refused": [{"phone": rows[at]["phone"], "reason": refused[at]} for at in sorted(refused)],
            "answered": False,
        }
        self._keep(unique_id)
        return unique_id

    def answered(self, unique_id: str) -> None:
        """The documented success of this batch is on its way."""
        self.batches[unique_id]["answered"] = True
        self._keep(unique_id)

    def visible(self, task_id: str) -> list[dict[str, Any]]:
        """Numbers of a task that the import has reached, newest first."""
        now = self.clock()
        return [row for row in reversed(self.tasks[task_id]) if row["_visible_at"] <= now]

    def delete(self, task_id: str, phones: set[str]) -> int:
        """Take numbers (as stored) out of a task, called or not; how many went. The ledger keeps what was applied."""
        gone = [row for row in self.tasks[task_id] if row["stored"] in phones]
        self.tasks[task_id] = [row for row in self.tasks[task_id] if row["stored"] not in phones]
        self.present[task_id] -= phones
        self.strangers[task_id] -= phones
        for row in gone:
            row["_gone"] = True
        for key in {row["_batch"] for row in gone}:
            self._keep(key)
        return len(gone)

    def forget(self, phone: str) -> None:
        """Let go of everything about a number, the ledger included."""
        self._let_go(lambda row: row["phone"] == phone)
        for batch in self.batches.values():
            batch["refused"] = [one for one in batch["refused"] if one["phone"] != phone]
            self._keep(batch["unique_id"])

    def expire(self) -> None:
        """Let go of batches that were kept long enough, where anything is kept."""
        if not self.kept:
            return
        before = (datetime.now() - timedelta(days=KEPT_DAYS)).strftime(_TIME)
        for held in (self.batches, self.planted):
            for key in [key for key, one in held.items() if one["at"] < before]:
                self._let_go(lambda row, key=key: row["_batch"] == key)  # type: ignore[misc]
                del held[key]
                self.kept.drop(key)

    def _let_go(self, which: Callable[[dict[str, Any]], bool]) -> None:
        for batch in (*self.batches.values(), *self.planted.values()):
            gone = [row for row in batch["rows"] if which(row)]
            if not gone:
                continue
            batch["rows"] = [row for row in batch["rows"] if not which(row)]
            if batch["unique_id"] in self.batches:
                self.numbers.subtract(row["phone"] for row in gone)
            for row in gone:
                self.present[batch["task_id"]].discard(row["stored"])
                self.strangers[batch["task_id"]].discard(row["phone"])
            self.tasks[batch["task_id"]] = [row for row in self.tasks[batch["task_id"]] if not which(row)]
            self._keep(batch["unique_id"])
        self.numbers = +self.numbers

    def _restore(self, document: dict[str, Any]) -> None:
        """A batch of before this start."""
        key, task_id = document["unique_id"], document["task_id"]
        is_planted = "request" not in document
        (self.planted if is_planted else self.batches)[key] = document
        for row in document["rows"]:
            row["_visible_at"] = self.clock()
            if not is_planted:
                self.numbers[row["phone"]] += 1
            if not row.get("_gone"):
                self._bring_in(task_id, row)
                if is_planted:
                    self.strangers[task_id].add(row["phone"])

    def _bring_in(self, task_id: str, row: dict[str, Any]) -> None:
        self.present[task_id].add(row["stored"])
        self.tasks[task_id].append(row)

    def _keep(self, key: str) -> None:
        if self.kept:
            self.kept.put(key, self.batches.get(key) or self.planted[key])

    def ledger(self, *, with_rows: bool = True) -> dict[str, Any]:
        """Everything that was applied, and how every request ended.

        requests: POSTs of async_number that arrived. batches: one per application; `refused` are the rows left out,
        `answered` is true where the documented success was put on its way (the sender may still have left before).
        numbers: phone as submitted → times applied. answers: per request its fault and the HTTP status, None where
        the answer was none or no ordinary one. callbacks: those made, with the status of the answer, None for none.
        strays: requests to addresses that do not exist.
        """
        batches = [
            {**batch, "rows": [_public(row) for row in batch["rows"]] if with_rows else len(batch["rows"])}
            for batch in self.batches.values()
        ]
        return {
            "requests": self.posts,
            "batches": batches,
            "numbers": dict(self.numbers),
            "answers": self.answers,
            "callbacks": self.callbacks,
            "strays": self.strays,
        }

    def _store(
        self, task_id: str, row: dict[str, Any], suffix: bool, unique_id: str, moment: str
    ) -> dict[str, Any]:
        stored = f"{row['phone']}_{self._suffix()}" if suffix else row["phone"]
        self.numbers[row["phone"]] += 1
        self.present[task_id].add(stored)
        entry = {
            **row,
            "stored": stored,
            "id": str(uuid.uuid4()),
            "created_at": moment,
            "_visible_at": self.clock() + self.settings.import_seconds,
            "_batch": unique_id,
        }
        self.tasks[task_id].append(entry)
        every = self.settings.called_every
        entry["_called"] = bool(every) and len(self.tasks[task_id]) % every == 0
        return entry

    def _suffix(self) -> str:
        return "".join(self.letters.choices(string.ascii_lowercase + string.digits, k=SUFFIX_LENGTH))


def now_text() -> str:
    """Local time the way the platform writes it."""
    return datetime.now().strftime(_TIME)


def _public(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("_")}
