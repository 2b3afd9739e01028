"""The cells of a worksheet, one by one: written twice, out of order, text or number, digits as they stand. Parsing process only.

Slower than the scan, so it is asked only where that one, or the reading, has seen what makes it necessary.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from lib.workbook.columns import index_of, letter
from lib.workbook.scan import REFERENCE, TYPE, blocks, prefix

_CELL = rb"""<%sc [^<>]*?\br\s*=\s*["']\$?([A-Za-z]{1,3})\$?(\d{1,7})["']"""
_TEXT_TYPES = {b"s", b"str", b"inlineStr"}


def written_twice(chunks: Iterable[bytes]) -> list[str]:
    """Cells ("A2") that the rows name more than once, in the order of the file; a reading keeps one value of each."""
    found: list[str] = []
    for places in _places(chunks):
        if len(set(places)) < len(places):
            counts = Counter((name.upper(), row) for name, row in places)
            found += [(name + row).decode("ascii") for (name, row), count in counts.items() if count > 1]
    return found


def in_order(chunks: Iterable[bytes]) -> bool:
    """Whether the cells of every row stand from left to right, as a reader that goes by the last one needs them."""
    for places in _places(chunks):
        at = (b"", 0, b"")
        for name, row in places:
            before, at = at, (row, len(name), name.upper())
            if row == before[0] and at < before:
                return False
    return True


def _places(chunks: Iterable[bytes]) -> Iterator[list[tuple[bytes, bytes]]]:
    """Column letters and row number of the cells, for one block of whole rows after the other."""
    pattern: re.Pattern[bytes] | None = None
    for block in blocks(chunks):
        pattern = pattern or re.compile(_CELL % re.escape(prefix(block)))
        yield pattern.findall(block)


def text_cells(chunks: Iterable[bytes], columns: set[int]) -> dict[int, list[int]]:
    """For these columns, the rows whose cell is stored as text: what merely looks like a date or a truth value."""
    wanted = {letter(column).encode("ascii"): column for column in columns}
    found: dict[int, list[int]] = {column: [] for column in columns}
    for _, name, row, _ in _cells(chunks, rb"<%sc( [^<>]*)>", only_text=True):
        if name in wanted:
            found[wanted[name]].append(row)
    return found


def long_numbers(chunks: Iterable[bytes]) -> dict[int, dict[int, str]]:
    """Column → row → digits of the numbers of 16 digits and more, exactly as the XML has them."""
    pattern = rb"<%sc( [^<>]*)>(?:<%sf[^<>]*/>|<%sf[^<>]*>[^<]*</%sf>)?<%sv>(-?\d{16,400})(?:\.0*)?</%sv>"
    return _by_column(_cells(chunks, pattern))


def plain_numbers(chunks: Iterable[bytes], wanted: set[tuple[int, int]]) -> dict[int, dict[int, str]]:
    """Column → row → number of the wanted (row, column) cells, whatever they are formatted as."""
    pattern = rb"<%sc( [^<>]*)>(?:<%sf[^<>]*/>|<%sf[^<>]*>[^<]*</%sf>)?<%sv>(-?[\d.]{1,400}(?:[eE][+-]?\d{1,3})?)</%sv>"
    cells = (cell for cell in _cells(chunks, pattern) if (cell[2], index_of(cell[1])) in wanted)
    return _by_column(cell for cell in cells if (kind := TYPE.search(cell[0])) is None or kind[1] == b"n")


def _by_column(cells: Iterable[tuple[bytes, bytes, int, bytes]]) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = {}
    for _, name, row, value in cells:
        found.setdefault(index_of(name), {})[row] = value.decode("ascii")
    return found


def _cells(
    chunks: Iterable[bytes], template: bytes, only_text: bool = False
) -> Iterator[tuple[bytes, bytes, int, bytes]]:
    """Attributes, column letters, row number and value of the cells the template finds."""
    pattern: re.Pattern[bytes] | None = None
    for block in blocks(chunks):
        if pattern is None:
            name = re.escape(prefix(block))
            pattern = re.compile(template.replace(b"%s", name))
        for found in pattern.finditer(block):
            place = REFERENCE.search(found[1])
            kind = TYPE.search(found[1])
            if place and not (only_text and (kind is None or kind[1] not in _TEXT_TYPES)):
                yield found[1], place[1], int(place[2]), found[2] if pattern.groups > 1 else b""
