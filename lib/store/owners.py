"""Whose is what: drafts and files are a person's, runs and connections a team's. Fixed when made, never changed.

Who may see or change it follows from that in `lib.access.person_store`, which asks here.
"""

from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, select, true

from lib.platform.connection import TOUR_ID
from lib.store.permission import InnerStore
from lib.store.schema import batch, connection, draft, run, upload


class Owners(InnerStore):
    """`store.owners`: for whoever stands guard before a person's store."""

    def of_draft(self, draft_id: str) -> tuple[str, str | None] | None:
        """Whose a draft is, and the team of the run it has become, None for none yet; None where there is no such draft."""
        query = (
            select(draft.c.owner, run.c.team)
            .outerjoin(run, run.c.id == draft.c.run_id)
            .where(draft.c.id == draft_id)
        )
        with self._db.read() as tx:
            found = tx.execute(query).one_or_none()
        return (found.owner, found.team) if found else None

    def of_upload(self, upload_id: str) -> tuple[str | None, tuple[str, ...]]:
        """Whose a file is, None where there is none, and the teams of the runs that were made from it."""
        teams = (
            select(run.c.team).join(draft, draft.c.run_id == run.c.id).where(draft.c.upload_id == upload_id)
        )
        with self._db.read() as tx:
            owner = tx.execute(select(upload.c.owner).where(upload.c.id == upload_id)).scalar()
            return owner, tuple(tx.execute(teams).scalars())

    def of_run(self, run_id: str) -> str | None:
        """Whose a run is; None where there is none."""
        with self._db.read() as tx:
            return tx.execute(select(run.c.team).where(run.c.id == run_id)).scalar()

    def of_batch(self, batch_id: int) -> str | None:
        """Whose a batch is; None where there is none."""
        with self._db.read() as tx:
            return tx.execute(select(run.c.team).join(batch).where(batch.c.id == batch_id)).scalar()

    def of_connection(self, connection_id: str) -> str | None:
        """Whose a saved connection is; None where it was never saved."""
        with self._db.read() as tx:
            return tx.execute(select(connection.c.team).where(connection.c.id == connection_id)).scalar()


def any_of(column: Column[str], names: Sequence[str] | None) -> ColumnElement[bool]:
    """Whether this column holds one of these names; None: any will do."""
    return true() if names is None else column.in_(names)


#: Whether a run (a row of `run`) is none of a guided tour's, which only the tour itself tells of.
NO_TOUR = run.c.connection_id != TOUR_ID

#: Seconds after which a tour that was never left stands in nobody's way.
TOUR_SECONDS = 12 * 3_600.0

#: Between a name and the team for which something is kept under it; no name holds it.
AT = "@"


def kept_for(name: str, team: str) -> str:
    """The name something is kept under that each team has for itself."""
    return f"{name}{AT}{team}" if team else name
