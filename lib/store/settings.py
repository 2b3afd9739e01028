"""What a person may change while batches are being sent: one row of JSON, read by the engine at each step."""

import json
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection as Open
from sqlalchemy import delete, insert, select

from lib.run.journal import BY_LOCAL, By, Deed
from lib.run.settings import Settings
from lib.store.journal import note
from lib.store.permission import Action, SubStore, allowed
from lib.store.schema import meta


class SavedSettings(SubStore):
    """`store.settings`: one for every team, because one sender sends for all."""

    @allowed(Action.LOOK)
    def get(self) -> Settings:
        """As saved, or as at the beginning."""
        with self._db.read() as tx:
            return saved(tx)

    @allowed(Action.SETTINGS)
    def save(self, changed: Settings, by: By = BY_LOCAL) -> None:
        """Replace them; the engine follows at its next step."""
        with self._db.write() as tx:
            _put(tx, changed, by)


def change(tx: Open, by: By, **changes: Any) -> None:
    """Replace some of them, whatever somebody else is changing."""
    _put(tx, replace(saved(tx), **changes), by)


_NAME = "settings"

_SAVED = select(meta.c.value).where(meta.c.name == _NAME)


def saved(tx: Open) -> Settings:
    """As saved, or as at the beginning."""
    found = tx.execute(_SAVED).scalar()
    return Settings(**json.loads(found)) if found else Settings()


def _put(tx: Open, changed: Settings, by: By) -> None:
    before, after = asdict(saved(tx)), asdict(changed)
    for name in (name for name in after if after[name] != before[name]):
        note(tx, Deed.SETTING_CHANGED, by, about=name, code=f"{before[name]}/{after[name]}")
    tx.execute(delete(meta).where(meta.c.name == _NAME))
    tx.execute(insert(meta).values(name=_NAME, value=json.dumps(after)))
