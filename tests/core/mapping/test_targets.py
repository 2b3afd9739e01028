"""What a choice for one column does to that column, to the others, and to what was only asked."""

import pytest

from lib.mapping import Mapping
from lib.mapping.components import ComponentRow
from lib.mapping.targets import NOTHING, by_column, moved, passed_for, questions
from lib.platform.directory import Component

ID, OTHER = "2a87347c-6dd5-4e22-97fe-9b8001dbcd17", "3b87347c-6dd5-4e22-97fe-9b8001dbcd17"
LISTED = (Component(id=ID, name="车型", type="text", rules=("required",)),)

PHONE, NAME, COMPANY = ("field", "phone"), ("field", "name"), ("field", "company")


def fed(**columns: str) -> Mapping:
    return Mapping(columns=columns)


def test_each_column_is_told_with_everything_it_feeds() -> None:
    mapping = fed(name="姓", company="姓").with_columns("name", ("姓", "名"), "")
    rows = [ComponentRow(key="k", id=ID, column="名"), ComponentRow(key="v", id=OTHER, value="轿车")]
    assert by_column(mapping, rows) == {"姓": (COMPANY, NAME), "名": (NAME, ("component", "k"))}


def test_a_column_takes_a_free_field_and_leaves_the_one_it_fed() -> None:
    move = moved(fed(name="姓名"), (), "姓名", NAME, COMPANY)
    assert (move.mapping.columns, move.mapping.sureness) == ({"company": "姓名"}, {"company": "chosen"})
    assert (move.replaced, move.rest, move.fixed) == ((), (), "")


def test_what_fed_the_field_before_gives_way_and_is_told() -> None:
    move = moved(fed(phone="手机"), (), "备用", NOTHING, PHONE)
    assert (move.mapping.sources("phone"), move.replaced, move.between) == (("备用",), ("手机",), None)


@pytest.mark.parametrize("between", [None, "-"])
def test_several_that_fed_it_all_give_way(between: str | None) -> None:
    move = moved(Mapping().with_columns("name", ("姓", "名"), between), (), "称呼", NOTHING, NAME)
    assert (move.mapping.sources("name"), move.replaced, move.between) == (("称呼",), ("姓", "名"), between)
    assert move.mapping.between == {}


def test_a_fixed_value_gives_way_and_is_told() -> None:
    move = moved(Mapping().with_constant("company", "晨光"), (), "单位", NOTHING, COMPANY)
    assert (move.mapping.columns, move.mapping.constants, move.fixed) == ({"company": "单位"}, {}, "晨光")


@pytest.mark.parametrize(
    ("column", "rest", "between"),
    [("甲", ("乙", "丙"), "·"), ("丙", ("甲", "乙"), "·"), ("甲", ("乙", "丙"), None)],
)
def test_the_columns_that_fed_a_field_together_with_it_go_on(
    column: str, rest: tuple[str, ...], between: str | None
) -> None:
    move = moved(Mapping().with_columns("name", ("甲", "乙", "丙"), between), (), column, NAME, NOTHING)
    assert (move.mapping.sources("name"), move.rest) == (rest, rest)
    assert move.mapping.between.get("name") == between


def test_the_last_that_is_left_of_several_stands_alone() -> None:
    move = moved(Mapping().with_columns("name", ("姓", "名"), ""), (), "名", NAME, COMPANY)
    assert (move.mapping.sources("name"), move.mapping.between, move.rest) == (("姓",), {}, ("姓",))
    assert move.mapping.columns["company"] == "名"


def test_a_field_that_the_column_feeds_already_stays_as_it_is() -> None:
    mapping = fed(company="甲").with_columns("name", ("姓", "甲"), "")
    move = moved(mapping, (), "甲", COMPANY, NAME)
    assert (move.mapping.sources("name"), move.mapping.between) == (("姓", "甲"), {"name": ""})
    assert "company" not in move.mapping.columns


def test_not_sent_answers_what_was_asked_and_told_about_the_column() -> None:
    mapping = Mapping(
        offers={"phone": "电话", "name": "姓"},
        more={"name": ("名",)},
        between={"name": ""},
        passed={"source_id": "来源"},
        reasons={"phone": "unclear", "source_id": "words"},
    )
    assert (questions(mapping, "名"), passed_for(mapping, "来源")) == (["name"], ["source_id"])
    for column in ("电话", "名", "来源"):
        mapping = moved(mapping, (), column, NOTHING, NOTHING).mapping
    assert (mapping.offers, mapping.passed, mapping.reasons, mapping.more) == ({}, {}, {}, {})
    assert not mapping.is_doubtful


def test_rows_keep_their_own_ids_when_a_column_takes_the_field_and_leaves_it_again() -> None:
    mapping = Mapping().with_row_tokens(True)
    taken = moved(mapping, (), "编号", NOTHING, ("field", "extra")).mapping
    assert taken.columns == {"extra": "编号"}
    left = moved(taken, (), "编号", ("field", "extra"), NOTHING).mapping
    assert (left.columns, left.extra_seed) == ({}, mapping.extra_seed)


def test_a_component_of_the_list_is_taken_and_goes_with_its_column() -> None:
    move = moved(Mapping(), (), "车", NOTHING, ("listed", ID), LISTED)
    [row] = move.rows
    assert (row.id, row.label, row.column, row.rules) == (ID, "车型", "车", ("required",))
    assert moved(Mapping(), move.rows, "车", ("component", row.key), NOTHING, LISTED).rows == ()


def test_a_component_that_was_typed_by_hand_stays_without_its_column_and_sends_nothing() -> None:
    row = ComponentRow(key="k", id=OTHER, column="车", value="轿车")
    [left] = moved(Mapping(), (row,), "车", ("component", "k"), NAME, LISTED).rows
    assert (left.id, left.column, left.value) == (OTHER, "", "")


def test_another_column_for_a_component_replaces_the_one_it_had() -> None:
    row = ComponentRow(key="k", id=ID, column="车")
    move = moved(Mapping(), (row,), "车型", NOTHING, ("component", "k"), LISTED)
    assert ([one.column for one in move.rows], move.replaced) == (["车型"], ("车",))
    fixed = moved(Mapping(), (ComponentRow(key="k", id=ID, value="轿车"),), "车", NOTHING, ("component", "k"))
    assert (fixed.fixed, fixed.replaced) == ("轿车", ())
