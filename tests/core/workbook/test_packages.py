"""Workbooks that Excel opens without a word although they are put together in an odd way."""

import io
from collections.abc import Callable, Iterator

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from lib.errors import SheetRefused
from lib.sheet import NoteCode, read
from tests.core.old_book_builder import container, record, stream
from tests.core.sheet_builder import STYLES, header, number, pack, parts_of, rows, text
from tests.files import mutants


@pytest.fixture(scope="module", autouse=True)
def _one_parser() -> Iterator[None]:
    with mutants.parser():
        yield


LIST = rows(
    header(),
    (2, text("A2", "13012121211") + text("B2", "张伟")),
    (3, number("A3", "13012121212") + text("B3", "李娜")),
)
PARTS = parts_of(LIST)
READ = [["13012121211", "张伟"], ["13012121212", "李娜"]]
BARE = (
    '<sheetData><row><c t="inlineStr"><is><t>手机号</t></is></c><c t="inlineStr"><is><t>姓名</t></is></c></row>'
    '<row><c><v>13012121211</v></c><c t="inlineStr"><is><t>张伟</t></is></c></row></sheetData>'
)
BARE_PARTS = parts_of(BARE)
OLD = [["手机号", "姓名"], ["13012121211", "张伟"], ["013012121212", "李娜"]]


def renamed(change: Callable[[str], str]) -> bytes:
    return pack({change(name): part for name, part in PARTS.items()})


def retargeted(before: str, after: str) -> bytes:
    return pack({name: part.replace(before, after) for name, part in PARTS.items()})


def moved(folder: str, name: str) -> bytes:
    """The workbook in another folder, under another name, as the package's relations say."""
    parts = {
        part.replace("xl/workbook", f"{folder}{name.removesuffix('.xml')}"): xml
        for part, xml in PARTS.items()
    }
    parts = {part.replace("xl/", folder): xml.replace("/xl/", f"/{folder}") for part, xml in parts.items()}
    relations = parts.pop(f"{folder}_rels/workbook.xml.rels")
    parts[f"{folder}_rels/{name}.rels"] = relations
    parts["_rels/.rels"] = PARTS["_rels/.rels"].replace("xl/workbook.xml", f"/{folder}{name}")
    return pack(parts)


ODD = {
    "backslashes": renamed(lambda name: name.replace("/", "\\")),
    "capitals": renamed(str.upper),
    "another case": renamed(lambda name: name.replace("sharedStrings", "SharedStrings")),
    "slashes before every name": renamed(lambda name: f"/{name}"),
    "a backslash in a relation": retargeted('Target="worksheets/', 'Target="worksheets\\'),
    "a relation from the root": retargeted('Target="worksheets/', 'Target="\\xl\\worksheets\\'),
    "a workbook in the root": moved("", "workbook.xml"),
    "a workbook elsewhere": moved("office/", "book.xml"),
    "no shared texts": pack({name: part for name, part in PARTS.items() if "sharedStrings" not in name}),
    "a blank line before it": b"\r\n\r\n" + pack(PARTS),
    "an order mark before it": b"\xef\xbb\xbf" + pack(PARTS),
    "a warning before it": b"<br />\n<b>Warning</b>: Undefined variable in <b>a.php</b><br />\n"
    + pack(PARTS),
    "a page behind it": pack(PARTS) + b"\r\n<!-- 0.2 s -->\r\n",
}


@pytest.mark.parametrize("name", ODD)
def test_a_workbook_that_is_packed_in_an_odd_way_is_read_like_any_other(name: str) -> None:
    sheet = read(ODD[name], "名单.xlsx")
    assert (sheet.kind, sheet.sheets, sheet.table.to_numpy().tolist()) == ("xlsx", ("表1",), READ)
    assert sheet.notes == ()


def test_the_other_worksheets_of_such_a_workbook_are_listed_and_can_be_chosen() -> None:
    data = pack(
        {
            name.upper(): part
            for name, part in parts_of(
                LIST, BARE, names=("甲", "乙 & <丙>".replace("&", "&amp;").replace("<", "&lt;"))
            ).items()
        }
    )
    assert read(data, "x").sheets == ("甲", "乙 & <丙>")
    assert read(data, "x", sheet="乙 & <丙>").table.to_numpy().tolist() == READ[:1]


def test_dates_of_such_a_workbook_stay_dates() -> None:
    sheet = rows(header(1, "手机号", "日期"), (2, text("A2", "13012121211") + number("B2", "45000", 1)))
    parts = {name.replace("/", "\\"): part for name, part in parts_of(sheet).items()}
    assert read(pack(parts), "x").table["日期"].tolist() == ["2023-03-15"]
    parts["xl\\workbook.xml"] = parts["xl\\workbook.xml"].replace(
        "<sheets>", '<workbookPr date1904="1"/><sheets>'
    )
    assert read(pack(parts), "x").table["日期"].tolist() == ["2027-03-16"]


def test_sec16_a_dtd_in_such_a_workbook_is_refused_too() -> None:
    parts = {name.upper(): part for name, part in PARTS.items()}
    parts["XL/STYLES.XML"] = '<!DOCTYPE x [<!ENTITY a "b">]>' + parts["XL/STYLES.XML"]
    with pytest.raises(SheetRefused) as caught:
        read(pack(parts), "x")
    assert caught.value.code == "workbook_dtd"


def test_two_parts_whose_names_differ_only_by_case_are_no_workbook() -> None:
    with pytest.raises(SheetRefused) as caught:
        read(pack(PARTS | {"xl/Workbook.xml": PARTS["xl/workbook.xml"]}), "x")
    assert caught.value.code == "workbook_damaged"


LOOKS = {
    "empty fill": STYLES.replace("<fill><patternFill/></fill>", "<fill/>"),
    "no fills": STYLES.replace('<fills count="1"><fill><patternFill/></fill></fills>', "<fills/>"),
    "a colour that is none": STYLES.replace("<font/>", '<font><color rgb="red"/></font>'),
}


@pytest.mark.parametrize("looks", LOOKS)
def test_cells_without_references_are_read_whatever_the_style_sheet_is_like(looks: str) -> None:
    sheet = read(pack(BARE_PARTS | {"xl/styles.xml": LOOKS[looks]}), "x.xlsx")
    assert sheet.table.to_numpy().tolist() == READ[:1]


def test_cells_without_references_are_read_where_a_part_is_named_and_not_there() -> None:
    parts = {name: part for name, part in BARE_PARTS.items() if "sharedStrings" not in name}
    assert read(pack(parts), "x.xlsx").table.to_numpy().tolist() == READ[:1]


def _ods(**parts: str) -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns:%s:1.0"
    names = " ".join(f'xmlns:{name}="{space % name}"' for name in ("office", "table", "text"))
    cells = "".join(
        f"<table:table-cell><text:p>{value}</text:p></table:table-cell>"
        for value in ("手机号", "13012121211")
    )
    body = cells.replace("<table:table-cell>", "<table:table-row><table:table-cell>").replace(
        "</table:table-cell>", "</table:table-cell></table:table-row>"
    )
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="名单">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    told = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    return pack(told | {name.replace("__", "/") + ".xml": part for name, part in parts.items()})


DTD = (
    '<?xml version="1.0"?><!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD 1.0//EN" "module.dtd"><x/>'
)


def test_an_ods_with_macros_is_read_and_the_macros_told() -> None:
    """OpenOffice writes a document type into the parts of macros, which nobody parses here."""
    sheet = read(
        _ods(
            **{
                "Basic__script-lc": DTD,
                "Basic__Standard__Module1": DTD,
                "Configurations2__menubar__menubar": DTD,
            }
        ),
        "x.ods",
    )
    assert sheet.table["手机号"].tolist() == ["13012121211"]
    assert NoteCode.MACROS_IGNORED in {note.code for note in sheet.notes}


@pytest.mark.parametrize("part", ["styles", "meta", "settings", "META-INF__manifest"])
def test_sec16_a_dtd_in_a_part_of_an_ods_that_is_parsed_is_refused(part: str) -> None:
    with pytest.raises(SheetRefused) as caught:
        read(_ods(**{part: DTD}), "x.ods")
    assert caught.value.code == "workbook_dtd"


@pytest.mark.parametrize("name", ["Workbook", "WORKBOOK", "BOOK", "workbook"])
def test_the_stream_of_an_old_workbook_is_found_in_any_case(name: str) -> None:
    assert read(container(stream(OLD), name), "x.xls").table.to_numpy().tolist() == OLD[1:]


DAMAGE = {
    "more texts said than there are": stream(OLD, said=9),
    "fewer texts said than there are": stream(OLD, said=2),
    "a comment cut short": stream(OLD, notes=record(0x1C, b"\1\0")),
    "a name nobody can parse": stream(
        OLD, names=record(0x18, bytes(3) + b"\3\x09" + bytes(9) + b"\0abc" + b"\x99" * 9)
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_an_old_workbook_with_a_damaged_side_table_is_read_and_told(damage: str) -> None:
    sheet = read(container(DAMAGE[damage]), "x.xls")
    assert sheet.table.to_numpy().tolist() == OLD[1:]
    assert [(note.code, note.params) for note in sheet.notes] == [(NoteCode.READ_AROUND_DAMAGE, {"count": 3})]


def test_an_old_workbook_that_no_reader_takes_is_damaged() -> None:
    with pytest.raises(SheetRefused) as caught:
        read(container(stream(OLD)[:90]), "x.xls")
    assert caught.value.code == "workbook_damaged"


def test_a_container_of_something_else_is_a_document() -> None:
    """Also where the document has a workbook inside, whose name then stands in the directory."""
    for data in (
        container(b"x", "WordDocument"),
        container(b"x", "ObjectPool") + "Workbook".encode("utf-16-le"),
    ):
        with pytest.raises(SheetRefused) as caught:
            read(data, "x.xls")
        assert caught.value.code == "file_is_document"


def _labels(opcode: int, version: int, *, kind: int = 0x10) -> bytes:
    """A worksheet without a workbook and without a container, its texts in the machine's own code page."""
    cells = b"".join(
        record(
            0x0204,
            row.to_bytes(2, "little")
            + column.to_bytes(2, "little")
            + b"\0\0"
            + len(value).to_bytes(2, "little")
            + value,
        )
        for row, values in enumerate(((b"tel", b"name"), (b"13012121211", b"Zhang Wei")))
        for column, value in enumerate(values)
    )
    begin = version.to_bytes(2, "little") + kind.to_bytes(2, "little") + bytes(4)
    return record(opcode, begin) + cells + record(0x0A, b"")


def test_a_worksheet_without_a_container_is_read() -> None:
    """As small programs write it: PHP's few lines with version 0, BIFF 3, 4 and 5."""
    for data in (_labels(0x0809, 0), _labels(0x0809, 0x0500), _labels(0x0209, 0), _labels(0x0409, 0)):
        sheet = read(data, "x.xls")
        assert (sheet.kind, sheet.table.to_numpy().tolist()) == ("xls", [["13012121211", "Zhang Wei"]])


def test_a_worksheet_of_excel_2_without_a_container_is_read() -> None:
    cell = b"%c\0%c\0\0\0\0%c%b"
    cells = b"".join(
        record(0x04, cell % (row, column, len(value), value))
        for row, values in enumerate(((b"tel", b"name"), (b"13012121211", b"Zhang Wei")))
        for column, value in enumerate(values)
    )
    sheet = read(record(0x09, b"\2\0\x10\0") + cells + record(0x0A, b""), "x.xls")
    assert sheet.table.to_numpy().tolist() == [["13012121211", "Zhang Wei"]]


def test_a_workbook_of_biff_8_without_a_container_is_read() -> None:
    assert read(stream(OLD), "x.xls").table.to_numpy().tolist() == OLD[1:]


def test_a_worksheet_of_biff_8_alone_is_read() -> None:
    alone = stream(OLD)
    alone = alone[alone.rindex(b"\x09\x08\x10\0") :]
    labels = b"".join(
        record(0x0204, bytes([row, 0, column, 0, 15, 0, len(value), 0, 1]) + value.encode("utf-16-le"))
        for row, values in enumerate(OLD)
        for column, value in enumerate(values)
    )
    assert read(alone[:20] + labels + record(0x0A, b""), "x.xls").table.to_numpy().tolist() == OLD[1:]


def _locked(password: str) -> bytes:
    out = io.BytesIO()
    # incompressible, so that the container holds it as Excel's larger ones do
    noise = bytes(pow(3, n, 65_537) % 256 for n in range(8_192))
    OOXMLFile(io.BytesIO(pack(PARTS | {"xl/noise.bin": noise}))).encrypt(password, out)
    return out.getvalue()


EXCELS_OWN = "VelvetSweatshop"


def test_a_workbook_that_excel_locked_with_a_password_of_its_own_is_read() -> None:
    assert read(_locked(EXCELS_OWN), "x.xlsx").table.to_numpy().tolist() == READ
    assert read(container(stream(OLD, password=EXCELS_OWN)), "x.xls").table.to_numpy().tolist() == OLD[1:]


@pytest.mark.parametrize("data", [_locked("secret"), container(stream(OLD, password="secret"))])
def test_a_workbook_that_a_person_locked_needs_that_password(data: bytes) -> None:
    with pytest.raises(SheetRefused) as caught:
        read(data, "x.xlsx")
    assert caught.value.code == "workbook_password"
