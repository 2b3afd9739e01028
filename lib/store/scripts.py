"""The opening of a task's script, as a person pasted it, to see how the call will read. Kept for each team."""

from lib.contact.masking import mask_seen
from lib.store.database import DRAFTS
from lib.store.drafts import SCRIPT, keep_mapping, kept_mapping
from lib.store.owners import kept_for
from lib.store.permission import Action, SubStore, allowed


class Scripts(SubStore):
    """`store.scripts`. They lie beside the remembered mappings, as meanings do, and go with them where a number has to be forgotten."""

    @allowed(Action.PREPARE)
    def recall(self, task: str, team: str = "") -> str:
        """What this team pasted for this task (`Connection.task`), "" for nothing."""
        with self._db.read() as tx:
            return str((kept_mapping(tx, _name(task, team)) or {}).get("script", ""))

    @allowed(Action.PREPARE)
    def remember(self, task: str, text: str, team: str = "") -> None:
        """Keep it in place of what was pasted before.

        task: whose script it is (`Connection.task`)
        text: as pasted; every phone number in it is masked here. "" for nothing
        team: whose it is; "" for the one without a name
        """
        with self._db.write(DRAFTS) as tx:
            keep_mapping(tx, _name(task, team), {"script": mask_seen(text)})


def _name(task: str, team: str) -> str:
    return kept_for(f"{SCRIPT}{task}", team)
