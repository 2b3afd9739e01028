"""Columns written beside those of a worksheet; every other part of the workbook, and every other cell, stays as it is. Parsing process only.

The XML is cut open where the new cells go, and nothing else of it is read or written anew. openpyxl would write the whole
book again: it loses the saved values of formulas, so that previews and readers see them empty, drops what it does not
know, and takes 50 µs a cell, 20 s for 400,000.
"""

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lib.workbook.columns import index_of, letter
from lib.workbook.kind import form_of, start_of
from lib.workbook.limits import EXCEL_COLUMNS, MAX_BESIDE_BYTES
from lib.workbook.package import Package, Worksheet, is_well_formed, part_key

#: Deflate level: a third of the time of the usual 6 for files a tenth larger.
_COMPRESSION = 2

_TEXT_FORMAT = 49  # "@": what a person types later stays text

_MACRO_SHEETS = "xl/macrosheets/"
#: Parts of a workbook that several people change at once: each change must be written down there too.
_REVISIONS = "xl/revisions/"
#: What goes, as the names of its parts say: the programs, and a signature that no longer holds.
_MACRO_PARTS = re.compile(r"(?:^|/)vba[^/]*\.(?:bin|xml)(?:\.rels)?$")
_SIGNATURE_PARTS = re.compile(r"^_xmlsignatures/")

_PACKAGE_RELATIONS, _TYPES = "_rels/.rels", "[Content_Types].xml"
_PLAIN_BOOK = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO_BOOK = re.compile(rb"application/vnd\.ms-excel\.(?:sheet|template|addin)\.macroEnabled\.main\+xml")
_GONE_RELATION = re.compile(
    rb"<(?:\w+:)?Relationship\s[^<>]*(?:vbaProject|digital-signature)[^<>]*?(?:/>|></(?:\w+:)?Relationship>)"
)
_GONE_TYPE = re.compile(
    rb"<(?:\w+:)?Override\s[^<>]*(?:vbaProject|vbaData|digital-signature)[^<>]*?(?:/>|></(?:\w+:)?Override>)"
)
#: What Excel says of every .bin without a line of its own, where the only one used to be the macros.
_MACRO_TYPE = b"application/vnd.ms-office.vbaProject"
_BINARY_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings"
_ENCODING = re.compile(rb"""^[^<]{0,3}<\?xml[^>]*\sencoding\s*=\s*["']([\w.-]+)["']""")
_ROOT = re.compile(rb"<((?:\w+:)?)(?:worksheet|styleSheet)\b")
_SPANS = re.compile(rb"""\sspans\s*=\s*["'][^"']*["']""")
_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d{1,7})["']""")
_COUNT = re.compile(rb"""\scount\s*=\s*["']\d*["']""")
_EDGE = re.compile(rb"""\s(min|max)\s*=\s*["'](\d{1,5})["']""")
_RANGE_END = re.compile(rb"""\sref\s*=\s*["'][^"':]*:\$?([A-Z]{1,3})\$?\d""")


class Unfit(StrEnum):
    """Why nothing is written into a workbook."""

    KIND = "kind"  # no workbook of Excel's present form
    LARGE = "large"
    ODD = "odd"  # written in a way that cannot be added to safely


class Lost(StrEnum):
    """What does not come back with the workbook."""

    MACROS = "macros"
    SIGNATURE = "signature"


class UnfitError(Exception):
    """Nothing can be written into this workbook; `why` says why."""

    def __init__(self, why: Unfit) -> None:
        super().__init__(why)
        self.why = why


def write_beside(data: bytes, wanted: Mapping[str, Any]) -> tuple[bytes, list[Lost]]:
    """The workbook with more columns behind the last used one of its worksheets, and what of it is left out; b"" where none are given.

    wanted: `sheets`, each with `sheet`, its name; `rows`, the numbers of the rows; `columns`, each with `width` in characters,
    `texts` ready to stand in XML, one for each row, and `looks`, of each text the place in wanted["looks"], where one has
    `ground` and `ink` (RGB or ""), `bold` and `quoted`. Raises UnfitError, SheetRefused.
    """
    if form_of(data) != "zip":
        raise UnfitError(Unfit.KIND)
    package = Package(data[start_of(data) :])
    chosen = _chosen(package, [one["sheet"] for one in wanted["sheets"]])
    package.sweep(but=chosen[0].part)
    styles, lost = _styles_part(package), _lost(package)
    first_look, new_styles = _with_looks(_plain_text(package, styles), wanted.get("looks", ()))
    changed = {part_key(styles): new_styles}
    for worksheet, one in zip(chosen, wanted["sheets"], strict=True):
        if new_sheet := _grown(package, worksheet, one, first_look):
            changed[part_key(worksheet.part)] = new_sheet
    if len(changed) == 1:
        return b"", lost
    _expect(all(map(is_well_formed, changed.values())))  # a last look: what does not parse is given to nobody
    return _packed(package, changed), lost


def _grown(package: Package, worksheet: Worksheet, wanted: Mapping[str, Any], first_look: int) -> bytes:
    """The worksheet's XML with its new columns; b"" where none are given."""
    sheet = _WorksheetXml(b"".join(package.stream(worksheet.part)))
    columns = wanted.get("columns", ())
    start = sheet.last_used + 1
    if start + max(len(columns), 1) > EXCEL_COLUMNS:
        raise UnfitError(Unfit.ODD)
    if not columns:
        return b""
    cells = _cells(sheet.prefix, start, wanted["rows"], columns, first_look)
    return sheet.with_columns(start, cells, [column["width"] for column in columns])


def _chosen(package: Package, names: Sequence[str]) -> list[Worksheet]:
    if package.kind == "ods":
        raise UnfitError(Unfit.KIND)
    parts = package.keys()
    if any(part.startswith((_MACRO_SHEETS, _REVISIONS)) for part in parts):
        raise UnfitError(Unfit.ODD)
    worksheets = package.worksheets()
    found = [one for name in names for one in worksheets if one.name == name]
    if [one.name for one in found] != [*names] or len({one.part for one in found}) != len(found):
        raise UnfitError(Unfit.ODD)
    if sum(package.size(one.part) for one in found) > MAX_BESIDE_BYTES:
        raise UnfitError(Unfit.LARGE)
    return found


def _styles_part(package: Package) -> str:
    if package.styles is None:
        raise UnfitError(Unfit.ODD)
    return package.styles


def _lost(package: Package) -> list[Lost]:
    found = {Lost.MACROS: _MACRO_PARTS, Lost.SIGNATURE: _SIGNATURE_PARTS}
    return [kind for kind, parts in found.items() if any(map(parts.search, package.keys()))]


def _plain_text(package: Package, part: str) -> bytes:
    """A part whose tags can be found by searches: no comments, no CDATA, UTF-8."""
    return _searchable(b"".join(package.stream(part)))


def _searchable(text: bytes) -> bytes:
    told = _ENCODING.search(text)
    if b"<!" in text or b"\0" in text[:200] or (told and told[1].lower() not in (b"utf-8", b"us-ascii")):
        raise UnfitError(Unfit.ODD)
    return text


def _expect(usual: object) -> None:
    if not usual:
        raise UnfitError(Unfit.ODD)


def _prefix(text: bytes) -> bytes:
    found = _ROOT.search(text)
    _expect(found)
    return found[1] if found else b""


# --- the worksheet -----------------------------------------------------------------------------------------


class _WorksheetXml:
    """A worksheet's XML. prefix: of its elements' namespace; last_used: zero-based last column in which anything stands."""

    def __init__(self, text: bytes) -> None:
        self._text = _searchable(text)
        self.prefix = _prefix(text)
        self._begin, self._end = self._rows()
        name = re.escape(self.prefix)
        self._cell = re.compile(
            rb"<%sc(?=[\s/>])(?:[^<>]*?\s)?r\s*=\s*[\"']([A-Z]{1,3})\d{1,7}[\"'][^<>]*>" % name
        )
        letters = set(self._cell.findall(text, self._begin, self._end))
        _expect(letters)
        every = len(re.findall(rb"<%sc[\s/>]" % name, text[self._begin : self._end]))
        _expect(every == sum(1 for _ in self._cell.finditer(text, self._begin, self._end)))
        self._last_written = max(map(index_of, letters))
        filled = re.compile(self._cell.pattern[:-1] + rb"(?<!/)>(?!\s*</%sc>)" % name)
        ends = set(filled.findall(text, self._begin, self._end))
        for merge in re.findall(rb"<%smergeCell\s[^<>]*>" % name, text[self._end :]):
            place = _RANGE_END.search(merge)
            ends |= {place[1]} if place else set()
        self.last_used = max(map(index_of, ends), default=-1)

    def _rows(self) -> tuple[int, int]:
        """Where the rows begin and end."""
        opening = re.search(rb"<%ssheetData(?:\s[^<>]*)?>" % re.escape(self.prefix), self._text)
        end = self._text.find(b"</%ssheetData>" % self.prefix)
        _expect(opening and end > 0 and b"extLst" not in self._text[opening.end() : end])
        return (opening.end(), end) if opening else (0, 0)

    def with_columns(self, start: int, cells: Mapping[int, bytes], widths: Sequence[float]) -> bytes:
        """The XML with these cells, row number → XML, in the columns from `start` on."""
        pieces, done, number, left = [self._head(start, widths)], self._begin, 0, set(cells)
        opening, end_tag = (
            re.compile(rb"<%srow(?=[\s/>])([^<>]*?)(/?)>" % re.escape(self.prefix)),
            b"</%srow>" % self.prefix,
        )
        for row in opening.finditer(self._text, self._begin, self._end):
            told = _NUMBER.search(row[1])
            number = int(told[1]) if told else number + 1
            if number not in left:
                continue
            left.remove(number)
            tag = b"<%srow%s>" % (self.prefix, _SPANS.sub(b"", row[1]))
            pieces += [self._text[done : row.start()], tag]
            if row[2]:
                pieces += [cells[number], end_tag]
                done = row.end()
                continue
            close = self._text.find(end_tag, row.end(), self._end)
            _expect(close >= 0)
            before, done = self._gap(row.end(), close, start, start + len(widths))
            pieces += [self._text[row.end() : before], cells[number]]
        _expect(not left)
        pieces.append(self._text[done:])
        return b"".join(pieces)

    def _gap(self, begin: int, end: int, first: int, behind: int) -> tuple[int, int]:
        """Where, among the cells of a row, those of the columns from `first` up to `behind` go; what stands there is empty."""
        if self._last_written < first:
            return end, end
        places = [(index_of(cell[1]), cell.start()) for cell in self._cell.finditer(self._text, begin, end)]
        _expect(places == sorted(places))
        starts = next((at for column, at in places if column >= first), end)
        return starts, next((at for column, at in places if column >= behind), end)

    def _head(self, start: int, widths: Sequence[float]) -> bytes:
        """What stands before the rows, with the widths of the new columns, which are not hidden, and without the used area."""
        name = re.escape(self.prefix)
        head = re.sub(
            rb"<%sdimension(?:\s[^<>]*)?(?:/>|></%sdimension>)" % (name, name), b"", self._text[: self._begin]
        )
        block = _element(head, self.prefix + b"cols")
        kept = _columns_without(block.inside if block else b"", start + 1, start + len(widths), self.prefix)
        ours = [
            (
                at,
                b'<%scol min="%d" max="%d" width="%.2f" customWidth="1"/>' % (self.prefix, at, at, width),
            )
            for at, width in enumerate(widths, start + 1)
        ]
        columns = b"<%scols>%s</%scols>" % (
            self.prefix,
            b"".join(tag for _, tag in sorted([*kept, *ours])),
            self.prefix,
        )
        if block:
            return head[: block.start] + columns + head[block.end :]
        at = head.rfind(b"<%ssheetData" % self.prefix)
        return head[:at] + columns + head[at:]


def _columns_without(tags: bytes, first: int, last: int, prefix: bytes) -> list[tuple[int, bytes]]:
    """The descriptions of columns, each with its first column, cut so that none speaks of the columns from first to last, counted from 1."""
    kept = []
    for tag in re.findall(rb"<%scol\s[^<>]*>" % re.escape(prefix), tags):
        edges = {name: int(number) for name, number in _EDGE.findall(tag)}
        _expect(edges.keys() == {b"min", b"max"})
        for low, high in (
            (edges[b"min"], min(edges[b"max"], first - 1)),
            (max(edges[b"min"], last + 1), edges[b"max"]),
        ):
            if low <= high:
                rest = _EDGE.sub(b"", tag)[len(prefix) + len(b"<col") :].rstrip(b"/>")
                kept.append((low, b'<%scol min="%d" max="%d"%s/>' % (prefix, low, high, rest)))
    return kept


def _cells(
    prefix: bytes, start: int, rows: Sequence[int], columns: Sequence[Mapping[str, Any]], first_look: int
) -> dict[int, bytes]:
    """Row number → the new cells of the row, each a text that can never be a formula, a number or a link."""
    tag = prefix.decode("ascii")
    cells = [
        [
            f'<{tag}c r="{name}{row}" s="{first_look + look}" t="inlineStr"><{tag}is>'
            f'<{tag}t xml:space="preserve">{text}</{tag}t></{tag}is></{tag}c>'
            if text
            else ""
            for row, text, look in zip(rows, column["texts"], column["looks"], strict=True)
        ]
        for name, column in ((letter(at), column) for at, column in enumerate(columns, start))
    ]
    together = ("".join(of_row) for of_row in zip(*cells, strict=True))
    return {row: text.encode() for row, text in zip(rows, together, strict=True) if text}


# --- the looks ---------------------------------------------------------------------------------------------


def _with_looks(styles: bytes, looks: Sequence[Mapping[str, Any]]) -> tuple[int, bytes]:
    """The styles with these looks behind all others, and the number of the first of them."""
    prefix = _prefix(styles)
    tag = prefix.decode("ascii")
    fonts, first = _children(styles, prefix, b"fonts", b"font")
    usual = re.sub(rb"<%s(?:b|color)(?:\s[^<>]*)?/>" % re.escape(prefix), b"", first).decode("utf-8")
    fills, _ = _children(styles, prefix, b"fills", b"fill")
    formats, _ = _children(styles, prefix, b"cellXfs", b"xf")
    more: dict[bytes, list[str]] = {b"fonts": [], b"fills": [], b"cellXfs": []}
    for at, look in enumerate(looks):
        ink = f'<{tag}color rgb="FF{look["ink"]}"/>' if look["ink"] else ""
        more[b"fonts"].append(f"<{tag}font>{f'<{tag}b/>' if look['bold'] else ''}{ink}{usual}</{tag}font>")
        ground = f'<{tag}fgColor rgb="FF{look["ground"]}"/>' if look["ground"] else ""
        pattern = (
            f'<{tag}patternFill patternType="{"solid" if ground else "none"}">{ground}</{tag}patternFill>'
        )
        more[b"fills"].append(f"<{tag}fill>{pattern}</{tag}fill>")
        quoted = ' quotePrefix="1"' if look["quoted"] else ""
        more[b"cellXfs"].append(
            f'<{tag}xf numFmtId="{_TEXT_FORMAT}" fontId="{fonts + at}" fillId="{fills + at}" borderId="0" xfId="0"'
            f'{quoted} applyNumberFormat="1" applyFont="1" applyFill="1"/>'
        )
    for name, made in more.items():
        styles = _added(styles, prefix, name, "".join(made).encode())
    return formats, styles


def _children(styles: bytes, prefix: bytes, name: bytes, child: bytes) -> tuple[int, bytes]:
    """How many such children the element has, and what stands in the first."""
    inside, tag = _held(styles, prefix + name).inside, prefix + child
    places = [found.start() for found in re.finditer(rb"<%s[\s/>]" % re.escape(tag), inside)]
    _expect(places)
    first = _element(inside[places[0] :], tag)
    return len(places), first.inside if first and not first.start else b""


def _added(styles: bytes, prefix: bytes, name: bytes, children: bytes) -> bytes:
    found, tag = _held(styles, prefix + name), prefix + name
    opening = b"<%s%s>" % (tag, _COUNT.sub(b"", found.attributes))
    grown = opening + found.inside + children + b"</%s>" % tag
    return styles[: found.start] + grown + styles[found.end :]


def _held(text: bytes, tag: bytes) -> "_Element":
    found = _element(text, tag)
    if found is None:
        raise UnfitError(Unfit.ODD)
    return found


@dataclass(frozen=True)
class _Element:
    """Where an element that holds something stands in a text."""

    start: int
    attributes: bytes
    inside: bytes
    end: int


def _element(text: bytes, tag: bytes) -> _Element | None:
    """The first of this name; one pass over the text, whatever it holds (SEC52)."""
    opening, closing = re.search(rb"<%s(\s[^<>]*)?(?<!/)>" % re.escape(tag), text), b"</%s>" % tag
    end = text.find(closing, opening.end()) if opening else -1
    if opening is None or end < 0:
        return None
    return _Element(opening.start(), opening[1] or b"", text[opening.end() : end], end + len(closing))


# --- the package -------------------------------------------------------------------------------------------


def _packed(package: Package, changed: Mapping[str, bytes]) -> bytes:
    """The package with these parts in place of its own, without programs and signatures, under Excel's plain type."""
    relations = {part_key(_PACKAGE_RELATIONS), part_key(package.relations)}
    edits: dict[str, Callable[[bytes], bytes]] = dict.fromkeys(relations, _without_relations)
    edits[part_key(_TYPES)] = _plain_types
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as target:
        for part, name, blocks in package.copies():
            if _MACRO_PARTS.search(part) or _SIGNATURE_PARTS.search(part):
                continue
            if part in changed:
                blocks = (changed[part],)
            elif part in edits:
                blocks = (edits[part](b"".join(blocks)),)
            with target.open(name, "w", force_zip64=True) as file:  # opened by name, a part has a fixed date
                file.writelines(blocks)
    return out.getvalue()


def _without_relations(text: bytes) -> bytes:
    left = _GONE_RELATION.sub(b"", text)
    _expect(b"vbaProject" not in left)
    return left


def _plain_types(text: bytes) -> bytes:
    left = _GONE_TYPE.sub(b"", _MACRO_BOOK.sub(_PLAIN_BOOK, text)).replace(_MACRO_TYPE, _BINARY_TYPE)
    _expect(b"vbaProject" not in left and b"macroEnabled" not in left)
    return left
