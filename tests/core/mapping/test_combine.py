"""Several columns feed one field: another where the first is empty, or texts put together; nothing is lost on the way."""

import json

import pandas as pd
import pytest

from lib.mapping import Mapping, Sureness, apply, refitted, suggest
from lib.mapping.combine import first_filled, joined, origins
from lib.sheet import Sheet
from tests.core.mapping.sheets import sheet

A, B, C = "13012121211", "13912345678", "13612345678"


def phones() -> Sheet:
    return sheet(
        手机=[A, "", "无", " "], 备用电话=[B, B, C, ""], 家里=["", "", "", C], 姓名=["甲", "乙", "丙", "丁"]
    )


def test_a_phone_falls_back_where_the_first_column_says_nothing() -> None:
    mapping = Mapping().with_columns("phone", ["手机", "备用电话", "家里"])
    assert mapping.columns == {"phone": "手机"}
    assert apply(phones(), mapping)["phone"].tolist() == [A, B, C, C]
    assert origins(phones().table, mapping.sources("phone"), "phone").tolist() == [
        "手机", "备用电话", "备用电话", "家里",
    ]  # fmt: skip


def test_where_no_column_says_anything_the_first_stands_as_it_is() -> None:
    table = sheet(手机=["-", ""], 备用=["", "暂无"], 名=["a", "b"]).table
    assert first_filled(table, ["手机", "备用"], "phone").tolist() == ["-", ""]


def test_a_wrong_number_is_not_passed_over() -> None:
    """Only an empty cell is: what is wrong with a number a person has to see."""
    table = sheet(手机=["1301212", A], 备用=[B, B]).table
    assert first_filled(table, ["手机", "备用"], "phone").tolist() == ["1301212", A]


def test_a_name_that_looks_like_nothing_is_a_name() -> None:
    table = sheet(a=["Na", "无"], b=["Li Na", "张无"]).table
    assert first_filled(table, ["a", "b"], "name").tolist() == ["Na", "无"]


@pytest.mark.parametrize(
    ("columns", "between", "expected"),
    [
        (["姓", "名"], "", ["张伟", "李", "娜", ""]),
        (["名", "姓"], " ", ["伟 张", "李", "娜", ""]),
        (["姓", "名", "组"], "-", ["张-伟-a", "李-b", "娜", "c"]),
    ],
)
def test_what_stands_between_two_texts_needs_both(
    columns: list[str], between: str, expected: list[str]
) -> None:
    table = sheet(姓=["张", " 李 ", "", ""], 名=["伟", "", "娜", ""], 组=["a", "b", "", "c"]).table
    assert joined(table, columns, between).tolist() == expected


def test_columns_with_any_name_can_be_put_together() -> None:
    table = sheet(**{"{a}": ["x"], "a + b": ["y"], "手机": [A]})
    mapping = Mapping().with_columns("company", ["{a}", "a + b"], " · ")
    assert apply(table, mapping)["company"].tolist() == ["x · y"]


def test_several_columns_survive_being_saved_and_older_drafts_open() -> None:
    mapping = Mapping().with_columns("phone", ["a", "b"]).with_columns("name", ["c", "d"], "")
    assert Mapping.from_dict(json.loads(json.dumps(mapping.as_dict()))) == mapping
    assert Mapping.from_dict({"columns": {"phone": "a"}}).sources("phone") == ("a",)


def test_another_choice_takes_all_of_them_away() -> None:
    mapping = Mapping().with_columns("name", ["c", "d"], " ")
    assert mapping.with_column("name", "c") == Mapping().with_column("name", "c")
    assert mapping.without("name") == Mapping()


def test_a_column_that_goes_takes_half_a_name_with_it_and_a_fallback_only_itself() -> None:
    table = sheet(手机=[A], 备用=[B], 姓=["张"], 名=["伟"])
    mapping = Mapping().with_columns("phone", ["手机", "备用"]).with_columns("name", ["姓", "名"], "")
    before = table.table.columns

    def left(gone: str) -> Mapping:
        return refitted(mapping, before, sheet(**{name: ["x"] for name in before if name != gone}))

    assert left("备用").sources("phone") == ("手机",)
    assert left("手机").sources("phone") == ()
    assert left("名").columns == {"phone": "手机"}
    assert apply(sheet(手机=[A], 姓=["张"]), mapping)["phone"].tolist() == [A]
    assert "name" not in apply(sheet(手机=[A], 姓=["张"]), mapping)


def test_a_hundred_thousand_rows_are_combined_without_looking_at_each() -> None:
    table = pd.DataFrame({"a": ["", A] * 50_000, "b": [B, ""] * 50_000}, dtype="str")
    assert first_filled(table, ["a", "b"], "phone").tolist() == [B, A] * 50_000
    assert joined(table, ["a", "b"], " ").tolist() == [B, A] * 50_000


# --- a name in its parts ------------------------------------------------------------------------------------


def offered(text: Sheet) -> list[str]:
    """The names that are offered; [] for none."""
    mapping = suggest(text)
    assert "name" not in mapping.columns
    if "name" not in mapping.offers:
        return []
    assert mapping.offers["name"] == mapping.sources("name")[0]
    assert mapping.sureness["name"] == Sureness.LIKELY
    return list(apply(text, mapping.with_offer_taken("name"))["name"])


def test_family_and_given_name_are_offered_as_one() -> None:
    assert offered(sheet(姓=["张", "李"], 名=["伟", "娜"], 手机号=[A, B])) == ["张伟", "李娜"]
    assert offered(sheet(手机号=[A, B], 名字=["伟", "娜"], 姓氏=["张", "欧阳"])) == ["张伟", "欧阳娜"]
    assert offered(
        sheet(**{"First Name": ["Wei", "Na"], "Last Name": ["Zhang", "Li"], "Mobile": [A, B]})
    ) == ["Wei Zhang", "Na Li"]


def test_a_phone_book_s_middle_name_belongs_where_somebody_has_one() -> None:
    book = {
        "First Name": ["Ann", "Bo"],
        "Middle Name": ["", ""],
        "Last Name": ["Li", "Wu"],
        "Mobile Phone": [A, B],
    }
    assert offered(sheet(**book)) == ["Ann Li", "Bo Wu"]
    assert offered(sheet(**book | {"Middle Name": ["May", ""]})) == ["Ann May Li", "Bo Wu"]
    phonetic = {"Phonetic First Name": ["x", "y"], "Phonetic Last Name": ["x", "y"]}
    assert offered(sheet(**book | phonetic)) == ["Ann Li", "Bo Wu"]


def test_the_values_tell_the_order() -> None:
    names = {"First Name": ["伟", "娜"], "Last Name": ["张", "李"], "Mobile": [A, B]}
    assert offered(sheet(**names)) == ["张伟", "李娜"]
    assert offered(sheet(姓=["Zhang", "Li"], 名=["Wei", "Na"], 手机号=[A, B])) == ["Zhang Wei", "Li Na"]


def test_a_column_with_the_whole_name_needs_no_other() -> None:
    mapping = suggest(sheet(姓名=["张伟", "李娜"], 姓=["张", "李"], 名=["伟", "娜"], 手机号=[A, B]))
    assert (mapping.columns["name"], mapping.more) == ("姓名", {})
    whole = suggest(sheet(名字=["张伟", "李娜"], 姓=["张", "李"], 手机号=[A, B]))
    assert (whole.columns["name"], whole.more) == ("名字", {})
    parts = {"Given Name": ["伟", "娜"], "Family Name": ["张", "李"], "Mobile": [A, B]}
    assert suggest(sheet(**{"Name": ["张静", "杨晓明"]} | parts)).more == {}
    assert offered(sheet(Name=["Wei", "Na"], Surname=["Zhang", "Li"], Mobile=[A, B])) == [
        "Wei Zhang",
        "Na Li",
    ]


def test_a_half_that_is_hardly_ever_filled_is_no_half() -> None:
    count = 40
    mapping = suggest(sheet(姓=["张"] + [""] * (count - 1), 名=["伟"] * count, 手机号=[A] * count))
    assert mapping.more == {}


@pytest.mark.parametrize("whose", ["Emergency Contact ", "Referrer ", "Guardian ", "Phonetic "])
def test_the_halves_of_another_person_s_name_are_not_offered(whose: str) -> None:
    names = {f"{whose}First Name": ["Wei", "Na"], f"{whose}Last Name": ["Zhang", "Li"], "Mobile": [A, B]}
    assert suggest(sheet(**names)).more == {}


@pytest.mark.parametrize(("group", "is_offered"), [("联系信息", True), ("紧急联系人", False)])
def test_a_group_says_whose_name_it_is(group: str, is_offered: bool) -> None:
    names = {f"{group} / 姓": ["张", "李"], f"{group} / 名": ["伟", "娜"], "手机号": [A, B]}
    assert bool(suggest(sheet(**names)).more) == is_offered
