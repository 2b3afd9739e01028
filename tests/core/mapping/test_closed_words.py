"""Words in columns that take only certain values are told once, for the account whose numbers they are."""

from lib.mapping import Mapping
from lib.mapping.closed_words import MOST_JUDGED, strange_words, with_words_of
from tests.core.mapping.sheets import sheet

LEADS = sheet(
    来源=["抖音", "百度", "抖音", " 抖音", "3", "", "暂无", "1.0"],
    性别=["男", "女", "帅哥", "f", "", "帅哥", "男", "x"],
)


def test_each_word_comes_once_with_its_count_and_what_is_a_number_is_no_word() -> None:
    found = strange_words(LEADS.table, Mapping(columns={"source_id": "来源"}), "source_id")
    assert found.to_dict() == {"抖音": 3, "百度": 1}
    assert strange_words(LEADS.table, Mapping(columns={"sex": "性别"}), "sex").to_dict() == {
        "帅哥": 2,
        "x": 1,
    }


def test_spellings_that_mean_the_same_are_one_word() -> None:
    table = sheet(等级=["VIP", "vip", "ＶＩＰ", "金卡"], x=["a"] * 4).table
    assert strange_words(table, Mapping(columns={"grade_id": "等级"}), "grade_id").to_dict() == {
        "VIP": 3,
        "金卡": 1,
    }


def test_a_fixed_value_is_a_word_too() -> None:
    mapping = Mapping().with_constant("industry_id", "教育")
    assert strange_words(LEADS.table, mapping, "industry_id").to_dict() == {"教育": 8}
    assert strange_words(LEADS.table, Mapping(), "industry_id").empty


def test_a_column_of_many_words_is_counted_and_not_looked_through() -> None:
    count = MOST_JUDGED + 200
    table = sheet(来源=[f"词{at}" for at in range(count)]).table
    assert len(strange_words(table, Mapping(columns={"source_id": "来源"}), "source_id")) == count


def test_another_account_s_numbers_are_not_taken_along() -> None:
    mapping = Mapping().with_values("source_id", {"抖音": "7"}).with_values("sex", {"帅哥": "1"})
    there = with_words_of(mapping, {"source_id": {"百度": "9"}, "sex": {"美女": "2"}})
    assert there.values == {"source_id": {"百度": "9"}, "sex": {"美女": "2", "帅哥": "1"}}
    assert with_words_of(mapping, {}).values == {"sex": {"帅哥": "1"}}
