"""What a person is preparing: uploads, drafts, edits, remembered mappings."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, delete, func, insert, select, update
from sqlalchemy import Connection as Open

from lib.contact.masking import mask_seen
from lib.errors import Conflict
from lib.run.journal import BY_LOCAL, LOCAL, By, Deed
from lib.run.records import DraftRecord, EditRecord, storable
from lib.store.database import DRAFTS, request_vacuum
from lib.store.journal import note
from lib.store.owners import AT, any_of, kept_for
from lib.store.permission import Action, Of, SubStore, allowed
from lib.store.schema import AnyRow, draft, edit, mapping_memory, upload
from lib.times import utc_now

_LETTERS = str.maketrans("0123456789", "ghijkmnpqr")


def new_id() -> str:
    """An id for a URL: short, not to be guessed from another, and without digits: a log would take some for a phone number."""
    return secrets.token_hex(8).translate(_LETTERS)


# --- uploads -----------------------------------------------------------------------------------------------


class Uploads(SubStore):
    """`store.uploads`: files as they came."""

    @allowed(Action.PREPARE)
    def save(self, name: str, data: bytes, owner: str = "") -> str:
        """Keep a file as it came; its id.

        name: as the person sees it again, phone numbers in it masked already
        data: all of its bytes; they are not looked at here
        owner: a person's id, "" for nobody, here and below
        """
        upload_id = new_id()
        facts = {"id": upload_id, "name": storable(name), "data": data, "owner": owner}
        with self._db.write(DRAFTS) as tx:
            sha256 = hashlib.sha256(data).hexdigest()
            tx.execute(insert(upload), facts | {"sha256": sha256, "created": utc_now()})
        return upload_id

    @allowed(Action.LOOK, Of.FILE)
    def read(self, upload_id: str) -> tuple[str, bytes]:
        """Name and bytes. Raises Conflict("upload_gone")."""
        query = select(*upload.c["name", "data"]).where(upload.c.id == upload_id)
        with self._db.read() as tx:
            found = tx.execute(query).one_or_none()
        if found is None:
            raise Conflict("upload_gone")
        return found.name, found.data

    @allowed(Action.LOOK, Of.FILE)
    def remains(self, upload_id: str) -> bytes | None:
        """What is kept in place of a file of which rows had to go (`lib.sheet.stored`); None where the file is whole."""
        with self._db.read() as tx:
            return tx.execute(select(upload.c.remains).where(upload.c.id == upload_id)).scalar()

    @allowed(Action.PREPARE, Of.FILE)
    def copy(self, upload_id: str, owner: str = "") -> str:
        """A second upload with the same content; its id. Raises Conflict("upload_gone")."""
        copied = new_id()
        with self._db.write(DRAFTS) as tx:
            old = tx.execute(select(upload).where(upload.c.id == upload_id)).one_or_none()
            if old is None:
                raise Conflict("upload_gone")
            facts = dict(old._mapping) | {"id": copied, "created": utc_now(), "owner": owner}
            tx.execute(insert(upload), facts)
        return copied


def _drop_unused_upload(tx: Open, upload_id: str | None) -> None:
    used = select(draft.c.id).where(draft.c.upload_id == upload_id).exists()
    tx.execute(delete(upload).where(upload.c.id == upload_id, ~used))


# --- drafts ------------------------------------------------------------------------------------------------


class Drafts(SubStore):
    """`store.drafts`."""

    @allowed(Action.PREPARE)
    def create(self, state: dict[str, Any], upload_id: str | None = None, owner: str = "") -> str:
        """A new draft; its id.

        state: what `get` is to give back, as JSON can hold it
        upload_id: of its file, None as long as it has none
        owner: id of the person whose it is until it has become a run; "" for nobody, as without sign-in
        """
        draft_id, now = new_id(), utc_now()
        facts = {"id": draft_id, "upload_id": upload_id, "owner": owner, "state": json.dumps(state)}
        with self._db.write(DRAFTS) as tx:
            tx.execute(insert(draft), facts | {"created": now, "updated": now})
        return draft_id

    @allowed(Action.LOOK, Of.READ_DRAFT)
    def get(self, draft_id: str) -> DraftRecord | None:
        """The draft, None where there is none."""
        with self._db.read() as tx:
            found = tx.execute(select(draft).where(draft.c.id == draft_id)).one_or_none()
        return _draft_record(found) if found else None

    @allowed(Action.LOOK)
    def latest(self, limit: int | None = 50, owners: Sequence[str] | None = None) -> list[DraftRecord]:
        """Drafts that have not become a run, newest first. owners: whose; None for all."""
        mine = any_of(draft.c.owner, owners)
        query = (
            select(draft)
            .where(draft.c.run_id.is_(None), mine)
            .order_by(draft.c.updated.desc(), draft.c.id)
            .limit(limit)
        )
        with self._db.read() as tx:
            return [_draft_record(row) for row in tx.execute(query)]

    @allowed(Action.PREPARE, Of.DRAFT)
    def save(
        self, draft_id: str, state: dict[str, Any], upload_id: str | None = None, expected: str | None = None
    ) -> None:
        """Replace the state.

        Raises Conflict: "draft_changed" where another tab was faster or the draft has become a run, "draft_gone" where
        it is no more.

        draft_id: of the draft, whose `updated` is another one afterwards
        state: the whole of it, as JSON can hold it
        upload_id: None keeps the file; another one replaces it, and the old one goes where no other draft has it
        expected: the `updated` the change was made on; None: it is not asked whether somebody was faster
        """
        with self._db.write(DRAFTS) as tx:
            _must_be_as_known(tx, draft_id, expected)
            old = tx.execute(select(draft.c.upload_id).where(draft.c.id == draft_id)).one_or_none()
            touch(tx, draft_id, state=json.dumps(state), **({"upload_id": upload_id} if upload_id else {}))
            if old and upload_id and old.upload_id != upload_id:
                _drop_unused_upload(tx, old.upload_id)

    @allowed(Action.PREPARE, Of.DRAFT)
    def note_counts(self, draft_id: str, counts: dict[str, int], expected: str) -> bool:
        """Keep what a review of the draft came to; it is no change of the draft. False where it has changed since.

        draft_id: of the draft, whose `updated` stays
        counts: by name, as `DraftRecord` gives them back until the next change
        expected: the `updated` that was reviewed
        """
        noted = json.dumps({"updated": expected, "counts": counts})
        with self._db.write(DRAFTS) as tx:
            same = (draft.c.id == draft_id, draft.c.updated == expected)
            return tx.execute(update(draft).where(*same).values(counts=noted)).rowcount == 1

    @allowed(Action.DELETE, Of.DRAFT)
    def delete(self, draft_id: str, by: By = BY_LOCAL) -> None:
        """Delete the draft with its edits and its upload. Its run, if it has become one, stays."""
        with self._db.write(DRAFTS) as tx:
            found = tx.execute(select(draft.c.state).where(draft.c.id == draft_id)).one_or_none()
            if found is None:
                return
            drop_draft(tx, draft_id)
            request_vacuum(tx)
            note(tx, Deed.DRAFT_DELETED, by, about=mask_seen(json.loads(found.state).get("file_name", "")))


def _draft_record(row: AnyRow) -> DraftRecord:
    noted = json.loads(row.counts) if row.counts else {}
    counts = noted["counts"] if noted.get("updated") == row.updated else {}
    same = ("id", "created", "updated", "upload_id", "run_id", "announced", "owner")
    facts = {name: row._mapping[name] for name in same}
    return DraftRecord(**facts, state=json.loads(row.state), counts=counts)


#: Locked until the change is made: a run may be frozen from the draft at this moment.
_AS_IT_IS = (
    select(draft.c.updated, draft.c.run_id).where(draft.c.id == bindparam("of_draft")).with_for_update()
)


def _must_be_as_known(tx: Open, draft_id: str, expected: str | None) -> None:
    """Raises Conflict("draft_changed") where somebody else changed the draft, or it has become a run."""
    if expected is not None:
        now = tx.execute(_AS_IT_IS, {"of_draft": draft_id}).one_or_none()
        if now is not None and (now.updated != expected or now.run_id):
            raise Conflict("draft_changed")


def touch(tx: Open, draft_id: str, **facts: Any) -> str:
    """Set `updated` to a moment after the last one, even where the clock stands still. Gives it back."""
    last = tx.execute(select(draft.c.updated).where(draft.c.id == draft_id)).scalar()
    if last is None:
        raise Conflict("draft_gone")
    now = utc_now()
    if now <= last:
        now = (datetime.fromisoformat(last) + timedelta(microseconds=1)).isoformat(timespec="microseconds")
    tx.execute(update(draft).where(draft.c.id == draft_id), {"updated": now, "announced": ""} | facts)
    return now


def drop_draft(tx: Open, draft_id: str | None) -> None:
    """The draft, its edits, and its upload where no other draft has it."""
    upload_id = tx.execute(select(draft.c.upload_id).where(draft.c.id == draft_id)).scalar()
    tx.execute(delete(edit).where(edit.c.draft_id == draft_id))
    tx.execute(delete(draft).where(draft.c.id == draft_id))
    _drop_unused_upload(tx, upload_id)


# --- edits -------------------------------------------------------------------------------------------------


class Edits(SubStore):
    """`store.edits`: what a person changed in a draft's rows."""

    @allowed(Action.PREPARE, Of.DRAFT)
    def add(
        self,
        draft_id: str,
        changes: Iterable[tuple[int, str, str, str]],
        who: str = LOCAL,
        expected: str | None = None,
    ) -> None:
        """Append edits; all of one call share their time. What was taken back stays taken back.

        Raises Conflict: "draft_gone", "draft_changed".

        draft_id: of the draft, whose `updated` is another one afterwards
        changes: (row, field, before, after) of each, row by number in the sheet; where there are none nothing happens
        who: id of the person, kept with each
        expected: `updated` as the caller knows it; None: it is not asked whether somebody was faster
        """
        changes = list(changes)
        if not changes:
            return
        with self._db.write(DRAFTS) as tx:
            _must_be_as_known(tx, draft_id, expected)
            now = touch(tx, draft_id)
            last = tx.execute(select(func.max(edit.c.seq)).where(edit.c.draft_id == draft_id)).scalar() or 0
            waiting = (edit.c.draft_id == draft_id, edit.c.undone.is_(True), edit.c.overtaken.is_(False))
            tx.execute(update(edit).where(*waiting).values(overtaken=True))
            same = {"draft_id": draft_id, "at": now, "undone": False, "who": who, "overtaken": False}
            made = [
                same | {"seq": seq, "row": int(row), "field": field, "before": json.dumps(before), "after": json.dumps(after)}
                for seq, (row, field, before, after) in enumerate(changes, start=last + 1)
            ]  # fmt: skip
            tx.execute(insert(edit), made)

    @allowed(Action.LOOK, Of.READ_DRAFT)
    def of_draft(self, draft_id: str) -> list[EditRecord]:
        """Edits in the order they were made, without those taken back."""
        with self._db.read() as tx:
            return _edit_records(tx, edit.c.draft_id == draft_id, edit.c.undone.is_(False))

    @allowed(Action.PREPARE, Of.DRAFT)
    def undo(self, draft_id: str, expected: str | None = None) -> list[EditRecord]:
        """Take back the last edits made at once (one `at`), and tell them. Raises as `add`."""
        return self._turn(draft_id, _last_standing(draft_id), expected, undone=True)

    @allowed(Action.PREPARE, Of.DRAFT)
    def redo(self, draft_id: str, expected: str | None = None) -> list[EditRecord]:
        """Make the edits taken back last once more, where nothing else was done since; tell them. Raises as `add`."""
        return self._turn(draft_id, _first_undone(draft_id), expected, undone=False)

    def _turn(
        self, draft_id: str, at: ScalarSelect[str], expected: str | None, *, undone: bool
    ) -> list[EditRecord]:
        with self._db.write(DRAFTS) as tx:
            records = _edit_records(tx, *_group(draft_id, at))
            if records:
                _must_be_as_known(tx, draft_id, expected)
                touch(tx, draft_id)
                same = (edit.c.draft_id == draft_id, edit.c.at == records[0].at)
                tx.execute(update(edit).where(*same).values(undone=undone))
        return records

    @allowed(Action.LOOK, Of.READ_DRAFT)
    def next_turns(self, draft_id: str) -> tuple[int, int]:
        """How many cells undo would take back, and redo bring again."""
        with self._db.read() as tx:
            counts = [
                tx.execute(select(func.count()).where(*_group(draft_id, at))).scalar() or 0
                for at in (_last_standing(draft_id), _first_undone(draft_id))
            ]
        return counts[0], counts[1]

    @allowed(Action.PREPARE, Of.DRAFT)
    def clear(self, draft_id: str) -> None:
        """Delete every edit, those taken back too; `updated` of the draft is another one where there were any."""
        with self._db.write(DRAFTS) as tx:
            if tx.execute(delete(edit).where(edit.c.draft_id == draft_id)).rowcount:
                touch(tx, draft_id)


def _edit_records(tx: Open, *which: ColumnElement[bool]) -> list[EditRecord]:
    columns = edit.c["draft_id", "seq", "row", "field", "before", "after", "at", "who"]
    found = tx.execute(select(*columns).where(*which).order_by(edit.c.seq)).all()
    return [
        EditRecord(of, seq, row, field, json.loads(before), json.loads(after), at, who)
        for of, seq, row, field, before, after, at, who in found
    ]


def _last_standing(draft_id: str) -> ScalarSelect[str]:
    standing = select(edit.c.at).where(edit.c.draft_id == draft_id, edit.c.undone.is_(False))
    return standing.order_by(edit.c.seq.desc()).limit(1).scalar_subquery()


def _first_undone(draft_id: str) -> ScalarSelect[str]:
    waiting = (edit.c.draft_id == draft_id, edit.c.undone.is_(True), edit.c.overtaken.is_(False))
    return select(edit.c.at).where(*waiting).order_by(edit.c.seq).limit(1).scalar_subquery()


def _group(draft_id: str, at: ScalarSelect[str]) -> tuple[ColumnElement[bool], ...]:
    return edit.c.draft_id == draft_id, edit.c.at == at


# --- remembered mappings -----------------------------------------------------------------------------------


#: Remembered mappings that are looked through for a header like the one at hand.
MAPPINGS_LOOKED_AT = 500

#: What else lies beside the remembered mappings, by what its name begins with (`store.meanings`, `scripts`, `recipes`).
WORDS, SCRIPT, RECIPE = "words:", "script:", "recipe:"


class Mappings(SubStore):
    """`store.mappings`: which column was which, for the next file with the same header."""

    @allowed(Action.PREPARE)
    def remember(self, fingerprint: str, mapping: dict[str, Any], team: str = "") -> None:
        """Keep the mapping for files of this team with this header; one with a phone number in it is not kept.

        fingerprint: of the names in the header (`lib.sheet.fingerprint`)
        mapping: as JSON can hold it, in place of the one for this header before
        team: whose it is; "" for the one without a name
        """
        if holds_number(mapping):
            return
        with self._db.write(DRAFTS) as tx:
            keep_mapping(tx, kept_for(fingerprint, team), mapping)

    @allowed(Action.PREPARE)
    def recall(self, fingerprint: str, team: str = "") -> dict[str, Any] | None:
        """The mapping this team has kept for this header: it holds the names a team gives its components."""
        with self._db.read() as tx:
            return kept_mapping(tx, kept_for(fingerprint, team))

    @allowed(Action.PREPARE)
    def latest(self, team: str = "") -> list[dict[str, Any]]:
        """The mappings this team has kept, the last used first; nothing of what else lies beside them."""
        with self._db.read() as tx:
            found = tx.execute(
                select(mapping_memory.c.fingerprint, mapping_memory.c.mapping)
                .order_by(mapping_memory.c.used.desc(), mapping_memory.c.fingerprint)
                .where(mapping_memory.c.fingerprint.like(kept_for("%", team)))
                .where(
                    *(mapping_memory.c.fingerprint.not_like(f"{kind}%") for kind in (WORDS, SCRIPT, RECIPE))
                )
                .limit(MAPPINGS_LOOKED_AT)
            ).all()
        return [
            json.loads(one.mapping)
            for one in found
            if kept_for(one.fingerprint.split(AT)[0], team) == one.fingerprint
        ]


def kept_mapping(tx: Open, name: str) -> dict[str, Any] | None:
    """What is kept under this name (`kept_for`); None for nothing."""
    found = tx.execute(select(mapping_memory.c.mapping).where(mapping_memory.c.fingerprint == name)).scalar()
    return json.loads(found) if found else None


def keep_mapping(tx: Open, name: str, mapping: dict[str, Any]) -> None:
    """Keep it under this name, in place of what was there.

    tx: of the caller, with its turn in DRAFTS
    name: as `kept_for` made it: other teams have their own
    mapping: or words, a script, a recipe, as JSON can hold it; to keep phone numbers out is the caller's part
    """
    facts = {"mapping": json.dumps(mapping), "used": utc_now()}
    known = update(mapping_memory).where(mapping_memory.c.fingerprint == name)
    if not tx.execute(known, facts).rowcount:
        tx.execute(insert(mapping_memory), {"fingerprint": name} | facts)


def holds_number(mapping: dict[str, Any]) -> bool:
    """Whether a phone number stands in it: a fixed value, or a row of data that was taken for a header."""
    saved = json.dumps(mapping, ensure_ascii=False)
    return mask_seen(saved) != saved
