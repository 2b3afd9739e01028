"""The platform's rules of its components become checks: dates in one form, whole numbers, nothing required left empty."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import payload, sheet
from lib.contact.cleaning import clean
from lib.contact.component_rules import is_required, judge_date, judge_integer, rule_of
from lib.contact.fields import component_column
from lib.draft import Draft
from lib.mapping import Mapping, apply, suggest
from lib.mapping.component_words import describe_rules
from lib.mapping.components import (
    ComponentRow,
    informed,
    merged,
    named_alike,
    of_kind,
    row_of,
    rules,
    still_required,
)
from lib.platform.connection import Options, practice
from lib.platform.directory import Component
from lib.results import samples
from lib.store import Store
from lib.validation import check
from lib.words import LANGUAGES

NICK, CAR, AGE, DAY = (
    Component(f"{n}a87347c-6dd5-4e22-97fe-9b8001dbcd17", name, kind, given_rules)
    for n, (name, kind, given_rules) in enumerate(
        [
            ("昵称", "text", ("sometimes",)),
            ("意向车型", "text", ("required",)),
            ("年龄", "number", ("sometimes", "integer")),
            ("预约日期", "date", ("required", "date", "max:20")),
        ]
    )
)
KNOWN = (NICK, CAR, AGE, DAY)


@pytest.mark.parametrize(
    ("text", "value", "change", "code", "suggestion"),
    [
        ("2026-03-04", "2026-03-04", "", "", ""),
        ("2026-3-4", "2026-03-04", "date", "", ""),
        ("2026/3/4", "2026-03-04", "date", "", ""),
        ("2026.03.04", "2026-03-04", "date", "", ""),
        ("2026年3月4日", "2026-03-04", "date", "", ""),
        ("2026 年 3 月 4 号", "2026-03-04", "date", "", ""),
        ("20260304", "2026-03-04", "date", "", ""),
        ("２０２６／３／４", "2026-03-04", "full_width+date", "", ""),
        (" 2026-03-04 ", "2026-03-04", "spaces", "", ""),
        ("2026-03-04 00:00:00", "2026-03-04", "date", "", ""),
        ("2026-03-04T00:00", "2026-03-04", "date", "", ""),
        ("13/04/2026", "2026-04-13", "date", "", ""),
        ("04/13/2026", "2026-04-13", "date", "", ""),
        ("04/04/2026", "2026-04-04", "date", "", ""),
        ("2028-02-29", "2028-02-29", "", "", ""),
        ("", "", "", "", ""),
        ("无", "", "placeholder", "", ""),
        ("03/04/2026", "03/04/2026", "", "date_ambiguous", ""),
        ("2026-03-04 14:30", "2026-03-04 14:30", "", "date_invalid", "2026-03-04"),
        ("26年3月4日", "26年3月4日", "", "date_invalid", "2026-03-04"),
        ("46085", "46085", "", "date_invalid", "2026-03-04"),
        ("2026-02-29", "2026-02-29", "", "date_invalid", ""),
        ("2026-13-01", "2026-13-01", "", "date_invalid", ""),
        ("20261301", "20261301", "", "date_invalid", ""),
        ("31/31/2026", "31/31/2026", "", "date_invalid", ""),
        ("1026-01-01", "1026-01-01", "", "date_invalid", ""),
        ("3月4日", "3月4日", "", "date_invalid", ""),
        ("明天", "明天", "", "date_invalid", ""),
        ("12345", "12345", "", "date_invalid", ""),
    ],
)
def test_a_date_is_rewritten_where_it_has_one_reading_and_asked_about_where_not(
    text: str, value: str, change: str, code: str, suggestion: str
) -> None:
    assert tuple(judge_date(text)) == (value, change, code, suggestion)


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("30", "30", ""),
        ("-3", "-3", ""),
        ("30.0", "30", ""),
        ("1,200", "1200", ""),
        ("３０", "30", ""),
        ("", "", ""),
        ("-", "", ""),
        ("1.5", "1.5", "component_not_integer"),
        ("三十", "三十", "component_not_integer"),
        ("9" * 19, "9" * 19, "component_not_integer"),
    ],
)
def test_a_whole_number_is_never_rounded(text: str, value: str, code: str) -> None:
    found = judge_integer(text)
    assert (found.value, found.code) == (value, code)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_survives_in_every_order_of_its_parts(day: date) -> None:
    for text in (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
    ):
        assert judge_date(text).value == day.isoformat()
    american = judge_date(f"{day.month}/{day.day}/{day.year}")
    assert american.value == day.isoformat() or american.code == "date_ambiguous"


@given(st.dates(date(1960, 1, 1), date(2099, 12, 31)))
def test_a_spreadsheets_day_number_is_offered_and_never_taken(day: date) -> None:
    found = judge_date(str((day - date(1899, 12, 30)) // timedelta(days=1)))
    assert (found.code, found.suggestion) == ("date_invalid", day.isoformat())


@given(st.text(max_size=20))
def test_what_a_rule_takes_unthought_its_judge_takes_unchanged(text: str) -> None:
    for given_rules, judge in ((("date",), judge_date), (("integer",), judge_integer)):
        plain, _ = clean(pd.Series([text, "2026-03-04", "7"], dtype="str"), rule_of(given_rules))
        assert plain.iloc[0] == judge(text).value


def test_required_is_lifted_by_sometimes() -> None:
    assert is_required(("required", "date"))
    assert not is_required(("required", "sometimes"))
    assert not is_required(("integer",))


# --- in the review -----------------------------------------------------------------------------------------

CONTACTS = pd.DataFrame(
    {
        "phone": ["13012121211", "13012121212", "13012121213", "13012121214"],
        component_column(CAR.id): ["轿车", "", "轿车", "轿车"],
        component_column(DAY.id): ["2026/3/4", "2026-03-05", "03/04/2026", ""],
        component_column(AGE.id): ["30", "", "三十", ""],
    },
    index=[2, 3, 4, 5],
    dtype="str",
)
RULES = {component_column(one.id): one.rules for one in KNOWN}


def test_rules_become_problems_of_their_rows_and_changes_with_the_original_in_sight() -> None:
    review = check(CONTACTS, Options(), rules=RULES)
    found = set(zip(review.problems["row"], review.problems["field"], review.problems["code"], strict=True))
    assert found == {
        (3, component_column(CAR.id), "component_missing"),
        (4, component_column(DAY.id), "date_ambiguous"),
        (4, component_column(AGE.id), "component_not_integer"),
        (5, component_column(DAY.id), "component_missing"),
    }
    assert review.sendable.to_dict() == {2: True, 3: False, 4: False, 5: False}
    assert review.changes[["before", "after", "kind"]].to_numpy().tolist() == [
        ["2026/3/4", "2026-03-04", "date"]
    ]


def test_without_the_platforms_rules_nothing_about_a_component_is_checked() -> None:
    review = check(CONTACTS, Options())
    assert review.problems.empty
    assert review.changes.empty


def test_a_required_value_that_cleaning_empties_is_missing() -> None:
    contacts = pd.DataFrame(
        {"phone": ["13012121211"], component_column(DAY.id): ["无"]}, index=[2], dtype="str"
    )
    assert check(contacts, Options(), rules=RULES).problems["code"].tolist() == ["component_missing"]


def test_a_required_component_that_nothing_feeds_is_no_problem_of_rows() -> None:
    contacts = CONTACTS[["phone"]]
    assert check(contacts, Options(), rules=RULES).problems.empty


def test_the_date_that_is_sent_is_the_rewritten_one() -> None:
    review = check(CONTACTS, Options(), rules=RULES)
    (batch,) = payload.batches(review, Options())
    assert {"id": DAY.id, "value": "2026-03-04"} in payload.body(batch)["data"][0]["components"]


# --- rows and names ----------------------------------------------------------------------------------------


def test_columns_are_suggested_by_the_name_of_the_component() -> None:
    columns = ["手机号", "昵称（小名）", "预约日期", " 预约日期 ", "无关"]
    found = named_alike(KNOWN, columns, [ComponentRow(id=NICK.id.upper(), column="x")])
    assert [(row.id, row.label, row.column, row.rules) for row in found] == [
        (DAY.id, "预约日期", "预约日期", DAY.rules)
    ]
    assert [row.label for row in named_alike(KNOWN, columns, [])] == ["昵称", "预约日期"]


def test_a_component_without_a_name_is_suggested_for_nothing() -> None:
    assert named_alike([Component(NICK.id, "")], ["", "a"], []) == []


def test_a_typed_id_takes_name_and_rules_from_the_list_and_keeps_the_persons_own_name() -> None:
    rows = informed([ComponentRow(id=DAY.id.upper(), column="a"), ComponentRow(id=CAR.id, label="车")], KNOWN)
    assert [(row.label, row.type, row.rules) for row in rows] == [
        ("预约日期", "date", DAY.rules),
        ("车", "text", CAR.rules),
    ]


def test_rules_the_platform_has_dropped_are_dropped() -> None:
    (row,) = informed([ComponentRow(id=DAY.id, column="a", type="date", rules=("date",))], [CAR])
    assert (row.type, row.rules) == ("", ())


def test_only_rows_that_will_be_sent_bring_their_rules() -> None:
    complete = ComponentRow(id=DAY.id, column="a", rules=DAY.rules)
    assert rules([complete, ComponentRow(id=CAR.id, rules=CAR.rules)]) == {
        component_column(DAY.id): DAY.rules
    }


def test_required_components_that_nothing_feeds_are_found() -> None:
    rows = [ComponentRow(id=CAR.id.upper(), value="轿车"), ComponentRow(id=DAY.id)]
    assert still_required(KNOWN, rows) == [DAY]


def test_a_row_comes_back_from_the_store_as_it_was() -> None:
    row = ComponentRow(id=DAY.id, label="x", column="y", type="date", rules=("date", "required"))
    assert ComponentRow.from_dict(row.as_dict() | {"rules": list(row.rules), "colour": "red"}) == row
    old = {"key": "k", "id": DAY.id, "label": "", "column": "", "value": ""}
    assert ComponentRow.from_dict(old).rules == ()


def test_what_a_person_says_of_a_component_is_judged_like_the_platforms_word() -> None:
    rows = [
        ComponentRow(id=DAY.id, column="a", kind="date"),
        ComponentRow(id=AGE.id, column="b", kind="number"),
        ComponentRow(id=NICK.id, column="c"),
    ]
    judged = rules(rows)
    assert judged == {component_column(DAY.id): ("date",), component_column(AGE.id): ("integer",)}
    assert rule_of(judged[component_column(DAY.id)]).judge is judge_date
    assert (of_kind(rows, "date"), of_kind(rows, "number")) == (
        [component_column(DAY.id)],
        [component_column(AGE.id)],
    )


@pytest.mark.parametrize(
    ("listed", "checks"),
    [
        (Component(DAY.id, "日子", "text", ("required",)), ("required",)),
        (Component(DAY.id, "日子", "cascade"), ()),
        (Component(DAY.id, "日子", "", ("integer",)), ("integer",)),
        (Component(DAY.id, "日子", "", ("required",)), ("required", "date")),
    ],
)
def test_what_the_platforms_list_says_comes_before_a_persons_word(
    listed: Component, checks: tuple[str, ...]
) -> None:
    (row,) = informed([ComponentRow(id=DAY.id, column="a", kind="date")], [listed])
    assert row.checks == checks
    (left,) = informed([row], [])
    assert left.checks == ("date",), "the list does not know it any more, and the person's word is kept"


def test_what_a_person_says_of_a_component_is_saved_and_remembered_with_the_mapping(tmp_path: Path) -> None:
    store = Store(tmp_path / "desk.db")
    draft = Draft(store)
    draft.load_sheet(
        "手机号,入会\n13012121211,2026/3/4\n13012121212,46085\n13012121213,明天\n".encode(), "a.csv"
    )
    draft.change_components([ComponentRow(id=DAY.id, column="入会", kind="date")])
    here = practice("http://127.0.0.1:1")
    review = draft.review(here)
    assert review.contacts[component_column(DAY.id)].tolist()[0] == "2026-03-04"
    assert review.problems[["row", "code", "suggestion"]].to_numpy().tolist() == [
        [3, "date_invalid", "2026-03-04"],
        [4, "date_invalid", ""],
    ]
    again = Draft.open(store, str(draft.id))
    assert again
    assert again.component_rows == draft.component_rows
    draft.remember_mapping()
    other = Draft(store)
    other.load_sheet("手机号,入会\n13012121214,2026.3.4\n".encode(), "b.csv")
    (batch,) = payload.batches(other.review(here), here.options)
    assert payload.body(batch)["data"][0]["components"] == [{"id": DAY.id, "value": "2026-03-04"}]
    store.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_known_rules_are_told_in_words_and_others_as_they_are(lang: str) -> None:
    said = describe_rules("cascade", ("required", "max:20"), lang)
    assert "cascade" in said
    assert "max:20" in said
    assert "required" in said if lang == "en" else "必填" in said


# --- the template ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_template_brings_a_column_for_each_component_that_is_recognised_and_passes(lang: str) -> None:
    read = sheet.read(samples.template(lang, KNOWN), "template.xlsx", example_lines=True)
    rows = named_alike(KNOWN, read.table.columns, [])
    assert [row.label for row in rows] == [one.name for one in KNOWN]
    review = check(apply(read, merged(suggest(read), rows)), Options(), practice=True, rules=rules(rows))
    assert review.problems.empty
    assert set(review.changes["field"]) == {"sex"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_component_called_like_a_field_or_like_another_takes_no_second_column(lang: str) -> None:
    twins = [
        Component(NICK.id, "姓名" if lang == "zh" else "Name"),
        Component(CAR.id, "车"),
        Component(AGE.id, " 车 "),
    ]
    plain = sheet.read(samples.template(lang), "template.xlsx").table.columns
    columns = sheet.read(samples.template(lang, twins), "template.xlsx").table.columns
    assert list(columns) == [*plain, "车"]


def test_an_own_column_does_not_change_what_feeds_the_fields() -> None:
    assert merged(Mapping(columns={"phone": "电话"}), [ComponentRow(id=DAY.id, column="日期")]).columns == {
        "phone": "电话"
    }


def test_a_mended_cell_is_judged_by_its_rule_like_the_whole_sheet_and_after_a_return(tmp_path: Path) -> None:
    store = Store(tmp_path / "desk.db")
    draft = Draft(store)
    draft.load_sheet("手机号,车,日期\n13012121211,轿车,明天\n13012121212,,2026/3/4\n".encode(), "people.csv")
    draft.change_components([row_of(CAR, "车"), row_of(DAY, "日期")])
    here = practice("http://127.0.0.1:1")
    assert set(draft.review(here).problems["code"]) == {"date_invalid", "component_missing"}
    draft.edit([(2, component_column(DAY.id), "2026年5月6日"), (3, component_column(CAR.id), "卡车")], here)
    review = draft.review(here)
    assert review.problems["code"].tolist() == []
    assert review.contacts[component_column(DAY.id)].tolist() == ["2026-05-06", "2026-03-04"]
    draft.edit([(3, component_column(CAR.id), "")], here)
    assert draft.review(here).problems[["row", "code"]].to_numpy().tolist() == [[3, "component_missing"]]
    again = Draft.open(store, str(draft.id))
    assert again
    assert again.review(here).problems.equals(draft.review(here).problems)
    store.close()
