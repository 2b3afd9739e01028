"""Nothing is guessed against its own values, the head word of a header decides, and the person's own number comes before another's."""

import io

import openpyxl
import pandas as pd
import pytest

from lib import mapping, validation
from lib.mapping import Mapping, headings, suggest
from lib.mapping.header_words import Word
from lib.mapping.headings import heading
from lib.platform.connection import Options
from lib.sheet import Sheet, read

MOBILES = ["13012121211", "13012121212"]
PEOPLE = ["张伟", "李娜"]


def sheet(**columns: list[str]) -> Sheet:
    """A sheet read from CSV, as a person's file would be."""
    return read(pd.DataFrame(columns, dtype="str").to_csv(index=False).encode(), "a.csv", header_row=1)


def table(columns: dict[str, list[str]]) -> Sheet:
    """The same for headers with blanks and signs."""
    return sheet(**columns)


@pytest.mark.parametrize("name", ["13987650123", "电话 139 8765 0123", "１３９８７６５０１２３"])
def test_sec60_a_name_of_a_column_that_may_be_a_number_is_not_remembered(name: str) -> None:
    before = headings._read.cache_info()
    assert heading(name) == heading(name)
    assert headings._read.cache_info() == before


def sendable(read_sheet: Sheet, suggested: Mapping) -> int:
    """How many rows could be sent, the offered phone accepted."""
    if "phone" in suggested.offers:
        suggested = suggested.with_column("phone", suggested.offers["phone"])
    review = validation.check(mapping.apply(read_sheet, suggested), Options())
    return len(review.sendable)


# --- contradicted by its values ---


@pytest.mark.parametrize(
    ("header", "values", "field", "reason"),
    [
        ("Email consent", ["yes", "no"], "email", None),
        ("是否接收邮件", ["是", "否"], "email", None),
        ("Mailing City", ["Hangzhou", "Beijing"], "email", None),
        ("邮箱", ["是", "否"], "email", "not_like"),
        ("Lead Source", ["Web", "Trade Show"], "source_id", None),
        ("Industry", ["Education", "Finance"], "industry_id", "words"),
        ("来源", ["抖音", "百度"], "source_id", "words"),
        ("客户来源", ["抖音", "百度"], "source_id", "words"),
        ("行业", ["教育", "金融"], "industry_id", "words"),
        ("客户等级", ["金卡", "银卡"], "grade_id", "words"),
        ("Order", ["A-1001", "A-1002"], "sort", "words"),
        ("优先级", ["高", "低"], "sort", "words"),
        ("公司", MOBILES, "company", "not_like"),
        ("单位", ["件", "箱"], "company", "not_like"),
        ("姓名", ["1", "2"], "name", "not_like"),
        ("会员", ["是", "否"], "name", "not_like"),
        ("性别", ["2020-01-01", "2021-01-01"], "sex", "not_like"),
    ],
)
def test_what_the_values_contradict_is_not_taken_and_holds_no_row_back(
    header: str, values: list[str], field: str, reason: str | None
) -> None:
    read_sheet = table({"Full Name": PEOPLE, "Mobile": MOBILES, header: values})
    suggested = suggest(read_sheet)
    assert field not in suggested.offers
    assert suggested.columns.get(field) in (None, "Full Name")
    assert sendable(read_sheet, suggested) == 2
    if field != "name":
        assert suggested.reasons.get(field) == reason
        assert suggested.passed.get(field) == (header if reason else None)


def test_a_firm_that_is_called_like_people_is_asked_about() -> None:
    suggested = suggest(sheet(公司=["张伟", "李娜"], 手机=MOBILES))
    assert (suggested.offers["company"], suggested.reasons["company"]) == ("公司", "not_like")
    assert "company" in suggest(sheet(公司=["华为", "晨光贸易"], 手机=MOBILES)).columns


def test_a_column_that_only_its_values_speak_for_is_told_as_that() -> None:
    for data in (b"13012121211\n13012121212\n", "张伟 13012121211\n李娜 13012121212\n".encode()):
        assert set(suggest(read(data, "a.txt")).reasons.values()) == {"values"}
    assert suggest(sheet(微信号=MOBILES, 姓名=PEOPLE)).reasons["phone"] == "values"


def test_another_number_of_the_person_is_told_where_the_phone_is_empty() -> None:
    read_sheet = sheet(
        姓名=PEOPLE,
        手机=["", MOBILES[0]],
        备用电话=MOBILES,
        紧急联系人电话=MOBILES,
        脱敏手机=["130****1211"] * 2,
    )
    suggested = suggest(read_sheet)
    assert mapping.spare_phone(read_sheet, suggested.with_column("phone", "手机")) == ("备用电话", 1)
    both = suggested.with_columns("phone", ("手机", "备用电话"))
    assert mapping.spare_phone(read_sheet, both) is None
    assert mapping.spare_phone(read_sheet, suggested.without("phone")) is None
    only = sheet(姓名=PEOPLE, 手机=["", MOBILES[0]], 紧急联系人电话=MOBILES)
    assert mapping.spare_phone(only, suggest(only).with_column("phone", "手机")) is None


def test_a_row_with_two_people_is_asked_about_in_these_words() -> None:
    for columns in (
        ("新郎姓名", "新郎电话", "新娘姓名", "新娘电话"),
        ("业主姓名", "业主电话", "租客姓名", "租客电话"),
    ):
        suggested = suggest(table(dict(zip(columns, (PEOPLE, MOBILES) * 2, strict=True))))
        assert "phone" not in suggested.columns
        assert {suggested.reasons["phone"], suggested.reasons["name"]} == {"two_people"}


def test_two_parents_of_one_child_are_no_second_list() -> None:
    suggested = suggest(
        table({"家长1姓名": PEOPLE, "家长1电话": MOBILES, "家长2姓名": PEOPLE, "家长2电话": MOBILES})
    )
    assert (suggested.offers["phone"], suggested.reasons["phone"]) == ("家长1电话", "rival")


def test_an_id_is_taken_from_a_column_that_says_so_and_offered_from_one_that_does_not() -> None:
    suggested = suggest(sheet(手机号=MOBILES, 来源ID=["1", "2"], 等级=["1", "2"]))
    assert suggested.columns["source_id"] == "来源ID"
    assert (suggested.offers["grade_id"], suggested.reasons["grade_id"]) == ("等级", "unclear")


def test_an_order_number_is_not_a_place_in_a_row() -> None:
    suggested = suggest(sheet(Phone=MOBILES, Order=["20240001", "20240002"]))
    assert "sort" not in suggested.columns | suggested.offers


def test_row_numbers_tell_no_rows_apart() -> None:
    assert "extra" not in suggest(sheet(编号=["1", "2"], 手机号=MOBILES)).columns


# --- the head word ---


@pytest.mark.parametrize(
    ("header", "head", "whose"),
    [
        ("公司电话", Word.PHONE, None),
        ("客户经理", Word.STAFF, None),
        ("公司地址", Word.THING, None),
        ("会员等级", Word.THING, Word.PERSON),
        ("商品名称", Word.TITLE, None),
        ("推荐人姓名", Word.NAME, Word.OTHER),
        ("紧急联系人手机", Word.MOBILE, Word.OTHER),
        ("证件号码", Word.THING, None),
        ("Phonetic First Name", Word.GIVEN, None),
        ("Phone of sales rep", Word.PHONE, Word.STAFF),
        ("Date of birth", Word.THING, None),
        ("Phone 1 - Value", Word.PHONE, None),
        ("Phone 1 - Label", Word.THING, None),
        ("Person - Phone - Mobile", Word.MOBILE, Word.PERSON),
        ("联系信息 / 手机号", Word.MOBILE, None),
        ("紧急联系人 / 手机", Word.MOBILE, Word.OTHER),
        ("手機號碼", Word.MOBILE, None),
        ("緊急聯絡電話", Word.PHONE, Word.OTHER),
        ("電話番号", Word.PHONE, None),
        ("receiverPhone", Word.PHONE, Word.RECIPIENT),
        ("2.请填写您的手机号", Word.MOBILE, None),
        ("手 机 号", Word.MOBILE, None),
        ("联系电话（家属）", Word.PHONE, Word.OTHER),
    ],
)
def test_the_last_word_says_what_a_column_is_and_the_others_whose(
    header: str, head: Word, whose: Word | None
) -> None:
    found = heading(header)
    assert (found.head, found.whose) == (head, whose)


def test_a_long_header_is_read_in_no_time() -> None:
    assert heading("手机（" * 20_000 + "1" * 20_000).head
    assert heading("（" * 32_767).head == Word.UNKNOWN


def test_the_landline_of_a_firm_is_no_firm() -> None:
    suggested = suggest(
        sheet(
            姓名=PEOPLE,
            手机号=MOBILES,
            公司电话=["010-12345678", "021-87654321"],
            公司地址=["北京市海淀区", "上海市"],
        )
    )
    assert suggested.columns == {"phone": "手机号", "name": "姓名"}


def test_goods_are_no_customer() -> None:
    suggested = suggest(
        sheet(
            订单号=["A1", "A2"],
            商品名称=["保温杯 500ml", "雨伞"],
            收货人手机=MOBILES,
            收货人地址=["杭州市", "北京市"],
        )
    )
    assert "name" not in suggested.columns | suggested.offers
    assert (suggested.columns | suggested.offers)["phone"] == "收货人手机"


def test_an_account_manager_is_no_customer() -> None:
    suggested = suggest(sheet(客户经理=["王强", "王强"], 学员=PEOPLE, 手机号=MOBILES))
    assert suggested.columns == {"phone": "手机号", "name": "学员"}


# --- groups ---


def _grouped(groups: dict[str, dict[str, list[str]]]) -> Sheet:
    book = openpyxl.Workbook()
    page = book.active
    at = 1
    for group, columns in groups.items():
        page.cell(1, at, group)
        if len(columns) > 1:
            page.merge_cells(start_row=1, end_row=1, start_column=at, end_column=at + len(columns) - 1)
        for name, values in columns.items():
            for row, value in enumerate([name, *values], 2):
                page.cell(row, at, value)
            at += 1
    data = io.BytesIO()
    book.save(data)
    return read(data.getvalue(), "a.xlsx")


def test_a_columns_own_name_is_judged_before_its_groups() -> None:
    suggested = suggest(
        _grouped(
            {
                "联系信息": {"姓名": PEOPLE, "手机号": MOBILES},
                "公司信息": {"公司": ["晨光", "晨光"], "行业": ["", ""]},
            }
        )
    )
    assert suggested.columns == {
        "phone": "联系信息 / 手机号",
        "name": "联系信息 / 姓名",
        "company": "公司信息 / 公司",
    }

    assert suggested.sureness == {"phone": "certain", "name": "certain", "company": "certain"}


def test_the_name_of_a_group_is_no_firm() -> None:
    suggested = suggest(
        _grouped(
            {
                "公司信息": {"联系人": PEOPLE, "手机": MOBILES, "电话": ["010-12345678", ""]},
                "其他": {"备注": ["x", "y"]},
            }
        )
    )
    assert suggested.columns == {"phone": "公司信息 / 手机", "name": "公司信息 / 联系人"}


# --- which of several numbers ---


def test_an_identity_number_is_not_offered_before_a_mobile() -> None:
    suggested = suggest(
        sheet(证件号码=["440106199001011234", "440106199001011235"], 注册手机=MOBILES, 昵称=["小张", "小李"])
    )
    assert suggested.offers["phone"] == "注册手机"


def test_mobiles_are_offered_before_landlines() -> None:
    suggested = suggest(sheet(姓名=PEOPLE, 电话=["010-12345678", "021-87654321"], 手机=MOBILES))
    assert (suggested.offers["phone"], suggested.reasons["phone"]) == ("手机", "rival")


def test_a_nearly_empty_column_wins_nothing() -> None:
    many = [f"1301212{row:04}" for row in range(20)]
    suggested = suggest(sheet(手机号=["13912345678", *[""] * 19], 联系电话=many, 姓名=PEOPLE * 10))
    assert suggested.columns["phone"] == "联系电话"
    empty = suggest(
        table(
            {"Phonetic First Name": ["", ""], "Phone 1 - Value": ["+86 130 1212 1211", "+86 130 1212 1212"]}
        )
    )
    assert (empty.columns | empty.offers)["phone"] == "Phone 1 - Value"


def test_a_column_that_fills_late_is_judged_by_all_of_the_sheet() -> None:
    late = [""] * 900 + [f"1301212{row:04}" for row in range(2100)]
    suggested = suggest(sheet(手机=late, 姓名=PEOPLE * 1500))
    assert suggested.columns["phone"] == "手机"


@pytest.mark.parametrize(
    "other",
    [
        "紧急联系人手机",
        "业务员电话",
        "客服手机",
        "店长手机",
        "推荐人手机",
        "Emergency Phone",
        "Owner Phone",
        "寄件人电话",
    ],
)
def test_anothers_number_is_neither_taken_nor_offered(other: str) -> None:
    alone = suggest(table({"姓名": PEOPLE, other: MOBILES}))
    assert "phone" not in alone.columns | alone.offers
    assert (alone.passed["phone"], alone.reasons["phone"]) == (other, "someone_else")
    beside = suggest(table({other: MOBILES, "姓名": PEOPLE, "本人手机": MOBILES[::-1]}))
    assert beside.columns["phone"] == "本人手机"


def test_half_a_name_is_never_taken_and_the_whole_is_offered() -> None:
    half = suggest(
        table({"First Name": ["Wei", "Na"], "Last Name": ["Zhang", "Li"], "Mobile Phone": MOBILES})
    )
    assert "name" not in half.columns
    assert half.sources("name") == ("First Name", "Last Name")
    xing = suggest(sheet(姓=["张", "李"], 名=["伟", "娜"], 手机号=MOBILES))
    assert "name" not in xing.columns
    assert xing.sources("name") == ("姓", "名")
    alone = suggest(sheet(phone=MOBILES, first_name=["Wei", "Na"]))
    assert alone.columns["name"] == "first_name"


def test_a_bare_sex_beside_a_parents_number_is_the_childs() -> None:
    suggested = suggest(sheet(学生姓名=PEOPLE, 性别=["男", "女"], 家长电话=MOBILES))
    assert "sex" not in suggested.columns | suggested.offers
    assert suggested.reasons["sex"] == "someone_else"


def test_numbers_behind_a_word_for_phone_are_numbers() -> None:
    assert (
        suggest(sheet(A=["张伟", "李娜"], B=["手机13012121211", "电话：13012121212"])).offers["phone"] == "B"
    )


def test_names_are_offered_where_there_is_no_header() -> None:
    pasted = read("张伟 13012121211\n王芳 13912345678\n欧阳娜娜 13700001111".encode(), "粘贴的表格.txt")
    suggested = suggest(pasted)
    assert pasted.header_row is None
    assert suggested.offers == {"phone": "B", "name": "A"}
    assert "name" not in suggested.columns
    cities = read("上海,13012121211\n北京,13912345678\n广州,13700001111".encode(), "名单.csv")
    assert "name" not in suggest(cities).offers


@pytest.mark.parametrize(
    ("name", "phone"),
    [
        ("被保险人", "投保人手机号"),
        ("业主", "租客电话"),
        ("收件人", "下单人手机"),
        ("业主姓名", "承租人电话"),
    ],
)
def test_the_number_of_another_person_than_the_one_who_is_named_is_only_offered(
    name: str, phone: str
) -> None:
    suggested = suggest(sheet(**{name: PEOPLE, phone: MOBILES}))
    assert "phone" not in suggested.columns
    assert (suggested.offers["phone"], suggested.reasons["phone"]) == (phone, "two_people")
    same = suggest(sheet(**{name: PEOPLE, f"{name}手机": MOBILES}))
    assert same.columns["phone"] == f"{name}手机"


@pytest.mark.parametrize(
    ("names", "phone"),
    [
        (("收货人", "收货电话", "下单人电话"), "收货电话"),
        (("下单人手机", "收件人", "收件人手机"), "收件人手机"),
    ],
)
def test_of_two_numbers_that_of_the_one_who_is_named_is_taken(names: tuple[str, ...], phone: str) -> None:
    suggested = suggest(sheet(**{name: PEOPLE if name.endswith("人") else MOBILES for name in names}))
    assert suggested.columns["phone"] == phone


def test_of_two_lists_side_by_side_none_is_taken_without_a_word() -> None:
    twice = read(
        "姓名,手机号,姓名,手机号\n张伟,13012121211,王芳,13112121212\n李伟,13012121213,赵芳,13112121214\n".encode(),
        "a.csv",
    )
    suggested = suggest(twice)
    assert (suggested.offers["phone"], suggested.reasons["phone"]) == ("手机号", "side_by_side")
    for text in (
        "姓名1,电话1,姓名2,电话2\n张伟,13012121211,王芳,13112121212\n",
        "张伟,13012121211,王芳,13112121212\n李伟,13012121213,赵芳,13112121214\n",
    ):
        assert suggest(read(text.encode(), "a.csv")).reasons["phone"] == "side_by_side"
    contacts = "公司,联系人1,电话1,联系人2,电话2\n晨光,张伟,13012121211,王芳,13112121212\n"
    assert suggest(read(contacts.encode(), "a.csv")).columns["phone"] == "电话1"
    second = read("姓名,手机号,手机号\n张伟,13012121211,13112121212\n".encode(), "a.csv")
    assert suggest(second).columns["phone"] == "手机号"
