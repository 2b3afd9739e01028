"""Cleaning taken back by kind: the cells stand as they stood, and what cannot be sent like that is told."""

from types import SimpleNamespace

import pandas as pd
import pytest

from lib.draft import Draft
from lib.draft.plan import run_plan
from lib.errors import Conflict
from lib.platform.connection import practice
from lib.store import Store
from lib.validation import check

MOBILE, OTHER, THIRD = "13012121211", "13912121211", "13812121211"
HERE = practice("")


def review_of(keep, *, encryption=False, known=None, **columns):
    rows = len(next(iter(columns.values())))
    contacts = pd.DataFrame(columns, index=range(2, 2 + rows), dtype="str")
    return check(
        contacts, SimpleNamespace(encryption=encryption, ignore_crm=False), known, keep=frozenset(keep)
    )


def problems_of(review):
    return [
        tuple(row) for row in review.problems[["row", "field", "code", "severity"]].itertuples(index=False)
    ]


def test_a_kept_kind_leaves_its_cells_as_they_stood_and_the_others_cleaned():
    review = review_of({"country_code"}, phone=["+86" + MOBILE, "139 1212 1211", THIRD])
    assert review.contacts["phone"].tolist() == ["+86" + MOBILE, OTHER, THIRD]
    assert review.changes["row"].tolist() == [3]
    assert review.kept.to_dict("records") == [
        {"row": 2, "field": "phone", "before": "+86" + MOBILE, "after": MOBILE, "kind": "country_code"}
    ]


def test_a_number_with_its_country_code_can_be_sent_and_is_warned_about():
    review = review_of({"country_code"}, phone=["+86" + MOBILE, "0086" + OTHER])
    assert problems_of(review) == [
        (2, "phone", "phone_kept", "warning"),
        (3, "phone", "phone_kept", "warning"),
    ]
    assert review.sendable.all()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("spaces", "130 1212 1211"),
        ("punctuation", "130-1212-1211"),
        ("full_width", "１３０１２１２１２１１"),
        ("apostrophe", "'13012121211"),
        ("scientific", "1.3012121211E+10"),
        ("decimal", "13012121211.0"),
        ("trunk_zero", "013012121211"),
        ("invisible", "130\u200b12121211"),
        ("country_code", "+86 13012121211"),
    ],
)
def test_a_spelling_that_is_no_number_keeps_its_row_back_and_says_so(kind, text):
    review = review_of({kind}, phone=[text, OTHER])
    assert review.contacts["phone"].tolist() == [text, OTHER]
    assert problems_of(review) == [(2, "phone", "value_kept", "error")]
    assert review.sendable.tolist() == [False, True]


@pytest.mark.parametrize(
    ("field", "kind", "text"),
    [
        ("sex", "word", "男"),
        ("email", "placeholder", "无"),
        ("grade_id", "decimal", "7.0"),
        ("email", "spaces", " a@b.cn "),
    ],
)
def test_other_fields_that_the_platform_would_refuse_are_errors_too(field, kind, text):
    assert problems_of(review_of({kind}, phone=[MOBILE], **{field: [text]})) == [
        (2, field, "value_kept", "error")
    ]


def test_a_text_is_sent_with_its_spaces():
    review = review_of({"spaces"}, phone=[MOBILE], name=[" 张伟 "])
    assert (review.contacts.at[2, "name"], problems_of(review)) == (" 张伟 ", [])


def test_a_cell_that_was_refused_anyway_keeps_its_own_reason():
    assert problems_of(review_of({"spaces"}, phone=[" 1301 "])) == [(2, "phone", "phone_too_short", "error")]


def test_the_same_person_in_two_spellings_is_still_called_once():
    review = review_of({"country_code"}, phone=[MOBILE, "+86" + MOBILE, "0086" + MOBILE])
    assert review.sendable.tolist() == [True, False, False]
    assert review.problems["code"].tolist() == [
        "phone_kept",
        "phone_repeated",
        "phone_kept",
        "phone_repeated",
    ]


def test_ciphertext_is_text():
    review = review_of({"spaces"}, encryption=True, phone=[" aGVsbG8= "])
    assert review.contacts["phone"].tolist() == [" aGVsbG8= "]
    assert problems_of(review) == [(2, "phone", "phone_unchecked", "warning")]


@pytest.fixture
def draft(tmp_path):
    store = Store(tmp_path / "desk.db")
    made = Draft(store)
    made.load_sheet(f"姓名,手机号\n张伟,+86{MOBILE}\n王芳,139 1212 1211\n".encode(), "客户.csv")
    yield made
    store.close()


def test_the_choice_is_saved_with_the_draft_and_taken_back_by_the_same_hand(draft):
    assert draft.review(HERE).kept.empty
    draft.keep_as_it_stood("country_code")
    found = Draft.open(draft._store, draft.id)
    assert found.keep == {"country_code"}
    assert found.review(HERE).contacts["phone"].tolist() == ["+86" + MOBILE, OTHER]
    found.clean_again("country_code")
    assert found.review(HERE).contacts["phone"].tolist() == [MOBILE, OTHER]
    with pytest.raises(Conflict, match="draft_changed"):
        draft.keep_as_it_stood("spaces")  # this tab has not seen it


def test_another_file_starts_with_everything_cleaned(draft):
    draft.keep_as_it_stood("spaces")
    draft.load_sheet(f"手机号\n139 1212 1211\n{MOBILE}\n".encode(), "二.csv")
    assert draft.keep == frozenset()


def test_an_earlier_run_is_recognised_in_the_other_spelling(draft):
    draft._store.runs.create(run_plan(draft, HERE))
    second = Draft(draft._store)
    second.load_sheet(f"姓名,手机号\n张伟,0086{MOBILE}\n".encode(), "再来.csv")
    second.keep_as_it_stood("country_code")
    assert problems_of(second.review(HERE)) == [
        (2, "phone", "already_sent", "error"),
        (2, "phone", "phone_kept", "warning"),
    ]
