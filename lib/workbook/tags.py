"""Where the tags of a worksheet's rows stand: a block of XML looked at as a whole, by numpy. Parsing process only.

XML allows "<" nowhere but where a tag begins, so the two bytes behind each of them tell rows, cells and values apart.
That takes a sixth of the time of a search for each kind of tag, and leaves Python's lock alone meanwhile. A block in
which anything is written in an unusual way is left to a look at every row (`scan`).
"""

import re
from dataclasses import dataclass

import numpy as np

from lib.workbook.limits import EXCEL_ROWS


def _code(name: bytes) -> int:
    return int.from_bytes(name, "little")


_ROW, _CELL, _VALUE, _INLINE, _VALUE_END, _INLINE_END = map(_code, (b"ro", b"c ", b"v>", b"is", b"/v", b"/i"))

#: Cells without a place; a name that ends in another whitespace than a space.
_ODD_CELLS = [_code(b"c" + sign) for sign in (b">", b"/", b"\t", b"\r", b"\n")]

_PLACE = b'r="'
_ROW_DIGITS, _COLUMN_LETTERS = 7, 3

#: Bytes from a tag of rows to the last one that is looked at.
_REACH = len(b'<row r="') + _COLUMN_LETTERS + 8


class UnusualError(Exception):
    """Something is written in a way that this look does not know; it says nothing about whether it is right."""


@dataclass(frozen=True)
class Rows:
    """Rows of one block. numbers, filled, hidden: of each, its number, whether it holds a value, whether it is hidden.

    first, last: zero-based columns of the outermost cells with a value, None where there is none. values: cells with one.
    ascending: whether the cells of every row stand from left to right.
    """

    numbers: np.ndarray
    filled: np.ndarray
    hidden: np.ndarray
    first: int | None
    last: int | None
    values: int
    ascending: bool


class _Tags:
    """The tags of a block: where each begins, bytes to the next one, the first two bytes of its name as one number.

    The "/" of an end tag counts as a byte of its name.
    """

    def __init__(self, block: bytes, prefix: bytes) -> None:
        self.shift = len(prefix)
        self.signs = np.frombuffer(block, np.uint8)
        self.at = np.flatnonzero(self.signs == ord("<"))
        self.sizes = np.diff(self.at, append=len(block))
        self.after = self.signs[self.at + 1]
        self.names = self._names(prefix)
        self.counts = np.bincount(self.names, minlength=1 << 16)

    def _names(self, prefix: bytes) -> np.ndarray:
        if not prefix:
            return self.signs[self.at + 2] * np.uint16(256) | self.after
        ends = self.after == ord("/")
        start = self.at + 1 + ends
        ours = np.logical_and.reduce([self.signs[start + step] == sign for step, sign in enumerate(prefix)])
        first = self.signs[start + len(prefix)]
        second = np.where(ends, first, self.signs[start + len(prefix) + 1])
        return np.where(ours, second * np.uint16(256) | np.where(ends, self.after, first), np.uint16(0))

    def words(self, places: np.ndarray) -> np.ndarray:
        """The eight bytes that begin at each of these places, as one number."""
        every = np.ndarray((len(self.signs) - 7,), "<u8", self.signs, strides=(1,))
        found: np.ndarray = every[places]
        return found

    def are(self, text: bytes, places: np.ndarray) -> bool:
        """Whether this text stands at every one of these places."""
        return all((self.signs[places + step] == sign).all() for step, sign in enumerate(text))

    def of(self, name: int) -> np.ndarray:
        """Positions, among the tags, of those with this name."""
        return np.flatnonzero(self.names == name) if self.counts[name] else np.empty(0, np.intp)


def rows_of(block: bytes, prefix: bytes) -> Rows:
    """The rows of a block of whole rows. Raises UnusualError where not everything in it is written in the usual way.

    prefix: of the elements' namespace, b"" or such as b"x:".
    """
    _expect(block.rfind(b"<") <= len(block) - len(b"</row>") - len(prefix))  # not cut short
    tags = _Tags(block, prefix)
    _expect_usual_names(tags)
    rows, cells = _row_tags(tags), tags.of(_CELL)
    _expect(len(rows) > 0 and len(cells) > 0)
    _expect(max(tags.at[rows[-1]], tags.at[cells[-1]]) + tags.shift + _REACH <= len(block))
    begins = np.searchsorted(cells, rows)
    _expect(begins[0] == 0)
    is_value = tags.names == _VALUE
    _expect((tags.sizes[is_value] > len(b"<v>") + tags.shift).all())  # no empty ones
    if tags.counts[_INLINE]:
        is_value |= tags.names == _INLINE
    up_to = np.cumsum(is_value, dtype=np.int32)
    filled = _holds_value(up_to, rows)
    leading = np.flatnonzero(is_value)[up_to[rows[filled]]]  # the first value of each row that has one
    _expect((np.searchsorted(cells, leading) > begins[filled]).all())  # it stands in a cell of the row
    places = _Places(tags, tags.at[rows], tags.at[cells], begins)
    used = places.columns[_holds_value(up_to, cells)]
    first, last = (int(used.min()), int(used.max())) if len(used) else (None, None)
    hidden = _hidden(block, prefix, tags.at[rows], tags.sizes[rows])
    return Rows(places.numbers, filled, hidden, first, last, _values(tags), places.ascending)


def _expect(usual: bool | np.bool_) -> None:
    if not usual:
        raise UnusualError


def _expect_usual_names(tags: _Tags) -> None:
    by_first = tags.counts.reshape(256, 256).sum(axis=0)
    _expect(by_first[ord("v")] == tags.counts[_VALUE])  # no <v/>, no <v xml:space="preserve">
    _expect((tags.after != ord("!")).all())  # no comment, which may hold anything
    _expect(not tags.counts[_ODD_CELLS].any())


def _row_tags(tags: _Tags) -> np.ndarray:
    """Positions of the rows among the tags; <rowBreaks> is none."""
    rows = tags.of(_ROW)
    _expect(tags.are(b"w", tags.at[rows] + tags.shift + len(b"<ro")))
    after = tags.signs[tags.at[rows] + tags.shift + len(b"<row")]
    is_row = after == ord(" ")
    _expect((is_row | (after == ord("B"))).all())
    found: np.ndarray = rows[is_row]
    return found


class _Places:
    """Numbers of the rows and zero-based columns of the cells that begin at these places.

    begins: of each row, how many cells stand before it. ascending: see `Rows`.
    """

    def __init__(self, tags: _Tags, rows: np.ndarray, cells: np.ndarray, begins: np.ndarray) -> None:
        _expect(tags.are(_PLACE, rows + tags.shift + len(b"<row ")))
        start = rows + tags.shift + len(b"<row ") + len(_PLACE)
        self.numbers, digits = _numbers(tags, start)
        self.columns, places = _columns(tags, cells + tags.shift + len(b"<c "))
        each = np.diff(begins, append=len(cells))
        mask = np.array([(1 << 8 * (size + 1)) - 1 for size in range(_ROW_DIGITS + 1)], np.uint64)[digits]
        differs = (tags.words(places) ^ np.repeat(tags.words(start), each)) & np.repeat(mask, each)
        elsewhere = places[differs != 0]
        _numbers(tags, elsewhere)
        rises = np.diff(self.columns, prepend=-1) > 0
        rises[begins[begins < len(rises)]] = True
        self.ascending = not len(elsewhere) and bool(rises.all())


def _numbers(tags: _Tags, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of rows that begin at these places and end with a quotation mark, and how many digits each has."""
    numbers, digits, is_open = (
        np.zeros(len(start), np.int64),
        np.zeros(len(start), np.intp),
        np.ones(len(start), bool),
    )
    for step in range(_ROW_DIGITS + 1):
        signs = tags.signs[start + step]
        is_open &= signs != ord('"')
        if not is_open.any():
            break
        _expect(
            (signs[is_open] - ord("0") <= 9).all()
        )  # what stands before 0 becomes more: bytes have no sign
        numbers = np.where(is_open, numbers * 10 + (signs - ord("0")), numbers)
        digits += is_open
    _expect(not is_open.any() and numbers.min(initial=1) >= 1 and numbers.max(initial=1) <= EXCEL_ROWS)
    return numbers, digits


def _columns(tags: _Tags, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The columns that stand as r="… at these places, and where the letters of each end."""
    _expect(tags.are(_PLACE, start))
    columns, letters, is_open = (
        np.zeros(len(start), np.int32),
        np.zeros(len(start), np.intp),
        np.ones(len(start), bool),
    )
    for step in range(_COLUMN_LETTERS + 1):
        signs = tags.signs[start + len(_PLACE) + step]
        is_open &= signs - ord("A") < 26
        if not is_open.any():
            break
        columns = np.where(is_open, columns * 26 + signs - (ord("A") - 1), columns)
        letters += is_open
    _expect(not is_open.any() and letters.min() > 0)
    return columns - 1, start + len(_PLACE) + letters


def _holds_value(up_to: np.ndarray, tags: np.ndarray) -> np.ndarray:
    """Which of these tags have a value before the next of them. up_to: values up to each tag of the block."""
    seen = up_to[tags]
    holds: np.ndarray = np.append(seen[1:], up_to[-1]) > seen
    return holds


def _hidden(block: bytes, prefix: bytes, rows: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Which of the rows that begin at these places are hidden. sizes: bytes from each to the next tag."""
    hidden = np.zeros(len(rows), bool)
    if sizes.max() >= len(b'<row r="1" hidden="1">') and b"hidden" in block:
        pattern = rb"""<%srow(?=\s)[^<>]*?\shidden\s*=\s*["'](?:1|true)["']""" % re.escape(prefix)
        hidden[np.searchsorted(rows, [found.start() for found in re.finditer(pattern, block)])] = True
    return hidden


def _values(tags: _Tags) -> int:
    ends = tags.at[tags.of(_INLINE_END)] + tags.shift + len(b"</i")
    return int(tags.counts[_VALUE_END] + np.count_nonzero(tags.signs[ends] == ord("s")))
