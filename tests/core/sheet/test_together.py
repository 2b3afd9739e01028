"""Several worksheets read as one list: which ones are offered, and that each is read as when it is read alone."""

import io
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.contact.phone import SEARCHED
from lib.errors import SheetRefused
from lib.sheet import NoteCode, alike, read, stored, table, together
from lib.sheet.row_numbers import (
    MOST_SHEETS,
    SHEET_MADE_STEP,
    SHEET_STEP,
    is_made,
    made_row,
    place_of,
    reading_order,
    row_in_sheet,
    row_name,
    row_of_file,
    row_of_sheet,
    rows_of_file,
)
from lib.sheet.split import file_table, split
from lib.sheet.together import WORKSHEETS
from lib.workbook import process
from lib.workbook.limits import EXCEL_ROWS
from lib.workbook.text import Rival
from tests.files.cities import CITIES, cities, workbook_of

HEADER = ("姓名", "手机号", "备注")


def person(number: int, name: str = "张伟") -> tuple[str, str, str]:
    return (name, f"1301212{number:04}", "")


def names_of(data: bytes, **options: object) -> list[str]:
    return [name for name, _ in alike(data, read(data, "x.xlsx", **options), **options)]  # type: ignore[arg-type]


def joined(data: bytes, *names: str, **options: object) -> table.Sheet:
    return read(data, "x.xlsx", sheets=names, sheet_column="工作表", **options)  # type: ignore[arg-type]


# --- numbers -----------------------------------------------------------------------------------------------------


@given(st.integers(1, EXCEL_ROWS), st.integers(0, MOST_SHEETS), st.integers(1, SEARCHED // 8 + 1))
def test_a_row_number_says_worksheet_row_and_part_and_fits_into_the_database(
    own: int, place: int, part: int
) -> None:
    row = row_of_sheet(own, place) if place else own
    made = made_row(row, part)
    assert (place_of(made), row_in_sheet(made), row_of_file(made)) == (place, own, row)
    assert rows_of_file(pd.Index([made, row])).tolist() == [row, row]
    assert is_made(pd.Index([made])).tolist() == [part > 1]
    assert 0 < made < 2**31
    prefix = f"{place}·" if place else ""
    assert row_name(made) == (f"{prefix}{own} ({part})" if part > 1 else f"{prefix}{own}")


def test_the_stretches_of_two_worksheets_never_meet() -> None:
    assert made_row(row_of_sheet(EXCEL_ROWS, 1), SHEET_STEP // SHEET_MADE_STEP) < row_of_sheet(1, 2)
    assert SHEET_STEP // SHEET_MADE_STEP > SEARCHED // 8 + 1, (
        "a cell has fewer numbers than a stretch has rooms"
    )


def test_rows_of_the_next_worksheet_come_behind_all_of_this_one_and_made_rows_below_their_own() -> None:
    first, second = row_of_sheet(9, 1), row_of_sheet(2, 2)
    rows = pd.Index(sorted([second, first, made_row(first, 2), made_row(second, 3), made_row(second, 2)]))
    assert [row_name(row) for row in reading_order(rows)] == ["1·9", "1·9 (2)", "2·2", "2·2 (2)", "2·2 (3)"]


# --- which worksheets are offered ------------------------------------------------------------------------------------


def test_worksheets_with_the_same_columns_are_offered_with_their_rows() -> None:
    data = cities()
    found = read(data, "x.xlsx")
    assert (found.sheet, len(found.table)) == ("北京", 2)
    assert alike(data, found) == tuple((name, len(people)) for name, people in CITIES.items())


def test_columns_in_another_order_or_below_a_title_are_the_same_and_a_stray_remark_makes_no_other_list() -> (
    None
):
    data = workbook_of(
        {
            "甲": [HEADER, person(1), person(2)],
            "乙": [("手机号", "备注", "姓名"), ("13012120003", "", "王芳"), ("13012120004", "", "李娜")],
            "丙": [("十一月名单",), HEADER, person(5), person(6)],
            "丁": [HEADER, person(7), (*person(8), "打过了")],
        }
    )
    assert names_of(data) == ["甲", "乙", "丙", "丁"]


@pytest.mark.parametrize(
    "lines",
    [
        [("姓名", "手机号"), ("王芳", "13012120003"), ("李娜", "13012120004")],
        [("姓名", "电话", "备注"), person(3), person(4)],
        [(*HEADER, "城市"), (*person(3), "上海"), (*person(4), "上海")],
        [HEADER],
        [],
        [person(3), person(4)],
    ],
    ids=["fewer", "another name", "more", "no rows", "empty", "no header"],
)
def test_a_worksheet_with_other_columns_or_without_people_is_not_offered(
    lines: list[tuple[str, ...]],
) -> None:
    assert names_of(workbook_of({"甲": [HEADER, person(1), person(2)], "乙": lines})) == []


def test_hidden_worksheets_and_those_that_explain_are_not_offered() -> None:
    lines = [HEADER, person(1), person(2)]
    data = workbook_of({"甲": lines, "示例": lines, "乙": lines, "旧": lines}, hidden=["旧"])
    assert names_of(data) == ["甲", "乙"]


def test_worksheets_without_a_header_are_alike_where_they_have_the_same_columns() -> None:
    people = [("张伟", "13012120001"), ("王芳", "13012120002")]
    assert names_of(workbook_of({"甲": people, "乙": people, "丙": [(*people[0], "x")]})) == ["甲", "乙"]


def test_what_a_person_chose_of_the_header_holds_for_every_worksheet() -> None:
    lines = [("A", "B"), ("第一列", "第二列"), *[("王芳", f"1301212000{at}") for at in range(3)]]
    data = workbook_of({"甲": lines, "乙": lines})
    assert names_of(data, header_row=2) == ["甲", "乙"]
    assert joined(data, "甲", "乙", header_row=2).table.columns.tolist() == ["第一列", "第二列", "工作表"]


def test_a_file_without_a_second_worksheet_is_looked_at_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    one, text = workbook_of({"甲": [HEADER, person(1)]}), "手机号\n13012120001\n".encode()
    found = [read(one, "x.xlsx"), read(text, "x.csv")]
    monkeypatch.setattr(process, "run_several", lambda *_: pytest.fail("parsed"))
    assert [alike(data, sheet) for data, sheet in zip((one, text), found, strict=True)] == [(), ()]


def test_a_look_that_takes_too_long_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object) -> bytes:
        raise SheetRefused("workbook_too_slow", seconds=1)

    data = cities()
    found = read(data, "x.xlsx")
    monkeypatch.setattr(process, "run_several", slow)
    assert alike(data, found) == ()
    with pytest.raises(SheetRefused, match="workbook_too_slow"):
        joined(data, *CITIES)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("北京", True),
        ("11月3日", True),
        ("黑名单", False),
        ("不要打", False),
        ("免打扰客户", False),
        ("已退订", False),
        ("Do not call", False),
        ("DNC", False),
        ("Golden customers", True),
    ],
)
def test_a_worksheet_whose_name_speaks_against_calling_waits_for_a_person(name: str, meant: bool) -> None:
    assert together.is_meant(name) == meant


# --- one list ------------------------------------------------------------------------------------------------------


def test_one_list_has_every_row_once_in_the_order_of_the_worksheets_and_names_the_worksheet() -> None:
    whole = joined(cities(), *reversed(CITIES))
    assert list(map(row_name, whole.table.index)) == ["1·2", "1·3", "2·2", "2·3", "2·4", "3·3", "3·4"]
    assert whole.table["工作表"].tolist() == [name for name, people in CITIES.items() for _ in people]
    assert whole.table["手机号"].tolist() == [phone for people in CITIES.values() for phone in people]
    assert whole.table.index.is_monotonic_increasing
    assert whole.table.index.name == "row"
    assert [(part.name, part.place, part.header_row, part.rows) for part in whole.parts] == [
        ("北京", 1, 1, 2),
        ("上海", 2, 1, 3),
        ("广州", 3, 2, 2),
    ]
    assert joined(cities(), *CITIES).table.equals(whole.table)


def test_every_worksheet_is_read_as_it_is_alone() -> None:
    """Titles, hidden rows, total lines, dates and a row with an error, in one of them only."""
    book = openpyxl.Workbook()
    for name in ("甲", "乙", "丙"):
        sheet = book.active if name == "甲" else book.create_sheet(name)
        sheet.title = name
        for line in ([HEADER] if name != "丙" else [("名单",), HEADER]) + [person(at) for at in range(1, 5)]:
            sheet.append(line)
    book["乙"].row_dimensions[3].hidden = True
    book["丙"].append(("合计", 4))
    out = io.BytesIO()
    book.save(out)
    data = out.getvalue()
    whole = joined(data, "甲", "乙", "丙")
    for part in whole.parts:
        alone = read(data, "x.xlsx", sheet=part.name)
        rows = whole.table[whole.table["工作表"].eq(part.name)].drop(columns="工作表")
        assert [row_in_sheet(row) for row in rows.index] == alone.table.index.tolist()
        assert rows.to_numpy().tolist() == alone.table.to_numpy().tolist()
    told = {note.code: note.params[WORKSHEETS] for note in whole.notes}
    assert told == {
        NoteCode.HIDDEN_ROWS: ["乙"],
        NoteCode.TITLE_ROWS: ["丙"],
        NoteCode.TOTAL_LINE: ["丙"],
    }
    assert len(joined(data, "甲", "乙", "丙", hidden_rows=False).table) == len(whole.table) - 1
    assert len(joined(data, "甲", "乙", "丙", total_lines=True).table) == len(whole.table) + 1


def test_what_is_the_same_in_several_worksheets_is_told_once() -> None:
    lines = [("名单",), HEADER, person(1), person(2)]
    whole = joined(workbook_of({"甲": lines, "乙": lines, "丙": lines[1:]}), "甲", "乙", "丙")
    assert [(note.code, note.params[WORKSHEETS]) for note in whole.notes] == [
        (NoteCode.TITLE_ROWS, ["甲", "乙"])
    ]


def test_a_column_of_one_worksheet_is_empty_in_the_others_and_the_new_column_takes_no_name_of_theirs() -> (
    None
):
    data = workbook_of(
        {
            "甲": [("手机号", "工作表"), ("13012120001", "x"), ("13012120002", "y")],
            "乙": [("手机号", "城市"), ("13012120003", "上海"), ("13012120004", "")],
        }
    )
    whole = joined(data, "甲", "乙").table
    assert whole.columns.tolist() == ["手机号", "工作表", "城市", "工作表 (2)"]
    assert whole["工作表"].tolist() == ["x", "y", "", ""]
    assert whole["城市"].tolist() == ["", "", "上海", ""]
    assert whole["工作表 (2)"].tolist() == ["甲", "甲", "乙", "乙"]
    assert {str(kind) for kind in whole.dtypes} == {"str"}


def test_a_number_in_the_name_of_a_worksheet_is_masked_in_its_column() -> None:
    lines = [HEADER, person(1), person(2)]
    whole = joined(workbook_of({"甲": lines, "13812345678": lines}), "甲", "13812345678").table
    assert "138****5678" in whole["工作表"].tolist()


def test_the_limits_hold_for_all_of_them_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MAX_ROWS", 6)
    assert len(joined(cities(), "北京", "上海").table) == 5
    with pytest.raises(SheetRefused, match="too_many_rows"):
        joined(cities(), *CITIES)
    monkeypatch.setattr(together, "MOST_SHEETS", 2)
    with pytest.raises(SheetRefused, match="sheets_too_many"):
        joined(cities(), "北京", "广州")


@pytest.mark.parametrize(("name", "code"), [("没有", "sheet_missing"), ("空", "sheet_empty")])
def test_a_worksheet_that_is_refused_alone_is_refused_among_others(name: str, code: str) -> None:
    data = workbook_of({"甲": [HEADER, person(1), person(2)], "空": []})
    with pytest.raises(SheetRefused, match=code):
        joined(data, "甲", name)


def test_cells_with_several_numbers_get_rows_in_their_own_worksheet_and_come_back() -> None:
    lines = [HEADER, ("张伟", "13012120001/13012120002", ""), person(3)]
    whole = joined(workbook_of({"甲": lines, "乙": lines}), "甲", "乙")
    apart = split(whole, {"手机号": whole.table.index.tolist()})
    named = dict(zip(map(row_name, apart.table.index), apart.table["手机号"], strict=True))
    assert named == {
        "1·2": "13012120001",
        "1·2 (2)": "13012120002",
        "1·3": "13012120003",
        "2·2": "13012120001",
        "2·2 (2)": "13012120002",
        "2·3": "13012120003",
    }
    assert file_table(apart).equals(whole.table)


def test_a_list_of_several_worksheets_is_kept_in_place_of_its_file() -> None:
    whole = joined(cities(), *CITIES)
    again = stored.sheet_of(stored.table_bytes(whole), whole.name)
    assert again.table.equals(whole.table)
    assert again.parts == whole.parts


def test_worksheets_of_a_kind_with_one_reader_of_values_are_one_list_too() -> None:
    """XML Spreadsheet 2003."""
    lines = [("手机号", "姓名"), *((f"1301212000{at}", "张伟") for at in range(3))]
    cells = ("".join(f'<Cell><Data ss:Type="String">{one}</Data></Cell>' for one in line) for line in lines)
    table = f"<Table>{''.join(f'<Row>{line}</Row>' for line in cells)}</Table>"
    sheets = "".join(f'<Worksheet ss:Name="{name}">{table}</Worksheet>' for name in ("甲", "乙"))
    urn = "urn:schemas-microsoft-com:office:spreadsheet"
    data = f'<?xml version="1.0"?><Workbook xmlns="{urn}" xmlns:ss="{urn}">{sheets}</Workbook>'.encode()
    assert names_of(data) == ["甲", "乙"]
    assert joined(data, "甲", "乙").table["工作表"].tolist() == ["甲"] * 3 + ["乙"] * 3


def test_what_a_person_has_to_look_at_first_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    data = cities()
    found = read(data, "x.xlsx")
    rows = (("x",),)
    doubtful = replace(found, rival=Rival("encoding", "big5", rows, rows, needed=True))
    monkeypatch.setattr(process, "run_several", lambda *_: pytest.fail("parsed"))
    assert alike(data, doubtful) == ()


@pytest.mark.parametrize("engine", ["fast", "careful"])
def test_either_engine_reads_several(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies over them is asked again with the other engine, as for one worksheet."""
    asked, run = [], process.run_several

    def noted(data: bytes, sheets: object, wanted: str, *given: object) -> bytes | None:
        asked.append(wanted)
        return None if engine == "careful" and wanted == "fast" else run(data, sheets, wanted, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(process, "run_several", noted)
    whole = joined(cities(), *CITIES)
    assert len(whole.table) == sum(map(len, CITIES.values()))
    assert asked == (["fast"] if engine == "fast" else ["fast", "careful"])
