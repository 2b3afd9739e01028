"""What a person pastes or uploads for the do-not-call list, as numbers."""

import pytest

from lib.draft.do_not_call_file import likely_column, of_cells, of_text
from lib.sheet import read


@pytest.mark.parametrize(
    ("text", "phones", "unread"),
    [
        ("", (), ()),
        ("13012121211\n\n 13912345678 \r\n", ("13012121211", "13912345678"), ()),
        ("130 1212 1211\n+86-139-1234-5678", ("13012121211", "13912345678"), ()),
        ("13012121211，13912345678；13612345678", ("13012121211", "13912345678", "13612345678"), ()),
        ("13012121211\n13012121211", ("13012121211",), ()),
        ("手机号\n13012121211\n1301\n1.30E+10", ("13012121211",), ("手机号", "1301", "1.30E+10")),
        ("0755-12345678\n4001234567", ("0755-12345678", "4001234567"), ()),
    ],
)
def test_a_pasted_text_is_read_line_by_line(text, phones, unread):
    found = of_text(text)
    assert [phone.replace("-", "") for phone in found.phones] == [phone.replace("-", "") for phone in phones]
    assert found.unread == unread


def test_a_file_gives_the_column_of_numbers():
    sheet = read(
        "姓名,原因,联系电话\n张伟,投诉,13012121211\n王芳,退订,139 1234 5678\n".encode("gb18030"), "勿拨.csv"
    )
    column = likely_column(sheet)
    assert column == "联系电话"
    assert of_cells(sheet.table[column]).phones == ("13012121211", "13912345678")


def test_a_file_of_bare_numbers_loses_none_to_the_header():
    sheet = read(b"13012121211\n13912345678\n", "a.txt")
    assert of_cells(sheet.table[likely_column(sheet)]).phones == ("13012121211", "13912345678")
