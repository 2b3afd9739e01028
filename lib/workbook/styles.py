"""The number formats of a workbook's cells, and its calendar. Parsing process only."""

from collections.abc import Iterator
from typing import Any

from lib.errors import SheetRefused
from lib.workbook.formats import Matters, NumberFormat
from lib.workbook.limits import MAX_SMALL_PART_BYTES
from lib.workbook.package import Package, local

#: Formats that are looked at; Excel itself takes about 4,000.
_MOST_FORMATS = 5_000


class Styles:
    """The number format of every style: the `s` of a cell is its place in the list."""

    def __init__(self, formats: list[NumberFormat] | None = None) -> None:
        self._formats = formats or []
        self._general = NumberFormat()

    def __getitem__(self, style: int) -> NumberFormat:
        return self._formats[style] if 0 <= style < len(self._formats) else self._general

    def that_matter(self, *cases: Matters) -> set[int]:
        """The styles whose formats must be looked at in one of these cases."""
        return {style for style, each in enumerate(self._formats) if each.matters in cases}


def styles_of(package: Package) -> Styles:
    """The styles of a workbook; none where it has no list of them that can be read."""
    part = package.styles
    if part is None or package.size(part) > MAX_SMALL_PART_BYTES:
        return Styles()
    try:
        root = package.tree(part)
    except SheetRefused as refused:
        if refused.code != "workbook_damaged":
            raise
        return Styles()  # the engines read what they can without it
    codes = {each.get("numFmtId"): each.get("formatCode") for each in _children(root, "numFmts")}
    date1904 = package.counts_from_1904
    known: dict[str, NumberFormat] = {}
    formats, general = [], NumberFormat()
    for each in _children(root, "cellXfs"):
        number = each.get("numFmtId", "0")
        if number not in known and len(known) < _MOST_FORMATS:
            known[number] = NumberFormat(
                int(number) if number.isdecimal() else 0, codes.get(number), date1904
            )
        formats.append(known.get(number, general))
    return Styles(formats)


def _children(root: Any, name: str) -> Iterator[Any]:
    """The elements of a tree that stand in the part of this name."""
    for part in root:
        if local(part.tag) == name:
            yield from part
