"""What Excel shows is what is read: formats, calendars, and texts that stand where engines do not look."""

from collections.abc import Iterator

import pytest

from lib.sheet import Sheet, read
from lib.workbook.child import parse
from tests.core.sheet_builder import (
    formatted,
    formatted_parts,
    header,
    number,
    pack,
    parts_of,
    rows,
    text,
    workbook,
)
from tests.files import mutants

DAY, TIME, STAMP = "2023-07-16", "09:00:00", "2026-03-04 15:30:00"


@pytest.fixture(scope="module", autouse=True)
def _one_parser() -> Iterator[None]:
    with mutants.parser():
        yield


def notes_of(sheet: Sheet) -> dict[str, dict]:
    return {str(note.code): note.params for note in sheet.notes}


def cells_of(data: bytes) -> list[str]:
    """The second row without its phone; both engines agree on it."""
    fast, careful = (parse(data, engine, None) for engine in ("fast", "careful"))
    assert fast[0].to_pydict() == careful[0].to_pydict()
    assert fast[1]["notes"] == careful[1]["notes"]
    return read(data, "x.xlsx").table.loc[2].tolist()[1:]


def test_chinese_days_and_times_without_a_written_format_are_days_and_times():
    numbers = {27: DAY, 28: DAY, 31: DAY, 32: TIME, 36: DAY, 50: DAY, 55: TIME, 57: DAY, 58: DAY}
    cells = [(at, "0.375" if wanted == TIME else "45123") for at, wanted in numbers.items()]
    assert cells_of(formatted(*cells)) == list(numbers.values())


def test_noughts_separators_per_cent_and_money_are_read_as_shown():
    cells = (
        ("00000000000", "1088886666", "01088886666"),
        ("000-0000-0000", "1088886666", "010-8888-6666"),
        ('"+86 "0', "13012121211", "+86 13012121211"),
        ("0%", "0.85", "85%"),
        ('"¥"#,##0.00', "1234.5", "¥1,234.50"),
        ("[h]:mm", "1.5", "36:00"),
        (9, "0.5", "50%"),
        (46, "1.5", "36:00:00"),
    )
    assert cells_of(formatted(*((code, value) for code, value, _ in cells))) == [
        wanted for *_, wanted in cells
    ]


def test_a_fraction_in_a_column_of_whole_numbers_is_rounded_as_it_is_shown():
    assert cells_of(formatted(("0_ ", "12.7"), ("0.00", "116.397428"), ("0_ ", "13012121211"))) == [
        "13",
        "116.40",
        "13012121211",
    ]


def test_a_day_of_which_less_is_shown_is_read_in_full_and_told():
    sheet = read(formatted(('m"月"d"日" h:mm', "46085.6458333333"), ("yyyy/m/d", "45123")), "x")
    assert sheet.table.loc[2].tolist()[1:] == [STAMP, DAY]
    assert notes_of(sheet)["partial_dates"] == {"count": 1, "cell": "B2"}


def test_whether_a_day_or_a_time_is_read_is_for_its_format_to_say():
    cells = (
        (14, "45123.375"),
        (20, "45123.375"),
        (22, "45123.375"),
        (20, "0"),
        (14, "0"),
        ("[$-804]aaaa;@", "45123"),
    )
    assert cells_of(formatted(*cells)) == [DAY, TIME, f"{DAY} {TIME}", "00:00:00", "", "星期日"]


def test_parts_of_a_second_are_rounded():
    numbers = ("45124.9999999942", "45124.9999883681", "45124.374999994")
    cells = [("yyyy/m/d h:mm:ss", each) for each in numbers]
    assert cells_of(formatted(*cells)) == ["2023-07-18", "2023-07-17 23:59:59", "2023-07-17 09:00:00"]


EXTENSION = (
    '<extLst><ext uri="{140A7094-0E35-4892-8432-C4D2E57EDEB5}" xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/2010/11/main">'
    '<x15:workbookPr chartTrackingRefBase="1"/></ext></extLst>'
)


@pytest.mark.parametrize("extension", ["", EXTENSION])
def test_days_that_count_from_1904_do_whoever_saved_the_book_last(extension: str):
    cells = ((14, "43661"), (31, "43661"), (14, "0"), (22, "43661.375"))
    parts = formatted_parts(*cells)
    book = parts["xl/workbook.xml"].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    book = book.replace("</sheets>", f"</sheets>{extension}")
    assert cells_of(pack(parts | {"xl/workbook.xml": book})) == [DAY, DAY, "1904-01-01", f"{DAY} {TIME}"]


def test_days_written_as_text_are_read_as_days():
    days = {
        "B2": "2021-03-02T08:47:12",
        "C2": "2014-01-16T15:59:59.99",
        "D2": "2014-01-16",
        "E2": "2014-01-16T00:00:00",
    }
    cells = "".join(f'<c r="{place}" t="d"><v>{day}</v></c>' for place, day in days.items())
    data = workbook(rows(header(1, "手机号", *"甲乙丙丁"), (2, text("A2", "13012121211") + cells)))
    assert cells_of(data) == ["2021-03-02 08:47:12", "2014-01-16 16:00:00", "2014-01-16", "2014-01-16"]


def test_a_text_that_stands_where_a_number_should_is_read():
    own = '<c r="B{0}" t="inlineStr"><f>[1]表!A{0}</f><v>{1}</v></c>'
    data = workbook(
        rows(
            header(),
            (2, own.format(2, "张三")),
            (3, number("A3", "13012121211") + own.format(3, "李 &amp; 四")),
            (4, own.format(4, "王五")),
        )
    )
    sheet = read(data, "x")
    assert sheet.table["姓名"].to_dict() == {2: "张三", 3: "李 & 四", 4: "王五"}


RUNS = "<r><t>Zhang</t></r><r><t> San</t></r><rPh sb='0' eb='1'><t> x</t></rPh>"


def test_spaces_are_kept_where_the_sheet_says_so_for_all_its_texts():
    parts = parts_of(
        rows(header(), (2, number("A2", "13012121211") + f'<c r="B2" t="inlineStr"><is>{RUNS}</is></c>'))
    )
    name = "xl/worksheets/sheet1.xml"
    kept = pack(parts | {name: parts[name].replace("<worksheet ", '<worksheet xml:space="preserve" ')})
    assert cells_of(kept) == ["Zhang San"]


def test_spaces_are_kept_where_the_list_of_texts_says_so():
    parts = parts_of(
        rows(header(), (2, number("A2", "13012121211") + '<c r="B2" t="s"><v>1</v></c>')), strings=("x",)
    )
    name = "xl/sharedStrings.xml"
    listed = (
        parts[name].replace("</sst>", f"<si>{RUNS}</si></sst>").replace("<sst ", '<sst xml:space="preserve" ')
    )
    assert cells_of(pack(parts | {name: listed})) == ["Zhang San"]


def test_a_long_number_is_read_with_the_digits_that_excel_keeps_and_told():
    body = ("440106199001011000", "4.40106199001012E+17", "4.4010619900101101E+17", "6.222021234567891E15")
    data = workbook(rows(header(), *((at, number(f"A{at}", each)) for at, each in enumerate(body, 2))))
    sheet = read(data, "x")
    assert sheet.table["手机号"].tolist() == [
        "440106199001011000", "440106199001012000", "440106199001011000", "6222021234567891",
    ]  # fmt: skip
    assert notes_of(sheet)["long_numbers"] == {"count": 4, "cell": "A2"}
    fast, careful = (parse(data, engine, None) for engine in ("fast", "careful"))
    assert fast[0].to_pydict() == careful[0].to_pydict()
    assert fast[1]["notes"] == careful[1]["notes"]


def test_a_large_number_with_a_fraction_has_the_digits_that_excel_shows():
    """Excel saves seventeen digits of a number that holds fifteen, and fastexcel prints nine behind the point."""
    body = {
        "99999999.989999995": "99999999.99", "123456789.123": "123456789.123", "10000000.1": "10000000.1",
        "-20000000.300000001": "-20000000.3", "1234567.25": "1234567.25", "123456.789012345": "123456.789012345",
    }  # fmt: skip
    typed = '<c r="A9" t="inlineStr"><is><t>12345678.123456789</t></is></c>'
    cells = [(at, number(f"A{at}", each)) for at, each in enumerate(body, 2)]
    data = workbook(rows(header(), *cells, (9, typed)))
    fast, careful = (parse(data, engine, None) for engine in ("fast", "careful"))
    assert fast[0].to_pydict() == careful[0].to_pydict()
    assert read(data, "x").table["手机号"].tolist() == [*body.values(), "12345678.123456789"]
    assert "long_numbers" not in notes_of(read(data, "x"))


def test_many_styles_and_styles_written_unusually_are_found():
    cells = [(f'"{at}-"0', "5") for at in range(20)]
    assert cells_of(formatted(*cells)) == [f"{at}-5" for at in range(20)]
    parts = formatted_parts(("000", "5"), ("0%", "0.5"))
    name = "xl/worksheets/sheet1.xml"
    odd = (
        parts[name].replace('r="B2" s="1"', "s='1' r='B2'").replace('r="C2" s="2"', 'r="C2"\n s = "2" t="n"')
    )
    assert cells_of(pack(parts | {name: odd})) == ["005", "50%"]


def test_the_first_style_counts_for_cells_that_name_none():
    parts = formatted_parts(("000", "5"))
    styles, name = parts["xl/styles.xml"], "xl/worksheets/sheet1.xml"
    first = styles.replace('<xf numFmtId="0"/>', '<xf numFmtId="176"/>')
    bare = parts[name].replace(' s="1"', "")
    assert cells_of(pack(parts | {"xl/styles.xml": first, name: bare})) == ["005"]


def test_a_column_of_a_format_agrees_in_both_engines_over_several_blocks():
    body = [
        (at, number(f"A{at}", str(1_000_000_000 + at), 1) + text(f"B{at}", "名" * 300))
        for at in range(2, 6_002)
    ]
    parts = parts_of(rows(header(), *body))
    parts["xl/styles.xml"] = formatted_parts(("00000000000", "5"))["xl/styles.xml"]
    table = read(pack(parts), "x").table
    assert table["手机号"].tolist() == [f"0{1_000_000_000 + at}" for at in range(2, 6_002)]
