"""What a cell of a workbook becomes, and what is told about it. Each sheet is written by hand in XML."""

import datetime as dt
import io
from collections.abc import Iterator

import openpyxl
import pandas as pd
import pytest

from lib.errors import SheetRefused
from lib.sheet import NoteCode, Sheet, read
from tests.core.sheet_builder import header, number, pack, parts_of, rows, text, workbook
from tests.files import mutants
from tests.files.golden import CORPUS


@pytest.fixture(scope="module", autouse=True)
def _one_parser() -> Iterator[None]:
    """One process parses every sheet of this module: starting one each would be most of its time."""
    with mutants.parser():
        yield


def notes_of(sheet: Sheet) -> dict[str, dict]:
    return {str(note.code): note.params for note in sheet.notes}


def refused(data: bytes, **options) -> str:
    with pytest.raises(SheetRefused) as caught:
        read(data, "x.xlsx", **options)
    return caught.value.code


CELLS = [
    (number("A2", "13012121211"), "13012121211"),
    (number("A2", "1.3012121211E10"), "13012121211"),
    (number("A2", "13012121211.0"), "13012121211"),
    (number("A2", "13012121211", 1), "13012121211"),
    (number("A2", "123456789012345678"), "123456789012345678"),
    (number("A2", "-3.50"), "-3.5"),
    (number("A2", "1E-7"), "0.0000001"),
    (number("A2", "0.30000000000000004"), "0.3"),
    (number("A2", "121.47370112345678"), "121.473701123"),
    (number("A2", "45000", 1), "2023-03-15"),
    (number("A2", "45000.5", 2), "2023-03-15 12:00:00"),
    (number("A2", "0.5", 3), "12:00:00"),
    ('<c r="A2" t="b"><v>1</v></c>', "TRUE"),
    ('<c r="A2" t="b"><v>0</v></c>', "FALSE"),
    (text("A2", "true"), "true"),
    (text("A2", "2023-03-15 00:00:00"), "2023-03-15 00:00:00"),
    (text("A2", " 013012121211 "), " 013012121211 "),
    (text("A2", "1.30E+10"), "1.30E+10"),
    (text("A2", "𠮷👨‍👩‍👧=cmd|x"), "𠮷👨‍👩‍👧=cmd|x"),
    ('<c r="A2" t="s"><v>0</v></c>', " 共享 "),
    ('<c r="A2" t="str"><f>B2</f><v>130</v></c>', "130"),
    (text("A2", "a&#10;b"), "a\nb"),
    (text("A2", "NA"), "NA"),
]


@pytest.mark.parametrize(("cell", "expected"), CELLS)
def test_a_cell_becomes_what_a_person_reads(cell: str, expected: str):
    sheet = read(workbook(rows(header(), (2, cell + text("B2", "张伟"))), strings=(" 共享 ",)), "x.xlsx")
    assert sheet.table["手机号"].tolist() == [expected]
    assert sheet.table["姓名"].tolist() == ["张伟"]


def test_real_and_lookalike_dates_and_truths_stay_apart_in_one_column():
    data = workbook(
        rows(
            header(1, "手机号", "日期", "对"),
            (2, text("A2", "13012121211") + number("B2", "45000", 1) + '<c r="C2" t="b"><v>1</v></c>'),
            (3, text("A3", "13012121212") + text("B3", "2023-03-15 00:00:00") + text("C3", "true")),
        )
    )
    table = read(data, "x").table
    assert table["日期"].tolist() == ["2023-03-15", "2023-03-15 00:00:00"]
    assert table["对"].tolist() == ["TRUE", "true"]


def test_the_table_is_text_without_missing_values_and_with_true_row_numbers():
    data = workbook(
        rows(
            (3, text("C3", "手机号") + text("D3", "姓名")),
            (5, text("C5", "13012121211")),
            (9, text("C9", "13012121212") + text("D9", "李四")),
        )
    )
    sheet = read(data, "名单.xlsx")
    assert sheet.header_row == 3
    assert sheet.table.index.tolist() == [5, 9]
    assert sheet.table.index.name == "row"
    assert sheet.table.columns.tolist() == ["手机号", "姓名"]
    assert all(dtype == pd.StringDtype(na_value=float("nan")) for dtype in sheet.table.dtypes)
    assert not sheet.table.isna().any().any()
    assert notes_of(sheet)["blank_rows"] == {"count": 4}


def test_a_wrong_dimension_loses_no_row():
    """X05."""
    body = [(row, number(f"A{row}", str(13012120000 + row))) for row in range(2, 102)]
    sheet = read(workbook(rows(header(), *body, before='<dimension ref="A1"/>')), "wps.xlsx")
    assert len(sheet.table) == 100
    assert not {"count_disagrees", "read_by_fallback"} & set(notes_of(sheet))


def test_rows_out_of_order_are_all_kept_under_their_own_number():
    """X06."""
    data = workbook(rows(header(), (4, text("A4", "13012121214")), (2, text("A2", "13012121212"))))
    table = read(data, "x").table
    assert table["手机号"].to_dict() == {2: "13012121212", 4: "13012121214"}


def test_a_row_number_used_twice_is_refused():
    """X06."""
    assert refused(workbook(rows(header(), (2, text("A2", "1")), (2, text("A2", "2"))))) == "rows_repeated"


TWICE = text("A2", "13012121211") + text("A2", "13012121299") + text("B2", "张伟")


def test_a_cell_written_twice_is_told_with_its_place():
    sheet = read(workbook(rows(header(), (2, TWICE), (3, number("A3", "1") + number("A3", "2")))), "x")
    assert notes_of(sheet)["cells_twice"] == {"count": 2, "cell": "A2"}
    assert sheet.table["手机号"].tolist() == ["13012121299", "2"]


def test_a_cell_written_twice_is_told_by_the_second_engine_too():
    bare = '<c t="inlineStr"><is><t>李四</t></is></c>'
    sheet = read(workbook(rows(header(), (2, TWICE), (3, text("A3", "13012121212") + bare))), "x")
    assert {"cells_twice", "read_by_fallback"} <= notes_of(sheet).keys()


def test_a_value_that_an_empty_one_overwrites_is_told():
    sheet = read(
        workbook(
            rows(
                header(),
                (2, number("A2", "13012121211") + '<c r="A2" t="str"><v></v></c>' + text("B2", "张伟")),
            )
        ),
        "x",
    )
    assert notes_of(sheet)["cells_twice"] == {"count": 1, "cell": "A2"}


def test_empty_values_are_no_cells_written_twice():
    sheet = read(
        workbook(rows(header(), (2, number("A2", "13012121211") + '<c r="B2" t="str"><v></v></c>'))), "x"
    )
    assert sheet.notes == ()


def test_cells_out_of_order_are_refused_where_only_the_second_engine_can_read():
    bare = '<c t="inlineStr"><is><t>李四</t></is></c>'
    disordered = number("B2", "2") + number("A2", "13012121211")
    assert refused(workbook(rows(header(), (2, disordered), (3, bare)))) == "rows_out_of_order"


def test_cells_without_positions_are_read_by_the_second_engine():
    data = workbook(
        "<sheetData><row><c t='inlineStr'><is><t>手机号</t></is></c></row><row><c><v>13012121211</v></c></row></sheetData>"
    )
    sheet = read(data, "x")
    assert sheet.table["手机号"].to_dict() == {2: "13012121211"}
    assert "read_by_fallback" in notes_of(sheet)


def test_a_prefixed_namespace_is_read():
    parts = parts_of("")
    parts["xl/worksheets/sheet1.xml"] = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr">'
        '<x:is><x:t>手机号</x:t></x:is></x:c></x:row><x:row r="2"><x:c r="A2"><x:v>13012121211</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    sheet = read(pack(parts), "x")
    assert sheet.table["手机号"].to_dict() == {2: "13012121211"}
    assert sheet.notes == ()


def test_a_number_in_a_date_cell_gives_its_digits_and_says_so():
    sheet = read(
        workbook(rows(header(), (2, number("A2", "13012121211", 1)), (3, number("A3", "13812121211", 1)))),
        "x",
    )
    assert sheet.table["手机号"].tolist() == ["13012121211", "13812121211"]
    assert notes_of(sheet)["date_phone"] == {"count": 2, "cell": "A2"}


def test_error_cells_are_empty_and_counted_with_the_first_place():
    error = '<c r="B{0}" t="e"><v>#N/A</v></c>'
    data = workbook(
        rows(
            header(),
            (2, text("A2", "13012121211") + error.format(2)),
            (3, text("A3", "13012121212") + error.format(3)),
        )
    )
    sheet = read(data, "x")
    assert sheet.table["姓名"].tolist() == ["", ""]
    assert notes_of(sheet)["error_cells"] == {"count": 2, "cell": "B2"}


def test_formulas_without_a_saved_result_are_told_and_text_formulas_with_an_empty_one_are_not():
    data = workbook(
        rows(
            header(),
            (2, text("A2", "13012121211") + '<c r="B2"><f>C2&amp;D2</f></c>'),
            (3, text("A3", "13012121212") + '<c r="B3"><f>C3</f><v></v></c>'),
            (4, text("A4", "13012121213") + '<c r="B4" t="str"><f>C4</f><v></v></c>'),
        )
    )
    sheet = read(data, "x")
    assert notes_of(sheet)["formula_without_value"] == {"count": 2, "cell": "B2"}
    assert sheet.table["姓名"].tolist() == ["", "", ""]


def test_hidden_rows_are_left_out_when_not_wanted_and_still_counted():
    body = (
        header(),
        (2, text("A2", "13012121211")),
        (3, text("A3", "13012121212")),
        (5, text("A5", "13012121213")),
    )
    hidden = {1: ' hidden="1"', 3: ' hidden="1"', 5: ' hidden="true"'}
    sheet = read(workbook(rows(*body, attributes=hidden)), "x", hidden_rows=False)
    assert sheet.table["手机号"].to_dict() == {2: "13012121211"}
    assert notes_of(sheet)["hidden_rows"] == {"count": 2, "row": 3}
    assert notes_of(sheet)["blank_rows"] == {"count": 1}
    assert sheet.header_row == 1


def test_a_hidden_header_or_title_alone_asks_nothing():
    body = (header(), (2, text("A2", "13012121211")))
    sheet = read(workbook(rows(*body, attributes={1: ' hidden="1"'})), "x", hidden_rows=False)
    assert "hidden_rows" not in notes_of(sheet)
    assert len(sheet.table) == 1


def test_columns_keep_their_names_when_a_hidden_one_of_the_same_name_is_left_out():
    before = '<cols><col min="1" max="1" hidden="1"/></cols>'
    cells = (2, text("A2", "13012121211") + text("B2", "13012121212"))
    data = workbook(rows(header(1, "手机号", "手机号"), cells, before=before))
    assert read(data, "x").table.columns.tolist() == ["手机号", "手机号 (2)"]
    sheet = read(data, "x", hidden_columns=False)
    assert sheet.table.to_dict("list") == {"手机号 (2)": ["13012121212"]}
    assert notes_of(sheet)["hidden_columns"] == {"count": 1, "first": "手机号"}


def test_a_hidden_column_may_be_called_as_the_one_of_row_numbers_is():
    before = '<cols><col min="1" max="1" hidden="1"/></cols>'
    cells = (2, text("A2", "7") + text("B2", "13012121211"))
    data = workbook(rows(header(1, "row", "手机号"), cells, before=before))
    assert read(data, "x", hidden_columns=False).table.to_dict() == {"手机号": {2: "13012121211"}}


def test_hidden_columns_are_told_by_their_header():
    before = '<cols><col min="2" max="900" hidden="1"/></cols>'
    sheet = read(
        workbook(rows(header(), (2, text("A2", "13012121211") + text("B2", "张伟")), before=before)), "x"
    )
    assert notes_of(sheet)["hidden_columns"] == {"count": 1, "first": "姓名"}
    assert sheet.table["姓名"].tolist() == ["张伟"]


def test_the_first_visible_sheet_with_rows_is_read_and_the_others_are_named():
    full = rows(header(), (2, text("A2", "13012121211")))
    data = workbook(
        full,
        "<sheetData/>",
        full,
        full,
        names=("藏", "空", "甲", "乙"),
        states=("hidden", "visible", "visible", "visible"),
    )
    sheet = read(data, "x")
    assert (sheet.sheet, sheet.sheets) == ("甲", ("藏", "空", "甲", "乙"))
    assert notes_of(sheet)["more_sheets"] == {"count": 2, "sheet": "甲"}
    assert notes_of(sheet)["hidden_sheets"] == {"count": 1, "first": "藏"}
    assert read(data, "x", sheet="藏").sheet == "藏"
    assert refused(data, sheet="丙") == "sheet_missing"
    assert refused(data, sheet="空") == "sheet_empty"


def test_merged_cells_are_filled_down_and_right_and_a_merged_title_is_not():
    data = workbook(
        rows(
            (1, text("A1", "2026 客户名单")),
            header(2, "手机号", "姓名", "公司"),
            (3, text("A3", "13012121211") + text("C3", "晨光")),
            (4, text("A4", "13012121212")),
            after='<mergeCells count="2"><mergeCell ref="A1:C1"/><mergeCell ref="C3:C4"/></mergeCells>',
        )
    )
    sheet = read(data, "x")
    assert sheet.header_row == 2
    assert sheet.table["公司"].tolist() == ["晨光", "晨光"]
    assert notes_of(sheet)["merged_cells"] == {"count": 1, "cells": 1}
    assert notes_of(sheet)["title_rows"] == {"count": 1, "row": 2}


def test_two_rows_of_header_are_joined_along_their_merged_cells():
    data = workbook(
        rows(
            (1, text("A1", "姓名") + text("B1", "联系方式")),
            (2, text("B2", "手机") + text("C2", "邮箱")),
            (3, text("A3", "张伟") + text("B3", "13012121211") + text("C3", "a@example.com")),
            after='<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/></mergeCells>',
        )
    )
    sheet = read(data, "x")
    assert sheet.table.columns.tolist() == ["姓名", "联系方式 / 手机", "联系方式 / 邮箱"]
    assert (sheet.header_row, sheet.header_rows, sheet.table.index.tolist()) == (2, 2, [3])
    assert notes_of(sheet)["header_joined"] == {"row": 1, "last": 2, "first": "联系方式 / 手机"}
    lower = read(data, "x", header_row=2, header_rows=1)
    assert lower.table.columns.tolist() == ["姓名", "手机", "邮箱"]


def test_a_title_merged_over_the_whole_table_is_no_group():
    data = workbook(
        rows(
            (1, text("A1", "客户名单")),
            header(2),
            (3, text("A3", "13012121211") + text("B3", "张伟")),
            after='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>',
        )
    )
    sheet = read(data, "x")
    assert sheet.table.columns.tolist() == ["手机号", "姓名"]
    assert sheet.header_rows == 1


def test_an_absurd_merge_is_told_and_not_filled():
    merges = "<mergeCells>" + '<mergeCell ref="A2:XFD1048576"/>' * 3 + "</mergeCells>"
    sheet = read(workbook(rows(header(), (2, text("A2", "13012121211")), after=merges)), "x")
    assert sheet.table["手机号"].tolist() == ["13012121211"]


def test_a_workbook_written_by_openpyxl_round_trips_every_type():
    book = openpyxl.Workbook()
    page = book.active
    page.append(["手机号", "日期", "时刻", "对", "数"])
    page.append(["013012121211", dt.date(2024, 2, 29), dt.datetime(2024, 2, 29, 8, 30), True, 3.0])
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue(), "x").table.loc[2].tolist() == [
        "013012121211",
        "2024-02-29",
        "2024-02-29 08:30:00",
        "TRUE",
        "3",
    ]


def test_both_engines_give_the_same_table():
    from lib.workbook.child import parse

    data = workbook(
        rows(header(), *[(2 + n, cell.replace("A2", f"A{2 + n}")) for n, (cell, _) in enumerate(CELLS)]),
        strings=(" 共享 ",),
    )
    fast, careful = (parse(data, engine, None) for engine in ("fast", "careful"))
    assert fast[0].to_pydict() == careful[0].to_pydict()
    assert fast[1]["notes"] == careful[1]["notes"]
    assert fast[1]["seen"] == fast[1]["read"] == careful[1]["read"] == len(CELLS) + 1


def test_macros_are_named_and_not_run():
    parts = parts_of(rows(header(), (2, text("A2", "13012121211"))))
    sheet = read(pack(parts | {"xl/vbaProject.bin": b"\x00"}), "x.xlsm")
    assert sheet.kind == "xlsm"
    assert NoteCode.MACROS_IGNORED in {note.code for note in sheet.notes}


def test_a_big_sheet_agrees_with_openpyxl_over_several_blocks():
    body = [
        (row, number(f"A{row}", str(13000000000 + row)) + text(f"B{row}", "名" * 300 + str(row)))
        for row in range(2, 6_002)
    ]
    table = read(workbook(rows(header(), *body)), "x").table
    assert table["手机号"].tolist() == [str(13000000000 + row) for row in range(2, 6_002)]
    assert table["姓名"].iloc[-1].endswith("6001")


@pytest.mark.parametrize("written", ["calc_types.xls", "calc_types.xlsx"])
def test_a_sheet_of_wps_is_read_by_what_it_is_whatever_its_name_says(written: str):
    """WPS saves .et as an old workbook, and as a new one under the same name."""
    data = (CORPUS / written).read_bytes()
    assert read(data, "名单.et").table.equals(read(data, written).table)
