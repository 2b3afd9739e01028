"""The cells of a worksheet, one by one: written twice, out of order, text or number, digits as they stand. Parsing process only.

Slower than the scan, so it is asked only where that one, or the reading, has seen what makes it necessary.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from html import unescape

from lib.workbook.columns import KEPT_DIGITS, index_of, letter, number_text
from lib.workbook.formats import iso_text
from lib.workbook.scan import REFERENCE, TYPE, blocks, prefix
from lib.workbook.watch import FEW_STYLES, STYLE, keeps_spaces, style_mark

_CELL = rb"""<%sc [^<>]*?\br\s*=\s*["']\$?([A-Za-z]{1,3})\$?(\d{1,7})["']"""
_TEXT_TYPES = {b"s", b"str", b"inlineStr"}
_FORMULA = rb"\s*(?:(?:<%sf[^<>]*/>|<%sf[^<>]*>[^<]*</%sf>)\s*)?"
_NUMBER = rb"-?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,3})?"
_LARGE = rb"\d{1,40}(?:\.\d{0,40})?[eE]\+?\d{1,3}"
#: What a 64-bit number holds less of than an engine prints.
_NOISY = rb"\d{7,40}\.\d{1,40}"
_OUTER_SPACE = re.compile(rb"<(?:\w{1,20}:)?t>(?:\s|&#)|(?:\s|;)</(?:\w{1,20}:)?t>")
_LIST = re.compile(rb"<((?:\w{1,20}:)?)sst\b")
#: Bytes of a part in which its root element stands.
_ROOT_BYTES = 4_096

#: Column, zero-based → row → text.
Patches = dict[int, dict[int, str]]


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


def long_numbers(chunks: Iterable[bytes]) -> Patches:
    """The numbers of 16 digits and more, and those whose fraction an engine may print with more, as they are read: see `number_text`."""
    found = _cells(
        chunks,
        rb"<%sc( [^<>]*)>"
        + _FORMULA
        + rb"<%sv>(-?(?:\d{16,400}(?:\.0*)?|"
        + _LARGE
        + rb"|"
        + _NOISY
        + rb"))</%sv>",
    )
    patches: Patches = {}
    for attributes, name, row, value in found:
        if not _is_number(attributes):
            continue
        text = number_text(value.decode("ascii"))
        if is_long(text) or "." in text:
            patches.setdefault(index_of(name), {})[row] = text
    return patches


def is_long(digits: str) -> bool:
    """Whether a number has more digits than Excel keeps."""
    return (
        len(digits) > KEPT_DIGITS and len(digits.lstrip("-")) > KEPT_DIGITS and digits.lstrip("-").isdecimal()
    )


def styled_numbers(chunks: Iterable[bytes], styles: Set[int]) -> Iterator[tuple[int, int, int, str]]:
    """Row, zero-based column, style and number, as written, of the cells with one of these styles that hold a number."""
    pattern: re.Pattern[bytes] | None = None
    name, columns = b"", dict[bytes, int]()
    for block in blocks(chunks):
        name = prefix(block) if pattern is None else name
        pattern = pattern or _compiled(
            rb"<%sc( [^<>]*)>" + _FORMULA + rb"<%sv>(" + _NUMBER + rb")</%sv>", name
        )
        for style, at in _styled_tags(block, name, styles):
            found = pattern.match(block, at)
            place = REFERENCE.search(found[1]) if found else None
            if found and place and _is_number(found[1]):
                if (column := columns.get(place[1])) is None:
                    column = columns[place[1]] = index_of(place[1])
                yield int(place[2]), column, style, found[2].decode("ascii")


def _styled_tags(block: bytes, name: bytes, styles: Set[int]) -> Iterator[tuple[int, int]]:
    """Style and place of what may be cells with these styles; a cell that names none has style 0."""
    if len(styles) > FEW_STYLES or 0 in styles or b"='" in block:
        for tag in re.finditer(rb"<%sc( [^<>]*)>" % re.escape(name), block):
            told = STYLE.search(tag[1])
            if (style := int(told[1]) if told else 0) in styles:
                yield style, tag.start()
        return
    for style in styles:
        mark = style_mark(style)
        at = block.find(mark)
        while at >= 0:
            yield style, block.rfind(b"<", 0, at)
            at = block.find(mark, at + len(mark))


def odd_texts(chunks: Iterable[bytes], spaces_kept: bool) -> Patches:
    """The cells whose text no engine reads where it stands, or without its outer spaces, and days that are written as text."""
    patches: Patches = {}
    pattern: re.Pattern[bytes] | None = None
    name = b""
    for block in blocks(chunks):
        name = prefix(block) if pattern is None else name
        pattern = pattern or _compiled(
            rb"<%sc( [^<>]*)>" + _FORMULA + rb"<%s(v|is)(?:>| [^<>]*>)((?:[^<]|<(?!%sc[ >]))*?)</%s(?:v|is)>",
            name,
            re.DOTALL,
        )
        for found in pattern.finditer(block):
            kind, place = TYPE.search(found[1]), REFERENCE.search(found[1])
            if kind is None or place is None or kind[1] not in (b"d", b"inlineStr"):
                continue
            if found[2] == b"v":
                text = unescape(found[3].decode(errors="replace"))
                text = iso_text(text) if kind[1] == b"d" else text
            elif spaces_kept and _OUTER_SPACE.search(found[3]):
                text = _inline_text(found[3], name)
            else:
                continue
            patches.setdefault(index_of(place[1]), {})[int(place[2])] = text
    return patches


def shared_texts(strings: Iterator[bytes], chunks: Iterable[bytes]) -> Patches:
    """The cells with a shared text that has outer spaces, with these, where the list of texts says to keep them."""
    beginning = next(strings, b"")
    if not keeps_spaces(beginning[:_ROOT_BYTES]):
        return {}
    whole = beginning + b"".join(strings)
    root = _LIST.search(whole[:_ROOT_BYTES])
    name = root[1] if root else b""
    items = re.findall(
        rb"<%ssi(?: [^<>]*)?(?:/>|>([^<]*(?:<(?!/?%ssi[ />])[^<]*)*)</%ssi>)" % ((re.escape(name),) * 3),
        whole,
    )
    texts = {index: _inline_text(item, name) for index, item in enumerate(items) if _OUTER_SPACE.search(item)}
    patches: Patches = {}
    for attributes, letters, row, value in _cells(chunks, rb"<%sc( [^<>]*)><%sv>(\d{1,9})</%sv>"):
        kind = TYPE.search(attributes)
        if kind and kind[1] == b"s" and int(value) in texts:
            patches.setdefault(index_of(letters), {})[row] = texts[int(value)]
    return patches


def _inline_text(inside: bytes, name: bytes) -> str:
    """The text of <is> or <si>: its runs one after the other, without what shows how to say it."""
    mark = re.escape(name)
    spoken = re.sub(
        rb"<%srPh[ >](?:[^<]|<(?!%srPh[ >]))*?</%srPh>" % (mark, mark, mark), b"", inside, flags=re.DOTALL
    )
    runs = re.findall(rb"<%st(?: [^<>]*)?>([^<]*)</%st>" % (mark, mark), spoken)
    return unescape(b"".join(runs).decode(errors="replace"))


def _is_number(attributes: bytes) -> bool:
    kind = TYPE.search(attributes)
    return kind is None or kind[1] == b"n"


def _compiled(template: bytes, name: bytes, flags: int = 0) -> re.Pattern[bytes]:
    """A pattern with the prefix of the elements in its places."""
    return re.compile(template.replace(b"%s", re.escape(name)), flags)


def _cells(
    chunks: Iterable[bytes], template: bytes, only_text: bool = False
) -> Iterator[tuple[bytes, bytes, int, bytes]]:
    """Attributes, column letters, row number and value of the cells the template finds."""
    pattern: re.Pattern[bytes] | None = None
    for block in blocks(chunks):
        if pattern is None:
            pattern = _compiled(template, prefix(block))
        for found in pattern.finditer(block):
            place = REFERENCE.search(found[1])
            kind = TYPE.search(found[1])
            if place and not (only_text and (kind is None or kind[1] not in _TEXT_TYPES)):
                yield (
                    found[1],
                    place[1],
                    int(place[2]),
                    found[2] if pattern.groups > 1 else b"",
                )
