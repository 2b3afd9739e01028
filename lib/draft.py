"""What a person is preparing: one upload on its way to a run. Every change is saved before the method returns.

The parts depend on each other in one direction (sheet → mapping → edits → review); a method that changes one drops
what no longer holds. Saved as plain data; the file itself is kept as an upload, so a draft survives a refresh.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from lib import components
from lib.components import ComponentRow
from lib.connection import Connection, ConnectionKind
from lib.errors import Conflict
from lib.fields import component_column
from lib.mapping import Mapping, Sureness, apply, suggest, translated
from lib.problems import ProblemCode
from lib.sheet import Sheet, fingerprint, read
from lib.store import RunRecord, Store
from lib.validation import NOT_A_VALUE, Review, check


@dataclass(frozen=True)
class Tally:
    """Where the rows of the sheet are; the first is the sum of the others."""

    rows: int
    to_send: int
    held_back: int
    repeated: int
    left_out: int


class Draft:
    """One upload being prepared. Without an id it is empty and not saved yet."""

    def __init__(self, store: Store, draft_id: str | None = None) -> None:
        self._store = store
        self.id = draft_id
        self.run_id: str | None = None
        self.updated = ""
        self.connection_id = ""
        self.sheet: Sheet | None = None
        self.mapping = Mapping()
        self.component_rows: tuple[ComponentRow, ...] = ()
        self.left_out: frozenset[int] = frozenset()
        self._reading: dict[str, Any] = {}
        self._upload_id: str | None = None
        self.again_for = ""
        self.keep: frozenset[str] = frozenset()
        self._reviews: dict[Connection, Review] = {}
        self._sent_before = SentBefore(store)

    # --- saved and found again -----------------------------------------------------------------------------

    @classmethod
    def open(cls, store: Store, draft_id: str) -> "Draft | None":
        """The saved draft, read again from its upload; None where there is none."""
        record = store.draft(draft_id)
        if record is None:
            return None
        draft = cls(store, draft_id)
        state = record.state
        draft.run_id, draft.updated, draft._upload_id = record.run_id, record.updated, record.upload_id
        draft.connection_id = state.get("connection_id", "")
        draft.mapping = Mapping.from_dict(state.get("mapping", {}))
        draft.component_rows = tuple(ComponentRow(**row) for row in state.get("components", []))
        draft.left_out = frozenset(state.get("left_out", []))
        draft.again_for = state.get("again_for", "")
        draft.keep = frozenset(state.get("keep", []))
        draft._reading = state.get("reading", {})
        if record.upload_id:
            name, data = store.upload(record.upload_id)
            draft.sheet = read(data, name, **draft._reading)
        return draft

    @classmethod
    def of_rows(cls, store: Store, run: RunRecord, rows: Iterable[int]) -> "Draft":
        """A new draft of the file a run was made from, in which only these rows are left in: mapping, edits and all.

        Nothing is decided by it: numbers that went to the task before are held back in its review, as in any other.
        Raises Conflict: "draft_source_gone", "upload_gone"; SheetRefused.
        """
        old = cls.open(store, run.draft_id) if run.draft_id else None
        if old is None or old.sheet is None or old._upload_id is None or old.sheet.sha256 != run.file_sha256:
            raise Conflict("draft_source_gone")
        name, data = store.upload(old._upload_id)
        new = cls(store)
        new.sheet, new._reading, new._upload_id = old.sheet, old._reading, store.save_upload(name, data)
        new.connection_id, new.component_rows, new.keep = run.connection.id, old.component_rows, old.keep
        # a token stands for one row of one submission: a second use of it would make both untraceable
        new.mapping = replace(old.mapping, extra_seed="").with_row_tokens(bool(old.mapping.extra_seed))
        new.left_out = frozenset(new.sheet.table.index) - frozenset(rows)
        new._save()
        store.add_edits(str(new.id), ((one.row, one.field, one.before, one.after) for one in old.edits))
        new._synchronise()
        return new

    @property
    def is_stale(self) -> bool:
        """Whether another tab has changed, submitted or deleted this draft since it was opened here."""
        if self.id is None:
            return False
        record = self._store.draft(self.id)
        return record is None or (record.updated, record.run_id) != (self.updated, self.run_id)

    def must_be_current(self) -> None:
        """Raises Conflict("draft_changed") where another tab was faster: what it did must not be undone silently."""
        if self.is_stale or self.run_id:
            raise Conflict("draft_changed")

    @property
    def revision(self) -> tuple[object, ...]:
        """Different for every file and every way of reading it; view settings of another one mean nothing here."""
        return (self.id, self.sheet.sha256 if self.sheet else "", str(sorted(self._reading.items())))

    def _save(self) -> None:
        state = {
            "connection_id": self.connection_id,
            "file_name": self.sheet.name if self.sheet else "",
            "rows": len(self.sheet.table) if self.sheet else 0,
            "reading": self._reading,
            "mapping": self.mapping.as_dict(),
            "components": [row.as_dict() for row in self.component_rows],
            "left_out": sorted(self.left_out),
            "again_for": self.again_for,
            "keep": sorted(self.keep),
        }
        if self.id is None:
            self.id = self._store.create_draft(state, self._upload_id)
        else:
            self._store.save_draft(self.id, state, self._upload_id, expected=self.updated)
        self._synchronise()

    def _synchronise(self) -> None:
        record = self._store.draft(str(self.id))
        self.updated = record.updated if record else ""

    # --- where to, and which file --------------------------------------------------------------------------

    def choose_connection(self, connection_id: str) -> None:
        """Where this upload goes."""
        if self.id:
            self.must_be_current()
        self.connection_id = connection_id
        if self.id:
            self._save()

    def load_sheet(self, data: bytes, name: str) -> None:
        """Take a file. Raises SheetRefused, and then nothing of the old one is lost.

        A second file is a second draft: the first one, with everything done to it, stays among the unfinished ones.
        """
        sheet = read(data, name)
        self.id, self.run_id = None, None
        self._upload_id = self._store.save_upload(name, data)
        self._reading = {}
        self._take(sheet)

    def reread(self, **reading: Any) -> None:
        """Read the same file with another worksheet, header row or encoding. Raises SheetRefused."""
        assert self._upload_id, "no file to read again"
        self.must_be_current()
        name, data = self._store.upload(self._upload_id)
        wanted = {key: value for key, value in (self._reading | reading).items() if value is not None}
        if "sheet" in reading and "header_row" not in reading:
            wanted.pop("header_row", None)
        sheet = read(data, name, **wanted)
        self._reading = wanted
        self._take(sheet)

    def _take(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.left_out = frozenset()
        self.again_for = ""
        self.keep = frozenset()
        self.component_rows = ()
        self.mapping = suggest(sheet)
        if remembered := self._store.remembered_mapping(fingerprint(sheet.table.columns)):
            self._recall(remembered)
        if self.id:
            self._store.clear_edits(self.id)
            self._synchronise()
        self._forget_review()
        self._save()

    def _recall(self, remembered: dict[str, Any]) -> None:
        found = Mapping.from_dict(remembered["mapping"])
        fed = (*found.columns, *found.constants)
        self.mapping = replace(
            found,
            extra_seed=self.mapping.extra_seed if found.extra_seed else "",
            offers={},
            sureness=dict.fromkeys(fed, Sureness.REMEMBERED.value),
        )
        self.component_rows = tuple(ComponentRow(**row) for row in remembered["components"])

    def suggest_again(self) -> None:
        """Forget which column feeds which field, and suggest from the header and the values; components stay."""
        assert self.sheet, "no sheet to suggest for"
        self.change_mapping(suggest(self.sheet))

    # --- which column feeds which field --------------------------------------------------------------------

    def change_mapping(self, mapping: Mapping) -> None:
        """What feeds each field from now on. What the person typed into single cells stays."""
        self.must_be_current()
        self.mapping = mapping
        self._forget_review()
        self._save()

    def change_components(self, rows: Iterable[ComponentRow]) -> None:
        """The components table as it stands, finished or not."""
        self.must_be_current()
        self.component_rows = tuple(rows)
        self._forget_review()
        self._save()

    @property
    def component_mistakes(self) -> dict[str, str]:
        """Row key → error code; not empty keeps the submission from starting."""
        return components.mistakes(self.component_rows)

    @property
    def columns(self) -> dict[str, str]:
        """Contacts column (field, or component) → column of the sheet that feeds it."""
        merged = components.merged(self.mapping, self.component_rows)
        return dict(merged.columns) | {component_column(of): column for of, column in merged.components.items()}

    def component_label(self, component_id: str) -> str:
        """The person's own name of a component; "" where it has none."""
        return next((row.label for row in self.component_rows if row.id == component_id), "")

    def remember_mapping(self) -> None:
        """Offer this mapping the next time a file has the same header row."""
        if self.sheet:
            self._store.remember_mapping(
                fingerprint(self.sheet.table.columns),
                {"mapping": self.mapping.as_dict(), "components": [row.as_dict() for row in self.component_rows]},
            )

    # --- fixing --------------------------------------------------------------------------------------------

    def edit(self, changes: Iterable[tuple[int, str, str]], connection: Connection) -> None:
        """Set cells: (spreadsheet row number, contacts column, new text). Cells that do not change are passed over."""
        self.must_be_current()
        cleaned, mapped = self.review(connection).contacts, self.contacts
        facts = []
        for row, name, after in changes:
            shown = cleaned if row in cleaned.index else mapped  # a row that is left out is not cleaned
            if row in shown.index and name in shown.columns and shown.at[row, name] != after:
                facts.append((row, name, shown.at[row, name], after))
        if facts:
            self._store.add_edits(str(self.id), facts)
            self._synchronise()
            self._forget_review()

    def undo(self) -> int:
        """Take back the last edit, or the last group of edits made at once; how many cells."""
        self.must_be_current()
        undone = self._store.undo_edits(str(self.id))
        if undone:
            self._synchronise()
            self._forget_review()
        return undone

    @property
    def edits(self) -> list[Any]:
        """The person's edits in order, without those taken back."""
        return self._store.edits(self.id) if self.id else []

    def leave_out(self, rows: Iterable[int]) -> None:
        """Do not send these rows."""
        self.must_be_current()
        self.left_out |= frozenset(rows)
        self._changed()

    def take_back_in(self, rows: Iterable[int]) -> None:
        """Send these rows after all, if nothing else is wrong with them."""
        self.must_be_current()
        self.left_out -= frozenset(rows)
        self._changed()

    def keep_as_it_stood(self, kind: str) -> None:
        """Take back what this kind of cleaning (`Change`) did, in every cell it touched."""
        self.must_be_current()
        self.keep |= {str(kind)}
        self._changed()

    def clean_again(self, kind: str) -> None:
        """Clean after all what `keep_as_it_stood` left alone."""
        self.must_be_current()
        self.keep -= {kind}
        self._changed()

    def accept_suggestions(self, code: str, field: str, connection: Connection) -> int:
        """Put the proposed value into every cell of this field with this problem; how many cells."""
        problems = self.review(connection).problems
        same = problems["code"].eq(code) & problems["field"].eq(field) & problems["suggestion"].ne("")
        chosen = problems[same & ~problems["code"].isin(NOT_A_VALUE)]
        self.edit(zip(chosen["row"], chosen["field"], chosen["suggestion"], strict=True), connection)
        return len(chosen)

    def clear_cells(self, code: str, field: str, connection: Connection) -> None:
        """Empty every cell of an optional field with this problem, so that it no longer keeps its row back."""
        problems = self.review(connection).problems
        rows = problems.loc[problems["code"].eq(code) & problems["field"].eq(field), "row"]
        self.edit(((row, field, "") for row in rows), connection)

    def _changed(self) -> None:
        self._forget_review()
        self._save()

    # --- what follows from it ------------------------------------------------------------------------------

    def _forget_review(self) -> None:
        self._reviews.clear()
        self.__dict__.pop("contacts", None)

    @cached_property
    def contacts(self) -> pd.DataFrame:
        """The mapped sheet with the person's edits on top; index = spreadsheet row number."""
        assert self.sheet, "no sheet to map"
        contacts = apply(self.sheet, components.merged(self.mapping, self.component_rows))
        last = {(edit.row, edit.field): edit.after for edit in self.edits}
        for name in {name for _, name in last} & set(contacts.columns):
            cells = {row: after for (row, of), after in last.items() if of == name and row in contacts.index}
            contacts.loc[list(cells), name] = list(cells.values())
            contacts[name] = translated(contacts[name], self.mapping.values.get(name))  # typed words are words too
        return contacts

    def review(self, connection: Connection) -> Review:
        """Every row that is not left out, cleaned and checked, also against what was sent to the same task before."""
        if connection not in self._reviews:
            kept = self.contacts.drop(index=list(self.left_out), errors="ignore")
            practice = connection.kind == ConnectionKind.PRACTICE
            review = check(kept, connection.options, practice=practice, keep=self.keep)
            if not self.sends_again(connection) and "phone" in review.contacts:
                known = self._sent_before.among(connection, review.contacts.loc[review.sendable, "phone"])
                review = (
                    check(kept, connection.options, known, practice=practice, keep=self.keep) if len(known) else review
                )
            self._reviews = {connection: review}
        return self._reviews[connection]

    def allow_sending_again(self, connection: Connection | None) -> None:
        """The person's decision about numbers that were sent to this task before; None takes it back."""
        self.must_be_current()
        self.again_for = _task(connection) if connection else ""
        self._changed()

    def sends_again(self, connection: Connection) -> bool:
        """Whether the person allowed numbers to go to this very task once more; no other task is meant by it."""
        return self.again_for == _task(connection)

    def look_again(self) -> None:
        """Forget what was known of earlier runs: somebody has submitted since."""
        self._sent_before = SentBefore(self._store)
        self._forget_review()

    def tally(self, connection: Connection) -> Tally:
        """The rows of the sheet by what will happen to them."""
        assert self.sheet, "no sheet to count"
        review = self.review(connection)
        rows, to_send = len(self.sheet.table), int(review.sendable.sum())
        left_out = rows - len(review.contacts)
        repeated = len(only_repeated(review))
        return Tally(rows, to_send, len(review.contacts) - to_send - repeated, repeated, left_out)

    @property
    def can_send(self) -> bool | None:
        """Whether the last review found a row that can be sent; None where nothing has been reviewed yet."""
        return next((bool(review.sendable.any()) for review in self._reviews.values()), None)

    def has_phone(self) -> bool:
        """Whether a column or a fixed value feeds the phone number."""
        return self.mapping.is_fed("phone")


def _task(connection: Connection) -> str:
    return f"{connection.kind.value}:{connection.user_id}:{connection.task_id}".lower()


class SentBefore:
    """What the store knows of a draft's numbers at one task; each number is asked for once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._task = ""
        self._asked: set[str] = set()
        self._known = pd.Series(dtype="str")

    def among(self, connection: Connection, phones: pd.Series) -> pd.Series:
        """The numbers of `phones` sent before: phone → "time|unique_id" of the latest time."""
        if self._task != _task(connection):
            self._task = _task(connection)
            self._asked, self._known = set(), pd.Series(dtype="str")
        if new := set(phones) - self._asked:
            sent = self._store.already_sent(connection, new).drop_duplicates("phone", keep="last")
            told = pd.Series((sent["at"] + "|" + sent["unique_id"]).tolist(), index=sent["phone"], dtype="str")
            self._known = pd.concat([self._known, told])
            self._asked |= new
        return self._known[self._known.index.isin(set(phones))]


def only_repeated(review: Review) -> pd.Index:
    """Rows held back for no other reason than a number that stands further up."""
    errors = review.problems[review.problems["severity"].eq("error")]
    repeated = errors["code"].eq(ProblemCode.PHONE_REPEATED.value)
    return pd.Index(errors.loc[repeated, "row"]).difference(pd.Index(errors.loc[~repeated, "row"]))
