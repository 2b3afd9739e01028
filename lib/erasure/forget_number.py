"""Everything about one number deleted, over all runs, drafts and files, with a certificate of what was found where.

Each place is a transaction of its own, and all of it may be done again: whoever is interrupted presses once more.
What cannot go yet, because a batch needs its rows to find out whom it has reached, is told and goes by itself later.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from lib.contact.number_search import Sought, anywhere, without
from lib.draft import plan
from lib.draft import reading as draft_reading
from lib.errors import Conflict, SheetRefused
from lib.mapping import Mapping
from lib.run.journal import BY_LOCAL, By
from lib.run.records import DraftRecord
from lib.run.states import DataDeed
from lib.sheet import Sheet, stored
from lib.sheet.row_numbers import row_of_file
from lib.sheet.split import split
from lib.store import Store
from lib.store.erasure import Waiting
from lib.store.journal import Doing
from lib.words import t

#: Tries for a draft that is being worked on at this moment.
_TRIES = 3

#: Places in which something was found, in the order of the certificate.
PLACES = ("drafts", "file_rows", "run_rows", "planned", "requests", "sheets", "mappings", "names")


@dataclass(frozen=True)
class Certificate:
    """What a deletion came to. The number itself is not in it.

    at: ISO text. fingerprint: keyed; the same number gives the same one on this installation only. counts: place (PLACES)
    → how many. waiting: batches in which the number stays for now. unread: files that could not be searched. blocked:
    whether the number is on the do-not-call list now. is_compact: whether the file was written anew at once.
    """

    at: str
    who: str
    fingerprint: str
    counts: dict[str, int]
    waiting: tuple[Waiting, ...] = ()
    unread: tuple[str, ...] = ()
    blocked: bool = True
    is_compact: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether the number was nowhere."""
        return not any(self.counts.values()) and not self.waiting


@dataclass(frozen=True)
class _Cut:
    """What was taken out of one draft. unread: its file's name, where it could not be searched."""

    drafts: int = 0
    rows: int = 0
    unread: str = ""


def forget(store: Store, phone: str, *, block: bool, by: By = BY_LOCAL) -> Certificate:
    """Delete everything about a number.

    Blocked first: nothing planned may leave while the rest is searched. Raises Conflict("draft_changed") where somebody
    works on a draft all the while; what was done until then is done.

    store: the whole one, not a person's: runs and drafts of every team are searched
    phone: in any spelling; ciphertext is found only as a whole
    block: keep it on the do-not-call list, or put it there; else take it off
    by: who asked for it; is written down with it, and stands in the certificate
    """
    sought, who = Sought(phone), by.who
    if block:
        store.do_not_call.add([phone], "", by)
    else:
        store.do_not_call.remove(phone, by)
    counts, waiting = _in_runs(store, sought, who)
    cuts = [_cut_draft(store, draft_id, sought) for draft_id in store.erasure.drafts_with_data()]
    counts |= {
        "drafts": sum(cut.drafts for cut in cuts),
        "file_rows": sum(cut.rows for cut in cuts),
        "mappings": store.erasure.forget_mappings(sought.is_in),
        "names": store.erasure.forget_in_names(sought.is_in),
    }
    mark = store.erasure.fingerprint(phone)
    facts = {name: count for name, count in counts.items() if count} | {
        "waiting": len(waiting),
        "blocked": block,
    }
    store.journal.note_data(Doing(DataDeed.NUMBER_DELETED, who, fingerprint=mark, facts=facts))
    is_compact = store.erasure.vacuum() or not store.retention.figures().owed
    unread = tuple(cut.unread for cut in cuts if cut.unread)
    return Certificate(store.retention.now(), who, mark, counts, waiting, unread, block, is_compact)


def text(certificate: Certificate, lang: str, *, who: str, local: Callable[[str], str], minutes: int) -> str:
    """The certificate as a text to keep, in lines that end with CRLF.

    certificate: of `forget`; file names that are not the person's to see are taken out of it before
    lang: of the text
    who: what the person is called, in place of the certificate's own `who`
    local: makes a stored moment one of the person's own time
    minutes: after which nothing of a page that was closed is in memory
    """
    lines = [
        t("certificate.title", lang),
        t("certificate.when", lang, when=local(certificate.at), who=who),
        t("certificate.fingerprint", lang, fingerprint=certificate.fingerprint),
        "",
        *(t(f"certificate.place.{name}", lang, count=certificate.counts.get(name, 0)) for name in PLACES),
        t("certificate.blocked" if certificate.blocked else "certificate.not_blocked", lang),
    ]
    lines += [""] if certificate.waiting else []
    lines += [waiting_words(one, lang) for one in certificate.waiting]
    lines += [t("certificate.unread", lang, file=name) for name in certificate.unread]
    lines += ["", t("certificate.compact" if certificate.is_compact else "certificate.not_compact", lang)]
    lines += [t("certificate.memory", lang, minutes=minutes), t("certificate.platform", lang)]
    return "\r\n".join([*lines, ""])


def waiting_words(one: Waiting, lang: str) -> str:
    """Where the number still is, and what to do."""
    return t(f"certificate.waiting.{one.state}", lang, file=one.file_name, seq=str(one.seq))


# --- runs ------------------------------------------------------------------------------------------------------


def _in_runs(store: Store, sought: Sought, who: str) -> tuple[dict[str, int], tuple[Waiting, ...]]:
    found = []
    sheets = 0
    for run_id in store.erasure.runs_with_data():
        found.append(store.erasure.forget_in_run(run_id, sought.phone, sought.is_in, who))
        sheets += _cut_source(store, run_id, sought)
    counts = {
        "run_rows": sum(one.rows for one in found),
        "planned": sum(one.planned for one in found),
        "requests": sum(one.requests for one in found),
        "sheets": sheets,
    }
    return counts, tuple(waiting for one in found for waiting in one.waiting)


def _cut_source(store: Store, run_id: str, sought: Sought) -> int:
    """Rows taken out of the sheet that is kept with a run."""
    try:
        data = store.runs.source(run_id)
    except Conflict:
        return 0  # deleted
    rows, kept = plan.source_without(data, sought)
    if kept != data:
        store.erasure.replace_source(run_id, kept)
    return rows


# --- drafts ----------------------------------------------------------------------------------------------------


def _cut_draft(store: Store, draft_id: str, sought: Sought) -> _Cut:
    for left in reversed(range(_TRIES)):
        try:
            return _cut_draft_once(store, draft_id, sought)
        except Conflict as error:
            if error.code == "draft_gone":
                return _Cut()
            if not left:
                raise
    raise AssertionError("the last try returns or raises")


def _cut_draft_once(store: Store, draft_id: str, sought: Sought) -> _Cut:
    record = store.drafts.get(draft_id)
    if record is None:
        return _Cut()
    edited = store.erasure.edited_with(draft_id, sought.is_in)
    try:
        in_file = _in_file(store, record, sought)
    except SheetRefused:
        return _Cut(unread=record.state.get("file_name", ""))
    if not edited and not in_file and not anywhere(record.state, sought.is_in):
        return _Cut()
    rows, cut = edited, None
    if record.upload_id and (edited or in_file):
        sheet = draft_reading.whole_sheet(store, record.upload_id, record.state.get("reading", {}))
        rows = edited | {row_of_file(row) for row in sought.rows(sheet.table)}
        cut = _cut_sheet(sheet, rows, sought)
    state, remains = _cut_state(record, rows, sought), None
    if cut is not None:
        remains = stored.table_bytes(cut)
        state["rows"] = len(split(cut, state["reading"].get(draft_reading.SPLIT, {})).table)
    store.erasure.cut_draft(draft_id, record.updated, state, rows, remains, sought.is_in)
    return _Cut(1, len(rows))


def _in_file(store: Store, record: DraftRecord, sought: Sought) -> bool:
    """Whether the number stands anywhere in the draft's file, in a worksheet that is not read or in its name, too. Raises SheetRefused."""
    if not record.upload_id:
        return False
    tables = draft_reading.every_table(store, record.upload_id, record.state.get("reading", {}))
    return any(len(sought.rows(one.table)) or any(map(sought.is_in, _names(one))) for one in tables)


def _names(sheet: Sheet) -> list[str]:
    """What its columns and its worksheets are called."""
    return [*map(str, sheet.table.columns), *sheet.sheets, *(part.name for part in sheet.parts)]


def _cut_sheet(sheet: Sheet, rows: set[int], sought: Sought) -> Sheet:
    table = sheet.table.drop(index=list(rows), errors="ignore")
    heads = [*map(str, table.columns)]
    names = [  # the column's place; where another is called so, a number that no other column comes to
        next(free for free in map(str, count(at, len(heads))) if free not in heads)
        if sought.is_in(head)
        else head
        for at, head in enumerate(heads, 1)
    ]
    notes = tuple(note for note in sheet.notes if not anywhere(note.params, sought.is_in))
    own = sheet.sheet if sheet.sheet and not sought.is_in(sheet.sheet) else None
    parts = tuple(part for part in sheet.parts if not sought.is_in(part.name))
    return replace(sheet, table=table.set_axis(names, axis=1), notes=notes, sheet=own, parts=parts)


def _cut_state(record: DraftRecord, rows: set[int], sought: Sought) -> dict[str, Any]:
    """The draft's state without these rows of its file, and without the number in whatever else stands there."""
    state = dict(record.state)
    state["left_out"] = [row for row in state.get("left_out", []) if row_of_file(row) not in rows]
    reading = dict(state.get("reading", {}))
    if splits := reading.get(draft_reading.SPLIT):
        reading[draft_reading.SPLIT] = {
            column: [row for row in cells if row_of_file(row) not in rows] for column, cells in splits.items()
        }
    state["reading"] = reading
    cleaned = dict(without(state, sought.is_in))
    if mapping := cleaned.get("mapping"):  # a column without a name feeds nothing, nor does a part of a text
        feeds = Mapping.from_dict(mapping)
        cleaned["mapping"] = feeds.within(feeds.every_column - {""}).as_dict()
    return cleaned
