"""One worksheet of a workbook that is put together in an odd way, packed anew so that every engine reads it. Parsing process only.

Excel goes by the relations of the parts and by their names without regard to case or slashes; the engines go by the
names that Excel itself writes, and openpyxl refuses a whole workbook for a style it does not know. What is packed is
what reading needs: the worksheet and the shared texts as they are, and of the styles the number formats.
"""

import io
import zipfile
from html import escape
from typing import Any

from lib.workbook.package import Package, Worksheet, local

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_XML = "application/xml"

#: Fast rather than small: it is read once, from memory.
_COMPRESSION = 1


def mended(package: Package, sheet: Worksheet) -> bytes:
    """A workbook with this worksheet only. Raises SheetRefused as `Package.stream` does."""
    out = io.BytesIO()
    texts, styles = package.shared_strings, package.styles
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as made:
        made.writestr("[Content_Types].xml", _types(texts is not None))
        made.writestr("_rels/.rels", _relations(("officeDocument", "xl/workbook.xml")))
        made.writestr("xl/workbook.xml", _workbook(sheet.name, package.counts_from_1904))
        parts = [("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")]
        parts += [("sharedStrings", "sharedStrings.xml")] if texts is not None else []
        made.writestr("xl/_rels/workbook.xml.rels", _relations(*parts))
        made.writestr(
            "xl/styles.xml", _number_formats(package.tree(styles)) if styles else _styles("", 0, "")
        )
        copied = [("xl/worksheets/sheet1.xml", sheet.part), ("xl/sharedStrings.xml", texts)]
        for name, part in copied:
            if part is not None:
                with made.open(name, "w", force_zip64=True) as file:
                    for block in package.stream(part):
                        file.write(block)
    return out.getvalue()


def _types(has_texts: bool) -> str:
    told = {
        "/xl/workbook.xml": "sheet.main",
        "/xl/worksheets/sheet1.xml": "worksheet",
        "/xl/styles.xml": "styles",
    }
    if has_texts:
        told["/xl/sharedStrings.xml"] = "sharedStrings"
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{_KIND}{kind}+xml"/>' for part, kind in told.items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="{_XML}"/>{overrides}</Types>'
    )


def _relations(*parts: tuple[str, str]) -> str:
    inside = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(parts, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def _workbook(name: str, counts_from_1904: bool) -> str:
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr date1904="{int(counts_from_1904)}"/>'
        f'<sheets><sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _number_formats(styles: Any) -> str:
    """A style sheet with the number formats of this one, and no other look."""
    formats, cells = "", ""
    count = 0
    for group in styles:
        for each in group:
            if local(group.tag) == "numFmts":
                number, code = escape(each.get("numFmtId", "0")), escape(each.get("formatCode", "General"))
                formats += f'<numFmt numFmtId="{number}" formatCode="{code}"/>'
            elif local(group.tag) == "cellXfs":
                cells += f'<xf numFmtId="{escape(each.get("numFmtId", "0"))}"/>'
                count += 1
    return _styles(formats, count, cells)


def _styles(formats: str, count: int, cells: str) -> str:
    count, cells = (count, cells) if count else (1, "<xf/>")
    return (
        f'<styleSheet xmlns="{_MAIN}">{f"<numFmts>{formats}</numFmts>" if formats else ""}'
        '<fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        f'<cellXfs count="{count}">{cells}</cellXfs></styleSheet>'
    )
