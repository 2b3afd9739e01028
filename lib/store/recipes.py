"""Recipes of a team: under a name, which column feeds what, what words stand for, and where it goes."""

import json
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection as Open
from sqlalchemy import delete, select

from lib.contact.masking import mask_seen
from lib.errors import Conflict
from lib.store.database import DRAFTS
from lib.store.drafts import RECIPE, holds_number, keep_mapping, kept_mapping
from lib.store.owners import kept_for
from lib.store.permission import Action, SubStore, allowed
from lib.store.schema import mapping_memory

#: Recipes of one team; a list beyond that is no help to anybody.
MOST = 50


class Recipes(SubStore):
    """`store.recipes`. They lie beside the remembered mappings, and go with them where a number has to be forgotten."""

    @allowed(Action.PREPARE)
    def keep(self, name: str, recipe: dict[str, Any], team: str = "") -> None:
        """Keep it under this name, in place of what was there.

        Raises Conflict: "recipe_unnamed", "recipe_number" where a phone number stands in it, "recipe_many".

        name: as the person typed it; outer spaces go, and it is kept with the recipe
        recipe: as JSON can hold it
        team: whose it is, `MOST` at most; "" for the one without a name
        """
        name = name.strip()
        if not name:
            raise Conflict("recipe_unnamed")
        if mask_seen(name) != name or holds_number(recipe):
            raise Conflict("recipe_number")
        with self._db.write(DRAFTS) as tx:
            key = _key(name, team)
            if kept_mapping(tx, key) is None and len(_all(tx, team)) >= MOST:
                raise Conflict("recipe_many", most=MOST)
            keep_mapping(tx, key, recipe | {"name": name})

    @allowed(Action.PREPARE)
    def all(self, team: str = "") -> dict[str, dict[str, Any]]:
        """Name → recipe, by name."""
        with self._db.read() as tx:
            return _all(tx, team)

    @allowed(Action.PREPARE)
    def forget(self, name: str, team: str = "") -> None:
        """Keep it no longer."""
        with self._db.write(DRAFTS) as tx:
            tx.execute(delete(mapping_memory).where(mapping_memory.c.fingerprint == _key(name, team)))


def _all(tx: Open, team: str) -> dict[str, dict[str, Any]]:
    found = tx.execute(
        select(mapping_memory.c.fingerprint, mapping_memory.c.mapping).where(
            mapping_memory.c.fingerprint.startswith(RECIPE, autoescape=True)
        )
    )
    every = {one.fingerprint: json.loads(one.mapping) for one in found}
    own = {one["name"]: one for key, one in every.items() if key == _key(one["name"], team)}
    return dict(sorted(own.items()))


def _key(name: str, team: str) -> str:
    # quoted: a name may hold the mark between name and team
    return kept_for(f"{RECIPE}{quote(name, safe='')}", team)
