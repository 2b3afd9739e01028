"""What the platform told of its tasks and components, kept so that names are there without asking: JSON by account."""

import json
from typing import Any

from sqlalchemy import delete, insert, select

from lib.store.permission import InnerStore
from lib.store.schema import meta


class DirectoryCache(InnerStore):
    """`store.directory`: for `lib.platform.directory_source`."""

    def get(self, account: str, subject: str) -> dict[str, Any] | None:
        """What was kept last of this subject; None where nothing was."""
        with self._db.read() as tx:
            saved = tx.execute(select(meta.c.value).where(meta.c.name == _name(account, subject))).scalar()
        return json.loads(saved) if saved else None

    def keep(self, account: str, subject: str, facts: dict[str, Any]) -> None:
        """Replace what was kept of this subject.

        account: whose names these are (`lib.platform.directory_source.account`)
        subject: which list of the account it is, such as "tasks"; `get` is asked with the same word
        facts: as JSON can hold them; nothing of the old ones stays
        """
        with self._db.write() as tx:
            tx.execute(delete(meta).where(meta.c.name == _name(account, subject)))
            tx.execute(insert(meta).values(name=_name(account, subject), value=json.dumps(facts)))

    def forget(self, account: str) -> None:
        """Every subject of this account."""
        with self._db.write() as tx:
            tx.execute(delete(meta).where(meta.c.name.startswith(_name(account, ""), autoescape=True)))


def _name(account: str, subject: str) -> str:
    return f"directory:{account}:{subject}"
