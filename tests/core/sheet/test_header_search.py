"""Which row is the header: never a contact, wherever it stands; and which lines are no contacts at all."""

import csv
import io
import time

import pytest

from lib.sheet import Sheet, read
from lib.workbook.cell_kinds import holds_number, kind_of

BELOW = [["李娜", "13012121212", "远山"], ["王芳", "13012121213", "长江"]]


def of(rows: list[list[str]], **options) -> Sheet:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return read(out.getvalue().encode(), "x.csv", **options)


def notes_of(sheet: Sheet) -> dict[str, dict]:
    return {str(note.code): note.params for note in sheet.notes}


@pytest.mark.parametrize(
    "first",
    [
        *(
            "13012121211（微信同号）",
            "13012121211 微信",
            "微信13012121211",
            "电话：13012121211",
            "１３０１２１２１２１１（王）",
        ),
        *("130****1211", "130 **** 1211", "1301212****", "130xxxx1211", "****1211", "130●●●●1211"),
        *(
            "13012121211/13912345678",
            "0571-88886666转801",
            "(0571) 8888 6666 家",
            "+852 9123 4567",
            "400-800-8888 转 1",
        ),
        *(
            "1301212（少一位）",
            "暂无",
            "无",
            "空号",
            "N/A",
            "null",
            "-",
            "/",
            "没有手机号",
            "未提供",
            "\\N",
            "？",
        ),
    ],
)
def test_a_first_contact_is_never_the_header(first: str) -> None:
    sheet = of([["张伟", first, "晨光"], *BELOW])
    assert (sheet.header_row, len(sheet.table)) == (None, 3)
    assert "no_header" in notes_of(sheet)


def test_a_list_of_nothing_but_remarks_or_masked_numbers_has_no_header() -> None:
    for number in ("手机1301212121{}", "130****121{}", "1301212121{}（微信）", "+85291234{}67"):
        sheet = of([[name, number.format(at)] for at, name in enumerate("张李王")])
        assert (sheet.header_row, len(sheet.table)) == (None, 3)


def test_a_name_with_its_label_in_the_same_cell_is_no_header() -> None:
    assert (
        of([["姓名：张伟"], ["电话：13012121211"], ["姓名：李娜"], ["电话：13012121212"]]).header_row is None
    )
    assert of([["姓名：", "手机号："], ["张伟", "13012121211"]]).header_row == 1


def test_a_first_contact_that_shares_words_with_others_is_none_either() -> None:
    sheet = of(
        [["张伟", "请打座机", "北京"], ["李娜", "13012121212", "北京"], ["王芳", "13012121213", "上海"]]
    )
    assert sheet.header_row is None


@pytest.mark.parametrize(
    "name",
    ["手机号（例：13800138000）", "手机号(如13800138000)", "手机号(11位)", "Numéro", "Tel 2", "电话/手机"],
)
def test_a_name_that_shows_how_a_number_looks_stays_a_header(name: str) -> None:
    sheet = of([["Nom", name, "Société"], *BELOW])
    assert sheet.table.columns.tolist() == ["Nom", name, "Société"]


@pytest.mark.parametrize(
    "title",
    [
        ["制表：王 13800138000", "", ""],
        ["咨询电话：", "400-800-8888", ""],
        ["联系人", "电话", "13800138000"],
    ],
)
def test_a_number_in_the_title_hides_no_header(title: list[str]) -> None:
    sheet = of([title, ["姓名", "手机号", "公司"], *BELOW])
    assert (sheet.header_row, len(sheet.table)) == (2, 2)
    assert notes_of(sheet)["title_rows"] == {"count": 1, "row": 2}


@pytest.mark.parametrize("above", [19, 33, 400, 3_000])
def test_a_header_is_found_however_far_down_it_stands(above: int) -> None:
    sheet = of([*([f"参数{at}", "值"] for at in range(above)), ["姓名", "手机号"], ["张伟", "13012121211"]])
    assert (sheet.header_row, len(sheet.table)) == (above + 1, 1)
    assert sheet.table.columns.tolist() == ["姓名", "手机号"]
    assert (above + 1, "姓名 | 手机号") in sheet.top


@pytest.mark.parametrize("header", [["姓名", "手机号"], ["Nom", "Numéro"]])
@pytest.mark.parametrize("number", ["", "暂无", "请打座机"])
@pytest.mark.parametrize("without", [5, 600])
def test_contacts_without_a_number_above_the_first_one_with_it_stay(
    header: list[str], number: str, without: int
) -> None:
    sheet = of([header, *([f"张{at}", number] for at in range(without)), ["李娜", "13012121212"]])
    assert (sheet.header_row, len(sheet.table)) == (1, without + 1)


def test_any_row_can_be_named_as_the_header() -> None:
    sheet = of(
        [*([f"参数{at}", "值"] for at in range(40)), ["A1", "B1"], ["张伟", "13012121211"]], header_row=41
    )
    assert (sheet.header_row, sheet.table.columns.tolist()) == (41, ["A1", "B1"])
    assert (41, "A1 | B1") in sheet.top


EXAMPLES = [
    "示例：张三",
    "例：张三",
    "张三（示例）",
    "示例",
    "示例张三",
    "示例 1",
    "【样例】张三",
    "张伟（示例，请删除这一行）",
    "请删除此行",
    "此行为示例",
    "e.g. Tom",
    "Example: Tom",
    "Tom (example)",
]


@pytest.mark.parametrize("cell", EXAMPLES)
def test_an_example_is_asked_about(cell: str) -> None:
    rows = [["姓名", "手机号"], [cell, "13800138000"], ["张伟", "13012121211"]]
    sheet = of(rows)
    assert sheet.table.index.tolist() == [3]
    assert notes_of(sheet)["example_line"] == {"count": 1, "row": 2}
    taken = of(rows, example_lines=True)
    assert taken.table.index.tolist() == [2, 3]
    assert notes_of(taken)["example_line"] == {"count": 1, "row": 2}


@pytest.mark.parametrize(
    "line",
    [
        ["填写说明：手机号必填", ""],
        ["必填", "必填，11 位"],
        ["注：请核对后提交", ""],
        ["请勿修改表头", ""],
        ["Note: do not edit", ""],
    ],
)
@pytest.mark.parametrize("last", [False, True])
def test_an_instruction_is_asked_about_above_and_below_the_list(line: list[str], last: bool) -> None:
    contacts = [[f"张{at}", f"130121212{at}"] for at in range(10, 60)]
    sheet = of([["姓名", "手机号"], *([*contacts, line] if last else [line, *contacts])])
    assert len(sheet.table) == 50
    assert notes_of(sheet)["example_line"]["count"] == 1


@pytest.mark.parametrize(
    "row",
    [
        ["示范幼儿园", "13012121211", ""],
        ["例外", "13012121211", ""],
        ["Example Ltd", "13012121211", ""],
        ["张伟", "13012121211", "注：周末再打"],
        ["张伟", "13012121211", "请勿修改地址"],
        ["张伟", "13012121211", "请删除我的信息"],
        ["张伟", "", "请勿打扰"],
        ["张伟", "13012121211", "样本已寄"],
        ["张伟", "13012121211", "例子里的那家"],
        ["张伟", "q8Zk2lPm0x", "备注：老客户"],
    ],
)
def test_a_contact_is_never_taken_for_an_example(row: list[str]) -> None:
    sheet = of([["姓名", "手机号", "备注"], row, ["李娜", "13012121212", ""]])
    assert sheet.table.index.tolist() == [2, 3]


@pytest.mark.parametrize("piece", ["1", "a@", "1301212", "（", "*", "张伟 ", "+1 ", "130 ", "a.", "示例（"])
def test_a_cell_as_long_as_can_be_takes_no_time(piece: str) -> None:
    cell = piece * (32_767 // len(piece))
    start = time.process_time()
    kind_of(cell), holds_number(cell)
    sheet = of([[cell, cell], ["13012121211", "张伟"]])
    assert time.process_time() - start < 2
    assert len(sheet.table) >= 1


@pytest.mark.parametrize("left", ["客服热线", "联系人", "咨询电话", "联系电话："])
def test_a_number_that_is_named_above_the_table_hides_no_header(left: str) -> None:
    lines = [
        f"{left},4008001234",
        "姓名,手机号",
        *(f"{name},1301212121{at}" for at, name in enumerate("张王李赵")),
    ]
    sheet = read("\n".join(lines).encode(), "a.csv")
    assert (sheet.header_row, len(sheet.table)) == (2, 4)


@pytest.mark.parametrize(
    "first",
    [
        "填表人：李四,,13912121212",
        "填表人,李四,13912121212",
        "联系人：李四 ,,13912121212",
        "制表人:,李四,13912121212",
    ],
)
def test_who_made_the_list_is_no_contact_of_it(first: str) -> None:
    lines = [first, "姓名,公司,手机号", "张伟,晨光,13012121211", "王芳,恒信,13012121212"]
    sheet = read("\n".join(lines).encode(), "a.csv")
    assert (sheet.header_row, len(sheet.table)) == (2, 2)
    assert notes_of(sheet)["title_rows"] == {"count": 1, "row": 2}


def test_without_a_header_below_it_such_a_line_stays_a_row() -> None:
    sheet = read("负责人,李四,13912121212\n经理,张伟,13012121211\n".encode(), "a.csv")
    assert (sheet.header_row, len(sheet.table)) == (None, 2)


@pytest.mark.parametrize(
    "lines",
    [
        ["张伟,88888888", "王芳,88888889", "李娜,66668888"],
        ["张伟,见备注,杭州", "王芳,13012121211,北京", "李娜,13012121212,上海"],
        [
            "张伟,打不通,杭州",
            *(f"{name},1301212121{at},北京" for at, name in enumerate(("王芳", "李娜", "赵磊"))),
        ],
        ["张伟,经理,北京晨光公司", "王芳,主管,上海恒信公司", "李娜,13012121211,杭州如意公司"],
        ["张伟", "王芳", "李娜"],
        ["张伟 88888888", "王芳 88888889"],
    ],
)
def test_a_list_whose_first_row_has_no_mobile_loses_nobody_to_the_header(lines: list[str]) -> None:
    sheet = read("\n".join(lines).encode(), "a.csv", delimiter=",")
    assert (sheet.header_row, len(sheet.table)) == (None, len(lines))


@pytest.mark.parametrize("first", ["张伟,,,客户", "张伟,客户,,"])
def test_a_contact_without_a_number_is_no_second_row_of_the_header(first: str) -> None:
    names = "姓名,手机,备注," if first.endswith("客户") else "姓名,,手机,备注"
    sheet = read("\n".join([names, first, "王芳,会员,13012121211,x"]).encode(), "a.csv")
    assert (sheet.header_rows, sheet.table.index.tolist()) == (1, [2, 3])


def test_a_second_row_that_tells_columns_apart_is_still_one() -> None:
    sheet = read("姓名,联系方式,,备注\n,手机,邮箱,\n张伟,13012121211,a@example.com,x\n".encode(), "a.csv")
    assert (sheet.header_rows, sheet.table.index.tolist()) == (2, [3])


@pytest.mark.parametrize(
    "last",
    [
        "制表：李四,13012121210",
        "经办人签字：李四,13012121219",
        "如有疑问请联系李四,13012121219",
        "客服热线,400-800-1234",
    ],
)
def test_whom_to_ask_about_a_list_is_no_contact_of_it(last: str) -> None:
    sheet = read(f"姓名,电话\n张伟,13012121211\n{last}\n".encode(), "a.csv")
    assert sheet.table.index.tolist() == [2]
    assert notes_of(sheet)["example_line"] == {"count": 1, "row": 3}


def test_a_header_of_a_record_and_its_field_is_one() -> None:
    sheet = read(b"Account Name,Contact: Full Name,Contact: Mobile\nMorning,Wei Zhang,13012121211\n", "a.csv")
    assert sheet.header_row == 1


def test_a_header_with_a_word_that_is_also_a_name_stays_one() -> None:
    """管 is a family name, and those below 管家 are called like people."""
    lines = [
        "楼栋,业主姓名,业主电话,管家",
        "1栋,赵芳,15412125725,徐建国",
        "2栋,孙艳,13012125838,刘丽",
        "3栋,陈静,15412125951,周伟",
    ]
    assert read("\n".join(lines).encode(), "a.csv").header_row == 1
