"""Tables saved as XML Spreadsheet 2003, which many systems hand out under the name .xls."""

from collections.abc import Iterator

import pytest

from lib.errors import SheetRefused
from lib.sheet import Sheet, read
from tests.files import mutants


@pytest.fixture(scope="module", autouse=True)
def _one_parser() -> Iterator[None]:
    with mutants.parser():
        yield


URN = "urn:schemas-microsoft-com:office:"
HIDDEN = "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>"


def book(*sheets: str, encoding: str = "UTF-8", styles: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="{URN}spreadsheet" '
        f'xmlns:x="{URN}excel" xmlns:ss="{URN}spreadsheet" xmlns:html="http://www.w3.org/TR/REC-html40">'
        f"<Styles>{styles}</Styles>{''.join(sheets)}</Workbook>"
    )


def sheet(*rows: str, name: str = "名单", after: str = "", before: str = "") -> str:
    return f'<Worksheet ss:Name="{name}"><Table>{before}{"".join(rows)}</Table>{after}</Worksheet>'


def row(*cells: str, more: str = "") -> str:
    return f"<Row{more}>{''.join(cells)}</Row>"


def cell(value: str, kind: str = "String", more: str = "") -> str:
    return f'<Cell{more}><Data ss:Type="{kind}">{value}</Data></Cell>'


HEADER = row(cell("手机号"), cell("姓名"), cell("备注"))
CONTACT = row(cell("13012121211", "Number"), cell("张伟"))


def values(found: Sheet) -> list[list[str]]:
    return found.table.to_numpy().tolist()


def test_rows_and_cells_stand_where_their_index_puts_them() -> None:
    data = book(
        sheet(
            HEADER, row(cell("13012121211"), cell("甲", more=' ss:Index="3"'), more=' ss:Index="5"'), CONTACT
        )
    )
    found = read(data.encode(), "导出.xls")
    assert (found.kind, found.sheets, found.table.index.tolist()) == ("xml", ("名单",), [5, 6])
    assert values(found) == [["13012121211", "", "甲"], ["13012121211", "张伟", ""]]


CELLS = [
    (cell("1.3012121211E10", "Number"), "13012121211"),
    (cell("123456789012345678", "Number"), "123456789012345678"),
    (cell("0.30000000000000004", "Number"), "0.3"),
    (cell("1088886666", "Number", ' ss:StyleID="zeros"'), "01088886666"),
    (cell("013012121211"), "013012121211"),
    (cell("2023-07-16T00:00:00.000", "DateTime"), "2023-07-16"),
    (cell("2023-07-16T08:30:00.000", "DateTime"), "2023-07-16 08:30:00"),
    (cell("1899-12-31T12:30:00.000", "DateTime"), "12:30:00"),
    (cell("1", "Boolean"), "TRUE"),
    (cell("甲&#10;乙 &lt;&amp;&#x5F20;"), "甲\n乙 <&张"),
    (
        '<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><B>张</B><Font html:Color="#f00">伟</Font></ss:Data></Cell>',
        "张伟",
    ),
    (
        '<Cell><Data ss:Type="String">甲</Data><Comment ss:Author="x"><ss:Data>批注</ss:Data></Comment></Cell>',
        "甲",
    ),
    ('<Cell><Data Type="Number">7</Data></Cell>', "7"),
    ('<Cell ss:Formula="=1+1"><Data ss:Type="Number">2</Data></Cell>', "2"),
]


@pytest.mark.parametrize(("third", "text"), CELLS)
def test_a_cell_is_what_a_person_reads_in_it(third: str, text: str) -> None:
    zeros = '<Style ss:ID="zeros"><NumberFormat ss:Format="00000000000"/></Style>'
    data = book(sheet(HEADER, row(cell("13012121211"), cell("张伟"), third)), styles=zeros)
    found = read(data.encode(), "x.xls")
    assert found.table["备注"].tolist() == [text]
    assert found.notes == ()


def test_errors_and_formulas_without_a_result_are_told() -> None:
    data = book(sheet(HEADER, row(cell("13012121211"), cell("#N/A", "Error"), '<Cell ss:Formula="=NOW()"/>')))
    told = {str(note.code): note.params for note in read(data.encode(), "x.xls").notes}
    assert told == {
        "error_cells": {"count": 1, "cell": "B2"},
        "formula_without_value": {"count": 1, "cell": "C2"},
    }


def test_merged_cells_hidden_rows_columns_and_a_filter_are_told() -> None:
    data = book(
        sheet(
            row(cell("客户名单", more=' ss:MergeAcross="2"')),
            HEADER,
            row(cell("13012121211"), cell("张伟", more=' ss:MergeDown="1"'), cell("甲")),
            row(cell("13012121212"), cell("乙", more=' ss:Index="3"')),
            row(cell("13012121213"), more=' ss:Hidden="1"'),
            before='<Column ss:Width="80"/><Column ss:Hidden="1" ss:Index="3"/>',
            after='<x:AutoFilter x:Range="R2C1:R5C3"/>',
        )
    )
    found = read(data.encode(), "x.xls", hidden_rows=False)
    assert values(found) == [["13012121211", "张伟", "甲"], ["13012121212", "张伟", "乙"]]
    assert {str(note.code) for note in found.notes} == {
        "title_rows",
        "filtered_rows",
        "hidden_columns",
        "merged_cells",
    }


def test_the_first_visible_worksheet_with_rows_is_read_and_the_others_can_be_chosen() -> None:
    data = book(
        sheet(name="空"),
        sheet(HEADER, CONTACT, name="旧", after=HIDDEN),
        sheet(HEADER, CONTACT, CONTACT),
        sheet(CONTACT, name="四"),
    ).encode()
    found = read(data, "x.xls")
    assert (found.sheet, found.sheets, len(found.table)) == ("名单", ("空", "旧", "名单", "四"), 2)
    assert len(read(data, "x.xls", sheet="旧").table) == 1
    assert {str(note.code): note.params for note in found.notes}["hidden_sheets"] == {
        "count": 1,
        "first": "旧",
    }


@pytest.mark.parametrize("encoding", ["gb2312", "GBK", "UTF-16", "utf-8"])
def test_the_characters_are_those_the_file_says(encoding: str) -> None:
    data = book(sheet(HEADER, CONTACT), encoding=encoding).encode(encoding)
    assert values(read(data, "x.xls")) == [["13012121211", "张伟", ""]]


def test_a_book_with_a_prefix_and_without_a_declaration_is_read() -> None:
    data = f'<ss:Workbook xmlns:ss="{URN}spreadsheet"><ss:Worksheet ss:Name="a"><ss:Table><ss:Row>{cell("手机号")}</ss:Row><ss:Row>{cell("13012121211")}</ss:Row></ss:Table></ss:Worksheet></ss:Workbook>'
    for name in ("Cell", "Data"):
        data = data.replace(f"<{name}", f"<ss:{name}").replace(f"</{name}", f"</ss:{name}")
    assert values(read(data.encode(), "x.xls")) == [["13012121211"]]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (row(cell("1"), more=' ss:Index="1048577"'), "position_impossible"),
        (row(cell("1"), more=' ss:Index="3"') + row(cell("2"), more=' ss:Index="2"'), "position_impossible"),
        (row(cell("1", more=' ss:Index="2"'), cell("2", more=' ss:Index="1"')), "position_impossible"),
        (row(cell("1", more=' ss:Index="501"')), "too_many_columns"),
        (row(cell("1", more=' ss:Index="x"')), "workbook_damaged"),
        (row(cell("1" * 32_768)), "cell_too_large"),
        ("<Row><Cell>", "workbook_damaged"),
    ],
)
def test_positions_that_cannot_be_and_cells_too_large_are_refused(rows: str, code: str) -> None:
    with pytest.raises(SheetRefused) as caught:
        read(book(sheet(rows)).encode(), "x.xls")
    assert caught.value.code == code
