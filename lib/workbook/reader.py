"""A workbook or a large text, read by a limited process of its own; two engines, and what to believe when they differ."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa

from lib.errors import SheetRefused
from lib.workbook import process
from lib.workbook.beside import Lost, Unfit
from lib.workbook.delimited import check_cells
from lib.workbook.limits import TEXT_OF_ITS_OWN_BYTES
from lib.workbook.notes import Note, NoteCode, note
from lib.workbook.text import Text, parse_text

_FACTS_KEY = b"facts"

#: Kinds with one reader of values, whose rows the fast engine only counts.
_ONE_READER = ("xls", "ods", "html", "mht", "xml", "vcf")


_Parsed: TypeAlias = tuple[pa.Table, dict[str, Any]]
_Answer: TypeAlias = _Parsed | SheetRefused | None


@dataclass(frozen=True)
class Book:
    """One worksheet as text: `table` has `row` and one large_string column per used column, named by letters.

    merges: (first row, last row, first column, last column), rows as numbered in the sheet, columns zero-based.
    visible: those of `sheets` that are not hidden. encoding, rival_encoding: of an old workbook whose texts are bytes.
    """

    kind: str
    sheet: str
    sheets: tuple[str, ...]
    table: pa.Table
    merges: tuple[tuple[int, int, int, int], ...]
    notes: tuple[Note, ...]
    visible: tuple[str, ...] = ()
    encoding: str = ""
    rival_encoding: str = ""


def read_book(data: bytes, sheet: str | None, person: str, encoding: str | None) -> Book:
    """Reads a worksheet, by a second engine too where the first leaves a doubt. Raises SheetRefused.

    data: the workbook as it was uploaded
    sheet: name of the worksheet, None for the first visible one with rows, of a page for the table with the contacts
    person: whose place it takes, as for `process.run`
    encoding: of an old workbook whose texts are bytes, None to find it
    """
    first = _parse(data, sheet, "fast", person, encoding)
    second = _parse(data, sheet, "careful", person, encoding) if _is_doubtful(first) else None
    return _settled(first, second)


def read_books(
    data: bytes, sheets: Sequence[str], person: str, encoding: str | None
) -> list[Book | SheetRefused]:
    """Several worksheets, or why one was refused, in one process: its limits hold for all. Raises SheetRefused where that took too long.

    data, person, encoding: as for `read_book`
    sheets: names of the worksheets; what was read comes in this order
    """
    first = _parse_several(data, sheets, "fast", person, encoding)
    doubtful = [name for name, one in zip(sheets, first, strict=True) if _is_doubtful(one)]
    again = _parse_several(data, doubtful, "careful", person, encoding) if doubtful else []
    second = dict(zip(doubtful, again, strict=True))
    return [_settled_or_refused(one, second.get(name)) for name, one in zip(sheets, first, strict=True)]


def _is_doubtful(first: _Answer) -> bool:
    """Whether the second engine has to read it too."""
    if first is None:
        return True
    return (
        not isinstance(first, SheetRefused) and not _agrees(first[1]) and first[1]["kind"] not in _ONE_READER
    )


def _settled_or_refused(first: _Answer, second: _Answer) -> Book | SheetRefused:
    try:
        return _settled(first, second)
    except SheetRefused as refused:
        return refused


def _settled(first: _Answer, second: _Answer) -> Book:
    """What to believe of two answers. second: None where it was not asked for, or died too. Raises SheetRefused."""
    for answer in (first, second):
        if isinstance(answer, SheetRefused):
            raise answer
    assert not isinstance(first, SheetRefused)
    assert not isinstance(second, SheetRefused)
    if first is not None and _agrees(first[1]):
        return _book(*first)
    if first is not None and first[1]["kind"] in _ONE_READER:
        return _book(*first, *_disagreement(first[1]))
    if first is None and second is None:
        raise SheetRefused("workbook_unreadable")
    if first is None or (second is not None and second[1]["read"] > first[1]["read"]):
        table, facts = second or (pa.table({}), {})
        fallback = [] if facts["kind"] in _ONE_READER else [note(NoteCode.READ_BY_FALLBACK)]
        return _book(table, facts, *fallback, *_disagreement(facts))
    # the second opinion saw no more rows than the first: what the count saw are cells with an empty text
    settled = second is not None and second[1]["read"] == first[1]["read"]
    return _book(*first, *([] if settled else _disagreement(first[1])))


def _agrees(facts: dict[str, Any]) -> bool:
    return bool(facts["seen"] == facts["read"])


def _disagreement(facts: dict[str, Any]) -> list[Note]:
    if facts["seen"] is None:
        return [note(NoteCode.COUNTED_ONCE, count=facts["read"])]
    return [] if _agrees(facts) else [note(NoteCode.COUNT_DISAGREES, seen=facts["seen"], count=facts["read"])]


def _book(table: pa.Table, facts: dict[str, Any], *more: Note) -> Book:
    check_cells(table, "workbook_cell_too_long")
    notes = [*more, *(Note(NoteCode(code), params) for code, params in facts["notes"]), *_sheet_notes(facts)]
    return Book(
        facts["kind"],
        facts["sheet"],
        tuple(name for name, _ in facts["sheets"]),
        table,
        tuple(tuple(place) for place in facts["merges"]),
        tuple(notes),
        tuple(name for name, shown in facts["sheets"] if shown),
        facts.get("encoding", ""),
        facts.get("rival_encoding", ""),
    )


def _sheet_notes(facts: dict[str, Any]) -> list[Note]:
    notes = []
    visible = [name for name, shown in facts["sheets"] if shown and name != facts["sheet"]]
    hidden = [name for name, shown in facts["sheets"] if not shown and name != facts["sheet"]]
    if visible:
        notes.append(note(NoteCode.MORE_SHEETS, count=len(visible), sheet=facts["sheet"]))
    if hidden:
        notes.append(note(NoteCode.HIDDEN_SHEETS, count=len(hidden), first=hidden[0]))
    if facts["macros"]:
        notes.append(note(NoteCode.MACROS_IGNORED))
    return notes


def read_text(data: bytes, encoding: str | None, delimiter: str | None = None, person: str = "") -> Text:
    """Reads a text file, as `text.parse_text`: here where it is small and cannot take long or much. Raises SheetRefused.

    data: the text as it was uploaded
    encoding: one of `encoding.ENCODINGS`, None to detect it
    delimiter: "" for none, None to find it
    person: whose place a large one takes, as for `process.run`
    """
    if len(data) <= TEXT_OF_ITS_OWN_BYTES:
        return parse_text(data, encoding, delimiter)
    read = _read(process.run_text(data, encoding, delimiter, person))
    if read is None:
        raise SheetRefused("text_unreadable")
    return Text.of_facts(*read)


@dataclass(frozen=True)
class Written:
    """A workbook with more columns. data: b"" where it was only asked whether it can be written; lost: what of it is not in it."""

    data: bytes
    lost: tuple[Lost, ...]


def write_columns(data: bytes, wanted: Mapping[str, Any], person: str = "") -> Written | Unfit:
    """The workbook with more columns, all else as it was; or why it cannot be written.

    Raises SheetRefused where the workbook cannot be read or the process died.

    data: the workbook as it was uploaded
    wanted: as for `beside.write_beside`; without columns it is only found out whether it could be written
    person: whose place it takes, as for `process.run`
    """
    read = _read(process.run_beside(data, wanted, person))
    if read is None:
        raise SheetRefused("workbook_unreadable")
    table, facts = read
    if "unfit" in facts:
        return Unfit(facts["unfit"])
    return Written(table["book"][0].as_py(), tuple(map(Lost, facts["lost"])))


def _parse_several(
    data: bytes, sheets: Sequence[str], engine: str, person: str, encoding: str | None
) -> list[_Answer]:
    """As `_parse` of each; a refusal in the place of what was refused."""
    said = process.run_several(data, sheets, engine, person, encoding)
    source = pa.BufferReader(b"" if said is None else said)
    return [_next(source) for _ in sheets]


def _next(source: pa.BufferReader) -> _Answer:
    try:
        return _read_from(source)
    except SheetRefused as refused:
        return refused


def _parse(data: bytes, sheet: str | None, engine: str, person: str, encoding: str | None) -> _Parsed | None:
    """Table and facts; None when the process died, or its engine gave up. Raises SheetRefused when it refused."""
    return _read(process.run(data, sheet, engine, person, encoding))


def _read(answer: process.Said | None) -> _Parsed | None:
    return None if answer is None else _read_from(pa.BufferReader(answer))


def _read_from(source: pa.BufferReader) -> _Parsed | None:
    """The answer that begins here."""
    try:
        with pa.ipc.open_stream(source) as stream:
            table = stream.read_all()
    except pa.ArrowInvalid:
        return None  # died while it was writing
    facts = json.loads(table.schema.metadata[_FACTS_KEY])
    if "refused" in facts:
        raise SheetRefused(facts["refused"], **facts["params"])
    return None if "gave_up" in facts else (table.replace_schema_metadata(None), facts)
