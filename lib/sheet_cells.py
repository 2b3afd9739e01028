"""Where the cells of a worksheet stand, one by one: a cell written twice, cells out of order. Parsing process only.

Slower than the scan, so it is asked only where that one has seen more values than were read, or where order matters.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from lib.sheet_scan import blocks, prefix

_CELL = rb"""<%sc [^<>]*?\br\s*=\s*["']\$?([A-Za-z]{1,3})\$?(\d{1,7})["']"""


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
