"""Workbooks made by hand, down to the XML, so that a test can say exactly what is in the file."""

import io
import zipfile
from xml.sax.saxutils import quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
#: Style indexes: 0 general, 1 date, 2 date and time, 3 time.
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/>'
    '<xf numFmtId="21"/></cellXfs></styleSheet>'
)


def parts_of(
    *sheets: str, names: tuple[str, ...] = (), states: tuple[str, ...] = (), strings: tuple[str, ...] = ()
) -> dict[str, str]:
    """The parts of a workbook; a sheet is what stands inside <worksheet>."""
    names = names or tuple(f"表{number + 1}" for number in range(len(sheets)))
    states = states or ("visible",) * len(sheets)
    content = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n + 1}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n in range(len(sheets))
    )
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n + 1}" state="{state}" r:id="rId{n + 1}"/>'
        for n, (name, state) in enumerate(zip(names, states, strict=True))
    )
    related = "".join(
        f'<Relationship Id="rId{n + 1}" Type="{_RELATION}/worksheet" Target="worksheets/sheet{n + 1}.xml"/>'
        for n in range(len(sheets))
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>{content}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_RELATION}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{related}<Relationship Id="rIdS" Type="{_RELATION}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rIdT" Type="{_RELATION}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">'
        + "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in strings)
        + "</sst>",
        **{
            f"xl/worksheets/sheet{n + 1}.xml": f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>'
            for n, sheet in enumerate(sheets)
        },
    }


def pack(parts: dict[str, str | bytes]) -> bytes:
    """A zip of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def text(place: str, value: str) -> str:
    """A cell with text."""
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def number(place: str, value: str, style: int = 0) -> str:
    """A cell with a number, written as given."""
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def rows(
    *contents: tuple[int, str], after: str = "", before: str = "", attributes: dict[int, str] | None = None
) -> str:
    """Sheet data: (row number, cells), in the order given."""
    marks = attributes or {}
    inside = "".join(f'<row r="{row}"{marks.get(row, "")}>{cells}</row>' for row, cells in contents)
    return f"{before}<sheetData>{inside}</sheetData>{after}"


def workbook(*sheets: str, **options: tuple[str, ...]) -> bytes:
    """A workbook with these sheets."""
    return pack(parts_of(*sheets, **options))


def header(row: int = 1, *names: str) -> tuple[int, str]:
    """A row of header texts from column A on."""
    return row, "".join(
        text(f"{chr(65 + index)}{row}", name) for index, name in enumerate(names or ("手机号", "姓名"))
    )


def styles_with(*formats: int | str) -> str:
    """A part of styles: index 0 is General, the others have these formats, by number where the file does not write them down."""
    codes = {each: 176 + at for at, each in enumerate(formats) if isinstance(each, str)}
    written = "".join(f'<numFmt numFmtId="{at}" formatCode={quoteattr(code)}/>' for code, at in codes.items())
    used = "".join(f'<xf numFmtId="{codes.get(each, each)}"/>' for each in (0, *formats))
    return f'<styleSheet xmlns="{MAIN}"><numFmts>{written}</numFmts><cellXfs>{used}</cellXfs></styleSheet>'


def formatted_parts(*cells: tuple[int | str, str]) -> dict[str, str]:
    """A workbook with a phone in A2 and from B2 on cells (format, number as written); their columns are called 列1, 列2 …"""
    written = "".join(number(f"{chr(66 + at)}2", value, at + 1) for at, (_, value) in enumerate(cells))
    names = [f"列{at + 1}" for at in range(len(cells))]
    parts = parts_of(rows(header(1, "手机号", *names), (2, text("A2", "13012121211") + written)))
    return parts | {"xl/styles.xml": styles_with(*(each for each, _ in cells))}


def formatted(*cells: tuple[int | str, str]) -> bytes:
    """The same, packed."""
    return pack(formatted_parts(*cells))
