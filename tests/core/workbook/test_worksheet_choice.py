"""Which worksheet is read where the person named none, and what a filter in it hides."""

from collections.abc import Iterator

import pytest

from lib.errors import SheetRefused
from lib.sheet import Sheet, read, worksheet
from lib.workbook.reader import Book, read_book
from tests.core.sheet_builder import header, number, pack, parts_of, rows, text, workbook
from tests.files import mutants


@pytest.fixture(scope="module", autouse=True)
def _one_parser() -> Iterator[None]:
    with mutants.parser():
        yield


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The worksheets that were asked for, in order; None for whichever comes first."""
    asked: list[str | None] = []

    def noted(data: bytes, sheet: str | None, *given: str | None) -> Book:
        asked.append(sheet)
        return read_book(data, sheet, *given)

    monkeypatch.setattr(worksheet, "read_book", noted)
    return asked


def notes_of(sheet: Sheet) -> dict[str, dict]:
    return {str(note.code): note.params for note in sheet.notes}


def lines(*cells: tuple[str, ...]) -> str:
    """Sheet data of these rows of texts."""
    return rows(
        *(
            (row, "".join(text(f"{chr(65 + at)}{row}", cell) for at, cell in enumerate(line) if cell))
            for row, line in enumerate(cells, 1)
        )
    )


LIST = rows(header(), (2, text("A2", "13012121211")), (3, text("A3", "13012121212")))

NO_LISTS = {
    "导出摘要": lines(("此文稿导出自 Numbers",), ("工作表", "表格", "Excel 工作表"), ("表1", "", "名单")),
    "填写说明": lines(("填写说明",), ("1、手机号必填，11 位",), ("2、联系人：运营部 0571-8888 6666",)),
    "字段": lines(
        ("字段名", "必填", "示例"),
        ("手机号", "是", "13800138000"),
        ("姓名", "否", "张三"),
        ("公司", "否", "晨光"),
    ),
    "导入须知": lines(("手机号", "姓名"), ("13800138000", "张三")),
    "汇总": lines(("客户", "数量", "来源"), ("晨光", "12", "1"), ("远山", "7", "2")),
    "模板": lines(("手机号", "姓名")),
}


@pytest.mark.parametrize("name", NO_LISTS)
def test_a_sheet_that_is_no_list_is_passed_over_and_told(name: str):
    data = workbook(NO_LISTS[name], LIST, LIST, names=(name, "名单", "备用"))
    sheet = read(data, "x")
    assert (sheet.sheet, len(sheet.table)) == ("名单", 2)
    assert notes_of(sheet)["sheets_passed_over"] == {"count": 1, "first": name, "sheet": "名单"}
    assert notes_of(sheet)["more_sheets"] == {"count": 1, "sheet": "名单"}
    assert read(data, "x", sheet=name).sheet == name


LISTS = {
    "名单": LIST,
    "加密": lines(("手机号", "姓名"), ("q8Zk2lPm0xQ8Zk2lPm0x==", "张三")),
    "打码": lines(("姓名", "联系电话(必填)"), ("张三", "130****1211")),
    "没有表头": lines(("张三", "13012121211"), ("李四", "0571-88886666")),
    "座机": lines(("Nom", "X"), ("张三", "057188886666"), ("李四", "057188886667")),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_book_whose_first_sheet_is_a_list_is_parsed_once(name: str, parsed: list[str | None]):
    sheet = read(workbook(LISTS[name], LIST, names=(name, "备用")), "x")
    assert sheet.sheet == name
    assert "sheets_passed_over" not in notes_of(sheet)
    assert parsed == [None]


def test_a_book_with_one_sheet_is_parsed_once_whatever_it_holds(parsed: list[str | None]):
    assert read(workbook(NO_LISTS["汇总"]), "x").sheet == "表1"
    assert parsed == [None]


def test_the_first_sheet_is_read_where_none_is_a_list():
    sheet = read(workbook(NO_LISTS["汇总"], NO_LISTS["字段"], "<sheetData/>"), "x")
    assert sheet.sheet == "表1"
    assert notes_of(sheet)["more_sheets"] == {"count": 2, "sheet": "表1"}


def test_only_so_many_sheets_are_looked_at(parsed: list[str | None]):
    sheets = [NO_LISTS["汇总"]] * 30
    assert read(workbook(*sheets, LIST), "x").sheet == "表1"
    assert len(parsed) == worksheet.MAX_LOOKED_AT + 1


def test_a_further_sheet_that_cannot_be_read_refuses_nothing():
    bad = rows((2, number("A2", "1")), (2, number("A2", "2")))
    sheet = read(workbook(NO_LISTS["汇总"], bad, LIST), "x")
    assert sheet.sheet == "表3"


def test_a_hidden_sheet_is_read_and_told_where_the_visible_ones_are_empty():
    states = ("visible", "hidden", "visible")
    data = workbook("<sheetData/>", LIST, "<sheetData/>", names=("名单", "数据", "空"), states=states)
    sheet = read(data, "x")
    assert (sheet.sheet, len(sheet.table)) == ("数据", 2)
    assert notes_of(sheet) == {"hidden_sheet_read": {"sheet": "数据"}}


def test_a_hidden_sheet_is_left_alone_where_a_visible_one_has_rows():
    data = workbook(NO_LISTS["汇总"], LIST, names=("汇总", "数据"), states=("visible", "hidden"))
    assert read(data, "x").sheet == "汇总"
    assert notes_of(read(data, "x"))["hidden_sheets"] == {"count": 1, "first": "数据"}


def test_a_book_of_nothing_but_empty_sheets_is_refused():
    with pytest.raises(SheetRefused, match="sheet_empty"):
        read(workbook("<sheetData/>", "<sheetData/>", states=("visible", "hidden")), "x")


BODY = (
    header(),
    (2, text("A2", "13012121211")),
    (3, text("A3", "13012121212")),
    (4, text("A4", "13012121213")),
)
HIDDEN = {3: ' hidden="1"'}


def in_table(filters: str) -> bytes:
    """A book whose only sheet holds a table with this inside of its filter."""
    parts = parts_of(rows(*BODY, attributes=HIDDEN))
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/table"
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{relation}" Target="../tables/table1.xml"/></Relationships>'
    )
    parts["xl/tables/table1.xml"] = (
        '<table xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" id="1" name="T" displayName="T" ref="A1:B4">'
        f'<autoFilter ref="A1:B4">{filters}</autoFilter><tableColumns count="2"><tableColumn id="1" name="手机号"/>'
        '<tableColumn id="2" name="姓名"/></tableColumns></table>'
    )
    return pack(parts)


CRITERION = '<filterColumn colId="0"><filters><filter val="13012121211"/></filters></filterColumn>'


@pytest.mark.parametrize(
    "data",
    [workbook(rows(*BODY, attributes=HIDDEN, after='<autoFilter ref="A1:B4"/>')), in_table(CRITERION)],
    ids=["sheet", "table"],
)
def test_rows_that_a_filter_hides_are_left_out_unless_wanted(data: bytes):
    sheet = read(data, "x")
    assert sheet.table.index.tolist() == [2, 4]
    assert notes_of(sheet)["filtered_rows"] == {"count": 1, "row": 3}
    taken = read(data, "x", filtered_rows=True)
    assert taken.table.index.tolist() == [2, 3, 4]
    assert notes_of(taken)["filtered_rows"] == {"count": 1, "row": 3}


@pytest.mark.parametrize(
    "data", [workbook(rows(*BODY, attributes=HIDDEN)), in_table("")], ids=["sheet", "table"]
)
def test_rows_that_are_hidden_by_hand_are_read_unless_not_wanted(data: bytes):
    sheet = read(data, "x")
    assert sheet.table.index.tolist() == [2, 3, 4]
    assert notes_of(sheet)["hidden_rows"] == {"count": 1, "row": 3}
    assert read(data, "x", hidden_rows=False).table.index.tolist() == [2, 4]
