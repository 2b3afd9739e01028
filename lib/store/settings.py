"""What a person may change while batches are being sent: one row of JSON, read by the engine at each step."""

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection as Open
from sqlalchemy import delete, insert, select

from lib.run.journal import BY_LOCAL, By, Deed
from lib.run.records import Settings
from lib.store.database import Database
from lib.store.journal import note
from lib.store.schema import meta

_NAME = "settings"

_SAVED = select(meta.c.value).where(meta.c.name == _NAME)


def settings(db: Database) -> Settings:
    """As saved, or as at the beginning."""
    with db.read() as c:
        saved = c.execute(_SAVED).scalar()
    return Settings(**json.loads(saved)) if saved else Settings()


def save_settings(db: Database, changed: Settings, by: By = BY_LOCAL) -> None:
    """Replace them."""
    with db.write() as c:
        _put(c, changed, by)


def change(db: Database, by: By = BY_LOCAL, **changes: Any) -> None:
    """Replace some of them, whatever somebody else is changing."""
    with db.write() as c:
        saved = c.execute(_SAVED).scalar()
        _put(c, Settings(**(json.loads(saved) if saved else {}) | changes), by)


def _put(c: Open, changed: Settings, by: By) -> None:
    saved = c.execute(_SAVED).scalar()
    before, after = asdict(Settings(**json.loads(saved)) if saved else Settings()), asdict(changed)
    for name in (name for name in after if after[name] != before[name]):
        note(c, Deed.SETTING_CHANGED, by, about=name, code=f"{before[name]}/{after[name]}")
    c.execute(delete(meta).where(meta.c.name == _NAME))
    c.execute(insert(meta).values(name=_NAME, value=json.dumps(after)))
