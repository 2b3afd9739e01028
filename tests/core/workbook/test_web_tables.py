"""Tables saved as web pages, which many systems hand out under the name .xls."""

import base64
from collections.abc import Iterator

import pytest

from lib.sheet import NoteCode, Sheet, read
from tests.files import mutants


@pytest.fixture(scope="module", autouse=True)
def _one_parser() -> Iterator[None]:
    with mutants.parser():
        yield


HEADER = "<tr><th>手机号</th><th>姓名</th></tr>"
ROW = "<tr><td>13012121211</td><td>张伟</td></tr>"
TABLE = f"<table>{HEADER}{ROW}</table>"
READ = [["13012121211", "张伟"]]


def values(sheet: Sheet) -> list[list[str]]:
    return sheet.table.to_numpy().tolist()


def codes(sheet: Sheet) -> list[str]:
    return [str(note.code) for note in sheet.notes]


BEGINNINGS = {
    "a document": f"<!DOCTYPE html><html><body>{TABLE}</body></html>",
    "an old document type": f'<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/x.dtd"><html>{TABLE}',
    "xhtml": f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>{TABLE}</body></html>',
    "a comment": f"<!-- export --><!-- <table><tr><td>1</td></tr></table> -->{TABLE}",
    "a division": f"<div><div>{TABLE}</div></div>",
    "a row": HEADER + ROW,
    "a row in a page": f"<html><body>{HEADER}{ROW}</body></html>",
    "a warning in words": f"\nWarning: Undefined variable $x in /a.php on line 5\n{TABLE}",
    "a warning of a page": f"<br />\n<b>Warning</b>: x<br />\n{TABLE}",
    "styles and a script": f"<style>td {{ color: red }}</style><script>var row = '<tr><td>1</td>';</script>{TABLE}",
}


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_table_is_found_whatever_the_page_begins_with(beginning: str) -> None:
    sheet = read(BEGINNINGS[beginning].encode(), "导出.xls")
    assert (sheet.kind, sheet.header_row, list(sheet.table), values(sheet)) == (
        "html",
        1,
        ["手机号", "姓名"],
        READ,
    )
    assert codes(sheet) == []


PAGES = {
    "said": (
        f'<meta http-equiv="Content-Type" content="text/html; charset=gb2312">{TABLE}'.encode("gbk"),
        [],
    ),
    "said in short": (f"<meta charset=GBK>{TABLE}".encode("gbk"), []),
    "said in big5": (
        f"<meta charset='big5'>{TABLE.replace('手机号', '電話').replace('张伟', '張偉')}".encode("big5"),
        [],
    ),
    "not said, utf-8": (TABLE.encode(), []),
    "not said, gbk": (TABLE.encode("gbk"), ["charset_guess"]),
    "said wrongly, utf-8": (f"<meta charset=gb2312>{TABLE}".encode(), []),
    "said wrongly, gbk": (f"<meta charset=utf-8>{TABLE}".encode("gbk"), ["charset_guess"]),
    "said something unknown": (f"<meta charset=unicode_escape>{TABLE}".encode(), []),
    "a mark": (f"<meta charset=gb2312>{TABLE}".encode("utf-8-sig"), []),
    "utf-16": (TABLE.encode("utf-16"), []),
    "utf-16 without a mark": (TABLE.encode("utf-16-le"), []),
    "a damaged character": (
        f"<meta charset=gbk>{TABLE}".encode("gbk").replace("张".encode("gbk"), b"\xff\xff"),
        ["damaged_characters"],
    ),
}


@pytest.mark.parametrize("page", PAGES)
def test_the_characters_are_those_the_page_says_or_its_bytes_show(page: str) -> None:
    data, told = PAGES[page]
    sheet = read(data, "x.xls")
    assert codes(sheet) == told
    phone, name = values(sheet)[0]
    assert (phone, name[-1]) == ("13012121211", "偉" if "big5" in page else "伟")


CELLS = [
    ("<td style=\"mso-number-format:'\\@'\">013012121211", "013012121211"),
    ("<td>&nbsp; 张&nbsp;伟\n  先生 ", "张\xa0伟 先生"),
    ("<td>a&lt;b&gt;&amp;&#24352;&quot;", 'a<b>&张"'),
    ("<td>一<br>二<br/><p>三</p><div>四</div>", "一\n二\n三\n四"),
    ("<td><a href='tel:1'><span><b>130</b>12121211</span></a>", "13012121211"),
    ("<td>130<!-- 1 --><script>2</script><style>3</style>12121211", "13012121211"),
    ("<td><span style='DISPLAY: none'>0001</span>甲", "甲"),
    ('<td x:num="13012121211">1.30E+10', "13012121211"),
    ('<td x:num="45123.5">2023/7/16', "2023/7/16"),
    ("<td>=1+1", "=1+1"),
    ("<td><table><tr><td>甲</td><td>乙</td></tr></table>", "甲\n乙"),
    ("<TD>&nbsp;", ""),
]


@pytest.mark.parametrize(("cell", "text"), CELLS)
def test_a_cell_is_what_a_person_reads_in_it(cell: str, text: str) -> None:
    page = f"<table><tr><td>手机号<td>姓名<td>备注<tr><td>13012121211<td>张伟{cell}</table>"
    assert read(page.encode(), "x.xls").table["备注"].tolist() == [text]


def test_cells_over_several_rows_and_columns_stand_where_they_are_seen() -> None:
    page = (
        '<table><caption>客户</caption><tr><td colspan="3">客户名单</td></tr><tr><th>手机号</th><th>姓名</th><th>城市</th></tr>'
        '<tr><td>13012121211</td><td>张伟</td><td rowspan="2">上海</td></tr><tr><td>13012121212</td><td>李娜</td></tr></table>'
    )
    sheet = read(page.encode(), "x.xls")
    assert (sheet.sheet, sheet.header_row) == ("客户", 2)
    assert values(sheet) == [["13012121211", "张伟", "上海"], ["13012121212", "李娜", "上海"]]
    assert codes(sheet) == ["title_rows", "merged_cells"]


def test_spans_that_no_table_has_are_no_harm() -> None:
    page = f'<table>{HEADER}<tr><td rowspan="99999999999">13012121211<td colspan="-3">张伟<tr><td colspan=0 rowspan=x>李娜</table>'
    assert values(read(page.encode(), "x.xls"))[0] == READ[0]


def test_what_is_not_closed_is_read_as_a_browser_reads_it() -> None:
    page = "<table><tr><td>手机号<td>姓名<tr><td>13012121211<td>张伟<tr><td>13012121212<td>李娜"
    assert values(read(page.encode(), "x.xls")) == [*READ, ["13012121212", "李娜"]]


def test_rows_outside_of_the_table_are_not_lost() -> None:
    page = TABLE + "<tr><td>13012121212</td><td>李娜</td></tr>"
    assert values(read(page.encode(), "x.xls")) == [*READ, ["13012121212", "李娜"]]


def test_hidden_rows_and_columns_are_told() -> None:
    page = (
        "<table><tr><th>手机号</th><th style='display:none'>内部</th><th>姓名</th></tr>"
        "<tr><td>13012121211</td><td style='display:none'>7</td><td>张伟</td></tr>"
        "<tr style='display: none'><td>13012121212</td><td style='display:none'>8</td><td>李娜</td></tr></table>"
    )
    sheet = read(page.encode(), "x.xls", hidden_rows=False, hidden_columns=False)
    assert values(sheet) == READ
    assert {str(note.code): note.params for note in sheet.notes} == {
        "hidden_rows": {"count": 1, "row": 3},
        "hidden_columns": {"count": 1, "first": "内部"},
    }


def test_of_several_tables_the_one_with_the_contacts_is_read_and_the_others_can_be_chosen() -> None:
    page = f"<table><tr><td>客服 400-800-1234</td></tr><tr><td>导出说明</td></tr></table>{TABLE}<table><tr><td>合计</td><td>1</td><td>人</td></tr></table>"
    sheet = read(page.encode(), "x.xls")
    assert (sheet.sheet, values(sheet)) == ("表格 (2)", READ)
    assert sheet.sheets == ("表格", "表格 (2)", "表格 (3)")
    assert NoteCode.MORE_SHEETS in codes(sheet)
    assert read(page.encode(), "x.xls", sheet="表格").sheet == "表格"


def test_a_table_that_is_there_for_the_looks_is_none() -> None:
    page = f"<table><tr><td>菜单</td><td><div>{TABLE}</div></td></tr></table>"
    sheet = read(page.encode(), "x.xls")
    assert (sheet.sheets, values(sheet)) == (("表格",), READ)


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        (f"<table>{HEADER}</table><table>{ROW}{ROW}</table>", [2, 3]),
        (f"{TABLE}<hr>{TABLE}", [2, 4]),
        (f"{TABLE}<table>{ROW}</table>", [2, 3]),
    ],
)
def test_a_list_that_goes_on_in_the_next_table_is_one_list(page: str, rows: list[int]) -> None:
    """A header that stays in place, pages that repeat it, pages that do not."""
    sheet = read(page.encode(), "x.xls")
    assert (sheet.table.index.tolist(), values(sheet)) == (rows, READ * 2)


def test_a_page_that_excel_saved_has_the_name_of_its_worksheet() -> None:
    page = (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><title>x</title><!--[if gte mso 9]><xml><x:ExcelWorkbook>'
        "<x:ExcelWorksheets><x:ExcelWorksheet><x:Name>客户 &amp; 商机</x:Name></x:ExcelWorksheet></x:ExcelWorksheets></x:ExcelWorkbook>"
        f"</xml><![endif]--></head><body><table><col width=72>{HEADER}{ROW}<![if supportMisalignedColumns]>"
        "<tr height=0 style='display:none'><td width=72></td></tr><![endif]></table></body></html>"
    )
    sheet = read(page.encode(), "x.xls")
    assert (sheet.sheet, values(sheet), codes(sheet)) == ("客户 & 商机", READ, [])


def test_a_web_archive_has_a_worksheet_for_each_of_its_pages() -> None:
    def part(place: str, page: str) -> bytes:
        head = f'Content-Location: file:///C:/x.files/{place}\nContent-Transfer-Encoding: base64\nContent-Type: text/html; charset="gb2312"\n\n'
        return b"--=_x\n" + head.encode() + base64.encodebytes(page.encode("gbk")) + b"\n"

    named = "".join(
        f'<x:ExcelWorksheet><x:Name>{name}</x:Name><x:WorksheetSource HRef="x.files/{place}"/></x:ExcelWorksheet>'
        for name, place in (("客户", "sheet001.htm"), ("旧", "sheet002.htm"), ("说明", "sheet003.htm"))
    )
    data = (
        b'From: <Saved by Excel>\nMIME-Version: 1.0\nContent-Type: multipart/related;\n\tboundary="=_x"\n\n'
        + part(
            "x.htm", f"<html><!--[if gte mso 9]><xml>{named}</xml><![endif]--><frameset></frameset></html>"
        )
        + part("tabstrip.htm", "<table><tr><td>客户</td></tr></table>")
        + part("sheet001.htm", TABLE)
        + part("sheet002.htm", f"<x:Visible>SheetHidden</x:Visible>{TABLE.replace('</table>', ROW * 9)}")
        + part("sheet003.htm", "<table><tr><td>说明</td></tr></table>")
        + b"--=_x--\n"
    )
    for written in (data, b"\r\n" + data.replace(b"\n", b"\r\n")):
        sheet = read(written, "x.mht")
        assert (sheet.kind, sheet.sheet, sheet.sheets, values(sheet)) == (
            "mht",
            "客户",
            ("客户", "旧", "说明"),
            READ,
        )
        assert {"more_sheets", "hidden_sheets"} == set(codes(sheet))


LISTS = [
    '手机号,备注\n13012121211,"<table><tr><td>x</td></tr></table>"\n',
    "<手机号>,姓名\n13012121211,张伟\n",
    "ID3,手机号\n1,13012121211\n",
    "[手机号],姓名\n13012121211,[张伟]\n",
    "手机号\n13012121211\nMIME-Version: 1.0\n",
]


@pytest.mark.parametrize("text", LISTS)
def test_a_list_with_a_sign_of_another_kind_in_it_stays_a_list(text: str) -> None:
    assert read(text.encode(), "x.csv").kind in ("csv", "txt")
