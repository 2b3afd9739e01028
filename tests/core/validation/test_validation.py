"""Checking of whole sheets: which rows can be sent, which cannot, and why."""

import random
import re
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.contact.problems import SEVERITY, ProblemCode, Severity
from lib.validation import CHANGE_COLUMNS, PROBLEM_COLUMNS, check, marked
from tests.cases import examples

MOBILE, OTHER = "13012121211", "13912121211"
COMPONENT = "component:2a87347c-6dd5-4e22-97fe-9b8001dbcd17"


def options(*, encryption=False, ignore_crm=False):
    return SimpleNamespace(encryption=encryption, ignore_crm=ignore_crm)


def sheet(first_row=2, **columns):
    """Contacts from columns of text; `first_row` is the row number the person sees in Excel."""
    rows = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=range(first_row, first_row + rows), dtype="str")


def review_of(phones, **columns):
    return check(sheet(phone=phones, **columns), options())


def problems_of(review):
    return [tuple(row) for row in review.problems[["row", "code", "suggestion"]].itertuples(index=False)]


def test_a_clean_sheet_has_nothing_to_tell():
    review = review_of([MOBILE, OTHER], name=["张伟", "无"])
    assert review.problems.empty
    assert review.changes.empty
    assert review.counts.empty
    assert review.sendable.tolist() == [True, True]
    assert review.contacts.to_dict("list") == {
        "phone": [MOBILE, OTHER],
        "name": ["张伟", "无"],
        "sort": ["0", "0"],
    }


@pytest.mark.parametrize(
    "contacts", [sheet(phone=[MOBILE]), sheet(phone=["x"]), sheet(phone=[]), sheet(name=["张伟"])]
)
def test_the_frames_have_the_same_shape_whatever_is_in_the_sheet(contacts):
    review = check(contacts, options())
    assert tuple(review.problems.columns) == PROBLEM_COLUMNS
    assert tuple(review.changes.columns) == CHANGE_COLUMNS
    for frame in (review.problems, review.changes):
        assert frame["row"].dtype == "int64"
        assert set(frame.drop(columns="row").dtypes) == {pd.Series(dtype="str").dtype}
    assert review.counts.columns.tolist() == ["code", "severity", "field", "rows", "suggested"]
    assert set(review.contacts.dtypes) == {pd.Series(dtype="str").dtype}
    assert review.sendable.index.equals(contacts.index)
    assert review.sendable.dtype == bool


def test_without_a_phone_column_every_row_lacks_its_number():
    review = check(sheet(name=["张伟", "李娜"]), options())
    assert problems_of(review) == [(2, "phone_missing", ""), (3, "phone_missing", "")]
    assert not review.sendable.any()


def test_a_sheet_of_which_nothing_is_mapped_lacks_its_numbers():
    review = check(pd.DataFrame(index=range(2, 4)), options())
    assert problems_of(review) == [(2, "phone_missing", ""), (3, "phone_missing", "")]
    assert review.contacts["sort"].tolist() == ["0", "0"]


def test_empty_sort_cells_become_zero_and_filled_ones_stay():
    review = review_of([MOBILE, OTHER], sort=["", "7"])
    assert review.contacts["sort"].tolist() == ["0", "7"]
    assert review.changes.empty


def test_a_change_is_told_with_before_and_after():
    review = review_of(["+86 130-1212-1211"])
    assert review.changes.iloc[0].to_dict() == {
        "row": 2, "field": "phone", "before": "+86 130-1212-1211", "after": MOBILE,
        "kind": "country_code+spaces+punctuation",
    }  # fmt: skip
    assert review.contacts.at[2, "phone"] == MOBILE


def test_a_cell_with_an_error_is_told_as_it_stands():
    review = review_of([MOBILE, " 张三13912121211"])
    assert review.problems.iloc[0].to_dict() == {
        "row": 3, "field": "phone", "code": "phone_text", "severity": "error", "value": " 张三13912121211",
        "suggestion": OTHER,
    }  # fmt: skip
    assert review.contacts.at[3, "phone"] == " 张三13912121211"
    assert review.sendable.tolist() == [True, False]


def test_a_warning_does_not_keep_a_row_back():
    review = review_of(["0755-12345678"])
    assert problems_of(review) == [(2, "phone_landline", "")]
    assert review.sendable.tolist() == [True]


def test_problems_and_changes_come_in_the_order_of_the_rows():
    review = review_of(["x", "1301", MOBILE], email=["a@b.cn", "a@b", " a@b.cn"], sex=["男", "女", "?"])
    assert review.problems[["row", "field"]].values.tolist() == [
        [2, "phone"], [3, "phone"], [3, "email"], [4, "sex"]
    ]  # fmt: skip
    assert review.changes[["row", "field"]].values.tolist() == [[2, "sex"], [3, "sex"], [4, "email"]]


# --- repeats ---------------------------------------------------------------------------------------------------


def test_the_first_of_two_spellings_is_kept_and_the_other_names_it():
    review = review_of([MOBILE, "130 1212 1211", OTHER, "+86" + MOBILE])
    assert problems_of(review) == [(3, "phone_repeated", "2"), (5, "phone_repeated", "2")]
    assert review.problems["value"].tolist() == ["130 1212 1211", "+86" + MOBILE]
    assert review.sendable.tolist() == [True, False, True, False]


def test_a_row_with_another_error_leaves_the_number_to_a_row_without():
    review = review_of([MOBILE, MOBILE], email=["bad", "a@b.cn"])
    assert problems_of(review) == [(2, "email_invalid", ""), (2, "phone_repeated", "3")]
    assert review.sendable.tolist() == [False, True]


def test_where_all_rows_of_a_number_have_an_error_the_first_is_not_called_a_repeat():
    review = review_of([MOBILE, MOBILE], email=["bad", "worse"])
    assert problems_of(review) == [
        (2, "email_invalid", ""),
        (3, "email_invalid", ""),
        (3, "phone_repeated", "2"),
    ]


def test_a_warning_does_not_cost_a_row_its_number():
    review = review_of(["0755-12345678", "075512345678"])
    assert review.sendable.tolist() == [True, False]


def test_unusable_numbers_are_not_called_repeats():
    assert problems_of(review_of(["1.30E+10", "1.30E+10", "", ""])) == [
        (2, "phone_lost_digits", ""), (3, "phone_lost_digits", ""), (4, "phone_missing", ""), (5, "phone_missing", ""),
    ]  # fmt: skip


def test_a_suffix_makes_another_number():
    assert problems_of(review_of([MOBILE, MOBILE + "_x9k2"])) == [(3, "phone_suffixed", "")]


def test_the_order_of_a_shuffled_frame_is_still_the_sheets():
    contacts = sheet(phone=[MOBILE, MOBILE]).iloc[::-1]
    review = check(contacts, options())
    assert problems_of(review) == [(3, "phone_repeated", "2")]
    assert review.sendable.to_dict() == {3: False, 2: True}


# --- numbers sent before ---------------------------------------------------------------------------------------

KNOWN = pd.Series({MOBILE: "11-20 14:02"}, dtype="str")


@pytest.mark.parametrize(
    "known", [KNOWN, KNOWN.to_frame("text"), KNOWN.rename_axis("phone").rename("text").reset_index()]
)
def test_a_number_sent_before_is_kept_back_in_any_spelling(known):
    review = check(sheet(phone=["130 1212 1211", OTHER]), options(), known)
    assert problems_of(review) == [(2, "already_sent", "")]
    assert review.sendable.tolist() == [False, True]
    assert review.sent_before.to_dict() == {2: "11-20 14:02"}


@pytest.mark.parametrize("known", [None, KNOWN.iloc[:0], pd.DataFrame({"phone": [], "text": []})])
def test_without_a_history_nothing_was_sent_before(known):
    review = check(sheet(phone=[MOBILE]), options(), known)
    assert review.problems.empty
    assert review.sent_before.empty


# --- switches --------------------------------------------------------------------------------------------------


def test_with_encryption_nothing_but_outer_whitespace_is_touched():
    contacts = sheet(
        phone=[" aGVsbG8= ", "aGVsbG8=", "130-1212-1211", ""], company=[" Y29tcGFueQ==" * 20, "", "", ""]
    )
    review = check(contacts, options(encryption=True))
    assert problems_of(review) == [
        (2, "phone_unchecked", ""), (3, "phone_unchecked", ""), (3, "phone_repeated", "2"), (4, "phone_unchecked", ""),
        (5, "phone_missing", ""),
    ]  # fmt: skip
    assert review.contacts["phone"].tolist() == ["aGVsbG8=", "aGVsbG8=", "130-1212-1211", ""]
    assert review.sendable.tolist() == [True, False, True, False]


def test_components_are_blocked_where_contacts_stay_out_of_the_pool():
    contacts = sheet(phone=[MOBILE]).assign(**{COMPONENT: "小牛"})
    assert check(contacts, options(ignore_crm=True)).blocked == ("components_ignored",)
    assert check(contacts, options()).blocked == ()
    assert check(sheet(phone=[MOBILE]), options(ignore_crm=True)).blocked == ()


# --- texts -----------------------------------------------------------------------------------------------------


def test_a_component_may_be_longer_than_a_name():
    long = "好" * 300
    review = check(sheet(phone=[MOBILE], name=[long]).assign(**{COMPONENT: long}), options())
    assert review.problems[["field", "code"]].values.tolist() == [["name", "text_long"]]
    assert review.sendable.all()


def test_a_lone_surrogate_is_damage_and_a_pair_is_a_character():
    contacts = pd.DataFrame(
        {"phone": [MOBILE, OTHER], "name": ["张\ud800", "\ud83d\ude00"]}, index=[2, 3], dtype=object
    )
    review = check(contacts, options())
    assert problems_of(review) == [(2, "text_broken", "")]
    assert review.contacts["name"].tolist() == ["张\ufffd", "😀"]


def test_a_text_beyond_what_a_cell_can_hold_is_kept_back():
    review = review_of([MOBILE], extra=["x" * 32_768])
    assert problems_of(review) == [(2, "text_too_long", "")]


# --- counting --------------------------------------------------------------------------------------------------


def test_counts_tell_errors_first_then_the_larger_groups():
    review = review_of(
        [
            "0755-12345678",
            "010-12345678",
            "1301",
            "张三" + MOBILE,
            "李四" + OTHER,
            "13712121211",
            "13712121211",
        ]
    )
    assert review.counts.values.tolist() == [
        ["phone_text", "error", "phone", 2, 2],
        ["phone_too_short", "error", "phone", 1, 0],
        ["phone_repeated", "error", "phone", 1, 0],
        ["phone_landline", "warning", "phone", 2, 0],
    ]


@pytest.mark.parametrize("dtype", ["str", object])
def test_a_cleared_cell_is_empty_and_takes_nothing_from_its_neighbours(dtype):
    contacts = pd.DataFrame(
        {"phone": [None, "+86" + MOBILE], "name": ["张伟", None]}, index=[2, 3], dtype=dtype
    )
    review = check(contacts, options())
    assert problems_of(review) == [(2, "phone_missing", "")]
    assert review.contacts.to_dict("list") == {
        "phone": ["", MOBILE],
        "name": ["张伟", ""],
        "sort": ["0", "0"],
    }


def test_an_unknown_column_is_a_bug():
    with pytest.raises(KeyError):
        check(sheet(phone=[MOBILE], nonsense=["x"]), options())


# --- the whole, against simple rules ---------------------------------------------------------------------------

CELL = st.sampled_from(
    [MOBILE, "130 1212 1211", OTHER, "+86" + OTHER, "0755-12345678", "1.30E+10", "张三", "", "1301"]
)
# Whole frames are built.
WHOLE_SHEETS = examples(50)
EMAIL = st.sampled_from(["", "a@b.cn", " a@b.cn", "bad", "无"])


@WHOLE_SHEETS
@given(st.lists(st.tuples(CELL, EMAIL), min_size=1, max_size=12))
def test_no_row_is_lost_and_none_is_both_sendable_and_refused(rows):
    phones, emails = zip(*rows, strict=True)
    contacts = sheet(phone=list(phones), email=list(emails))
    review = check(contacts, options())
    refused = set(review.problems.loc[review.problems["severity"] == "error", "row"])
    assert review.contacts.index.equals(contacts.index)
    assert refused == set(review.sendable.index[~review.sendable])
    assert review.contacts.loc[review.sendable, "phone"].is_unique
    assert review.counts["rows"].sum() == len(review.problems)
    assert not review.problems.duplicated(["row", "field", "code"]).any()


@WHOLE_SHEETS
@given(st.lists(st.tuples(CELL, EMAIL), min_size=1, max_size=12))
def test_checking_what_was_cleaned_finds_the_same_and_changes_nothing(rows):
    phones, emails = zip(*rows, strict=True)
    once = check(sheet(phone=list(phones), email=list(emails)), options())
    twice = check(once.contacts, options())
    assert twice.changes.empty
    assert twice.contacts.equals(once.contacts)
    assert twice.sendable.equals(once.sendable)
    assert twice.problems.drop(columns="value").equals(once.problems.drop(columns="value"))


def _spelled(number: str, draw: random.Random) -> str:
    spaced = f"{number[:3]} {number[3:7]} {number[7:]}"
    return draw.choice(
        [
            number,
            number,
            number,
            "+86" + number,
            spaced,
            spaced.replace(" ", "-"),
            number + ".0",
            "'" + number,
        ]
    )


def test_a_large_sheet_agrees_with_a_row_by_row_reading():
    draw = random.Random(20261123)
    numbers = [
        f"1{draw.randrange(3, 10)}{draw.randrange(10**4):04d}{draw.randrange(10**3):05d}"
        for _ in range(20_000)
    ]
    phones = [
        _spelled(number, draw) if draw.random() > 0.03 else draw.choice(["", "1.30E+10", "1301"])
        for number in numbers
    ]
    emails = [draw.choice(["", "a@b.cn", "a@b.cn", "a@b.cn", "broken"]) for _ in phones]
    review = check(sheet(phone=phones, email=emails), options())

    taken, expected = set(), []
    for phone, email in zip(phones, emails, strict=True):
        digits = re.sub(r"\.0$", "", phone).replace("+86", "").translate(str.maketrans("", "", " -'"))
        good = re.fullmatch("1[3-9][0-9]{9}", digits) and email != "broken" and digits not in taken
        expected.append(bool(good))
        taken |= {digits} if good else set()
    assert 0.5 < sum(expected) / len(expected) < 0.99
    assert review.sendable.tolist() == expected


def test_example_numbers_are_warned_about_only_where_somebody_is_called():
    contacts = sheet(phone=["15400001211", "+86 154 0000 1211", "16000001211"])
    assert problems_of(check(contacts, options())) == [
        (2, "phone_unassigned", ""), (3, "phone_unassigned", ""), (3, "phone_repeated", "2"), (4, "phone_unassigned", ""),
    ]  # fmt: skip
    practised = check(contacts, options(), practice=True)
    assert problems_of(practised) == [(3, "phone_repeated", "2"), (4, "phone_unassigned", "")]
    assert practised.sendable.tolist() == [True, False, True]


LOST = ["4.40106E+17", "1.23457E+11", "4E+17", "440106199001011000", "-1.5E+10", "44010619900101200000"]
WHOLE = [
    "1.3012121211E+10",
    "440106199001011234",
    "4401061990010110",
    "5E10",
    "E+17",
    "1.5E+3",
    "",
    "00000121",
]


@pytest.mark.parametrize("name", ["extra", "name", "company", "component:a"])
def test_digits_that_a_spreadsheet_threw_away_are_told_in_every_field_of_text(name: str):
    phones = [f"138{at:08d}" for at in range(len(LOST + WHOLE))]
    review = check(sheet(phone=phones, **{name: LOST + WHOLE}), options())
    found = review.problems[review.problems["code"].eq("digits_lost")]
    assert found["value"].tolist() == LOST
    assert set(zip(found["field"], found["severity"], strict=True)) == {(name, "warning")}
    assert review.sendable.all()


def test_lost_digits_of_a_phone_or_an_integer_are_said_in_their_own_words_only():
    review = check(sheet(phone=["1.30E+10", MOBILE], source_id=["", "1.23E+12"]), options())
    assert set(review.problems["code"]) == {"phone_lost_digits", "integer_invalid"}


def test_every_problem_code_of_the_catalogue_can_be_found():
    rows = [
        "", "1.30E+10", "1301", "130121212111", MOBILE + "/" + OTHER, "张三", "12012121211", MOBILE, MOBILE, "0755-12345678",
        "4001234567", "+85212345678", MOBILE + "_x9k2", "15412121211", "14412121211", "13491212121", OTHER,
    ]  # fmt: skip
    blank = [""] * (len(rows) - 1)
    columns = {
        "email": ["x", *blank], "sex": ["x", *blank], "grade_id": ["x", *blank], "name": ["好" * 99, "NULL", "Ã©", *blank[2:]],
        "company": ["好" * 2001, *blank], "extra": ["\ufffd", *blank],
    }  # fmt: skip
    plain = check(sheet(phone=rows, **columns), options(), pd.Series({OTHER: "昨天"}, dtype="str"))
    secret = check(sheet(phone=["aGVsbG8="]), options(encryption=True))
    kept = check(sheet(phone=["+8613012121211", "130 1212 1211"]), options(), keep={"country_code", "spaces"})
    for code in (ProblemCode.SENT_ELSEWHERE, ProblemCode.SENT_AGAIN, ProblemCode.DO_NOT_CALL):
        plain = marked(plain, sheet(phone=rows), code, pd.Series({MOBILE: ""}, dtype="str"))
    ruled = {"component:d": ("required", "date"), "component:n": ("integer",)}
    own = sheet(
        phone=[MOBILE, OTHER, MOBILE],
        extra=["4.40106E+17", "", ""],
        **{"component:d": ["03/04/2026", "明天", ""], "component:n": ["x", "", ""]},
    )
    rules = check(own, options(), rules=ruled)
    found = pd.concat([plain.problems, secret.problems, kept.problems, rules.problems])
    assert set(found["code"]) == {code.value for code in ProblemCode}
    assert dict(zip(found["code"], found["severity"], strict=True)) == {
        code.value: severity.value for code, severity in SEVERITY.items()
    }
    assert set(found["severity"]) == {severity.value for severity in Severity}
