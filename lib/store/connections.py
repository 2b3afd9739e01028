"""Saved connections, each a team's. A run keeps a copy of the one it was made with."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete, insert, select, update

from lib.platform.connection import Connection, ConnectionKind, Options
from lib.run.journal import BY_LOCAL, By, Deed
from lib.run.records import storable
from lib.store.database import DRAFTS
from lib.store.journal import note
from lib.store.owners import any_of
from lib.store.permission import Action, Of, SubStore, allowed
from lib.store.schema import AnyRow, connection
from lib.times import utc_now


class Connections(SubStore):
    """`store.connections`."""

    @allowed(Action.LOOK)
    def all(self, teams: Sequence[str] | None = None) -> list[Connection]:
        """Saved connections, oldest first. teams: whose; None for all."""
        query = select(connection).where(any_of(connection.c.team, teams)).order_by(connection.c.created)
        with self._db.read() as tx:
            return [connection_of(row) for row in tx.execute(query)]

    @allowed(Action.CONNECT, Of.NEW_CONNECTION)
    def save(self, saved: Connection, by: By = BY_LOCAL) -> None:
        """Add this connection, or replace the one with its id. Runs keep the one they were made with."""
        facts = {
            "name": storable(saved.name),
            "kind": saved.kind.value,
            "base_url": saved.base_url,
            "user_id": saved.user_id,
            "task_id": saved.task_id,
            "options": options_json(saved.options),
        }
        name = "" if saved.kind == ConnectionKind.PRACTICE else saved.name
        with self._db.write(DRAFTS) as tx:
            old = tx.execute(select(connection).where(connection.c.id == saved.id)).one_or_none()
            if old is None:
                tx.execute(insert(connection).values(id=saved.id, created=utc_now(), team=by.team, **facts))
                note(tx, Deed.CONNECTION_CREATED, by, about=name)
            elif changed := _changed(connection_of(old), saved):
                tx.execute(update(connection).where(connection.c.id == saved.id).values(**facts))
                note(tx, Deed.CONNECTION_CHANGED, by, about=name, code=",".join(changed))

    @allowed(Action.CONNECT, Of.CONNECTION)
    def delete(self, connection_id: str, by: By = BY_LOCAL) -> None:
        """Forget this connection; runs keep their own copy."""
        with self._db.write(DRAFTS) as tx:
            name = tx.execute(select(connection.c.name).where(connection.c.id == connection_id)).scalar()
            if name is not None:
                tx.execute(delete(connection).where(connection.c.id == connection_id))
                note(tx, Deed.CONNECTION_DELETED, by, about=name)


def _changed(old: Connection, new: Connection) -> list[str]:
    """Names of the values, the options among them, that are others now."""
    before, after = (asdict(one) | asdict(one.options) for one in (old, new))
    return [name for name in after if name != "options" and before[name] != after[name]]


def options_json(options: Options) -> str:
    """Options as stored."""
    return json.dumps(asdict(options), sort_keys=True)


def connection_of(row: AnyRow, *, id_column: str = "id", name_column: str = "name") -> Connection:
    """The connection in a row of `connection` or `run`.

    row: with every column of `connection` but for `created` and `team`
    id_column, name_column: what its id and its name are called there, as a run has others of its own
    """
    facts = row._mapping
    return Connection(
        id=facts[id_column],
        name=facts[name_column],
        kind=ConnectionKind(facts["kind"]),
        base_url=facts["base_url"],
        user_id=facts["user_id"],
        task_id=facts["task_id"],
        options=Options(**json.loads(facts["options"])),
    )
