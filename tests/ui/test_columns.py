"""Several columns for one field, and words in columns of numbers: shown before they are taken, told once, or not used."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.draft import Draft
from lib.platform.connection import practice
from lib.ui.services import Services
from lib.words import t
from tests.ui.conftest import visit
from tests.ui.steps import button, column, draft_of, field, texts, unfolded, upload

HERE = practice("")
CSV = "姓,名,手机,备用电话,来源\n张,伟,13012121211,,抖音\n李,娜,,13912345678,百度\n王,芳,13612345678,,抖音\n赵,强,13512345678,,3\n"


@pytest.fixture
def columns(app: AppTest, desk: Services) -> AppTest:
    """The mapping page of a list with a name in two parts, a second phone and sources in words."""
    upload(app, CSV)
    draft = draft_of(desk)
    draft.change_mapping(draft.mapping.with_column("phone", "手机").with_column("source_id", "来源"))
    return visit(app, "mapping")


def names(draft: Draft) -> list[str]:
    return draft.contacts["name"].tolist()


def test_a_name_in_two_columns_is_offered_whole_and_taken_by_a_press(
    columns: AppTest, desk: Services
) -> None:
    assert "name" not in draft_of(desk).contacts.columns
    assert "可能是“姓名”（姓 + 名）：张伟 · 李娜 · 王芳" in texts(columns)
    assert "可能和“姓”拼成“姓名”" in texts(columns), "the other half says so, too"
    button(columns, "拼成“姓名”").click().run()
    assert names(draft_of(desk)) == ["张伟", "李娜", "王芳", "赵强"]
    assert "姓 + 名：张伟 · 李娜 · 王芳" in texts(columns)
    assert not any("拼成" in found.label for found in columns.button)


def test_another_column_for_empty_phones_is_shown_before_it_is_taken(
    columns: AppTest, desk: Services
) -> None:
    hint = "有 1 行这里是空的，但“备用电话”有号码。"
    assert hint in texts(columns)
    box = next(box for box in columns.multiselect if "“手机”为空时" in box.label)
    box.select("备用电话").run()
    shown = texts(columns)
    assert "“手机”为空、能用别的列补上的有 **1** 行。" in shown
    assert "第 3 行：139\\*\\*\\*\\*5678（来自“备用电话”）" in shown
    assert draft_of(desk).mapping.sources("phone") == ("手机",)
    button(columns, "就这样用").click().run()
    draft = draft_of(desk)
    assert draft.contacts["phone"].tolist() == ["13012121211", "13912345678", "13612345678", "13512345678"]
    assert hint not in texts(columns)
    button(columns, "只用“手机”").click().run()
    assert draft_of(desk).mapping.sources("phone") == ("手机",)


def test_texts_are_put_together_in_the_order_chosen(columns: AppTest, desk: Services) -> None:
    draft = draft_of(desk)
    draft.change_mapping(draft.mapping.with_column("name", "名"))
    visit(columns, "mapping")
    next(radio for radio in columns.radio if radio.label == "怎么合用").set_value("join").run()
    next(box for box in columns.multiselect if "按先后选" in box.label).select("姓").run()
    next(box for box in columns.selectbox if box.label == "中间加").select(" ").run()
    assert "第 2 行：伟 张" in texts(columns)
    button(columns, "就这样用").click().run()
    assert names(draft_of(desk)) == ["伟 张", "娜 李", "芳 王", "强 赵"]


def test_each_word_gets_its_number_once(columns: AppTest, desk: Services) -> None:
    assert "“**信息来源 ID**”只能填数字，这一列却有 **2** 种写法不是（共 3 行）" in texts(columns)
    next(box for box in columns.number_input if "抖音" in box.label).set_value(7).run()
    next(box for box in columns.number_input if "百度" in box.label).set_value(0).run()
    assert not columns.exception
    draft = draft_of(desk)
    assert draft.contacts["source_id"].tolist() == ["7", "0", "7", "3"]
    assert desk.store.meanings.recall("practice") == {"source_id": {"抖音": "7", "百度": "0"}}
    assert "只能填数字" not in texts(columns)
    next(box for box in columns.number_input if "抖音" in box.label).set_value(None).run()
    assert draft_of(desk).contacts["source_id"].tolist() == ["抖音", "0", "抖音", "3"]


@pytest.mark.parametrize("page", ["mapping", "review"])
def test_a_column_of_words_is_not_used_after_a_press(columns: AppTest, desk: Services, page: str) -> None:
    visit(columns, page)
    button(columns, "不用这一列").click().run()
    draft = draft_of(desk)
    assert "source_id" not in draft.mapping.columns
    assert draft.tally(HERE).to_send == 3


def test_the_review_names_the_field_and_takes_the_numbers_too(columns: AppTest, desk: Services) -> None:
    visit(columns, "review")
    assert "“信息来源 ID”只能填数字，有 3 处不是：给每种写法一个数字，或不用这一列" in texts(columns)
    next(box for box in columns.number_input if "抖音（2 行）" in box.label).set_value(7).run()
    assert not columns.exception
    assert draft_of(desk).contacts["source_id"].tolist() == ["7", "百度", "7", "3"]


def test_what_is_no_list_of_words_is_said_to_be_none(app: AppTest, desk: Services) -> None:
    rows = "".join(f"1301212{1000 + at},词{at}\n" for at in range(50))
    upload(app, f"手机号,来源\n{rows}")
    draft = draft_of(desk)
    draft.change_mapping(draft.mapping.with_column("source_id", "来源"))
    visit(app, "mapping")
    assert any("写法这么多，多半不是这个字段的列" in found.label for found in app.expander)
    assert "还有 10 种写法没有列出。" in texts(app)
    button(app, "不用这一列").click().run()
    assert not app.number_input


def drawn(app: AppTest) -> list[str]:
    """What stands on the page in its order: the columns and the fields by their names, headers, errors."""
    found = []
    for one in app.main:
        if one.type == "selectbox" and str(one.key).startswith(("map.", "field.")):
            found.append(one.label)
        elif one.type in ("header", "error"):
            found.append(one.type)
    return found


@pytest.mark.parametrize("pressed", ["choice", "offer", "fixed", "together"])
def test_what_went_wrong_in_a_row_is_told_below_that_row(
    columns: AppTest, desk: Services, pressed: str
) -> None:
    if pressed == "fixed":
        field(unfolded(columns, desk), "company").select(("fixed", "")).run()
    if pressed == "together":
        next(box for box in columns.multiselect if "“手机”为空时" in box.label).select("备用电话").run()
    draft_of(desk).leave_out([2])  # another window
    row = {"choice": "来源", "offer": "姓", "fixed": "公司", "together": "手机"}[pressed]
    if pressed == "choice":
        column(columns, "来源").select(("field", "company")).run()
    elif pressed == "offer":
        button(columns, "拼成“姓名”").click().run()
    elif pressed == "fixed":
        next(box for box in columns.text_input if str(box.key).startswith("fixed.")).input("晨光").run()
    else:
        button(columns, "就这样用").click().run()
    assert [one.value for one in columns.error] == [t("error.draft_changed", "zh")]
    seen = drawn(columns)
    assert seen[seen.index("error") - 1] == row
    columns.run()
    assert not columns.error


def test_what_went_wrong_with_the_meaning_of_a_word_is_told_at_the_words(
    columns: AppTest, desk: Services
) -> None:
    draft_of(desk).leave_out([2])  # another window
    next(box for box in columns.number_input if "抖音" in box.label).set_value(7).run()
    assert [one.value for one in columns.error] == [t("error.draft_changed", "zh")]
    kinds = [
        "words" if one.type == "number_input" else one.type
        for one in columns.main
        if one.type in ("error", "header")
        or (one.type == "number_input" and "抖音" in one.label)
        or (one.type == "selectbox" and str(one.key).startswith("map."))
    ]
    at = kinds.index("error")
    assert (kinds[at - 1], kinds[at + 1]) == ("selectbox", "words"), "below the columns, above the words"
    assert draft_of(desk).mapping.values == {}
