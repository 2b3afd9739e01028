"""A header that stands again further down: of the next printed page, or of a second table with columns of its own."""

import re
from itertools import chain, count

import pyarrow as pa
import pyarrow.compute as pc

from lib.contact.header_names import field_called, header_key, is_known
from lib.contact.person_names import is_chinese_name
from lib.sheet.header import GROUP_CHARACTERS, clean_name, ends_like_a_name, may_name
from lib.workbook.cell_kinds import BARE, holds_number
from lib.workbook.notes import Note, NoteCode, note

#: How the name of a column of numbers ends.
_NUMBERS = re.compile(
    r"(?:手机|手機|电话|電話|号码?|號碼?|联系方式|phone|mobile|cell|tel)\s?\d?\s*$", re.IGNORECASE
)

#: Rows among which the first number is looked for.
_JUDGED_ROWS = 1_000

#: Rows without a number that are looked at: a list of more than that is no list of numbers.
_MOST_LOOKED_AT = 5_000

#: Rows below a header among which the first number stands.
_ROWS_BEHIND = 3


def under_their_headers(body: pa.Table) -> tuple[pa.Table, list[Note]]:
    """The rows below each further header under its own column names, and a note of them; the headers and their titles left out.

    body: `row`, then the named columns. A name of the first header, or the only one for the same field, keeps its column; any other gets one.
    """
    found = _headers(body)
    if not found:
        return body, []
    body = body.rename_columns(["", *body.column_names[1:]])  # a person's own column may be called "row"
    ends = [_above_title(body, at) for at in found[1:]] + [body.num_rows]
    tables = [body.slice(0, _above_title(body, found[0]))]
    for at, end in zip(found, ends, strict=True):
        tables.append(_renamed(body.slice(at + 1, end - at - 1), body.column_names[1:], _cells(body, at)))
    whole = pa.concat_tables(tables, promote_options="default")
    columns = [whole.column(0), *(pc.fill_null(column, "") for column in whole.columns[1:])]
    filled = pa.Table.from_arrays(columns, names=["row", *whole.column_names[1:]])
    return filled, [note(NoteCode.HEADER_AGAIN, count=len(found), row=body.column(0)[found[0]].as_py())]


def _headers(body: pa.Table) -> list[int]:
    """Positions of the rows that are headers again."""
    numbers = _numbers_column(body)
    if numbers is None:
        return []
    without = pc.invert(pc.match_substring_regex(numbers, r"\d"))
    first = pc.index(without, False).as_py()  # above it stands the header that was found, or chosen
    places = pc.indices_nonzero(without)[:_MOST_LOOKED_AT]
    own = set(map(_own, body.column_names[1:]))
    rows = zip(*(column.to_pylist() for column in body.take(places).columns[1:]), strict=True)
    likely = [any(_NUMBERS.search(cell[-GROUP_CHARACTERS:]) or cell in own for cell in row) for row in rows]
    found = [at for at, is_likely in zip(places.to_pylist(), likely, strict=True) if is_likely and at > first]
    return [at for at in found if _is_header(body, at)]


def _numbers_column(body: pa.Table) -> pa.ChunkedArray | None:
    """The column in which the first number stands; of several that with more."""
    ranks = []
    for at, column in enumerate(body.slice(0, _JUDGED_ROWS).columns[1:], 1):
        numbers = pc.match_substring_regex(column, BARE)
        first = pc.index(numbers, True).as_py()
        ranks += [(first, -pc.sum(numbers).as_py(), at)] if first >= 0 else []
    return body.column(min(ranks)[-1]) if ranks else None


def _is_header(body: pa.Table, at: int) -> bool:
    """Whether a row says again what the columns are called, or names things, one of them the numbers below it."""
    cells = _cells(body, at)
    filled = [place for place, cell in enumerate(cells) if cell.strip()]
    if not filled or any(holds_number(cells[place]) for place in filled):
        return False
    own = [_own_key(name) for name in body.column_names[1:]]
    if len(filled) * 2 > len(own) and all(header_key(cells[place]) == own[place] for place in filled):
        return True
    texts = [cells[place] for place in filled]
    named = sum(is_known(text) or ends_like_a_name(text) or header_key(text) in own for text in texts)
    if (
        len(texts) < 2
        or not all(may_name(text, GROUP_CHARACTERS) for text in texts)
        or any(map(_is_person, texts))
    ):
        return False
    if named < 2 and not _begins_anew(body, at):
        return False
    behind = [_cells(body, below) for below in range(at + 1, min(at + 1 + _ROWS_BEHIND, body.num_rows))]
    return any(
        _NUMBERS.search(cells[place]) and any(holds_number(row[place]) for row in behind) for place in filled
    )


def _is_person(text: str) -> bool:
    return is_chinese_name(text.strip()) and not is_known(text)


def _begins_anew(body: pa.Table, at: int) -> bool:
    """Whether a blank row or a title parts a row from those above it."""
    above = at and body.column(0)[at].as_py() - body.column(0)[at - 1].as_py()
    return above > 1 or _above_title(body, at) < at


def _above_title(body: pa.Table, at: int) -> int:
    """Where the title of a further header begins: a text alone in the row right above it."""
    if at:
        filled = [cell for cell in _cells(body, at - 1) if cell.strip()]
        if len(filled) == 1 and not holds_number(filled[0]) and not filled[0].strip().isdecimal():
            return at - 1
    return at


def _renamed(rows: pa.Table, first: list[str], header: list[str]) -> pa.Table:
    """The rows under the names of this header, in the spelling of the first one where it has the same."""
    names: list[str] = []
    for place, cell in enumerate(header):
        text = clean_name(cell) or first[place]
        likely = chain(_same(first, header, place), (text,), (f"{text} ({at})" for at in count(2)))
        names.append(next(name for name in likely if name not in names))
    kept = [at for at, cell in enumerate(header) if cell.strip() or _has_values(rows.column(1 + at))]
    columns = [rows.column(0), *(rows.column(1 + at) for at in kept)]
    return pa.Table.from_arrays(columns, names=["", *(names[at] for at in kept)])


def _same(first: list[str], header: list[str], place: int) -> list[str]:
    """The columns of the first header that this one may be, the best first; under no name it stays where it is."""
    key, field = header_key(header[place]), field_called(header[place])
    if not key or _own_key(first[place]) == key:
        return [first[place]]
    same = [name for name in first if _own_key(name) == key]
    alike = [name for name in first if field and field_called(_own(name)) == field]
    only = len(alike) == 1 == sum(field_called(cell) == field for cell in header)
    return same or (alike if only else [])


def _own(name: str) -> str:
    """The name of a column without its group's."""
    return name.rpartition(" / ")[2]


def _own_key(name: str) -> str:
    return header_key(_own(name))


def _has_values(column: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.not_equal(column, "")).as_py())


def _cells(body: pa.Table, at: int) -> list[str]:
    return [column[at].as_py() for column in body.columns[1:]]
