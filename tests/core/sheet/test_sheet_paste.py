"""What is pasted is as good as a file."""

import pytest

from lib.sheet import read
from lib.sheet.paste import file_of


def rows(text: str) -> list[list[str]]:
    return read(file_of(text), "粘贴的表格.txt").table.to_numpy().tolist()


@pytest.mark.parametrize(
    "text",
    [
        "13012121211\n13912345678\n",
        "13012121211\r\n13912345678",
        "13012121211,13912345678",
        "13012121211、13912345678",
        " 13012121211；13912345678； ",
        "13012121211 13912345678",
        "13012121211/13912345678",
    ],
)
def test_numbers_are_one_contact_each_however_they_are_separated(text: str) -> None:
    assert rows(text) == [["13012121211"], ["13912345678"]]


def test_a_number_written_with_spaces_stays_one() -> None:
    assert rows("130 1212 1211\n139 1234 5678") == [["130 1212 1211"], ["139 1234 5678"]]


def test_a_spoilt_number_in_a_list_is_kept() -> None:
    text = "13012121211,13912345678,13612345678,13712345678,1381234"
    assert [row[0] for row in rows(text)] == text.split(",")


def test_a_table_from_a_spreadsheet_keeps_its_columns_and_line_breaks_in_cells() -> None:
    sheet = read(file_of('姓名\t手机号\t备注\n张伟\t13012121211\t"两\n行"\n王芳\t\t\n'), "x.txt")
    assert sheet.table.to_dict("list") == {
        "姓名": ["张伟", "王芳"],
        "手机号": ["13012121211", ""],
        "备注": ["两\n行", ""],
    }
    assert (sheet.kind, sheet.header_row) == ("tsv", 1)


@pytest.mark.parametrize(
    "text",
    [
        "13012121211,13912345678\n13612345678,13712345678\n",
        "手机号,姓名\n13012121211,张伟\n13012121212,李四\n",
    ],
)
def test_a_table_with_commas_keeps_its_columns(text: str) -> None:
    assert read(file_of(text), "x.txt").table.shape == (2, 2)
    assert file_of(text) == text.encode()


def test_broken_characters_do_not_stop_a_paste() -> None:
    assert rows("手机号\n13012121211\ud83d\n") == [["13012121211?"]]
