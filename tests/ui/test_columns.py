"""What becomes of each column of the sheet; several columns for one field; words in columns of numbers; how the call will read."""

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


def test_every_column_of_the_sheet_stands_there_in_its_order_with_examples_and_the_reason(
    columns: AppTest,
) -> None:
    boxes = [box for box in columns.selectbox if str(box.key).startswith("map.")]
    assert [box.label for box in boxes] == ["姓", "名", "手机", "备用电话", "来源"]
    assert [box.value for box in boxes] == [
        None,
        None,
        ("field", "phone"),
        ("nothing", ""),
        ("field", "source_id"),
    ]
    shown = texts(columns)
    assert "130\\*\\*\\*\\*1211" not in shown
    assert "130****1211 · 136****5678 · 135****5678" in shown
    assert "抖音 · 百度 · 3" in shown


def test_what_gives_way_to_a_choice_is_said_in_that_row_and_taken_back_there(
    columns: AppTest, desk: Services
) -> None:
    column(columns, "备用电话").select(("field", "phone")).run()
    assert draft_of(desk).mapping.sources("phone") == ("备用电话",)
    [told] = [one.value for one in columns.info]
    assert told == t("columns.replaced", "zh", target="手机号", column="备用电话", before="手机")
    assert column(columns, "手机").value == ("nothing", "")
    columns.run()
    assert [one.value for one in columns.info] == [told], "as long as nothing else is changed"
    columns.button(key=f"columns.undo.{draft_of(desk).id}").click().run()
    assert draft_of(desk).mapping.sources("phone") == ("手机",)
    assert not columns.info


def test_both_columns_are_used_after_a_press(columns: AppTest, desk: Services) -> None:
    column(columns, "备用电话").select(("field", "phone")).run()
    button(columns, "两列都用").click().run()
    assert not columns.exception
    assert draft_of(desk).contacts["phone"].tolist()[:2] == ["13012121211", "13912345678"]
    assert t("columns.stands_in", "zh", column="手机", field="手机号") in texts(columns)
    column(columns, "手机").select(("nothing", "")).run()
    assert draft_of(desk).mapping.sources("phone") == ("备用电话",)
    assert [one.value for one in columns.info] == [
        t("columns.rest", "zh", target="手机号", columns="备用电话")
    ]


def test_a_question_is_answered_by_saying_that_the_column_is_not_sent(
    columns: AppTest, desk: Services
) -> None:
    column(columns, "名").select(("nothing", "")).run()
    draft = draft_of(desk)
    assert (draft.mapping.offers, "name" in draft.mapping.columns) == ({}, False)
    assert column(columns, "姓").value == ("nothing", "")


def test_without_a_phone_the_field_stands_open_in_red_and_nobody_goes_on(
    columns: AppTest, desk: Services
) -> None:
    column(columns, "手机").select(("nothing", "")).run()
    assert f":red[**{t('field.phone.label', 'zh')}** · {t('mapping.required', 'zh')}]" in texts(columns)
    assert t("mapping.phone_first", "zh") in [one.value for one in columns.error]
    assert button(columns, t("mapping.next", "zh")).disabled
    field(columns, "phone").select(("column", "备用电话")).run()
    assert draft_of(desk).mapping.sources("phone") == ("备用电话",)
    assert field(columns, "phone").value == ("column", "备用电话"), "it stays where it was chosen"
    assert not button(columns, t("mapping.next", "zh")).disabled


def test_a_column_that_feeds_two_fields_has_a_choice_for_each(app: AppTest, desk: Services) -> None:
    visit(upload(app, "姓名,手机号\n张伟,13012121211\n"), "mapping")
    field(unfolded(app, desk), "company").select(("column", "姓名")).run()
    assert t("columns.feeds_too", "zh", column="姓名", fields="姓名") in texts(app)
    another = t("columns.another", "zh", column="姓名", at=2)
    column(app, another).select(("nothing", "")).run()
    assert draft_of(desk).mapping.columns == {"phone": "手机号", "name": "姓名"}


WIDE = [f"栏目{at}" for at in range(60)]


def test_of_a_wide_sheet_only_what_is_sent_or_asked_is_drawn_until_the_rest_is_opened(
    app: AppTest, desk: Services
) -> None:
    upload(app, f"姓名,手机号,{','.join(WIDE)},来源\n张伟,13012121211,{','.join(WIDE)},抖音\n")
    visit(app, "mapping")
    drawn_ = [box.label for box in app.selectbox if str(box.key).startswith("map.")]
    assert drawn_ == ["姓名", "手机号", "来源"]
    assert any("另外 60 列不发送" in one.label for one in app.expander)
    unfolded(app, desk, "columns.folded")
    assert [box.label for box in app.selectbox if str(box.key).startswith("map.")] == [*drawn_, *WIDE]
    column(app, "栏目7").select(("field", "company")).run()
    assert draft_of(desk).mapping.columns["company"] == "栏目7"
    assert [box.label for box in app.selectbox if str(box.key).startswith("map.")][10] == "栏目7", "it stays"
    assert not app.exception


def reading(app: AppTest, desk: Services, script: str) -> AppTest:
    """The script of the task as somebody pasted it."""
    box = next(
        box for box in unfolded(app, desk, "reading").text_area if box.label == t("reading.script", "zh")
    )
    return box.set_value(script).run()


def read(app: AppTest) -> str:
    """The script as it is shown filled."""
    return next(one.value for one in app.markdown if one.value.startswith("您好")).replace("\\", "")


def test_the_opening_of_a_script_is_kept_for_the_task_and_read_row_by_row(
    columns: AppTest, desk: Services
) -> None:
    button(columns, "拼成“姓名”").click().run()
    reading(columns, desk, "您好 {姓名}，{手机}，{备用电话}，{昵称}")
    assert desk.store.scripts.recall(HERE.task) == "您好 {姓名}，{手机}，{备用电话}，{昵称}"
    assert read(columns) == (
        "您好 **张伟**，**130****1211**，:red[〔备用电话：不会发送〕]，:orange[〔昵称：没有这个名称〕]"
    )
    assert t("reading.unfed_means", "zh", names="备用电话") in texts(columns)
    assert t("reading.unknown_means", "zh", names="昵称") in texts(columns)
    assert t("reading.blanks", "zh", count=1) in texts(columns)
    assert button(columns, t("reading.before", "zh")).disabled
    button(columns, t("reading.next_blank", "zh")).click().run()
    assert "**李娜**，:red[〔手机：这一行是空的〕]" in read(columns)
    assert t("reading.row", "zh", row=3, at=2, rows=4) in texts(columns)
    button(columns, t("reading.after", "zh")).click().run()
    assert "**王芳**" in read(columns)


def test_a_script_is_there_for_the_next_list_of_the_task(columns: AppTest, desk: Services) -> None:
    reading(columns, desk, "您好 {姓名}，再会")
    desk.store.drafts.delete(str(draft_of(desk).id))
    upload(columns, "姓名,手机号\n周杰,13012121213\n")
    unfolded(visit(columns, "mapping"), desk, "reading")
    assert read(columns) == "您好 **周杰**，再会"
    assert t("reading.whole", "zh") in texts(columns)
    assert button(columns, t("reading.next_blank", "zh")).disabled
