"""What the platform calls its own things: tasks, components, sub-accounts, and how long a token is good for. Data only.

Nothing of it is needed to send; where it cannot be had, ids are typed by hand.
"""

from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self


class TaskKind(StrEnum):
    """The platform has two families of tasks, each with addresses of its own."""

    CLASSIC = "classic"
    NEW = "new"  # "2.0"


class TaskState(StrEnum):
    """What a task is doing."""

    PAUSED = "paused"
    RUNNING = "running"
    WAITING = "waiting"
    UNKNOWN = "unknown"  # the answer does not say


@dataclass(frozen=True)
class Task:
    """A task. id: UUID; name: "" where the answer has none; owner: id of its account, "" where it is not told."""

    id: str
    name: str
    kind: TaskKind
    state: TaskState
    owner: str = ""

    @property
    def refuses_numbers(self) -> bool:
        """Whether the platform will answer 6007: a 2.0 task that has been started takes no numbers."""
        return self.kind == TaskKind.NEW and self.state in (TaskState.RUNNING, TaskState.WAITING)


@dataclass(frozen=True)
class Gap:
    """A list that could not be had. what: name of the `LookUp`; code: of the error; raw: the answer, not stored."""

    what: str
    code: str
    raw: str = field(default="", compare=False)


@dataclass(frozen=True)
class TaskList:
    """Every task found. at: UTC time of the look-up. owners: account id → name. unread: entries without an id of ours.

    cut: there are more than were fetched.
    """

    at: str
    tasks: tuple[Task, ...]
    owners: dict[str, str] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    unread: int = 0
    cut: bool = False

    def find(self, task_id: str) -> Task | None:
        """The task of this id, in any case of letters."""
        return next((task for task in self.tasks if task.id.lower() == task_id.lower()), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the store, without the raw answers."""
        return asdict(self) | {"gaps": [{"what": gap.what, "code": gap.code} for gap in self.gaps]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The reverse of `as_dict`; names of a later version are left out."""
        known = _known(cls, data)
        tasks = tuple(
            Task(**task | {"kind": TaskKind(task["kind"]), "state": TaskState(task["state"])})
            for task in data["tasks"]
        )
        return cls(**known | {"tasks": tasks, "gaps": tuple(Gap(**gap) for gap in data["gaps"])})


@dataclass(frozen=True)
class Component:
    """A custom field of the pool. type and rules as the platform spells them; known rules: `lib.contact.component_rules`."""

    id: str
    name: str
    type: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Template:
    """The components of an account in the platform's order. at: UTC time of the look-up; unread: entries without an id."""

    at: str
    components: tuple[Component, ...]
    unread: int = 0

    def find(self, component_id: str) -> Component | None:
        """The component of this id, in any case of letters."""
        return next((one for one in self.components if one.id.lower() == component_id.lower()), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the store."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The reverse of `as_dict`."""
        components = tuple(Component(**one | {"rules": tuple(one["rules"])}) for one in data["components"])
        return cls(**_known(cls, data) | {"components": components})


@dataclass(frozen=True)
class Validity:
    """Until when a token is good. until: as the platform writes it; days: whole ones left, below 0 once it is over."""

    until: str
    days: int


def _known(cls: type[Any], data: dict[str, Any]) -> dict[str, Any]:
    names = {item.name for item in fields(cls)}
    return {name: value for name, value in data.items() if name in names}
