"""A number on screen keeps its shape and loses its middle; nothing else changes, and no hidden number is ever stored."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.contact.masking import holds_mask, mask_column, mask_number, mask_pattern, mask_seen
from lib.draft import Draft
from lib.draft.grid_rows import GridQuery, rows_of
from lib.errors import Conflict
from lib.platform.connection import practice
from lib.results.corrections import given_out, read_back, tokens
from lib.results.problems import problems_workbook
from lib.results.run import hidden_numbers
from tests.core.kept_scenes import CANARY, HERE, OTHERS, csv, draft

MOBILE = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "number", "anywhere"),
    [
        ("13012121211", "130****1211", "130****1211"),
        ("130-1212-1211", "130-****-1211", "130-****-1211"),
        ("+86 130 1212 1211", "+86 130 **** 1211", "+86 130 **** 1211"),
        ("008613012121211", "00861******1211", "00861******1211"),
        ("１３０１２１２１２１１", "１３０****１２１１", "１３０****１２１１"),
        ("13012121211.0", "130****1211.0", "130****1211.0"),
        ("1.3012121211E+10", "1.30****1211E+10", "1.30****1211E+10"),
        ("013012121211", "0130****1211", "0130****1211"),
        ("13012121211_x9k2", "130****1211_x9k2", "130****1211_x9k2"),
        ("0755-12345678", "0755-****5678", "0755-****5678"),
        ("+852 5123 4567", "+852 **** 4567", "+852 **** 4567"),
        ("4001234567", "4001234567", "4001234567"),  # nobody's number
        ("95588", "95588", "95588"),
        ("1301212", "1301212", "1301212"),  # too short to be called: it has to be mended
        ("1.30E+10", "1.30E+10", "1.30E+10"),
        ("13012121211/13900000000", "130****1211/139****0000", "130****1211/139****0000"),
        ("电话13012121211（家）", "电话130****1211（家）", "电话130****1211（家）"),
        ("2026-11-23 13:08:35", "2026-11-23 13:08:35", "2026-11-23 13:08:35"),
        ("20261123", "20261123", "20261123"),
        ("110101199003074578", "110101199003074578", "110101199003074578"),
        (
            "0c51fc89-f6cf-405b-bb36-130121212111",
            "0c51fc89-f6cf-405b-bb36-130121212111",
            "0c51fc89-f6cf-405b-bb36-130121212111",
        ),
        ("", "", ""),
        ("无", "无", "无"),
    ],
)
def test_sec24_a_number_is_seen_by_its_shape(text, number, anywhere):
    assert (mask_number(text), mask_seen(text)) == (number, anywhere)
    assert mask_column([text], is_phone=True) == [number]
    assert mask_column([text], is_phone=False) == [anywhere]


@settings(max_examples=500)
@given(st.text(max_size=12), MOBILE, st.text(max_size=12))
def test_sec24_no_mobile_survives_among_other_signs(before, phone, after):
    text = before + phone + after
    if before[-1:].isdigit() or after[:1].isdigit():
        return  # another number
    for seen in (mask_seen(text), mask_number(text), *mask_column([text], is_phone=False)):
        assert phone not in seen
        assert len(seen) == len(text)
        assert all(new in (old, "*") for new, old in zip(seen, text, strict=True))


@settings(max_examples=300)
@given(
    MOBILE,
    st.sampled_from(["", "+86", "86 ", "0086-"]),
    st.lists(st.integers(1, 10), max_size=3),
    st.sampled_from(" -.·"),
)
def test_sec24_a_hidden_number_is_known_for_one_however_it_was_spaced(phone, country, gaps, gap):
    spaced = country + "".join(gap + sign if at in gaps else sign for at, sign in enumerate(phone))
    seen = mask_number(spaced)
    assert holds_mask(seen)
    assert pd.Series([spaced]).str.contains(mask_pattern(seen), regex=True).all()


@pytest.mark.parametrize("text", ["13012121211", "5*", "**", "a*b", "1 * 2", "5**", "粗体**字**", "3 ** 4"])
def test_other_stars_are_no_hidden_number(text):
    assert not holds_mask(text)


# --- nobody stores a hidden number --------------------------------------------------------------------------------


@pytest.fixture
def made(store) -> Draft:
    return draft(store, csv(CANARY, *OTHERS))


@pytest.mark.parametrize("typed", ["139****4321", "139****4322", "+86 139 **** 4321", "１３９****４３２１"])
def test_a_number_with_hidden_digits_is_refused_and_nothing_is_saved(made, typed):
    with pytest.raises(Conflict, match="mask_typed"):
        made.edit([(3, "phone", "13000000000"), (2, "phone", typed)], HERE)
    assert made.edits == []
    assert made.contacts.at[2, "phone"] == CANARY


def test_a_cell_that_came_with_stars_can_still_be_mended(store):
    made = draft(store, csv("139****4321"))
    made.change_mapping(made.mapping.with_column("phone", "手机号"))
    assert made.review(HERE).problems["code"].tolist() == ["phone_lost_digits"]
    assert made.edit([(2, "phone", CANARY)], HERE) == 1


def test_a_file_for_others_brought_back_by_mistake_changes_no_number(made):
    problems = pd.DataFrame(
        [(2, "phone", "phone_text", "error", "", ""), (3, "phone", "phone_text", "error", "", "")],
        columns=["row", "field", "code", "severity", "value", "suggestion"],
    )
    table = given_out(made)
    proofs = tokens(made, table, "zh")
    table.loc[3, "姓名"] = "改过的名字"
    hidden = hidden_numbers(table, made.columns).rename_axis("row")
    data = problems_workbook(hidden, problems, "zh", tokens=lambda some: proofs.loc[some.index])
    found = read_back(data, "改好.xlsx", made)
    assert found.hidden == (2, 3)
    assert found.cells == ((3, "name", "改过的名字"),)


# --- looking for a number while it is hidden ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("search", "rows"),
    [(CANARY, [2]), ("139****4321", [2]), ("1****", []), ("137****5679", [4]), ("765432", [2])],
)
def test_a_number_is_found_by_all_of_it_and_by_what_is_seen_of_it(made, search, rows):
    review = made.review(practice(""))
    found = rows_of(
        GridQuery(show="all", search=search), review, every_row=made.contacts.index, columns=["phone"],
        shown=lambda name, some: made.shown(name, some, practice("")), left_out=(), edited=(),
    )  # fmt: skip
    assert found.tolist() == rows
