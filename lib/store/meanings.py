"""What the words of a sheet stand for in an account: 教育 is industry 2. Kept for each team, and told once."""

import json

from sqlalchemy import Connection as Open
from sqlalchemy import insert, select, update

from lib.contact.masking import mask_seen
from lib.store.database import DRAFTS
from lib.store.owners import kept_for
from lib.store.permission import Action, SubStore, allowed
from lib.store.schema import mapping_memory
from lib.times import utc_now


class Meanings(SubStore):
    """`store.meanings`. They lie beside the remembered mappings, and go with them where a number has to be forgotten."""

    @allowed(Action.PREPARE)
    def recall(self, account: str, team: str = "") -> dict[str, dict[str, str]]:
        """Field → {word → what is sent for it}, as this team told it for this account."""
        with self._db.read() as tx:
            return _kept(tx, _name(account, team)) or {}

    @allowed(Action.PREPARE)
    def remember(self, account: str, field: str, word: str, meaning: str, team: str = "") -> None:
        """Keep what a word of a field stands for; "" forgets it. A word with a phone number in it is not kept."""
        if mask_seen(word) != word:
            return
        name = _name(account, team)
        with self._db.write(DRAFTS) as tx:
            kept = _kept(tx, name)
            words = {known: to for known, to in (kept or {}).get(field, {}).items() if known != word}
            words |= {word: meaning} if meaning else {}
            facts = {"mapping": json.dumps((kept or {}) | {field: words}), "used": utc_now()}
            tx.execute(
                insert(mapping_memory).values(fingerprint=name, **facts)
                if kept is None
                else update(mapping_memory).where(mapping_memory.c.fingerprint == name).values(**facts)
            )


def _name(account: str, team: str) -> str:
    return kept_for(f"words:{account}", team)


def _kept(tx: Open, name: str) -> dict[str, dict[str, str]] | None:
    found = tx.execute(select(mapping_memory.c.mapping).where(mapping_memory.c.fingerprint == name)).scalar()
    return json.loads(found) if found else None
