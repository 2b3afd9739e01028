"""What the texts of fastexcel become: days, times and truth values as people read them. Parsing process only."""

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc

from lib.workbook.cells import text_cells
from lib.workbook.columns import TEXT
from lib.workbook.package import Package, Worksheet
from lib.workbook.scan import ScanFacts, has_lookalikes

_STAMP = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$"
_STAMP_LENGTH = 19

#: How the engine's text becomes what people read, each with what such a text surely contains.
_STAMPS = (
    ("1899-12-3", r"^1899-12-3[01] (\d\d:\d\d:\d\d)$", r"\1"),
    (" 00:00:00", r"^(\d{4}-\d\d-\d\d) 00:00:00$", r"\1"),
)
_PART_OF_SECOND = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+$"
_TRUTHS = (("true", "^true$", "TRUE"), ("false", "^false$", "FALSE"))
_HALF_A_SECOND = dt.timedelta(milliseconds=500)


def typed(columns: list[pa.Array], package: Package, sheet: Worksheet, facts: ScanFacts) -> list[pa.Array]:
    """Dates and truth values as people read them; a text that only looks like one is left as it is.

    columns: the texts of fastexcel, an array for each column from the first used one on; the list itself is changed
    package, sheet: the workbook and its worksheet, read again only where a text may look like a date or a truth value
    facts: what `scan` found in this worksheet
    """
    stamps = {index for index, column in enumerate(columns) if _any_stamp(column)}
    truths = {
        index
        for index, column in enumerate(columns)
        if facts.booleans and any_of(pc.is_in(column, pa.array(["true", "false"], TEXT)))
    }
    touched = stamps | truths
    if not touched:
        return columns
    assert facts.first is not None, "columns without a first one"
    texts: dict[int, list[int]] = {}
    strings = package.shared_strings
    if facts.lookalikes or (strings and any(map(has_lookalikes, package.stream(strings)))):
        texts = text_cells(package.stream(sheet.part), {index + facts.first for index in touched})
    for index in touched:
        as_text = mask_of(texts.get(index + facts.first, []), len(columns[index]))
        columns[index] = as_read(columns[index], as_text, index in truths)
    return columns


def as_read(column: pa.Array, as_text: pa.Array, truths: bool) -> pa.Array:
    """A column with days, times and truth values as people read them.

    column: the texts of fastexcel
    as_text: of each row whether its cell is stored as text, and so stays as it is
    truths: whether true and false are truth values in it
    """
    made = _rounded(pc.if_else(as_text, None, column))
    for sign, pattern, replacement in _STAMPS + (_TRUTHS if truths else ()):
        if any_of(pc.match_substring(made, sign)):
            made = pc.replace_substring_regex(made, pattern, replacement)
    return pc.if_else(as_text, column, made)


def _rounded(column: pa.Array) -> pa.Array:
    """Moments with a part of a second, rounded to the second."""
    parts = pc.match_substring_regex(column, _PART_OF_SECOND)
    if not any_of(parts):
        return column
    moments = pc.if_else(parts, column, None).cast(pa.timestamp("ms"))
    seconds = pc.floor_temporal(pc.add(moments, pa.scalar(_HALF_A_SECOND)), unit="second").cast(
        pa.timestamp("s")
    )
    return pc.coalesce(pc.strftime(seconds, "%Y-%m-%d %H:%M:%S").cast(TEXT), column)


def _any_stamp(column: pa.Array) -> bool:
    long_enough = pc.greater_equal(pc.binary_length(column), _STAMP_LENGTH)
    return any_of(long_enough) and any_of(pc.match_substring_regex(column, _STAMP))


def any_of(mask: pa.Array) -> bool:
    """Whether one of the flags is set."""
    return bool(pc.any(mask).as_py())


def mask_of(rows: list[int], height: int) -> pa.Array:
    """Flags for so many rows, set for those that are named by number."""
    flags = bytearray(height)
    for row in rows:
        if row <= height:
            flags[row - 1] = 1
    return pc.not_equal(pa.Array.from_buffers(pa.uint8(), height, [None, pa.py_buffer(bytes(flags))]), 0)
