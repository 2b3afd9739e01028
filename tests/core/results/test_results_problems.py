"""The rows that need a person come back as a sheet to fix: every one of them, the reason beside it."""

import io
import re
import zipfile
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest

from lib.results import marks, problems_workbook

SOURCE = pd.DataFrame(
    {"姓名": ["甲", "乙", "丙"], "电话": ["13012121211", "138", ""], "电邮": ["a@b.cn", "x", "y"]},
    index=[3, 5, 8],
    dtype="str",
)
VML, EXCEL = "{urn:schemas-microsoft-com:vml}", "{urn:schemas-microsoft-com:office:excel}"
COLUMNS = {"phone": ("电话",), "email": ("电邮",)}


def problem(
    row: int, field: str, code: str, severity: str = "error", value: str = "", suggestion: str = ""
) -> dict:
    return {
        "row": row,
        "field": field,
        "code": code,
        "severity": severity,
        "value": value,
        "suggestion": suggestion,
    }


FOUND = pd.DataFrame(
    [
        problem(8, "phone", "phone_missing"),
        problem(5, "email", "text_long", "warning", "x"),
        problem(5, "phone", "phone_too_short", value="138"),
        problem(99, "phone", "phone_too_short", value="1"),
    ]
)


def sheet_of(data: bytes):
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


@pytest.fixture
def sheet():
    return sheet_of(problems_workbook(SOURCE, FOUND, "zh", COLUMNS))


def test_only_rows_with_problems_in_the_order_of_the_sheet(sheet):
    rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows[0] == ["行号", "姓名", "电话", "电邮", "原因"]
    assert [row[:4] for row in rows[1:]] == [["5", "乙", "138", "x"], ["8", "丙", "", "y"]]


def test_every_problem_of_a_row_is_in_its_reason_errors_first(sheet):
    told = sheet["E2"].value.split("\n")
    assert len(told) == 2
    assert told[0] == sheet["C2"].comment.text
    assert told[1] == sheet["D2"].comment.text
    assert "电话" in told[0] or "138" in told[0]


def test_bad_cells_are_coloured_by_severity_also_empty_ones(sheet):
    grounds = {name: sheet[name].fill.fgColor.rgb for name in ("B2", "C2", "C3", "D2", "D3")}
    assert grounds["C2"] == grounds["C3"] != grounds["D2"] != grounds["B2"] == grounds["D3"]
    assert sheet["C3"].comment is not None


def test_without_known_columns_the_reason_still_tells_everything():
    sheet = sheet_of(problems_workbook(SOURCE, FOUND, "zh"))
    assert sheet["C2"].comment is None
    assert len(sheet["E2"].value.split("\n")) == 2


def test_a_component_without_a_column_has_a_name():
    found = pd.DataFrame([problem(5, "component:0c51fc89", "text_long", "warning", "x")])
    assert "0c51fc89" not in sheet_of(problems_workbook(SOURCE, found, "en"))["E2"].value


def test_every_bad_row_is_written_comments_stop_at_their_limit(monkeypatch):
    monkeypatch.setattr(marks, "COMMENT_LIMIT", 2_100)
    count = 2_110
    source = pd.DataFrame({"电话": ["1"] * count}, index=range(2, 2 + count), dtype="str")
    found = pd.DataFrame([problem(row, "phone", "phone_too_short", value="1") for row in source.index])
    sheet = sheet_of(problems_workbook(source, found, "zh", {"phone": ("电话",)}))
    assert sheet.max_row == count + 1
    assert all(sheet.cell(row, 3).value for row in range(2, count + 2))
    assert sum(sheet.cell(row, 2).comment is not None for row in range(2, count + 2)) == 2_100


def test_a_column_named_like_ours_keeps_its_place():
    source = SOURCE.rename(columns={"姓名": "行号"})
    header = [cell.value for cell in sheet_of(problems_workbook(source, FOUND, "zh", COLUMNS))[1]]
    assert header == ["行号 (2)", "行号", "电话", "电邮", "原因"]


def test_no_problems_gives_a_sheet_with_its_header_only():
    assert sheet_of(problems_workbook(SOURCE, FOUND.iloc[:0], "zh", COLUMNS)).max_row == 1


def test_comments_hold_no_character_xml_refuses():
    found = pd.DataFrame(
        [problem(5, "phone", "phone_text", value="a\x01\ud800b", suggestion="\x02")], dtype=object
    )
    text = sheet_of(problems_workbook(SOURCE, found, "zh", COLUMNS))["C2"].comment.text
    assert "ab" in text
    assert not re.search("[\x00-\x08\ud800-\udfff]", text)


def test_a_comment_says_what_was_typed_whatever_it_is():
    typed = '<b> & "=1+1"\n  '
    found = pd.DataFrame([problem(5, "phone", "phone_text", value=typed)])
    assert typed in sheet_of(problems_workbook(SOURCE, found, "zh", COLUMNS))["C2"].comment.text


def test_every_comment_has_a_box_of_its_own_in_its_cell():
    found = pd.DataFrame([problem(row, "phone", "phone_too_short", value="1") for row in (3, 5, 8)])
    with zipfile.ZipFile(io.BytesIO(problems_workbook(SOURCE, found, "zh", COLUMNS))) as parts:
        drawing = ElementTree.fromstring(parts.read("xl/drawings/commentsDrawing1.vml"))
    boxes = [
        (box.get("id"), *(box.find(f".//{EXCEL}{name}").text for name in ("Row", "Column")))
        for box in drawing.iter(f"{VML}shape")
    ]
    assert boxes == [("_x0000_s1025", "1", "2"), ("_x0000_s1026", "2", "2"), ("_x0000_s1027", "3", "2")]
