"""What is kept of people, as one person may use it: as `lib.access.person_store`, for `Store.kept`."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol

from lib.access.people import Person
from lib.store.kept_data import KeptData
from lib.store.permission import Action


class _Store(Protocol):
    """What is needed of a `PersonStore`."""

    def must(self, action: Action) -> Person: ...
    def must_be_theirs(self, action: Action, *, run_id: str = "", draft_id: str = "") -> Person: ...
    def sees_run(self, run_id: str) -> bool: ...


class PersonKept:
    """How long things stay, deleting a run's data, and the log of it. Searching for a number is `PersonStore.forget`."""

    RULES: ClassVar[Mapping[str, Action]] = {
        "now": Action.LOOK,
        "draft_end": Action.LOOK,
        "figures": Action.LOOK,
        "due": Action.SETTINGS,
    }

    def __init__(self, kept: KeptData, store: _Store) -> None:
        self._kept, self._store = kept, store

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The call of this name, made once the person's role allows it."""
        if name not in self.RULES:
            raise AttributeError(f"no page may call Store.kept.{name}; lib.access.person_kept decides")
        self._store.must(self.RULES[name])
        call: Callable[..., Any] = getattr(self._kept, name)
        return call

    def change_periods(self, keep_days: int, fingerprint_days: int) -> None:
        """For every team. Raises ValueError for what `Settings` does not take."""
        self._kept.change_periods(keep_days, fingerprint_days, who=self._store.must(Action.SETTINGS).id)

    def keep_draft(self, draft_id: str) -> None:
        """One of their own. Raises Conflict("draft_gone")."""
        person = self._store.must_be_theirs(Action.PREPARE, draft_id=draft_id)
        self._kept.keep_draft(draft_id, who=person.id)

    def delete_run(self, run_id: str) -> None:
        """One of the team's. Raises Conflict: "run_open", "run_gone"."""
        person = self._store.must_be_theirs(Action.DELETE, run_id=run_id)
        self._kept.delete_run(run_id, who=person.id)
