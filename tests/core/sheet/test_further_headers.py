"""A header that stands again in the middle of a list: nobody is read under columns that are not theirs, and no header is a contact."""

import csv
import io

import pytest

from lib.mapping import suggest
from lib.sheet import Sheet, read

FIRST = [["姓名", "手机号", "意向"], ["张伟", "13012121211", "高"], ["王芳", "13012121212", "低"]]


def of(*rows: list[str]) -> Sheet:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return read(out.getvalue().encode(), "x.csv")


def again(sheet: Sheet) -> dict[str, int]:
    return next((note.params for note in sheet.notes if note.code == "header_again"), {})


def column(sheet: Sheet, name: str) -> dict[int, str]:
    return sheet.table[name].to_dict()


def test_a_second_table_is_read_under_its_own_names() -> None:
    sheet = of(
        *FIRST, ["", "", ""], ["二月到访", "", ""], ["手机号", "姓名", "意向"], ["13012121213", "李娜", "中"]
    )
    assert column(sheet, "手机号") == {2: "13012121211", 3: "13012121212", 7: "13012121213"}
    assert column(sheet, "姓名") == {2: "张伟", 3: "王芳", 7: "李娜"}
    assert again(sheet) == {"count": 1, "row": 6}
    assert suggest(sheet).columns["phone"] == "手机号"


def test_other_names_of_the_same_field_join_it_and_new_ones_get_a_column() -> None:
    sheet = of(*FIRST, ["电话", "客户姓名", "地址"], ["13012121213", "李娜", "幸福路1号"])
    assert column(sheet, "手机号")[5] == "13012121213"
    assert column(sheet, "姓名")[5] == "李娜"
    assert column(sheet, "地址") == {2: "", 3: "", 5: "幸福路1号"}
    assert column(sheet, "意向")[5] == ""


def test_a_number_of_somebody_else_never_joins_the_column_of_the_first() -> None:
    sheet = of(["姓名", "本人手机"], *([f"张{at}", f"1301212121{at}"] for at in range(3)), ["", ""], ["紧急联系人", "紧急联系人电话"], ["王芳", "13012121219"])  # fmt: skip
    assert column(sheet, "本人手机")[7] == ""
    assert column(sheet, "紧急联系人电话")[7] == "13012121219"


def test_two_numbers_in_the_second_table_are_left_apart() -> None:
    sheet = of(
        ["姓名", "手机", ""],
        ["张伟", "13012121211", ""],
        ["姓名", "电话", "手机号"],
        ["王芳", "13012121212", "13012121213"],
    )
    assert column(sheet, "手机")[4] == ""
    assert (column(sheet, "电话")[4], column(sheet, "手机号")[4]) == ("13012121212", "13012121213")


def test_the_header_of_each_printed_page_is_no_contact() -> None:
    sheet = of(*FIRST, FIRST[0], ["李娜", "13012121213", ""], FIRST[0], ["赵强", "13012121214", ""])
    assert column(sheet, "姓名") == {2: "张伟", 3: "王芳", 5: "李娜", 7: "赵强"}
    assert again(sheet) == {"count": 2, "row": 4}


def test_a_longer_second_table_is_seen_too() -> None:
    more = [[f"1301212122{at}", f"李{at}", ""] for at in range(9)]
    sheet = of(*FIRST, ["手机号", "姓名", "意向"], *more)
    assert column(sheet, "手机号") == {2: "13012121211", 3: "13012121212"} | {
        5 + at: row[0] for at, row in enumerate(more)
    }


def test_a_column_of_the_persons_may_be_called_row() -> None:
    sheet = of(["row", "手机"], ["一", "13012121211"], ["手机", "row"], ["13012121212", "二"])
    assert column(sheet, "row") == {2: "一", 4: "二"}


def test_names_that_come_twice_keep_their_columns() -> None:
    sheet = of(["姓名", "手机", "手机"], ["张伟", "13012121211", "13012121212"], ["姓名", "手机", "手机"], ["王芳", "13012121213", "13012121214"])  # fmt: skip
    assert column(sheet, "手机") == {2: "13012121211", 4: "13012121213"}
    assert column(sheet, "手机 (2)") == {2: "13012121212", 4: "13012121214"}


@pytest.mark.parametrize(
    "row",
    [
        ["李娜", "", "电话"],
        ["李娜", "未留", "电话"],
        ["李娜", "空号", ""],
        ["", "", "电话联系"],
        ["晨光贸易", "请打座机", "电话"],
    ],
)
def test_a_contact_without_a_number_is_no_header(row: list[str]) -> None:
    sheet = of(
        ["姓名", "手机", "沟通方式"],
        ["张伟", "13012121211", "电话"],
        row,
        ["王芳", "13012121213", "13012121213"],
    )
    assert sheet.table.loc[3].tolist() == row
    assert not again(sheet)
