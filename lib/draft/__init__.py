"""What a person is preparing: one upload on its way to a run. Every change is saved before the method returns.

The parts depend on each other in one direction (sheet → mapping → edits → review); a method that changes one drops
what no longer holds. Saved as plain data; the file itself is kept as an upload, so a draft survives a refresh.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from lib import payload
from lib.contact.fields import component_column
from lib.contact.masking import holds_mask, mask_seen
from lib.contact.problems import ProblemCode
from lib.draft.contacts import mapped_contacts, with_cells
from lib.draft.edits import LEFT_OUT, SEND, SENT, EditStacks
from lib.draft.first_mapping import first_mapping, of_kept, with_columns_of
from lib.draft.reading import SPLIT, TOGETHER, alike_sheets, must_be_whole, read_upload, split_further
from lib.draft.review_cache import ReviewCache, ReviewTerms
from lib.errors import Conflict, SheetRefused
from lib.mapping import Mapping, components, folded, memory, refitted, spare_phone, suggest
from lib.mapping.closed_words import CLOSED, NUMBERED, strange_words, untold, with_words_of
from lib.mapping.components import ComponentRow
from lib.payload import BATCH_SIZE, Cut, Start
from lib.platform.connection import Connection
from lib.platform.directory import Component
from lib.platform.directory_source import account
from lib.run.records import EditRecord, RunRecord
from lib.sheet import IN_OR_OUT, Sheet, alike, files, fingerprint, read, read_files
from lib.sheet.row_numbers import is_made, row_of_file
from lib.store import AnyStore
from lib.validation import Review
from lib.validation.recheck import picked

#: An edit before it is stored: row, field, before, after.
Fact = tuple[int, str, str, str]


@dataclass(frozen=True)
class Tally:
    """Where the rows are; the first is the sum of the others. made: how many of them were made by splitting cells."""

    rows: int
    to_send: int
    held_back: int
    repeated: int
    left_out: int
    made: int = 0


class Draft:
    """One upload being prepared. Without an id it is empty and not saved yet.

    basis: another object whenever every row is judged anew, and not after edits of single cells and rows.
    """

    def __init__(self, store: AnyStore, draft_id: str | None = None) -> None:
        self._store = store
        self.id = draft_id
        self.run_id: str | None = None
        self.updated = ""
        self.connection_id = ""
        self.sheet: Sheet | None = None
        self.mapping = Mapping()
        self.words_of = ""
        self.component_rows: tuple[ComponentRow, ...] = ()
        self.left_out: frozenset[int] = frozenset()
        self.who = "person"
        self._left_out_first: frozenset[int] = frozenset()
        self._edits = EditStacks()
        self._turns: tuple[str, tuple[int, int]] | None = None
        self._reading: dict[str, Any] = {}
        self.alike: tuple[tuple[str, int], ...] = ()
        self._upload_id: str | None = None
        self.again_for = ""
        self.keep: frozenset[str] = frozenset()
        self.elsewhere_for = ""
        self.start, self.batch_size = Start.ALL, BATCH_SIZE
        self.list_source = ""
        self._reviews = ReviewCache(store)
        self.basis = object()
        self._noted: tuple[str, dict[str, int]] | None = None

    # --- saved and found again -----------------------------------------------------------------------------

    @classmethod
    def open(cls, store: AnyStore, draft_id: str) -> "Draft | None":
        """The saved draft, read again from its upload; None where there is none."""
        record = store.drafts.get(draft_id)
        if record is None:
            return None
        draft = cls(store, draft_id)
        state = record.state
        draft.run_id, draft.updated, draft._upload_id = record.run_id, record.updated, record.upload_id
        draft.connection_id = state.get("connection_id", "")
        draft.mapping = Mapping.from_dict(state.get("mapping", {}))
        draft.words_of = state.get("words_of", "")
        draft.component_rows = tuple(ComponentRow.from_dict(row) for row in state.get("components", []))
        draft._left_out_first = frozenset(state.get("left_out", []))
        draft._edits = EditStacks(store.edits.of_draft(draft_id))
        draft.left_out = draft._still_out(draft._left_out_first, draft._edits.standing(SEND).index)
        draft.again_for = state.get("again_for", "")
        draft.keep = frozenset(state.get("keep", []))
        draft.elsewhere_for = state.get("elsewhere_for", "")
        draft.start = Start(state.get("start", Start.ALL))
        draft.batch_size = state.get("batch_size", BATCH_SIZE)
        draft.list_source = state.get("list_source", "")
        draft._reading = state.get("reading", {})
        draft.alike = tuple((name, rows) for name, rows in state.get("alike", ()))
        if record.upload_id:
            draft.sheet = read_upload(store, record.upload_id, draft._reading)
        return draft

    @classmethod
    def of_rows(
        cls, store: AnyStore, run: RunRecord, rows: Iterable[int], batch_size: int = BATCH_SIZE
    ) -> "Draft":
        """A new draft of the file a run was made from, in which only these rows are left in: mapping, edits and all.

        Nothing is decided by it: numbers that went to the task before are held back in its review, as in any other.
        Raises Conflict: "draft_source_gone", "upload_gone"; SheetRefused.

        store: where the run's own draft still is, and where the new one is saved
        run: whose draft, destination and row tokens are followed; its draft must be of the very file that was sent
        rows: spreadsheet row numbers that stay in; all others are left out from the start
        batch_size: the most it sends in one batch, 1 to 200
        """
        old = cls.open(store, run.draft_id) if run.draft_id else None
        if old is None or old.sheet is None or old._upload_id is None or old.sheet.sha256 != run.file_sha256:
            raise Conflict("draft_source_gone")
        new = cls(store)
        new.sheet, new._reading, new._upload_id = old.sheet, old._reading, store.uploads.copy(old._upload_id)
        new.connection_id, new.component_rows, new.keep = run.connection.id, old.component_rows, old.keep
        # a token stands for one row of one submission: a second use of it would make both untraceable
        new.mapping = replace(old.mapping, extra_seed="").with_row_tokens(bool(old.mapping.extra_seed))
        new.words_of, new.batch_size = old.words_of, batch_size
        new._left_out_first = frozenset(map(int, new.sheet.table.index)) - frozenset(rows)
        new._save()
        kept = (one for one in old.edits if one.field != SEND)
        store.edits.add(str(new.id), ((one.row, one.field, one.before, one.after) for one in kept))
        return cls.open(store, str(new.id)) or new

    @property
    def person_id(self) -> str:
        """Who prepares it, as `AnyStore`."""
        return self._store.person_id

    @property
    def is_stale(self) -> bool:
        """Whether another tab has changed, submitted or deleted this draft since it was opened here."""
        if self.id is None:
            return False
        record = self._store.drafts.get(self.id)
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
            "alike": self.alike,
            "mapping": self.mapping.as_dict(),
            "words_of": self.words_of,
            "components": [row.as_dict() for row in self.component_rows],
            "left_out": sorted(self._left_out_first),
            "again_for": self.again_for,
            "keep": sorted(self.keep),
            "elsewhere_for": self.elsewhere_for,
            "start": self.start.value,
            "batch_size": self.batch_size,
            "list_source": self.list_source,
        }
        if self.id is None:
            self.id = self._store.drafts.create(state, self._upload_id)
        else:
            self._store.drafts.save(self.id, state, self._upload_id, expected=self.updated)
        self._synchronise()

    def _synchronise(self) -> None:
        record = self._store.drafts.get(str(self.id))
        self.updated = record.updated if record else ""

    # --- where to, and which file --------------------------------------------------------------------------

    def choose_connection(self, connection_id: str) -> None:
        """Where this upload goes; kept before there is a file, too."""
        if self.id:
            self.must_be_current()
        self.connection_id = connection_id
        self._save()

    def load_sheet(self, data: bytes, name: str) -> None:
        """Take a file. Raises SheetRefused, and then nothing of the old one is lost.

        A second file is a second draft: the first one, with everything done to it, stays among the unfinished ones.
        """
        name = mask_seen(name)
        if files.are_several(data):  # nobody has such a file
            raise SheetRefused("workbook_damaged")
        sheet = read(data, name, person=self._store.person_id)
        self._begin(sheet, name, data, {}, alike(data, sheet, person=self._store.person_id))

    def load_files(self, several: Sequence[tuple[str, bytes]], name: str, column: str) -> None:
        """Take several files with the same columns as one list. As `load_sheet`.

        several: name and bytes of each, in the order in which their rows follow each other
        name: of the whole
        column: what the column that holds each row's file name is called
        """
        data = files.as_upload(several)
        sheet = read_files(data, name, sheet_column=column, alike=True, person=self._store.person_id)
        self._begin(sheet, name, data, {"sheet_column": column}, ())

    def _begin(
        self,
        sheet: Sheet,
        name: str,
        data: bytes,
        reading: dict[str, Any],
        alike: tuple[tuple[str, int], ...],
    ) -> None:
        if self.sheet is not None or self.is_stale:
            self.id, self.run_id = None, None
        self._upload_id = self._store.uploads.save(name, data)
        self._reading, self.alike = reading, alike
        self.start, self.batch_size, self.list_source = Start.ALL, BATCH_SIZE, ""
        self._take(sheet)

    def reread(self, **reading: Any) -> None:
        """Read the same file with other options of `sheet.read`; None takes one back. Raises SheetRefused.

        Rows or columns let in or out change nothing else that the person did; any other reading starts anew.
        """
        assert self._upload_id, "no file to read again"
        self.must_be_current()
        if not reading.keys() <= {SPLIT}:
            must_be_whole(self._store, self._upload_id)
        wanted = {key: value for key, value in (self._reading | reading).items() if value is not None}
        if "sheet" in reading and "header_row" not in reading:
            wanted.pop("header_row", None)
            wanted.pop("header_rows", None)
        if "sheet" in reading:
            wanted = {key: value for key, value in wanted.items() if key not in TOGETHER}
        keeps = reading.keys() <= {*IN_OR_OUT, SPLIT}
        if not keeps:
            wanted.pop(SPLIT, None)
        sheet = read_upload(self._store, self._upload_id, wanted)
        self._reading = wanted
        if not sheet.parts and not reading.keys() <= {SPLIT}:
            self.alike = alike_sheets(self._store, self._upload_id, wanted, sheet)
        if keeps:
            self._refit(sheet)
        else:
            self._take(sheet)

    def read_together(self, names: Iterable[str], column: str) -> None:
        """Read these worksheets, which have the same columns (`alike`), as one list. column: what the one with their names is called.

        The person's edits go: their rows have other numbers then. Raises SheetRefused, and then nothing is lost.
        """
        self.reread(sheets=list(names), sheet_column=column)

    def read_alone(self) -> None:
        """Read the one worksheet again that was read before."""
        self.reread(sheets=None, sheet_column=None)

    def reads(self, option: str) -> bool:
        """Whether rows or columns of this kind (one of `sheet.IN_OR_OUT`) are read."""
        return bool(self._reading.get(option, IN_OR_OUT[option]))

    def split_numbers(self, connection: Connection) -> int:
        """Give every number of a phone cell with several a row of its own; how many rows were made.

        Cells that the person has typed into stay as they are, and what was typed beside them holds for every number.
        """
        problems = self.review(connection).problems
        several = problems[
            problems["code"].eq(ProblemCode.PHONE_SEVERAL.value) & problems["field"].eq("phone")
        ]
        edits = self.edits
        rows = set(several["row"]) - {edit.row for edit in edits if edit.field == "phone"}
        columns = self.mapping.sources("phone")
        if not self.mapping.columns.get("phone") or not rows:
            return 0
        assert self.sheet, "no sheet to split"
        so_far = self._reading.get(SPLIT, {})
        wanted = split_further(so_far, self.sheet.table, columns, map(int, rows))
        before = self.contacts.index
        self.reread(**{SPLIT: wanted})
        made = self.contacts.index.difference(before)
        last = {(edit.row, edit.field): edit.after for edit in edits if edit.row in rows}
        self.edit(
            [
                (row, name, after)
                for (own, name), after in last.items()
                for row in made
                if row_of_file(row) == own
            ],
            connection,
        )
        return len(made)

    def join_numbers(self) -> None:
        """Every row of the file is one row again."""
        self.reread(**{SPLIT: None})

    @property
    def rows_made(self) -> int:
        """How many rows were made from cells with several numbers."""
        return int(is_made(self.sheet.table.index).sum()) if self.sheet else 0

    def _refit(self, sheet: Sheet) -> None:
        assert self.sheet, "no sheet to refit"
        self.mapping = refitted(self.mapping, self.sheet.table.columns, sheet)
        self.component_rows = with_columns_of(sheet, self.component_rows)
        self.sheet = sheet
        self._changed()

    def _take(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.left_out = self._left_out_first = frozenset()
        self._edits = EditStacks()
        self.again_for = ""
        self.keep = frozenset()
        self.elsewhere_for = ""
        self.mapping, self.component_rows = first_mapping(self._store, sheet)
        self.words_of = ""
        if self.id:
            self._store.edits.clear(self.id)
            self._synchronise()
        self._changed()

    def suggest_again(self) -> None:
        """Forget which column feeds which field, and suggest from the header and the values; components stay."""
        assert self.sheet, "no sheet to suggest for"
        self.words_of = ""
        self.change_mapping(suggest(self.sheet))

    # --- which column feeds which field --------------------------------------------------------------------

    def change_mapping(self, mapping: Mapping) -> None:
        """What feeds each field from now on. What the person typed into single cells stays."""
        self.change_feeding(mapping, self.component_rows)

    def change_feeding(self, mapping: Mapping, rows: Iterable[ComponentRow]) -> None:
        """What feeds each field and each component, both in one change."""
        self.must_be_current()
        self.mapping, self.component_rows = mapping, tuple(rows)
        self._changed()

    def say_word(self, name: str, word: str, meaning: str, connection: Connection) -> None:
        """What a word of this field stands for, here and in the next lists of the account.

        name: contacts column that takes only certain values
        word: as it stands in the sheet; compared folded
        meaning: value that is sent in its place; "" takes it back
        connection: whose account remembers it
        """
        self.use_words_of(connection)
        words = {
            known: to for known, to in self.mapping.values.get(name, {}).items() if known != folded(word)
        }
        self.change_mapping(self.mapping.with_values(name, words | ({word: meaning} if meaning else {})))
        self._store.meanings.remember(account(connection), name, folded(word), meaning)

    def use_words_of(self, connection: Connection) -> None:
        """Take what words stand for from the account this goes to: another account's numbers mean something else there."""
        if self.words_of == (mine := account(connection)):
            return
        self.words_of = mine
        mapping = with_words_of(self.mapping, self._store.meanings.recall(mine))
        if mapping.values != self.mapping.values:
            self.mapping = mapping
            self._forget_review()

    def change_components(self, rows: Iterable[ComponentRow]) -> None:
        """The components table as it stands, finished or not."""
        self.change_feeding(self.mapping, rows)

    def inform_components(self, known: Iterable[Component]) -> None:
        """Take over type and rules from the platform's list, where they differ from what the rows have."""
        if (told := components.informed(self.component_rows, known)) != self.component_rows:
            self.change_components(told)

    @property
    def component_mistakes(self) -> dict[str, str]:
        """Row key → error code; not empty keeps the submission from starting."""
        return components.mistakes(self.component_rows)

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """Contacts column (field, or component) → columns of the sheet that feed it, in the order in which they are taken."""
        merged = components.merged(self.mapping, self.component_rows)
        return {name: merged.sources(name) for name in merged.columns} | {
            component_column(of): (column,) for of, column in merged.components.items()
        }

    def component_label(self, component_id: str) -> str:
        """The person's own name of a component, else that of the column that feeds it; "" where it has neither."""
        return next((row.label or row.column for row in self.component_rows if row.id == component_id), "")

    def remember_mapping(self) -> None:
        """Offer this mapping the next time a file has columns called like these."""
        if self.sheet:
            self._store.mappings.remember(fingerprint(self.sheet.table.columns), self._kept_mapping())

    def _kept_mapping(self) -> dict[str, Any]:
        assert self.sheet, "no columns to keep"
        return {
            "header": list(self.sheet.table.columns),
            "mapping": self.mapping.as_dict(),
            "components": [row.as_dict() for row in self.component_rows],
        }

    def keep_recipe(self, name: str, connection: Connection) -> None:
        """Keep under this name what feeds what, what words stand for and where it goes. Raises as `store.recipes.keep`."""
        recipe = self._kept_mapping() | {"connection_id": connection.id, "words_of": self.words_of}
        self._store.recipes.keep(name, recipe)

    def use_recipe(self, recipe: dict[str, Any], connections: Iterable[str]) -> tuple[str, ...]:
        """Take it over for this sheet, as far as its columns are there; the names of those the sheet lacks.

        connections: ids of those there are; where the recipe's is one of them, this upload goes there. What it does not
        feed is fed as headers and values suggest.
        """
        assert self.sheet, "no sheet to use it for"
        self.must_be_current()
        self.mapping, self.component_rows = of_kept(recipe, self.sheet)
        self.words_of = recipe["words_of"]
        if recipe["connection_id"] in connections:
            self.connection_id = recipe["connection_id"]
        self._changed()
        wanted = memory.columns_used(recipe)
        return tuple(column for column in wanted if column not in self.sheet.table.columns)

    # --- fixing --------------------------------------------------------------------------------------------

    def edit(self, changes: Iterable[tuple[int, str, str]], connection: Connection) -> int:
        """Set cells: (spreadsheet row number, contacts column, new text); how many changed.

        All of one call are one step of undo. Cells that hold the text already are passed over. Raises
        Conflict("mask_typed") where a number with hidden digits would be stored: that is what is shown, not a number.
        """
        self.must_be_current()
        wanted: dict[str, dict[int, str]] = {}
        for row, name, after in changes:
            wanted.setdefault(name, {})[int(row)] = after
        facts: list[Fact] = []
        for name in [name for name in wanted if name in self.contacts.columns]:
            shown = self.shown(name, pd.Index(list(wanted[name]), dtype="int64"), connection)
            facts += [
                (row, name, now, wanted[name][row])
                for row, now in zip(shown.index, shown, strict=True)
                if now != wanted[name][row]
            ]
        if any(holds_mask(after) and not holds_mask(before) for _, _, before, after in facts):
            raise Conflict("mask_typed")
        self._add(facts)
        return len(facts)

    def shown(self, name: str, rows: pd.Index, connection: Connection) -> pd.Series:
        """A contacts column as the person sees it, for those of these rows the sheet has; index = spreadsheet row number.

        Cleaned; a row that is left out is not cleaned and stands as mapped.

        name: contacts column, not a column of the sheet
        rows: spreadsheet row numbers in the order wanted
        connection: whose options and task the cleaning follows
        """
        inside = self.contacts.index.get_indexer(rows)
        cleaned, known = self.review(connection).contacts, rows[inside >= 0]
        places = cleaned.index.get_indexer(known)
        if (places >= 0).all():
            return picked(cleaned[name], places).set_axis(known)
        texts = picked(self.contacts[name], inside[inside >= 0]).copy()
        texts[places >= 0] = picked(cleaned[name], places[places >= 0])
        return texts

    def typed(self, name: str, rows: Iterable[int] | None = None) -> pd.Series:
        """By row, what the person typed last into this contacts column, as it was typed; of these rows, or of all."""
        return self._edits.standing(name, rows)

    def leave_out(self, rows: Iterable[int]) -> None:
        """Do not send these rows."""
        self.must_be_current()
        inside = [row for row in dict.fromkeys(map(int, rows)) if row not in self.left_out]
        self._add([(row, SEND, SENT, LEFT_OUT) for row in self._of_sheet(inside)])

    def take_back_in(self, rows: Iterable[int]) -> None:
        """Send these rows after all, if nothing else is wrong with them."""
        self.must_be_current()
        outside = [row for row in dict.fromkeys(map(int, rows)) if row in self.left_out]
        self._add([(row, SEND, LEFT_OUT, SENT) for row in outside])

    def _of_sheet(self, rows: list[int]) -> list[int]:
        index = pd.Index(rows, dtype="int64")
        return index[index.isin(self.contacts.index)].tolist()

    def _add(self, facts: list[Fact]) -> None:
        if facts:
            self._store.edits.add(str(self.id), facts, who=self.who, expected=self.updated)
            self._edits.push((row, name, after) for row, name, _, after in facts)
            self._follow((row, name) for row, name, _, _ in facts)

    def undo(self) -> int:
        """Take back the last edit, or the last group of edits made at once; how many cells or rows."""
        self.must_be_current()
        undone = self._store.edits.undo(str(self.id), expected=self.updated)
        self._edits.pop((edit.row, edit.field) for edit in undone)
        self._follow((edit.row, edit.field) for edit in undone)
        return len(undone)

    def redo(self) -> int:
        """Make what was taken back last once more, unless something else was done since; how many cells or rows."""
        self.must_be_current()
        redone = self._store.edits.redo(str(self.id), expected=self.updated)
        self._edits.push((edit.row, edit.field, edit.after) for edit in redone)
        self._follow((edit.row, edit.field) for edit in redone)
        return len(redone)

    @property
    def turns(self) -> tuple[int, int]:
        """How many cells or rows the next undo takes back, and the next redo brings again."""
        if self._turns is None or self._turns[0] != self.updated:
            self._turns = (self.updated, self._store.edits.next_turns(self.id) if self.id else (0, 0))
        return self._turns[1]

    @property
    def edits(self) -> list[EditRecord]:
        """The person's edits in order, without those taken back."""
        return self._store.edits.of_draft(self.id) if self.id else []

    @property
    def edited_rows(self) -> set[int]:
        """Rows with a cell the person changed."""
        return self._edits.rows

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

    def _changed(self) -> None:
        self._forget_review()
        self._save()

    # --- what follows from it ------------------------------------------------------------------------------

    def _forget_review(self) -> None:
        self.basis = object()
        self._reviews.forget()
        for name in ("contacts", "strange_words", "spare_phone"):
            self.__dict__.pop(name, None)

    @cached_property
    def contacts(self) -> pd.DataFrame:
        """The mapped sheet with the person's edits on top; index = spreadsheet row number."""
        assert self.sheet, "no sheet to map"
        return mapped_contacts(self.sheet, self._feeding, self._edits)

    @cached_property
    def strange_words(self) -> dict[str, pd.Series]:
        """Of each field that takes only certain values, the words of the sheet that it does not take (`closed_words`)."""
        assert self.sheet, "no sheet to look through"
        return {name: strange_words(self.sheet.table, self.mapping, name) for name in CLOSED}

    @cached_property
    def spare_phone(self) -> tuple[str, int] | None:
        """The column that could stand in for an empty phone, and in how many rows (`mapping.spare_phone`)."""
        assert self.sheet, "no sheet to look through"
        return spare_phone(self.sheet, self.mapping)

    @property
    def _feeding(self) -> Mapping:
        return components.merged(self.mapping, self.component_rows)

    def _follow(self, cells: Iterable[tuple[int, str]]) -> None:
        """Bring contacts and reviews up to date after edits of these (row, field), without making them anew."""
        changed: dict[str, list[int]] = {}
        for row, name in cells:
            changed.setdefault(name, []).append(row)
        if not changed:
            return
        self._synchronise()
        sends = changed.pop(SEND, [])
        if sends:
            self.left_out = self._still_out(self.left_out, sends)
        if "contacts" in self.__dict__:
            assert self.sheet, "no sheet to map"
            self.contacts = with_cells(self.contacts, self.sheet, self._feeding, self._edits, changed)
        if self._reviews.last is not None:
            rows = {row for rows in (*changed.values(), sends) for row in rows}
            self._reviews.recheck(rows, self.contacts, self.left_out, self._terms)

    @property
    def _terms(self) -> ReviewTerms:
        return ReviewTerms(
            self.again_for, self.elsewhere_for, self.keep, components.rules(self.component_rows)
        )

    def _still_out(self, left_out: frozenset[int], rows: Iterable[int]) -> frozenset[int]:
        """`left_out` with these rows as the edits say, and as the saved draft began where they say nothing."""
        said = self._edits.standing(SEND, rows).to_dict()
        out = {
            row
            for row in rows
            if said.get(row, LEFT_OUT if row in self._left_out_first else SENT) == LEFT_OUT
        }
        return (left_out - set(rows)) | out

    def review(self, connection: Connection) -> Review:
        """Every row that is not left out, cleaned and checked, also against what was sent to the same task before."""
        self.use_words_of(connection)
        return self._reviews.of(connection) or self._reviews.make(
            connection, self.contacts, self.left_out, self._terms
        )

    def allow_sending_again(self, connection: Connection | None) -> None:
        """The person's decision about numbers that were sent to this task before; None takes it back."""
        self.must_be_current()
        self.again_for = connection.task if connection else ""
        self._changed()

    def sends_again(self, connection: Connection) -> bool:
        """Whether the person allowed numbers to go to this very task once more; no other task is meant by it."""
        return self.again_for == connection.task

    def allow_sent_elsewhere(self, connection: Connection | None) -> None:
        """The person's decision to send numbers to this task that went to another one of late; None takes it back."""
        self.must_be_current()
        self.elsewhere_for = connection.task if connection else ""
        self._changed()

    def sends_elsewhere(self, connection: Connection) -> bool:
        """Whether the person allowed numbers of other tasks to go to this very task."""
        return self.elsewhere_for == connection.task

    def choose_start(self, start: Start) -> None:
        """What the run sends before it waits for the person."""
        self.must_be_current()
        self.start = start
        self._save()

    def choose_batch_size(self, size: int) -> None:
        """How many numbers go into one batch at most: 1 to 200."""
        self.must_be_current()
        self.batch_size = size
        self._save()

    def cut(self, connection: Connection) -> Cut:
        """How the rows that can be sent fall into batches: what is counted before the button, and what is frozen by it."""
        return payload.cut(self.review(connection), self.start, self.batch_size)

    def say_source(self, text: str) -> None:
        """Whence the person says the list comes; it is kept with the run, without any phone number."""
        self.must_be_current()
        self.list_source = mask_seen(" ".join(text.split()))
        self._save()

    def look_again(self) -> None:
        """Forget what was known of numbers from outside: somebody has submitted since, or changed the do-not-call list."""
        self._reviews.look_again()
        self._forget_review()

    def tally(self, connection: Connection) -> Tally:
        """The rows of the sheet by what will happen to them."""
        assert self.sheet, "no sheet to count"
        review = self.review(connection)
        rows, to_send = len(self.sheet.table), int(review.sendable.sum())
        left_out = rows - len(review.contacts)
        repeated = len(review.only_repeated)
        return Tally(
            rows, to_send, len(review.contacts) - to_send - repeated, repeated, left_out, self.rows_made
        )

    def note_counts(self, connection: Connection) -> None:
        """Keep the tally for the list of unfinished uploads, once for every change."""
        counts = asdict(self.tally(connection))
        noted = (self.updated, counts)
        if self.id and not self.run_id and noted != self._noted:
            self._store.drafts.note_counts(self.id, counts, self.updated)
            self._noted = noted

    @property
    def can_send(self) -> bool | None:
        """Whether the last review found a row that can be sent; None where nothing has been reviewed yet."""
        review = self._reviews.last
        return None if review is None else bool(review.sendable.any())

    def has_phone(self) -> bool:
        """Whether a column or a fixed value feeds the phone number."""
        return self.mapping.is_fed("phone")

    def leaves_no_doubt(self, connection: Connection, listed: Sequence[Component] = ()) -> bool:
        """Whether its columns need no look: each is certain or as the person had it, none waits for them, no other one has
        the numbers that its own lacks, and words that stand for numbers have been told. A strange word for a sex spoils its own row, and the review says so.

        listed: the platform's components, where they are known: one that is required, or is called like a column, waits too.
        """
        if self.sheet is None or not self.has_phone() or self.component_mistakes or self.mapping.is_doubtful:
            return False
        if self.spare_phone:
            return False
        rows = self.component_rows
        if components.still_required(listed, rows) or components.named_alike(
            listed, self.sheet.table.columns, rows
        ):
            return False
        self.use_words_of(connection)
        return not any(untold(self.strange_words[name], self.mapping, name) for name in NUMBERED)
