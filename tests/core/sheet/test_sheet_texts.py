"""Text files: encodings, delimiters, quotes, ragged rows; the header and what columns are called."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import SheetRefused
from lib.sheet import Sheet, fingerprint, read
from lib.sheet.header import find_header, name_columns
from lib.workbook.columns import index_of, letter, number_text
from lib.workbook.delimited import _by_record, _fast
from lib.workbook.kind import label
from lib.workbook.text import detect_delimiter

LIST = "手机号,姓名\r\n013012121211,张伟𠮷\r\n13012121212, 李四 \r\n"


def notes_of(sheet: Sheet) -> dict[str, dict]:
    return {str(note.code): note.params for note in sheet.notes}


def refused(data: bytes, **options) -> str:
    with pytest.raises(SheetRefused) as caught:
        read(data, "x.csv", **options)
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "encoding", "guessed"),
    [
        (LIST.encode(), "utf-8", False),
        (LIST.encode("utf-8-sig"), "utf-8", False),
        (LIST.encode("gb18030"), "gb18030", True),
        (LIST.encode("utf-16"), "utf-16-le", False),
        (b"\xfe\xff" + LIST.encode("utf-16-be"), "utf-16-be", False),
        (LIST.encode("utf-16-le"), "utf-16-le", True),
        (LIST.encode("utf-16-be"), "utf-16-be", True),
        (LIST.encode("utf-32"), "utf-32-le", False),
    ],
)
def test_every_encoding_gives_the_same_table(data: bytes, encoding: str, guessed: bool):
    sheet = read(data, "名单.csv")
    assert sheet.table.to_dict("list") == {
        "手机号": ["013012121211", "13012121212"],
        "姓名": ["张伟𠮷", " 李四 "],
    }
    assert sheet.table.index.tolist() == [2, 3]
    assert sheet.encoding == encoding
    assert ("encoding_guess" in notes_of(sheet)) == guessed


def test_big5_is_read_when_named_and_a_wrong_name_is_refused():
    data = "電話,姓名\n13012121211,張偉\n".encode("big5")
    assert read(data, "x", encoding="big5").table.columns.tolist() == ["電話", "姓名"]
    assert refused(LIST.encode("gb18030"), encoding="utf-8") == "encoding_wrong"
    assert refused(LIST.encode(), encoding="klingon") == "encoding_unknown"
    assert refused(LIST.encode(), encoding="rot13") == "encoding_unknown"


TRADITIONAL = "聯絡人,手機號碼,公司\n張偉,13012121211,上海貿易\n王芳,13912345678,臺北\n"


def test_big5_is_recognised_by_what_it_spells():
    sheet = read(TRADITIONAL.encode("big5"), "x.csv")
    assert (sheet.encoding, sheet.rival) == ("big5", None)
    assert sheet.table.columns.tolist() == ["聯絡人", "手機號碼", "公司"]
    assert notes_of(sheet)["encoding_guess"] == {"encoding": "BIG5"}


def test_traditional_characters_in_gb18030_are_not_taken_for_big5():
    sheet = read(TRADITIONAL.encode("gb18030"), "x.csv")
    assert (sheet.encoding, sheet.rival) == ("gb18030", None)


def test_where_two_encodings_are_plausible_both_readings_are_there_to_look_at():
    data = "雷旧捻,13012121211\n".encode("gb18030")
    sheet = read(data, "x.csv")
    assert sheet.rival
    assert not sheet.rival.needed
    ways = {sheet.encoding: sheet.rival.own, sheet.rival.value: sheet.rival.rows}
    assert ways.keys() == {"gb18030", "big5"}
    assert ways["gb18030"] == (("雷旧捻", "13012121211"),)
    named = read(data, "x.csv", **{sheet.rival.option: sheet.rival.value})
    assert named.rival is None


def test_a_doubtful_delimiter_is_shown_both_ways_and_can_be_named():
    data = "客户;区域,城市\n张伟;华东,上海\n王芳;华北,北京\n".encode()
    sheet = read(data, "x.csv")
    assert sheet.rival
    ways = {sheet.delimiter: sheet.rival.own, sheet.rival.value: sheet.rival.rows}
    assert ways[";"][1] == ("张伟", "华东,上海")
    assert ways[","][1] == ("张伟;华东", "上海")
    assert read(data, "x.csv", delimiter=";").table["客户"].tolist() == ["张伟", "王芳"]
    assert read(data, "x.csv", delimiter=";").rival is None
    assert read(data, "x.csv", delimiter="", header_row=0).table.shape == (3, 1)


def test_phone_numbers_that_stand_alone_settle_the_delimiter():
    sheet = read("手机号;区域,城市\n13012121211;华东,上海\n13912345678;华北,北京\n".encode(), "x.csv")
    assert (sheet.delimiter, sheet.rival) == (";", None)


def test_a_plain_list_leaves_no_doubt():
    assert read(LIST.encode(), "x.csv").rival is None
    assert read(b"13012121211\n13012121212\n", "x.txt").rival is None


def test_one_damaged_character_does_not_turn_a_file_into_gibberish():
    data = ("手机号,姓名\n" + "13012121211,张伟王芳李娜\n" * 20).encode()
    broken = data[:-4] + data[-3:]
    sheet = read(broken, "x")
    assert sheet.table["姓名"].iloc[0] == "张伟王芳李娜"
    assert notes_of(sheet)["damaged_characters"]["count"] >= 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str):
    data = "\n".join(
        delimiter.join(row)
        for row in [("手机号", "姓名", "备注"), ("13012121211", "张伟", "a"), ("13012121212", "李四", "b")]
    )
    sheet = read(data.encode(), "x")
    assert sheet.delimiter == delimiter
    assert sheet.table.columns.tolist() == ["手机号", "姓名", "备注"]


def test_commas_inside_quotes_do_not_decide_the_delimiter():
    data = '手机号;备注\n13012121211;"a,b,c"\n13012121212;"d,e,f"\n'
    sheet = read(data.encode(), "x")
    assert sheet.table["备注"].tolist() == ["a,b,c", "d,e,f"]


def test_the_first_line_sep_names_the_delimiter_and_counts_as_a_row():
    sheet = read("sep=;\r\n手机号;姓名\r\n13012121211;a,b\r\n".encode(), "x")
    assert (sheet.delimiter, sheet.header_row) == (";", 2)
    assert sheet.table.loc[3].tolist() == ["13012121211", "a,b"]


@pytest.mark.parametrize(
    "data", [b"13012121211\n13012121212\n", b"13012121211\r\n13012121212", b"13012121211\r13012121212\r"]
)
def test_a_bare_list_of_numbers_is_one_column_named_by_letter(data: bytes):
    sheet = read(data, "numbers.txt")
    assert sheet.table["A"].to_dict() == {1: "13012121211", 2: "13012121212"}
    assert (sheet.kind, sheet.delimiter, sheet.header_row) == ("txt", None, None)
    assert "no_header" in notes_of(sheet)


def test_line_breaks_in_quotes_count_as_one_record():
    sheet = read('手机号,地址\n13012121211,"上海\n浦东"\n13012121212,"""引号"""\n'.encode(), "x")
    assert sheet.table["地址"].to_dict() == {2: "上海\n浦东", 3: '"引号"'}


def test_a_quote_that_is_never_closed_is_told():
    sheet = read('手机号,姓名\n13012121211,"张伟\n13012121212,李四\n'.encode(), "x")
    assert notes_of(sheet)["quote_open"] == {"row": 2}


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('姓名,手机号,公司\n张伟,13012121211,"北京\n李娜,13512121212,"上海\n王芳,13812121213,广州\n', 2),
        (
            '姓名\t手机号\t公司\n张伟\t13012121211\t"北京\n李娜\t13512121212\t"上海\n王芳\t13812121213\t广州\n',
            2,
        ),
        ('姓名,手机号\n"张伟,13012121211\n"李娜,13512121212\n王芳,13812121213\n', 2),
        ('姓名,手机号,地址\n张伟,13012121211,"北京\n朝阳区, 建国路 1 号"\n', None),
    ],
)
def test_two_quotes_that_swallow_the_next_contact_are_told(text, row):
    assert notes_of(read(text.encode(), "a.csv")).get("quote_open") == (row and {"row": row})


def test_a_cell_that_is_too_long_is_told_by_its_row_wherever_it_stands():
    text = "姓名,手机号,备注\n" + "张伟,13012121211,a\n" * 21_000 + '李四,13012121212,"x\n'
    with pytest.raises(SheetRefused, match="cell_too_long") as refused:
        read((text + "张伟,13012121211,a\n" * 8_000).encode(), "a.csv")
    assert refused.value.params["row"] == 21_002


def test_ragged_rows_are_kept_and_told():
    sheet = read("手机号,姓名\n13012121211,张伟,多\n13012121212\n13012121213,王五\n".encode(), "x")
    assert sheet.table.columns.tolist() == ["手机号", "姓名", "C"]
    assert sheet.table["C"].tolist() == ["多", "", ""]
    assert notes_of(sheet)["ragged_rows"] == {"count": 2, "row": 2}


def test_blank_lines_keep_the_row_numbers_right():
    sheet = read("手机号,姓名\n\n13012121211,张伟\n,\n13012121212,李四\n\n".encode(), "x")
    assert sheet.table.index.tolist() == [3, 5]
    assert notes_of(sheet)["blank_rows"] == {"count": 2}


def test_a_header_below_titles_is_found_and_the_titles_are_told():
    sheet = read(
        "2026 年客户名单,,\n制表人：王经理,,\n\n手机号,姓名,公司\n13012121211,张伟,晨光\n13012121212,李四,晨光\n".encode(),
        "x",
    )
    assert sheet.header_row == 4
    assert notes_of(sheet)["title_rows"] == {"count": 2, "row": 4}
    assert sheet.table.columns.tolist() == ["手机号", "姓名", "公司"]


def test_a_person_can_choose_the_header_or_say_there_is_none():
    data = "甲,乙\n手机号,姓名\n13012121211,张伟\n".encode()
    assert read(data, "x", header_row=1).table.columns.tolist() == ["甲", "乙"]
    assert read(data, "x", header_row=2).table.index.tolist() == [3]
    none = read(data, "x", header_row=0)
    assert none.header_row is None
    assert none.table.columns.tolist() == ["A", "B"]
    assert len(none.table) == 3
    assert refused(data, header_row=9) == "header_row_empty"


HEADERS = [
    ([["手机号", "姓名"], ["13012121211", "张伟"]], 0),
    ([["13012121211", "张伟"], ["13012121212", "李四"]], None),
    ([["+86 130-1212-1211", "张伟"], ["13012121212", "李四"]], None),
    ([["名单", ""], ["手机号", "姓名"], ["13012121211", "张伟"]], 1),
    ([["客户", "", "备注"], ["手机号", "姓名", "公司"], ["13012121211", "张伟", "晨光"]], 1),
    ([["Phone", "Name"], ["13012121211", "Ann"]], 0),
    ([["号码清单"], ["13012121211"], ["13012121212"]], 0),
    ([["手机号", "姓名"], ["11 位", "必填"], ["13012121211", "张伟"]], 0),
    ([["手机号", "姓名"], ["", "张伟"], ["", "李四"]], 0),
    ([["手机号", "姓名"]], 0),
    ([["1.3E+10", "张伟"], ["1.3E+10", "李四"]], None),
]


@pytest.mark.parametrize(("rows", "expected"), HEADERS)
def test_the_header_is_the_row_that_names_things(rows: list[list[str]], expected: int | None):
    assert find_header(rows) == expected


def test_column_names_are_unique_trimmed_and_never_empty():
    names, repeated, nameless = name_columns(
        ["电话", " 电话\n", "", "电话 (2)", "C", "联系\r\n电话"], ["A", "B", "C", "D", "E", "F"]
    )
    assert names == ["电话", "电话 (3)", "C (2)", "电话 (2)", "C", "联系 电话"]
    assert (repeated, nameless) == (["电话"], ["C"])


@given(st.lists(st.sampled_from(["", "电话", "电话 (2)", "A", "B", "A (2)", " 电话", "C"]), max_size=12))
def test_names_are_always_unique(cells: list[str]):
    names, _, _ = name_columns(cells, [letter(index) for index in range(len(cells))])
    assert len(set(names)) == len(names) == len(cells)
    assert all(names)


def test_repeated_and_empty_headers_are_told():
    sheet = read("电话,电话,\n13012121211,13012121212,x\n".encode(), "x")
    assert sheet.table.columns.tolist() == ["电话", "电话 (2)", "C"]
    assert notes_of(sheet)["header_renamed"] == {"count": 1, "first": "电话"}
    assert notes_of(sheet)["header_empty"] == {"count": 1, "first": "C"}


TOTALS = "手机号,姓名\n13012121211,张伟\n小计,1\n13012121212,合计\n 合 计：,2\n"


def test_lines_that_add_up_are_told_and_left_out_unless_wanted():
    sheet = read(TOTALS.encode(), "x")
    assert notes_of(sheet)["total_line"] == {"count": 2, "row": 3}
    assert sheet.table.index.tolist() == [2, 4]
    taken = read(TOTALS.encode(), "x", total_lines=True)
    assert notes_of(taken)["total_line"] == {"count": 2, "row": 3}
    assert taken.table.index.tolist() == [2, 3, 4, 5]


def test_a_line_that_adds_up_is_found_behind_blank_cells():
    sheet = read(
        "手机号,姓名,数\n13012121211,张伟,1\n , 合计,2\n\u3000,,Total\n13012121212,,3\n".encode(), "x"
    )
    assert notes_of(sheet)["total_line"] == {"count": 2, "row": 3}
    assert sheet.table.index.tolist() == [2, 5]


@pytest.mark.parametrize("line", ["合计,13012121212", "合计李四,", "13012121212,合计", "Total Eclipse Ltd,"])
def test_a_contact_is_never_taken_for_a_total(line: str):
    sheet = read(f"姓名,手机号\n张伟,13012121211\n{line}\n".encode(), "x")
    assert "total_line" not in notes_of(sheet)
    assert sheet.table.index.tolist() == [2, 3]


@pytest.mark.parametrize("bad", ["1301212", "", "１３０１２１２"])
def test_a_first_contact_with_a_spoilt_number_is_not_taken_for_the_header(bad: str):
    sheet = read(f"张伟,{bad},北京\n李四,13012121212,上海\n".encode(), "x")
    assert sheet.header_row is None
    assert sheet.table.index.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("above", "header", "names"),
    [
        (["客户", "", "备注"], ["手机号", "姓名", "公司"], ["客户 / 手机号", "客户 / 姓名", "备注 / 公司"]),
        (["姓名", "联系方式", ""], ["", "手机", "邮箱"], ["姓名", "联系方式 / 手机", "联系方式 / 邮箱"]),
        (["十一月名单", "", ""], ["手机号", "姓名", "公司"], ["手机号", "姓名", "公司"]),
        (["十一月名单", "", "制表：王"], ["手机号", "姓名", "公司"], ["手机号", "姓名", "公司"]),
        (["名单 20261124", "", "王经理"], ["手机号", "姓名", "公司"], ["手机号", "姓名", "公司"]),
    ],
)
def test_two_rows_of_header_are_joined_and_a_title_is_not(
    above: list[str], header: list[str], names: list[str]
):
    contacts = "\n13012121211,a@example.com,晨光\n13012121212,b@example.com,晨光\n"
    sheet = read((",".join(above) + "\n" + ",".join(header) + contacts).encode(), "x")
    assert sheet.table.columns.tolist() == names
    assert sheet.header_row == 2
    assert sheet.table.index.tolist() == [3, 4]
    joined = any(" / " in name for name in names)
    assert sheet.header_rows == (2 if joined else 1)
    assert ("header_joined" in notes_of(sheet)) == joined
    alone = read(
        (",".join(above) + "\n" + ",".join(header) + contacts).encode(), "x", header_row=2, header_rows=1
    )
    assert " / ".join(alone.table.columns) == " / ".join(text or "A" for text in header)


def test_a_second_row_without_known_names_is_a_contact_and_no_header():
    sheet = read("手机号,,姓名\n,请勿打扰,张伟\n13012121212,,李四\n".encode(), "x")
    assert sheet.table.index.tolist() == [2, 3]
    assert sheet.header_rows == 1


def test_the_first_rows_are_there_to_choose_the_header_from():
    sheet = read("名单\n\n手机号,姓名\n13012121211,张伟\n".encode(), "x")
    assert sheet.top == ((1, "名单"), (3, "手机号 | 姓名"), (4, "13012121211 | 张伟"))


def test_a_header_alone_is_a_sheet_without_rows():
    sheet = read("手机号,姓名\n".encode(), "x")
    assert not sheet.has_rows
    assert sheet.table.columns.tolist() == ["手机号", "姓名"]
    assert str(sheet.table.dtypes.iloc[0]) == "str"


@settings(max_examples=150)
@given(
    st.lists(st.lists(st.text("ab1,;'= 张\\", max_size=5), min_size=1, max_size=4), min_size=1, max_size=6),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_fast_path_gives_what_the_careful_one_gives(cells: list[list[str]], end: str):
    text = end.join(";".join(cell.replace(";", "") for cell in row) for row in cells) + end
    fast = _fast(text.encode(), ";", 1)
    if fast is not None:
        careful, ragged = _by_record(text, ";", 1)
        assert fast.to_pydict() == careful.to_pydict()
        assert ragged == ()


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a;b", ";", "1; ", ""]), st.sampled_from(["\n", "\r\n"])), max_size=8
    ),
    st.sampled_from(["", "c;d"]),
)
def test_the_fast_path_keeps_blank_lines_where_they_are(lines: list[tuple[str, str]], last: str):
    text = "x;y\n" + "".join(line + end for line, end in lines) + last
    fast, (careful, ragged) = _fast(text.encode(), ";", 1), _by_record(text, ";", 1)
    assert fast.to_pydict() == careful.to_pydict()
    assert ragged == ()


def test_the_fast_path_is_taken_for_a_plain_list():
    assert _fast(LIST.encode(), ",", 1).num_rows == 3


def test_free_text_with_a_few_commas_is_not_torn_apart():
    assert detect_delimiter("13012121211\n13012121212\n13012121213\n13012121214,x\n13012121215\n" * 5) != ";"
    sheet = read(b"13012121211\n13012121212\n13012121213,x\n13012121214\n", "x")
    assert sheet.table["A"].tolist()[:2] == ["13012121211", "13012121212"]


def test_the_hash_is_of_the_bytes_and_the_fingerprint_of_the_names_wherever_they_stand():
    assert read(LIST.encode(), "x").sha256 == hashlib.sha256(LIST.encode()).hexdigest()
    assert fingerprint(["a", "b"]) == fingerprint(("b", "a")) != fingerprint(["a", "b", "c"])
    assert fingerprint(["ab"]) != fingerprint(["a", "b"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("..\\..\\x.csv", "x.csv"),
        ("C:\\x", "x"),
        ("/etc/名单.xlsx", "名单.xlsx"),
        ("a\0b\n.csv", "ab.csv"),
        ("\u202egnp.xlsx", "gnp.xlsx"),
        ("..", "sheet"),
        ("", "sheet"),
    ],
)
def test_a_hostile_name_becomes_a_label(name: str, expected: str):
    """SEC18."""
    assert label(name) == expected


def test_a_long_name_is_cut_and_keeps_its_ending():
    """SEC18."""
    assert len(label("名" * 5_000 + ".xlsx")) == 120
    assert label("名" * 5_000 + ".xlsx").endswith("….xlsx")


def test_letters_and_indexes_are_inverse():
    assert [letter(index) for index in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(index_of(letter(index)) == index for index in range(2_000))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1e10, "10000000000"),
        (3.5, "3.5"),
        (100, "100"),
        (1e-7, "0.0000001"),
        (-0.5, "-0.5"),
        (99999999.99, "99999999.99"),
        ("99999999.989999995", "99999999.99"),
        ("1.3012121211E10", "13012121211"),
    ],
)
def test_numbers_are_written_without_exponent(value: float | str, expected: str):
    assert number_text(value) == expected


def test_a_long_blank_beginning_is_no_trouble():
    sheet = read(("\n" * 80 + "姓名,手机号\n张伟,13012121211\n").encode(), "a.csv")
    assert sheet.table["手机号"].tolist() == ["13012121211"]
    assert sheet.header_row == 81
