"""Lines typed in a chat or in a text editor come apart into columns, whatever stands between them."""

import pytest

from lib.sheet import read
from lib.sheet.paste import file_of

CONTACTS = [["张伟", "13012121211"], ["李娜", "13012121212"], ["王芳", "13012121213"]]


def rows(text: str) -> list[list[str]]:
    sheet = read(file_of(text), "粘贴的表格.txt")
    assert sheet.header_row is None
    return sheet.table.to_numpy().tolist()


@pytest.mark.parametrize(
    "between",
    [
        " ",
        "  ",
        "\t",
        "\u3000",
        "，",
        "、",
        "：",
        ":",
        "；",
        ",",
        " - ",
        "-",
        "/",
        "",
        " ：",
        "——",
        "的电话是",
    ],
)
def test_name_and_number_are_two_columns(between: str) -> None:
    found = rows("\n".join(between.join(row) for row in CONTACTS))
    assert [row[1] for row in found] == [number for _, number in CONTACTS]
    assert [row[0].removesuffix("电话是") for row in found] == [name for name, _ in CONTACTS]


@pytest.mark.parametrize("between", [" ", "，", "、", "：", "\u3000", "     "])
def test_number_and_name_are_two_columns(between: str) -> None:
    assert rows("\n".join(f"{number}{between}{name}" for name, number in CONTACTS)) == [
        [number, name] for name, number in CONTACTS
    ]


@pytest.mark.parametrize(
    "text",
    [
        "张伟：13012121211\n李娜 13012121212\n王芳，13012121213",
        "13012121211 张伟\n李娜 13012121212\n13012121213（王芳",
        "姓名：张伟 电话：13012121211\n姓名：李娜，电话：13012121212\n姓名：王芳 手机13012121213",
        "张伟 微信13012121211\n李娜微信/电话：13012121212\n王芳 本人手机13012121213",
        "张伟(13012121211)\n李娜（13012121212）\n王芳(13012121213)",
        "张伟 13012121211,李娜 13012121212,王芳 13012121213",
        "13012121211、张伟；13012121212、李娜；13012121213、王芳",
    ],
)
def test_marks_may_differ_from_line_to_line_and_entries_may_stand_in_one(text: str) -> None:
    found = rows(text)
    assert {cell.strip("（") for row in found for cell in row} == {cell for row in CONTACTS for cell in row}
    assert len(found) == 3


@pytest.mark.parametrize("count", ["{}. ", "{}.", "{}、", "({}) ", "{}）"])
def test_a_number_that_counts_the_lines_is_no_part_of_the_name(count: str) -> None:
    text = "\n".join(count.format(at) + " ".join(row) for at, row in enumerate(CONTACTS, 1))
    assert rows(text) == [[str(at), *row] for at, row in enumerate(CONTACTS, 1)]


def test_one_typed_line_is_a_contact() -> None:
    assert rows("张伟 13012121211") == CONTACTS[:1]


def test_a_number_with_blanks_and_names_of_several_words_stay_whole() -> None:
    assert rows("张伟 130 1212 1211\n李娜 130-1212-1212") == [
        ["张伟", "130 1212 1211"],
        ["李娜", "130-1212-1212"],
    ]
    assert rows("Zhang Wei: 13012121211\nLi Na: 13012121212")[0] == ["Zhang Wei", "13012121211"]
    assert rows("Zhang Wei 13012121211\nAnn 13012121212")[0] == ["Zhang Wei", "13012121211"]
    assert rows("张 伟 13012121211\n李娜 13012121212")[0] == ["张 伟", "13012121211"]


def test_what_stands_behind_the_number_is_a_third_column() -> None:
    found = rows("张伟 13012121211 已联系\n李娜 13012121212\n王芳 13012121213 未接")
    assert found[:2] == [["张伟", "13012121211", "已联系"], ["李娜", "13012121212", ""]]
    assert rows("张伟，晨光，13012121211\n李娜，远山，13012121212")[1] == ["李娜", "远山", "13012121212"]


@pytest.mark.parametrize(
    "text",
    [
        "手机号，姓名\n13012121211，张伟\n13012121212，李娜\n",
        "手机号          姓名\n13012121211     张伟\n13012121212     李娜\n",
        "手机号 姓名\n13012121211 张伟\n13012121212 李娜\n",
    ],
)
def test_a_header_comes_apart_like_its_lines(text: str) -> None:
    sheet = read(text.encode(), "x.txt")
    assert sheet.table.to_dict("list") == {"手机号": ["13012121211", "13012121212"], "姓名": ["张伟", "李娜"]}
    assert (sheet.kind, sheet.header_row) == ("txt", 1)


def test_a_header_of_two_english_words_comes_apart_too() -> None:
    sheet = read(b"Name Phone\nAnn 13012121211\nBob 13012121212\n", "x.txt")
    assert sheet.table.columns.tolist() == ["Name", "Phone"]


def test_contacts_with_a_spoilt_or_missing_number_stay_in_their_columns() -> None:
    text = "张伟：13012121211\n王五 1301212121\n李娜，13012121212\n赵六 暂无\n"
    assert rows(text) == [
        ["张伟", "13012121211"],
        ["王五", "1301212121"],
        ["李娜", "13012121212"],
        ["赵六", "暂无"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Zhang Wei\nLi Na\n",
        "备注 说明\n今天 天气\n",
        "13012121211\n13012121212（张伟）\n13012121213\n",
        "上海，浦东\n北京，海淀\n",
    ],
)
def test_a_line_of_one_thing_stays_one(text: str) -> None:
    assert read(text.encode(), "x.txt").table.shape[1] == 1


def test_nobody_is_lost_where_each_name_stands_above_its_number() -> None:
    assert rows("张伟\n13012121211\n李娜\n13012121212") == [
        ["张伟"],
        ["13012121211"],
        ["李娜"],
        ["13012121212"],
    ]


def test_another_way_of_parting_can_be_named_and_rows_keep_their_numbers() -> None:
    data = "\n张伟 13012121211\n\n李娜 13012121212\n".encode()
    assert read(data, "x.txt").table.index.tolist() == [2, 4]
    assert read(data, "x.txt", delimiter="").table.shape == (2, 1)
    assert read("a，b\nc，d\n".encode(), "x.txt", delimiter="，", header_row=0).table.shape == (2, 2)


def test_a_long_line_above_the_list_makes_no_columns() -> None:
    sheet = read(("1 " * 16_000 + "\n" + "张伟 13012121211\n" * 3).encode(), "x.txt")
    assert sheet.table["B"].tolist()[-3:] == ["13012121211"] * 3


def test_a_name_that_ends_like_a_label_stays_whole() -> None:
    assert [row[0] for row in rows("Bruno13012121211\nMichel：13012121212")] == ["Bruno", "Michel"]


def test_lines_that_lack_the_number_that_counts_them_keep_none_of_the_others_in_the_name() -> None:
    text = "1. 张伟 13012121211\n李娜 13012121212\n3. 王芳 13012121213\n4. 赵敏 13012121214"
    assert [row[:2] for row in rows(text)] == [["1", "张伟"], ["", "李娜"], ["3", "王芳"], ["4", "赵敏"]]
    flats = "3栋 张伟 13012121211\n12栋 李娜 13012121212\n7栋 王芳 13012121213"
    assert rows(flats)[1] == ["12栋", "李娜", "13012121212"]


def test_two_numbers_of_a_line_and_whose_each_is_stay_in_one_cell() -> None:
    """Parted at the first number the relative would be called."""
    text = "张伟 紧急联系人18612121211 本人13012121211\n李娜 紧急联系人18612121212，本人13012121212"
    assert rows(text) == [
        ["张伟", "紧急联系人18612121211 本人13012121211"],
        ["李娜", "紧急联系人18612121212，本人13012121212"],
    ]


@pytest.mark.parametrize(
    ("before", "time"),
    [
        ("[10:22] ", "10:22"),
        ("2024-01-02 10:22:33 ", "2024-01-02 10:22:33"),
        ("（昨天 10:22）", "昨天 10:22"),
    ],
)
def test_the_time_of_a_message_is_no_number_and_no_part_of_a_name(before: str, time: str) -> None:
    assert rows(f"{before}张伟: 13012121211\n{before}王芳: 13012121212") == [
        [time, "张伟", "13012121211"],
        [time, "王芳", "13012121212"],
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "王经理 10:21\n张伟 13012121211\n\n我 10:22\n王芳 13012121212\n",
            [["张伟", "13012121211"], ["王芳", "13012121212"]],
        ),
        (
            "2024年6月1日 上午10:21\n张伟 13012121211\n昨天 晚上8:03\n13012121212",
            [["张伟", "13012121211"], ["", "13012121212"]],
        ),
        (
            "张三 2024-06-01 10:21:33\n李娜：13012121211\n\n李四 2024-06-01 10:22:01\n王芳：13012121212",
            [["李娜", "13012121211"], ["王芳", "13012121212"]],
        ),
        ("【王经理】 2024/06/01 10:21\n13012121211\n13012121212", [["13012121211"], ["13012121212"]]),
        ("张伟 10:22\n13012121211\n王芳 10:23\n13012121212", [["13012121211"], ["13012121212"]]),
    ],
)
def test_who_spoke_in_a_chat_and_when_is_neither_header_nor_contact(
    text: str, found: list[list[str]]
) -> None:
    assert rows(text) == found
    sheet = read(file_of(text), "粘贴的表格.txt")
    assert [note.params["row"] for note in sheet.notes if note.code == "chat_line"] == [1]
    everything = read(file_of(text), "粘贴的表格.txt", chat_lines=True).table
    assert len(everything) == len([line for line in text.splitlines() if line])


def test_a_line_with_a_time_and_a_number_is_a_contact() -> None:
    assert len(rows("13012121211 10:22\n13012121212 10:23\n")) == 2
    assert len(rows("张伟 13012121211 8:30\n李娜 13012121212 9:30\n")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "张伟 13012121211 李娜 13012121212 王芳 13012121213",
        "张伟 13012121211 李娜 13012121212\n王芳 13012121213",
        "张伟：13012121211 李娜：13012121212 王芳：13012121213",
    ],
)
def test_names_and_numbers_in_one_line_are_as_many_contacts(text: str) -> None:
    assert rows(text) == CONTACTS


def test_a_number_grouped_by_five_and_six_is_one() -> None:
    assert rows("张伟 13012 121211\n李娜 13012 121212")[1] == ["李娜", "13012 121212"]
