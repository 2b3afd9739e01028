"""What the words of a sheet stand for in an account: 教育 is industry 2. Kept for each team, and told once."""

from lib.contact.masking import mask_seen
from lib.store.database import DRAFTS
from lib.store.drafts import WORDS, keep_mapping, kept_mapping
from lib.store.owners import kept_for
from lib.store.permission import Action, SubStore, allowed


class Meanings(SubStore):
    """`store.meanings`. They lie beside the remembered mappings, and go with them where a number has to be forgotten."""

    @allowed(Action.PREPARE)
    def recall(self, account: str, team: str = "") -> dict[str, dict[str, str]]:
        """Field → {word → what is sent for it}, as this team told it for this account."""
        with self._db.read() as tx:
            return kept_mapping(tx, _name(account, team)) or {}

    @allowed(Action.PREPARE)
    def remember(self, account: str, field: str, word: str, meaning: str, team: str = "") -> None:
        """Keep what a word of a field stands for. What has a phone number in it is not kept.

        account: in which it stands for that (`lib.platform.directory_source.account`)
        field: name of the field; the same word may stand for something else in another
        word: as it is compared (`lib.mapping.folded`)
        meaning: what is sent for it; "" forgets the word
        team: whose it is; "" for the one without a name
        """
        if any(mask_seen(text) != text for text in (word, meaning)):
            return
        name = _name(account, team)
        with self._db.write(DRAFTS) as tx:
            kept = kept_mapping(tx, name) or {}
            words = {known: to for known, to in kept.get(field, {}).items() if known != word}
            words |= {word: meaning} if meaning else {}
            keep_mapping(tx, name, kept | {field: words})


def _name(account: str, team: str) -> str:
    return kept_for(f"{WORDS}{account}", team)
