"""Suggestions are sure or say that they are not; applying a mapping keeps text text."""

import uuid

import pytest

from lib.contact.fields import FIELDS
from lib.contact.header_names import header_key
from lib.mapping import Mapping, Sureness, apply, suggest
from tests.core.mapping.sheets import sheet

PHONES = ["13012121211", "13912345678", "+86 138-0013-8000"]


@pytest.mark.parametrize(
    "header",
    [
        "手机号",
        "电话",
        "联系方式",
        "mobile",
        "Phone Number",
        "手机号（必填）",
        "*手机号码",
        "TEL",
        "客户 电话",
    ],
)
def test_known_phone_headers_are_taken_where_the_values_are_numbers(header: str) -> None:
    mapping = suggest(sheet(**{header: PHONES, "备注": ["a", "b", "c"]}))
    assert mapping.columns["phone"] == header.strip()
    assert mapping.sureness["phone"] == Sureness.CERTAIN


def test_a_phone_header_over_other_things_is_only_offered() -> None:
    mapping = suggest(sheet(联系方式=["weixin_a", "weixin_b", "qq 12345"], 姓名=["张三", "李四", "王五"]))
    assert "phone" not in mapping.columns
    assert mapping.offers == {"phone": "联系方式"}


def test_numbers_under_an_unknown_header_are_only_offered() -> None:
    mapping = suggest(sheet(列一=PHONES, 姓名=["张三", "李四", "王五"]))
    assert "phone" not in mapping.columns
    assert mapping.offers["phone"] == "列一"
    assert mapping.sureness["phone"] == Sureness.LIKELY


def test_two_phone_columns_are_not_chosen_between() -> None:
    mapping = suggest(sheet(手机号=PHONES, 联系电话=PHONES))
    assert "phone" not in mapping.columns
    assert mapping.offers["phone"] in {"手机号", "联系电话"}


def test_a_weak_match_never_chooses_the_script() -> None:
    described = suggest(sheet(手机号=PHONES, 推荐话术说明=["A", "B", "C"]))
    assert "control_select_robot" not in described.columns | described.offers
    bare = suggest(sheet(手机号=PHONES, 话术=["A", "B", "C"]))
    assert "control_select_robot" not in bare.columns
    assert bare.offers["control_select_robot"] == "话术"


def test_each_column_feeds_at_most_one_field() -> None:
    mapping = suggest(sheet(联系人电话=PHONES, 联系人=["张三", "李四", "王五"], 公司=["甲", "乙", "丙"]))
    assert sorted(mapping.columns.values()) == ["公司", "联系人", "联系人电话"]
    assert mapping.columns["name"] == "联系人"


def test_values_speak_where_the_header_does_not() -> None:
    mapping = suggest(
        sheet(手机号=PHONES, 称谓=["先生", "女士", "先生"], 联络=["a@b.com", "c@d.cn", "e@f.org"])
    )
    assert mapping.columns["sex"] == "称谓"
    assert mapping.columns["email"] == "联络"
    assert mapping.sureness["sex"] == Sureness.LIKELY


def test_headers_are_compared_without_case_width_space_and_notes() -> None:
    assert header_key(" Ｐｈｏｎｅ_No.（必填） ") == "phoneno"


def test_every_field_is_known_by_its_own_name() -> None:
    table = sheet(
        **{field.name: [field.example] * 3 for field in FIELDS if field.name != "phone"} | {"phone": PHONES}
    )
    assert suggest(table).columns.keys() | suggest(table).offers.keys() == {field.name for field in FIELDS}


def test_applying_keeps_rows_and_text() -> None:
    table = sheet(电话=["013012121211", " 130 "], 编=["007", "1e5"])
    contacts = apply(table, Mapping(columns={"phone": "电话", "extra": "编"}))
    assert contacts["phone"].tolist() == ["013012121211", " 130 "]
    assert contacts["extra"].tolist() == ["007", "1e5"]
    assert contacts.index.tolist() == [2, 3]


def test_a_fixed_value_feeds_every_row() -> None:
    contacts = apply(sheet(电话=PHONES), Mapping(columns={"phone": "电话"}, constants={"source_id": "7"}))
    assert contacts["source_id"].tolist() == ["7", "7", "7"]


def test_the_persons_own_words_are_translated_whatever_their_case_or_width() -> None:
    mapping = Mapping(columns={"sex": "性"}).with_values("sex", {"帅哥": "1", "Girl A": "2"})
    assert apply(sheet(性=["帅哥", "ｇｉｒｌ ａ", "谁"]), mapping)["sex"].tolist() == ["1", "2", "谁"]


def test_each_row_gets_its_own_lasting_uuid_in_extra() -> None:
    table = sheet(电话=PHONES)
    mapping = suggest(table).with_column("phone", "电话")
    first, again = apply(table, mapping)["extra"], apply(table, mapping)["extra"]
    assert first.is_unique
    assert first.equals(again)
    assert all(uuid.UUID(token) for token in first)
    assert set(apply(table, suggest(table))["extra"]).isdisjoint(first)


def test_a_column_for_extra_replaces_the_uuids() -> None:
    table = sheet(电话=PHONES, 编号=["a", "b", ""])
    mapping = suggest(table)
    assert mapping.columns["extra"] == "编号"
    assert apply(table, mapping)["extra"].tolist() == ["a", "b", ""]


def test_components_come_as_columns_of_their_own() -> None:
    mapping = Mapping(components={"id-1": "小名"}, constants={"component:id-2": "VIP"})
    contacts = apply(sheet(小名=["牛", ""], 电话=PHONES[:2]), mapping)
    assert contacts["component:id-1"].tolist() == ["牛", ""]
    assert contacts["component:id-2"].tolist() == ["VIP", "VIP"]


def test_a_mapping_survives_being_saved() -> None:
    mapping = suggest(sheet(手机号=PHONES)).with_values("sex", {"帅哥": "1"}).with_constant("sort", "3")
    assert Mapping.from_dict(mapping.as_dict()) == mapping


def test_a_choice_replaces_what_fed_the_field_before() -> None:
    mapping = Mapping(offers={"phone": "A"}).with_column("phone", "B")
    assert (mapping.columns, mapping.offers) == ({"phone": "B"}, {})
    fixed = mapping.with_constant("phone", "1")
    assert (fixed.columns, fixed.constants) == ({}, {"phone": "1"})
    assert fixed.without("phone") == Mapping()
