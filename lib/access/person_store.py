"""The store as one person may use it: the door through which pages reach it.

Each call asks anew who the person is, whether their role allows it and whether it is theirs, and says who did it. Which
action a call is, and what it is about, its method says (`lib.store.permission`). Here stands what no method can say of
itself: how a person is told, and what of an answer is not for them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from lib.access.people import OTHER_TEAM, Person, may, must
from lib.draft.plan import masked_source
from lib.erasure import forget_number
from lib.erasure.forget_number import Certificate
from lib.errors import NotAllowed
from lib.platform.connection import Connection, ConnectionKind
from lib.run.journal import BY_LOCAL, By
from lib.run.states import DataDeed
from lib.store import AnyStore, Store
from lib.store.connections import Connections
from lib.store.history import History
from lib.store.journal import Doing, Journal
from lib.store.owners import AT, kept_for
from lib.store.permission import AccessRule, Action, Of
from lib.store.runs import Runs


class PersonStore(AnyStore):
    """One person's way into a store. person: who it is now, asked at each call, raises NotAdmitted where nobody is any more.

    permit: raises DestinationForbidden where the administrator does not allow sending. Beside what each method of `Store`
    raises, every call may raise NotAllowed: "role_not_enough", "draft_of_another", "run_of_another_team",
    "connection_of_another_team". It has none of the sub-stores that only the program uses.
    """

    def __init__(
        self, store: Store, person: Callable[[], Person], permit: Callable[[Connection], None]
    ) -> None:
        super().__init__(store._db, self)
        self._store, self._person, self._permit = store, person, permit
        self.connections = _Connections(store._db, self)
        self.runs = _Runs(store._db, self)
        self.history = _History(store._db, self)
        self.journal = _Journal(store._db, self)

    def admit(self, rule: AccessRule, arguments: Sequence[Any]) -> Mapping[str, Any]:
        """As `lib.store.permission.Guard`."""
        person = self.must(rule.action)
        if rule.of != Of.NOTHING:
            self._must_reach(person, rule.of, arguments[0])  # by its place: a name would slip past
        return {
            "who": person.id,
            "by": By(person.id, person.team),
            "owner": "" if person.is_alone else person.id,
            "owners": person.owners,
            "team": person.team,
            "teams": person.teams,
        }

    def _must_reach(self, person: Person, of: Of, what: Any) -> None:
        match of:
            case Of.RUN:
                self._must_see(person, self.team_of(what))
            case Of.BATCH:
                self._must_see(person, self._store.owners.of_batch(what))
            case Of.DRAFT | Of.READ_DRAFT:
                self._must_own(person, what, may_read=of == Of.READ_DRAFT)
            case Of.FILE:
                self._must_read(person, what)
            case Of.CONNECTION:
                self.must_see_connection(what)
            case Of.NEW_CONNECTION:
                self._permit(what)
                self.must_see_connection(what.id)
            case Of.PLAN:
                self._permit(what.connection)
                if what.draft_id:
                    self._must_own(person, what.draft_id)

    def _must_see(self, person: Person, team: str | None) -> None:
        if team is not None and not person.sees(team):
            raise NotAllowed("run_of_another_team")

    def _must_own(self, person: Person, draft_id: str, *, may_read: bool = False) -> None:
        """may_read: it is enough that the draft has become a run of their team."""
        if found := self._store.owners.of_draft(draft_id):
            owner, team = found
            is_read = may_read and team is not None and person.sees(team)
            if owner not in person.owners and not is_read:
                raise NotAllowed("draft_of_another")

    def _must_read(self, person: Person, upload_id: str) -> None:
        """Their own file, or the one a run of their team was made from; its numbers not every role may see, or any longer."""
        owner, teams = self._store.owners.of_upload(upload_id)
        if owner is not None:
            must(person, Action.REVEAL)
            if owner not in person.owners and not any(person.sees(team) for team in teams):
                raise NotAllowed("draft_of_another")

    # --- who ------------------------------------------------------------------------------------------------

    @property
    def person_id(self) -> str:
        """As `AnyStore`. Raises NotAdmitted."""
        return self._person().id

    @property
    def person(self) -> Person:
        """Whoever uses this store. Raises NotAdmitted."""
        return self._person()

    def may(self, action: Action) -> bool:
        """Whether their role allows it: for what is drawn. Whatever is done is checked once more."""
        return may(self._person(), action)

    def must(self, action: Action) -> Person:
        """Whoever uses this store. Raises NotAdmitted, NotAllowed where their role does not allow the action."""
        person = self._person()
        must(person, action)
        return person

    def sees_connection(self, connection_id: str) -> bool:
        """Whether it is their team's, or was never saved."""
        team = self._store.owners.of_connection(connection_id)
        return team is None or self.must(Action.LOOK).sees(team)

    def must_see_connection(self, connection_id: str) -> None:
        """Raises NotAllowed where it is another team's."""
        if not self.sees_connection(connection_id):
            raise NotAllowed("connection_of_another_team")

    def team_of(self, run_id: str) -> str | None:
        """Whose a run is; None where there is none."""
        return self._store.owners.of_run(run_id)

    def sees_run(self, run_id: str) -> bool:
        """Whether a run is their team's, or none at all."""
        team = self.team_of(run_id) if run_id else None
        return team is None or self.must(Action.LOOK).sees(team)

    def forget(self, phone: str, *, block: bool) -> Certificate:
        """Delete everything about a number, of every team: whoever asks for it is not to be asked which. Names of others' files stay out.

        Raises Conflict("draft_changed").
        """
        person = self.must(Action.DELETE)
        made = forget_number.forget(self._store, phone, block=block, by=By(person.id, person.team))
        if person.teams is None:
            return made
        waiting = tuple(
            one if self.sees_run(one.run_id) else replace(one, file_name="–") for one in made.waiting
        )
        return replace(made, waiting=waiting, unread=("–",) * len(made.unread))


class _Connections(Connections):
    """Those of the team. The practice platform's settings are each team's own, under the id all know it by."""

    _guard: PersonStore

    def all(self, teams: Sequence[str] | None = None) -> list[Connection]:
        """As `Connections.all`."""
        saved, person = super().all(), self._guard.person
        mine = [
            one for one in saved if one.kind != ConnectionKind.PRACTICE or one.id == _kept_id(one.id, person)
        ]
        return [replace(one, id=_shown_id(one.id)) for one in mine]

    def save(self, saved: Connection, by: By = BY_LOCAL) -> None:
        """As `Connections.save`."""
        if saved.kind == ConnectionKind.PRACTICE:
            saved = replace(saved, id=_kept_id(saved.id, self._guard.person))
        super().save(saved)


class _Runs(Runs):
    _guard: PersonStore

    def source(self, run_id: str) -> bytes:
        """As `Runs.source`; its numbers masked for whoever may not see them whole."""
        data = super().source(run_id)
        return data if self._guard.may(Action.REVEAL) else masked_source(data)


class _History(History):
    _guard: PersonStore

    def already_sent(self, connection: Connection, phones: Iterable[str], days: int = 0) -> pd.DataFrame:
        """As `History.already_sent`, over every team's runs, or a person would be called twice; of another team's it says only when.

        There unique_id is `OTHER_TEAM`, and run, batch and connection are left out.
        """
        sent, person = super().already_sent(connection, phones, days), self._guard.person
        if person.teams is None:
            return sent
        teams = {run_id: self._guard.team_of(run_id) or "" for run_id in sent["run_id"].unique()}
        foreign = ~sent["run_id"].map(teams).map(person.sees).astype(bool)
        return sent.assign(
            run_id=sent["run_id"].mask(foreign, ""),
            batch_id=sent["batch_id"].mask(foreign, -1),
            unique_id=sent["unique_id"].mask(foreign, OTHER_TEAM),
            connection_name=sent["connection_name"].mask(foreign, ""),
        )


class _Journal(Journal):
    _guard: PersonStore

    def note_data(self, doing: Doing) -> None:
        """As `Journal.note_data`; who it was is this person, whatever the caller says.

        Whole numbers go to nobody without this line, so their role is asked here, where a file is made (SEC45).
        """
        if doing.what == DataDeed.REVEALED or doing.facts.get("full"):
            self._guard.must(Action.REVEAL)
        super().note_data(replace(doing, who=self._guard.person.id))

    def data_log(self, limit: int = 200) -> pd.DataFrame:
        """As `Journal.data_log`, without what other teams did with their runs and other people with their drafts."""
        found, person = super().data_log(limit), self._guard.person
        if person.teams is None:
            return found
        seen = {run_id: self._guard.sees_run(run_id) for run_id in found["run_id"].unique()}
        is_own = found["who"].eq(person.id)
        return found[is_own | (found["draft_id"].eq("") & found["run_id"].map(seen).astype(bool))]


def _kept_id(connection_id: str, person: Person) -> str:
    """The id the team's own settings of the practice platform are kept under."""
    return kept_for(_shown_id(connection_id), person.team)


def _shown_id(connection_id: str) -> str:
    return connection_id.split(AT, 1)[0]
