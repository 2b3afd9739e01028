"""The opening of a script filled from a row: what is read, what is blank there, what is never sent, what nobody knows."""

import pandas as pd
import pytest

from lib.contact.fields import component_column
from lib.mapping.components import ComponentRow
from lib.mapping.script import Names, Piece, Reads, blanks, filled, names, pieces

ID = "2a87347c-6dd5-4e22-97fe-9b8001dbcd17"
CAR = component_column(ID)

CONTACTS = pd.DataFrame(
    {"phone": ["13012121211", "13012121212"], "name": ["张伟", " "], CAR: ["", "轿车"]},
    index=[2, 3],
    dtype="str",
)


@pytest.fixture
def known() -> Names:
    rows = [ComponentRow(key="k", id=ID, label="意向车型", column="车")]
    feeds = {"phone": ("手机",), "name": ("客户",), CAR: ("车",)}
    return names(["客户", "手机", "车", "部门", "公司"], feeds, rows, CONTACTS.columns)


def read(script: str, known: Names, row: int) -> list[tuple[str, str]]:
    return [
        (piece.reads.value, piece.text)
        for piece in filled(pieces(script, known), CONTACTS.loc[row].to_dict())
    ]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("姓名", "name"),
        ("Name", "name"),
        ("name", "name"),
        (" 姓 名 ", "name"),
        ("客户", "name"),  # by the column that feeds it
        ("意向车型", CAR),
        ("车", CAR),
        ("公司", ""),  # the field, which nothing feeds, before the column of that name
        ("部门", ""),  # a column that is not sent
        ("昵称", None),
        ("联系人", None),  # a header that would be taken for the name is still no name of it
    ],
)
def test_a_name_is_known_by_field_component_and_column_in_both_languages(
    known: Names, name: str, column: str | None
) -> None:
    assert known.of(name) == column


def test_an_opening_is_filled_row_by_row_and_says_what_is_missing(known: Names) -> None:
    script = "您好 {姓名}，您看的{意向车型}，{部门}，{昵称}"
    assert read(script, known, 2) == [
        ("text", "您好 "),
        ("filled", "张伟"),
        ("text", "，您看的"),
        ("blank", ""),
        ("text", "，"),
        ("unfed", "{部门}"),
        ("text", "，"),
        ("unknown", "{昵称}"),
    ]
    assert ("filled", "轿车") in read(script, known, 3)
    assert ("blank", "") in read(script, known, 3)


@pytest.mark.parametrize("braced", ["{姓名}", "｛姓名｝", "{{姓名}}", "${姓名}", "{ 姓名 }"])
def test_braces_of_every_kind_hold_a_name(known: Names, braced: str) -> None:
    assert pieces(f"您好{braced}！", known) == [
        Piece(Reads.TEXT, "您好"),
        Piece(Reads.FILLED, braced, "姓名", "name"),
        Piece(Reads.TEXT, "！"),
    ]


@pytest.mark.parametrize("script", ["", "没有名称", "{}", "{", "左{右", "{行\n尾}", "{" + "长" * 61 + "}"])
def test_what_holds_no_name_stays_words(known: Names, script: str) -> None:
    assert [piece.reads for piece in pieces(script, known)] == [Reads.TEXT] * bool(script)
    assert "".join(piece.text for piece in pieces(script, known)) == script


def test_rows_with_a_gap_are_those_where_a_sent_name_is_blank(known: Names) -> None:
    assert blanks(pieces("{姓名}", known), CONTACTS).tolist() == [False, True]
    assert blanks(pieces("{姓名}{意向车型}", known), CONTACTS).tolist() == [True, True]
    assert not blanks(pieces("{部门}{昵称}", known), CONTACTS).any()
