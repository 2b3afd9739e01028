"""Components a person types in: complete ones are sent, incomplete ones are told."""

import pytest

from lib.mapping import Mapping
from lib.mapping.components import ComponentRow, merged, mistakes, rules

ID = "2a87347c-6dd5-4e22-97fe-9b8001dbcd17"


def test_a_complete_row_becomes_a_component_by_column_or_by_value() -> None:
    other = ID.replace("2a", "3b", 1)
    rows = [ComponentRow(id=ID, label="昵称", column="小名"), ComponentRow(id=other, value="VIP")]
    mapping = merged(Mapping(columns={"phone": "电话"}), rows)
    assert mistakes(rows) == {}
    assert mapping.components == {ID: "小名"}
    assert mapping.constants == {f"component:{other}": "VIP"}
    assert mapping.columns == {"phone": "电话"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (ComponentRow(key="k", label="昵称", column="小名"), "component_id_missing"),
        (ComponentRow(key="k", id="2a87347c", column="小名"), "component_id_invalid"),
        (ComponentRow(key="k", id="../../admin", column="小名"), "component_id_invalid"),
        (ComponentRow(key="k", id=ID), "component_not_fed"),
    ],
)
def test_an_incomplete_row_is_told_and_not_sent(row: ComponentRow, code: str) -> None:
    assert mistakes([row]) == {"k": code}
    assert merged(Mapping(), [row]).components == {}


def test_the_same_id_twice_is_told_at_the_second() -> None:
    rows = [ComponentRow(key="a", id=ID, column="x"), ComponentRow(key="b", id=ID.upper(), column="y")]
    assert mistakes(rows) == {"b": "component_id_twice"}


def test_a_blank_row_is_no_mistake() -> None:
    assert mistakes([ComponentRow()]) == {}


def test_a_pasted_id_loses_its_spaces() -> None:
    assert ComponentRow().changed(id=f" {ID}\n").id == ID


def test_removing_a_component_removes_its_fixed_value() -> None:
    row = ComponentRow(id=ID, value="VIP")
    assert merged(merged(Mapping(), [row]), []).constants == {}


def test_a_component_whose_column_a_file_lacks_is_left_out_and_comes_back_with_the_column() -> None:
    row = ComponentRow(key="k", id=ID, column="小名", rules=("required",))
    without = row.for_columns(("手机号",))
    assert (without.is_left_out, without.gone, mistakes([without])) == (True, "小名", {})
    assert (merged(Mapping(), [without]).components, rules([without])) == ({}, {})
    assert ComponentRow.from_dict(without.as_dict()).for_columns(("小名",)) == row
    assert not without.changed(value="VIP").is_left_out
