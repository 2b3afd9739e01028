"""Columns written beside those of a workbook: everything else stays as it was, byte for byte, and what is unsafe is refused."""

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from lib.errors import SheetRefused
from lib.sheet import read
from lib.workbook import beside, reader
from lib.workbook.beside import Lost, Unfit, UnfitError, write_beside
from tests.core.sheet_builder import header, number, pack, parts_of, rows, text, workbook

pytestmark = pytest.mark.filterwarnings("ignore:Workbook contains no default style")

CORPUS = Path(__file__).parents[2] / "files" / "corpus"
LOOKS = [
    {"ground": "E2F0D9", "ink": "1E4620", "bold": True, "quoted": False},
    {"ground": "", "ink": "", "bold": False, "quoted": True},
]


def wanted(sheet: str, numbers: list[int], count: int = 2) -> dict[str, object]:
    columns = [
        {"width": 14.0, "texts": [f"=ours{row}-{at}" for row in numbers], "looks": [at % 2] * len(numbers)}
        for at in range(count)
    ]
    return {"sheets": [{"sheet": sheet, "rows": numbers, "columns": columns}], "looks": LOOKS}


def written(data: bytes, numbers: list[int], sheet: str = "表1", count: int = 2) -> bytes:
    return write_beside(data, wanted(sheet, numbers, count))[0]


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def why_not(data: bytes, sheet: str = "表1") -> Unfit:
    with pytest.raises(UnfitError) as refusal:
        written(data, [1, 2], sheet)
    return refusal.value.why


LIST = rows(header(), (2, text("A2", "13012121211") + number("B2", "7", 1)))


def test_every_other_part_is_the_same_and_every_cell_of_theirs_too():
    data = pack(parts_of(LIST, rows(header(1, "别的"))) | {"xl/media/picture.svg": b"<!DOCTYPE svg><svg/>"})
    before, after = parts(data), parts(written(data, [1, 2]))
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == {
        "xl/worksheets/sheet1.xml",
        "xl/styles.xml",
    }
    sheet = after["xl/worksheets/sheet1.xml"]
    ours = re.compile(rb'<c r="[CD]\d"[^>]*><is>.*?</is></c>|<cols>.*?</cols>')
    assert ours.sub(b"", sheet) == before["xl/worksheets/sheet1.xml"]
    assert len(ours.findall(sheet)) == 5


def test_sec20_what_is_written_is_text_with_the_look_that_was_asked_for():
    sheet = openpyxl.load_workbook(io.BytesIO(written(workbook(LIST), [1, 2])))["表1"]
    cells = [sheet["C2"], sheet["D2"]]
    assert [(cell.value, cell.data_type) for cell in cells] == [("=ours2-0", "s"), ("=ours2-1", "s")]
    assert [cell.quotePrefix for cell in cells] == [False, True]
    assert [cell.number_format for cell in cells] == ["@", "@"]
    assert cells[0].fill.fgColor.rgb == "FFE2F0D9"
    assert cells[0].font.b
    assert sheet["B2"].is_date  # the looks of theirs keep their places
    assert sheet.column_dimensions["C"].width == 14


def test_hidden_columns_and_empty_cells_to_the_right_make_room():
    """Who hid everything behind the list, or coloured it, would not see ours."""
    cells = text("A2", "13012121211") + '<c r="C2" s="1"/><c r="D2"></c><c r="F2" s="2"/>'
    data = workbook(
        rows(header(), (2, cells), before='<cols><col min="2" max="16384" hidden="1" width="3"/></cols>')
    )
    out = parts(written(data, [1, 2]))["xl/worksheets/sheet1.xml"]
    assert re.findall(rb'r="([A-Z])2"', out) == [b"A", b"C", b"D", b"F"]
    assert [
        tuple(map(int, found)) for found in re.findall(rb'<col min="(\d+)" max="(\d+)"[^>]*hidden', out)
    ] == [(2, 2), (5, 16384)]
    assert len(re.findall(rb"<col [^>]*customWidth", out)) == 2


def test_a_formula_without_a_value_and_a_merged_title_keep_their_columns():
    formula = rows(header(), (2, text("A2", "1") + '<c r="D2"><f>A2</f></c>'))
    merged = rows(header(), after='<mergeCells count="1"><mergeCell ref="A1:F1"/></mergeCells>')
    for sheet, first in ((formula, "E1"), (merged, "G1")):
        numbers = [1, 2] if sheet is formula else [1]
        found = openpyxl.load_workbook(io.BytesIO(written(workbook(sheet), numbers)))["表1"]
        assert found[first].value == "=ours1-0"


def test_macros_and_a_signature_are_left_out_and_told():
    types = "[Content_Types].xml"
    made = parts_of(LIST)
    made[types] = made[types].replace(
        "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main", "vnd.ms-excel.sheet.macroEnabled.main"
    )
    made[types] = made[types].replace(
        '<Default Extension="xml"',
        '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/><Default Extension="xml"',
    )
    relation = '<Relationship Id="m1" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/>'
    related = "xl/_rels/workbook.xml.rels"
    made[related] = made[related].replace("</Relationships>", f"{relation}</Relationships>")
    data = pack(made | {"xl/vbaProject.bin": b"\1\2", "_xmlsignatures/sig1.xml": "<Signature/>"})
    book, lost = write_beside(data, wanted("表1", [1, 2]))
    left = parts(book)
    assert lost == [Lost.MACROS, Lost.SIGNATURE]
    assert not [name for name in left if "vba" in name or "signature" in name]
    assert not re.search(rb"vbaProject|macroEnabled", left[types] + left[related])
    assert read(book, "客户.xlsx").kind == "xlsx"


@pytest.mark.parametrize(
    "change",
    [
        {"xl/worksheets/sheet1.xml": lambda text: text.replace("<sheetData>", "<!-- <row r='1'> --><sheetData>")},
        {"xl/worksheets/sheet1.xml": lambda text: text.replace("<t xml:space", "<t><![CDATA[</row>]]></t><t xml:space")},
        {"xl/worksheets/sheet1.xml": lambda text: text.replace(' r="A2"', "")},
        {"xl/worksheets/sheet1.xml": lambda text: f'<?xml version="1.0" encoding="gb2312"?>{text}'},
        {"xl/worksheets/sheet1.xml": lambda text: text.replace("</worksheet>", "")},
        {"xl/styles.xml": lambda _: "<styleSheet/>"},
    ],
    ids=["comment", "cdata", "no place", "other encoding", "cut", "no styles"],
)  # fmt: skip
def test_what_cannot_be_cut_open_safely_is_refused(change):
    made = parts_of(LIST)
    ((part, how),) = change.items()
    assert why_not(pack(made | {part: how(made[part])})) == Unfit.ODD


def test_a_sheet_that_is_missing_too_large_or_no_workbook_of_this_kind_is_refused(monkeypatch):
    assert why_not(workbook(LIST), "别的") == Unfit.ODD
    assert why_not(b"a,b\n1,2\n") == Unfit.KIND
    assert why_not((CORPUS / "calc_types.ods").read_bytes()) == Unfit.KIND
    assert why_not((CORPUS / "calc_types.xls").read_bytes()) == Unfit.KIND
    monkeypatch.setattr(beside, "MAX_BESIDE_BYTES", 100)
    assert why_not(workbook(LIST)) == Unfit.LARGE


def test_rows_that_are_not_in_the_sheet_are_no_reason_to_guess():
    with pytest.raises(UnfitError):
        written(workbook(LIST), [2, 99])


def test_the_process_answers_with_the_workbook_with_a_refusal_or_with_why_not():
    data = workbook(LIST)
    found = reader.write_columns(data, wanted("表1", [1, 2]))
    assert isinstance(found, reader.Written)
    assert found.data == written(data, [1, 2])
    assert reader.write_columns(data, {"sheets": [{"sheet": "表1"}]}) == reader.Written(b"", ())
    assert reader.write_columns(data, {"sheets": [{"sheet": "别的"}]}) == Unfit.ODD
    with pytest.raises(SheetRefused):
        reader.write_columns(data[: len(data) // 2], wanted("表1", [1, 2]))


@pytest.mark.long
@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.xls[xm]")), ids=lambda path: path.name)
def test_a_workbook_of_the_corpus_reads_the_same_with_more_columns(path):
    data = path.read_bytes()
    try:
        sheet = read(data, path.name)
        numbers = [*([sheet.header_row] if sheet.header_row else []), *map(int, sheet.table.index)]
        book = written(data, numbers, sheet.sheet or "")
    except (SheetRefused, UnfitError):
        assert path.stem.startswith(("xml_", "text_")), "what a spreadsheet program wrote can be cut open"
        return
    again = read(book, path.name, sheet=sheet.sheet, header_row=sheet.header_row or 0)
    own = len(sheet.table.columns)
    assert again.table.iloc[:, :own].equals(sheet.table)
    assert again.table.iloc[:, own:].to_numpy().tolist() == [
        [f"=ours{row}-0", f"=ours{row}-1"] for row in sheet.table.index
    ]
