"""Fixes of many cells at once change those cells and no others, and are one step of undo."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lib.draft import Draft, bulk
from lib.platform.connection import practice
from lib.sheet.row_numbers import reading_order, row_name
from lib.store import Store

HERE = practice("")
CSV = """姓名,手机号,性别,公司
张伟,13012121211,帅哥,晨光(北京)
王芳,张三13612345678,美女,
李娜,李四13712345678,帅哥,
赵四,13812345678,男,四方.北京
孙八,13912345678,帅哥 ,
"""


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[Draft]:
    with closing(Store(tmp_path / "desk.db")) as store:
        made = Draft(store)
        made.load_sheet(CSV.encode(), "客户.csv")
        yield made


def column(draft: Draft, name: str) -> list[str]:
    return draft.shown(name, draft.contacts.index, HERE).tolist()


def test_one_value_goes_into_the_rows_named_and_counts_the_cells_that_change(draft: Draft) -> None:
    assert bulk.set_value(draft, [2, 4, 99], "company", "晨光(北京)", HERE) == 1
    assert column(draft, "company") == ["晨光(北京)", "", "晨光(北京)", "四方.北京", ""]


def test_filling_down_takes_the_value_above_among_the_rows_named_and_overwrites_nothing(draft: Draft) -> None:
    assert bulk.fill_down(draft, [6, 2, 4, 5], "company", HERE) == 2
    assert column(draft, "company") == ["晨光(北京)", "", "晨光(北京)", "四方.北京", "四方.北京"]
    assert draft.undo() == 2
    assert bulk.fill_down(draft, [3, 4], "company", HERE) == 0


def test_filling_down_knows_a_row_that_was_made_right_below_its_own(store: Store) -> None:
    draft = Draft(store)
    draft.load_sheet(
        "姓名,手机号,公司\n张伟,13012121211,甲\n李娜,13612345678/13712345678,\n王芳,13812345678,乙\n".encode(),
        "客户.csv",
    )
    draft.split_numbers(HERE)
    assert bulk.fill_down(draft, draft.contacts.index, "company", HERE) == 2
    texts = draft.shown("company", reading_order(draft.contacts.index), HERE)
    assert {row_name(row): text for row, text in texts.items()} == {
        "2": "甲",
        "3": "甲",
        "3 (2)": "甲",
        "4": "乙",
    }


def test_proposals_are_taken_for_single_rows(draft: Draft) -> None:
    assert bulk.suggestions(draft, [2, 3, 4], HERE)["row"].tolist() == [3, 4]
    assert bulk.accept(draft, [2, 4], HERE) == 1
    assert column(draft, "phone")[1:3] == ["张三13612345678", "13712345678"]


def test_every_unknown_word_is_told_once_with_its_count_and_explained_for_all_rows(draft: Draft) -> None:
    assert bulk.unknown_words(draft, "sex", HERE).to_dict() == {"帅哥": 2, "美女": 1, "帅哥 ": 1}
    draft.say_word("sex", "帅哥", "1", HERE)
    assert column(draft, "sex") == ["1", "美女", "1", "1", "1"]
    assert bulk.unknown_words(draft, "sex", HERE).to_dict() == {"美女": 1}
    draft.say_word("sex", "帅哥", "", HERE)
    assert column(draft, "sex")[0] == "帅哥"


def test_only_fields_with_a_closed_set_offer_their_values() -> None:
    assert bulk.closed_values("sex") == ("0", "1", "2")
    assert bulk.closed_values("company") == bulk.closed_values("component:x") == ()


def test_text_is_replaced_as_it_stands_and_not_as_a_pattern(draft: Draft) -> None:
    assert bulk.replacements(draft, "company", ".", "·", HERE).to_dict() == {5: "四方·北京"}
    assert bulk.replace(draft, "company", "(北京)", "", HERE) == 1
    assert column(draft, "company") == ["晨光", "", "", "四方.北京", ""]
    assert bulk.replacements(draft, "company", "", "x", HERE).empty
    assert bulk.replacements(draft, "company", "晨光", "晨光", HERE).empty


def test_whole_cells_only_where_asked(draft: Draft) -> None:
    assert bulk.replacements(draft, "company", "四方", "x", HERE, whole_cell=True).empty
    assert bulk.replacements(draft, "company", "四方.北京", r"\1", HERE, whole_cell=True).to_dict() == {
        5: r"\1"
    }


def test_rows_that_are_left_out_are_replaced_too_so_that_they_come_back_mended(draft: Draft) -> None:
    draft.leave_out([5])
    assert bulk.replace(draft, "company", "四方", "五方", HERE) == 1
    draft.take_back_in([5])
    assert column(draft, "company")[3] == "五方.北京"
