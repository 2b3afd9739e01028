"""A text file (CSV, TSV, a list of numbers) as columns. Row numbers are record numbers, as Excel shows them."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lib.errors import SheetRefused
from lib.workbook import delimited, typed_lines
from lib.workbook.cell_kinds import kind_of
from lib.workbook.delimited import NONE
from lib.workbook.encoding import decode, lenient
from lib.workbook.limits import MAX_LINE_BYTES
from lib.workbook.marks import bare, first_place
from lib.workbook.notes import Note, NoteCode, note

#: In this order where two fit equally well.
_DELIMITERS = (",", "\t", ";", "|")

_SAMPLE_CHARACTERS = 64_000
_SAMPLE_RECORDS = 50
_CONSISTENT = 0.6


#: What phone numbers that are a cell of their own add to a delimiter's score.
_PHONES = 0.5

#: Difference of two delimiters' scores below which a person looks: agreement of half the records, or nearly.
_CLOSE = 0.3

Rows = tuple[tuple[str, ...], ...]

#: Rows of a rival reading that are shown.
RIVAL_ROWS = 5


@dataclass(frozen=True)
class Rival:
    """Another way of reading the file that is nearly as likely.

    option: the option of `read` it is, "encoding" or "delimiter"; value: what to set it to; rows: the first rows so
    read; own: the same rows as they are read instead. needed: the reading taken is not likely itself, so nobody may go on
    before a person has said which one is right.
    """

    option: str
    value: str
    rows: Rows
    own: Rows
    needed: bool = False


@dataclass(frozen=True)
class Text:
    """`table`: `row`, then columns named by letters, like a worksheet's. ragged: rows whose number of fields differs from most."""

    kind: str
    encoding: str
    delimiter: str | None
    table: pa.Table
    ragged: tuple[int, ...]
    notes: tuple[Note, ...]
    rival: Rival | None = None

    def facts(self) -> dict[str, Any]:
        """All but the table, for another process."""
        told = {name: value for name, value in vars(self).items() if name != "table"}
        notes = [(one.code.value, one.params) for one in self.notes]
        return told | {"notes": notes, "rival": self.rival and vars(self.rival)}

    @classmethod
    def of_facts(cls, table: pa.Table, facts: dict[str, Any]) -> "Text":
        """The text whose `facts` another process gave."""
        notes = tuple(Note(NoteCode(code), params) for code, params in facts["notes"])
        rival = facts["rival"] and Rival(**facts["rival"])
        if rival:
            rival = replace(rival, rows=_rows(rival.rows), own=_rows(rival.own))
        return cls(
            **facts | {"table": table, "ragged": tuple(facts["ragged"]), "notes": notes, "rival": rival}
        )


def _rows(records: Iterable[Iterable[str]]) -> Rows:
    return tuple(map(tuple, records))


def parse_text(data: bytes, encoding: str | None, delimiter: str | None) -> Text:
    """A text file as columns. Raises SheetRefused.

    data: the text as it was uploaded
    encoding: one of `encoding.ENCODINGS`, None to detect it
    delimiter: "" for none, None to find it; any that is not looked for counts as none
    """
    _refuse_long_line(data)
    decoded = decode(data, encoding)
    text = decoded.text
    declared, skipped = _declared_delimiter(text)
    body = text[skipped:]
    if not body.strip():
        raise SheetRefused("file_empty")
    rival = None
    if delimiter is None:
        delimiter = declared
    elif delimiter not in (*_DELIMITERS, *typed_lines.DELIMITERS):
        delimiter = NONE
    if delimiter is None:
        delimiter, other = _best_delimiters(body)
        if other:
            rival = Rival("delimiter", other, _first_rows(body, other), _first_rows(body, delimiter))
    if decoded.rival:
        instead = lenient(data, decoded.rival)
        rows = _first_rows(instead, detect_delimiter(instead))
        rival = Rival("encoding", decoded.rival, rows, _first_rows(body, delimiter), decoded.unlikely)
    first_row = 2 if skipped else 1
    notes = list(decoded.notes)
    by_line = delimiter in typed_lines.DELIMITERS
    if by_line:
        body = typed_lines.parted(body, delimiter)
    read = delimited.parse(body, NONE if by_line else delimiter, first_row)
    table, spoilt = _spoilt(text, read.table)
    notes += spoilt
    if read.open_quote:
        notes.append(note(NoteCode.QUOTE_OPEN, row=read.open_quote))
    kind = "txt" if by_line or delimiter == NONE else "tsv" if delimiter == "\t" else "csv"
    return Text(
        kind,
        decoded.encoding,
        None if delimiter == NONE else delimiter,
        table,
        read.ragged,
        tuple(notes),
        rival,
    )


def _spoilt(text: str, table: pa.Table) -> tuple[pa.Table, list[Note]]:
    """The table without zero bytes, and where they and damaged characters stand."""
    notes = []
    if damaged := text.count("\ufffd"):
        notes.append(note(NoteCode.DAMAGED_CHARACTERS, count=damaged, cell=first_place(table, "\ufffd")))
    if zeros := text.count("\0"):
        notes.append(note(NoteCode.ZERO_BYTES, count=zeros, cell=first_place(table, "\0")))
        columns = [pc.replace_substring(column, "\0", "") for column in table.columns[1:]]
        table = pa.Table.from_arrays([table.column(0), *columns], names=table.column_names)
    return table, notes


def _first_rows(text: str, delimiter: str) -> Rows:
    if delimiter in typed_lines.DELIMITERS:
        text, delimiter = typed_lines.parted(text[:_SAMPLE_CHARACTERS], delimiter), NONE
    return _rows(_sample(text, delimiter)[:RIVAL_ROWS])


def _refuse_long_line(data: bytes) -> None:
    at = 0
    while len(data) - at > MAX_LINE_BYTES:
        end = max(data.rfind(b"\n", at, at + MAX_LINE_BYTES), data.rfind(b"\r", at, at + MAX_LINE_BYTES))
        if end < 0:
            raise SheetRefused("line_too_long", limit=MAX_LINE_BYTES)
        at = end + 1


def _declared_delimiter(text: str) -> tuple[str | None, int]:
    """Delimiter and length of a first line `sep=;`, which Excel writes and understands."""
    line = text[:20].split("\n", 1)[0].rstrip("\r")
    bare = line.strip('"')
    if "\n" in text[:20] and bare.lower().startswith("sep=") and len(bare) == 5:
        return bare[4], text.index("\n") + 1
    return None, 0


def detect_delimiter(text: str) -> str:
    """The delimiter under which the first records agree best on their number of fields, and phone numbers stand alone."""
    return _best_delimiters(text)[0]


def _best_delimiters(text: str) -> tuple[str, str | None]:
    """The best delimiter, and the one that it may be instead; lines that none of them parts may have been typed."""
    scores, alone = {NONE: 0.0}, {NONE: 0.0}
    for delimiter in _DELIMITERS:
        if delimiter not in text[:_SAMPLE_CHARACTERS]:
            continue
        sample = [record for record in _sample(text, delimiter) if any(record)]
        widths = Counter(map(len, sample))
        if not widths:
            continue
        width, records = max(widths.items(), key=lambda item: (item[0] > 1, item[1]))
        share = records / widths.total()
        # titles above and a total below are honest exceptions, so agreement need not be complete
        score = share + 0.01 * min(width, 30) if width > 1 and share >= _CONSISTENT else 0.0
        alone[delimiter] = sum("phone" in map(kind_of, record) for record in sample) / len(sample)
        if score:
            score += _PHONES * alone[delimiter]
        score = score or (0.1 * share if width > 1 else 0.0)
        scores[delimiter] = score
    # sorting is stable: where two fit equally well, the one that is named first
    best, *others = sorted(
        (mark for mark in (*_DELIMITERS, NONE) if mark in scores), key=scores.__getitem__, reverse=True
    )
    if max(scores[best], alone[best]) < _CONSISTENT and (
        by_line := typed_lines.delimiter_of(text[:_SAMPLE_CHARACTERS])
    ):
        return by_line, None
    close = [mark for mark in others if scores[mark] >= _CONSISTENT and scores[mark] > scores[best] - _CLOSE]
    return (best, close[0] if close else None) if scores[best] else (NONE, None)


def _sample(text: str, delimiter: str) -> list[list[str]]:
    part = text.lstrip("\r\n")[:_SAMPLE_CHARACTERS]  # a long blank beginning tells nothing
    records: list[list[str]] = []
    try:
        records.extend(
            [bare(cell) for cell in record]
            for record in islice(
                csv.reader(io.StringIO(part, newline=""), delimiter=delimiter), _SAMPLE_RECORDS + 1
            )
        )
    except csv.Error:
        return records
    whole = len(text) > len(part) and len(records) <= _SAMPLE_RECORDS
    return records[:-1] if whole and len(records) > 1 else records[:_SAMPLE_RECORDS]
