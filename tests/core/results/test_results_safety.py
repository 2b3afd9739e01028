"""No cell of any file is ever more than text: the bug guarded against is "=cmd|…" coming back as a live formula."""

import csv
import io
import re
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import results
from lib.results.log import harmless
from lib.results.xlsx import Page, workbook
from lib.results.xml import CELL_LIMIT, RISKY_START, number_cell, storable, without_illegal
from tests.cases import examples
from tests.core.results.scenes import ANY_TEXT, cells, kinds, parts

NASTY = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+86",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "http://a.example",
    "mailto:a@b",
    "<f>1</f>",
    "]]>",
)


def made_of(texts: list[str]) -> list[bytes]:
    """Every kind of workbook, with these texts wherever a person's or the platform's text can stand."""
    rows = range(7, 7 + len(texts))
    source = pd.DataFrame(dict.fromkeys(texts, texts) | {"电话": texts}, index=rows, dtype=object)
    facts = pd.DataFrame(
        {"row": rows, "disposition": "to_send", "reason": texts, "batch": 1, "batch_state": "rejected"}
    )
    facts = facts.assign(unique_id=texts, message=texts)
    problems = pd.DataFrame(
        {"row": rows, "field": "phone", "code": "phone_text", "severity": "error", "value": texts}
    )
    batches = pd.DataFrame({"run_id": texts, "state": "accepted", "unique_id": texts, "message": texts})
    return [
        results.run_workbook(source, facts, "zh"),
        results.problems_workbook(source, problems.assign(suggestion=texts), "en", {"phone": ("电话",)}),
        results.log_workbook(batches, "en"),
    ]


@examples(60)
@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_no_text_ever_becomes_a_formula_a_number_or_a_link(texts):
    for data in made_of(texts):
        assert kinds(data) == {"c:inlineStr"}
        assert b"<f>" not in b"".join(parts(data, "xl/worksheets/").values())
        assert not [
            name for name in parts(data, "xl/worksheets/_rels") if b"hyperlink" in parts(data, name)[name]
        ]


def test_known_attacks_come_back_as_the_text_they_were():
    data = results.run_workbook(
        pd.DataFrame({"a": NASTY}, dtype="str"), pd.DataFrame(columns=["disposition"]), "zh"
    )
    assert [row[0] for row in cells(data)[1:]] == list(NASTY)
    assert {cell.data_type for cell in openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]["A"]} == {"s"}


def test_a_text_with_a_risky_start_stays_text_when_a_person_edits_it():
    data = workbook((Page("a", (), [["=1+1", "13012121211"]]),), "zh")
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert [(cell.quotePrefix, cell.number_format) for cell in sheet["A"]] == [(True, "@"), (False, "@")]


@examples(200)
@given(st.lists(ANY_TEXT, min_size=1, max_size=30))
def test_texts_survive_the_file_but_for_what_xml_cannot_hold(texts):
    data = workbook((Page("a", ("h",), [texts]),), "zh")
    content = parts(data, "xl/worksheets/sheet1")["xl/worksheets/sheet1.xml"]
    found = {
        c.get("r"): "".join(c.itertext())
        for c in ElementTree.fromstring(content).iter()
        if c.tag.endswith("}c")
    }
    unescaped = [
        re.sub("_x005F_(?=x[0-9A-Fa-f]{4}_)", "_", found.get(f"A{row}", ""))
        for row in range(2, 2 + len(texts))
    ]
    assert unescaped == [without_illegal(text) for text in texts]


def test_characters_xml_cannot_hold_are_left_out():
    assert storable(["a\x00b\x0bc\ud800d\uffffe", "𠮷\n"], "…") == ["abcde", "𠮷\n"]
    assert storable(["a\r\nb\rc"], "…") == ["a\nb\nc"]


@pytest.mark.parametrize("letter", ["a", "号", "𠮷"])
def test_a_text_over_the_cell_limit_ends_with_a_mark(letter):
    data = workbook((Page("a", (), [[letter * 40_000, "b"]]),), "zh")
    text = cells(data)[0][0]
    assert text.startswith(letter * 100)
    assert text.endswith("（超出单元格长度，后面已省略）")
    assert CELL_LIMIT - 2 <= len(text.encode("utf-16-le")) // 2 <= CELL_LIMIT


def test_a_text_of_exactly_the_cell_limit_is_whole():
    whole = "号" * CELL_LIMIT
    assert storable([whole], "…") == [whole]


def test_worksheet_names_are_ones_excel_accepts():
    wanted = ["a[b]:c*?/\\d", "'x'", "", "History", "同" * 40, "A[B] :c   d", "a b  c    d"]
    data = workbook([Page(title, (), [["x"]]) for title in wanted], "zh")
    titles = openpyxl.load_workbook(io.BytesIO(data)).sheetnames
    assert len({title.casefold() for title in titles}) == len(wanted)
    assert not [
        t
        for t in titles
        if re.search(r"[\[\]:*?/\\]|^'|'$|^history$", t, re.IGNORECASE) or not 0 < len(t) <= 31
    ]


@pytest.mark.parametrize("digits", ["=1", "1e5", "", "１", "1" * 16, "<v>"])
def test_only_plain_digits_are_written_as_a_true_number(digits):
    with pytest.raises(ValueError, match="plain whole number"):
        number_cell(0, 1, digits, 0)


def test_the_same_content_gives_the_same_bytes_and_names_nobody():
    first, second = (workbook((Page("a", ("h",), [["x"]]),), "zh") for _ in range(2))
    assert first == second
    assert b"openpyxl" not in parts(first, "docProps/core.xml")["docProps/core.xml"]


def test_the_parts_of_a_worksheet_stand_in_the_order_the_format_prescribes():
    page = Page("a", ("h",), [["x"]], comments={(0, 0): "c"}, choices={0: ("男", "女")})
    content = parts(workbook((page,), "zh"), "xl/worksheets/sheet1")["xl/worksheets/sheet1.xml"]
    order = [element.tag.rsplit("}", 1)[-1] for element in ElementTree.fromstring(content)]
    prescribed = ["sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "autoFilter"]
    prescribed += ["dataValidations", "pageMargins", "ignoredErrors", "legacyDrawing"]
    assert order == prescribed


def test_rows_over_several_chunks_all_arrive_in_order():
    texts = [str(number) for number in range(12_345)]
    data = workbook((Page("a", ("h", "i"), [texts, texts]),), "zh")
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    assert [row[0] for row in book.worksheets[0].iter_rows(values_only=True)] == ["h", *texts]
    book.close()


@given(ANY_TEXT)
def test_the_csv_prefix_is_undone_exactly(text):
    assert results.read_back(harmless(text)) == text
    assert harmless(text)[:1] not in tuple(RISKY_START)


@given(st.lists(ANY_TEXT, min_size=1, max_size=5))
def test_a_csv_reader_gets_every_log_cell_back(texts):
    data = results.log_csv(
        pd.DataFrame({"unique_id": texts, "state": "accepted", "message": texts}, dtype=object), "en"
    )
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]
    assert [results.read_back(row[-1]) for row in rows] == texts
    assert [results.read_back(row[-2]) for row in rows] == texts
