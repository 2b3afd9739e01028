"""The controls of the fixing desk do what they say, and the person keeps page and order."""

from typing import Any

import pytest
from streamlit.proto.RootContainer_pb2 import RootContainer
from streamlit.testing.v1 import AppTest

from lib.errors import Conflict
from lib.mapping import Sureness
from lib.mapping.components import ComponentRow
from lib.platform.connection import practice
from lib.run.states import DataDeed
from lib.ui import keys
from lib.ui.services import Services
from lib.words import t
from tests.ui.conftest import figures_of, visit
from tests.ui.steps import button, column, draft_of, submitted, texts, unfold_receipt, upload

HERE = practice("")

#: Streamlit's number for what stands at the bottom of the window.
BAR = RootContainer.BOTTOM
ROWS = 120
CSV = "姓名,手机号,性别,公司\n" + "\n".join(
    f"客户{at},{'1301' if at % 2 else ''}{at:03d},{'帅哥' if at == 3 else '男'},{'甲' if at % 3 else ''}"
    for at in range(ROWS)
)


@pytest.fixture
def review(app: AppTest, desk: Services) -> AppTest:
    """120 rows without one good number on the review page."""
    upload(app, CSV)
    draft = draft_of(desk)
    draft.change_mapping(draft.mapping.with_column("phone", "手机号"))
    return visit(app, "review")


def rows(app: AppTest) -> list[int]:
    """Row numbers of the page of the grid."""
    return [int(row) for row in app.get("data_editor")[0].value.index]


def in_the_bar(app: AppTest, kind: str) -> list[Any]:
    """Elements of this kind in the bar at the bottom of the window."""
    return list(app._tree.children[BAR].get(kind)) if BAR in app._tree.children else []


def test_the_grid_is_paged_on_the_server_and_stays_on_its_page_after_a_change(review: AppTest) -> None:
    assert (rows(review)[0], len(rows(review))) == (2, 50)
    review.get("pagination")[0].set_value(2).run()
    assert rows(review)[0] == 52
    button(review, "勾选本页 50 行").click().run()
    button(review, "不提交（50 行）").click().run()
    assert not review.exception
    assert rows(review)[0] == 52
    assert figures_of(review)["不提交"] == "50"


def test_another_page_size_keeps_the_first_row_on_the_page(review: AppTest) -> None:
    review.get("pagination")[0].set_value(3).run()
    review.selectbox(key="grid.size").select(100).run()
    assert rows(review)[0] == 102
    assert len(rows(review)) == 20


def test_sec63_very_long_cells_make_pages_of_fewer_rows_and_each_row_stands_on_one(
    app: AppTest, desk: Services
) -> None:
    upload(app, "手机号,姓名\n" + "\n".join(f"1301,{'长' * 32_000}" for _ in range(70)))
    draft = draft_of(desk)
    draft.change_mapping(draft.mapping.with_column("phone", "手机号").with_column("name", "姓名"))
    long = visit(app, "review")
    long.selectbox(key="grid.size").select(100).run()
    assert rows(long) == list(range(2, 64))  # 62 times 32,000 characters and a few
    long.get("pagination")[0].set_value(2).run()
    assert rows(long) == list(range(64, 72))


def test_the_rows_come_in_the_order_asked_for(review: AppTest) -> None:
    review.selectbox(key="grid.descending").select(True).run()
    assert rows(review)[:2] == [121, 120]
    review.selectbox(key="grid.sort").select("company").run()
    assert rows(review)[:2] == [3, 4]


def test_undo_and_redo_are_offered_with_their_count_when_there_is_something(
    review: AppTest, desk: Services
) -> None:
    assert not any("撤销" in found.label or "重做" in found.label for found in review.button)
    button(review, "这 1 行不提交").click().run()
    button(review, "撤销（1 处）").click().run()
    assert draft_of(desk).left_out == frozenset()
    assert button(review, "撤销").disabled
    button(review, "重做（1 处）").click().run()
    assert draft_of(desk).left_out == {5}


def test_an_unknown_word_is_explained_once(review: AppTest, desk: Services) -> None:
    box = next(box for box in review.selectbox if "帅哥" in box.label)
    box.select("1").run()
    assert not review.exception
    assert draft_of(desk).mapping.values["sex"] == {"帅哥": "1"}
    assert not any("帅哥" in box.label for box in review.selectbox)


def test_a_replacement_is_counted_and_shown_before_it_is_made(review: AppTest, desk: Services) -> None:
    name = f"fixing.find.{draft_of(desk).id}"
    next(box for box in review.selectbox if box.key.startswith("fixing.replace.column")).select(
        "company"
    ).run()
    review.text_input(key=name).input("甲").run()
    assert "**80** 格" in texts(review)
    assert "第 3 行：甲" in texts(review)
    review.text_input(key=name.replace("find", "put")).input("乙").run()
    button(review, "替换 80 格").click().run()
    assert set(draft_of(desk).typed("company")) == {"乙"}
    assert len(draft_of(desk).edits) == 80


def test_a_replacement_names_a_row_that_was_made_as_the_grid_does(app: AppTest, desk: Services) -> None:
    upload(app, "姓名,手机号\n张伟,13012121211/13912345678\n李娜,1301\n")
    draft_of(desk).split_numbers(HERE)
    visit(app, "review")
    next(box for box in app.selectbox if box.key.startswith("fixing.replace.column")).select("name").run()
    app.text_input(key=f"fixing.find.{draft_of(desk).id}").input("张").run()
    assert not app.exception
    assert [one.value.split("：")[0] for one in app.caption if "张伟 →" in one.value] == [
        "第 2 行",
        "第 2 (2) 行",
    ]


def test_one_value_and_filling_down_reach_the_ticked_rows_only(review: AppTest, desk: Services) -> None:
    button(review, "勾选本页 50 行").click().run()
    next(box for box in review.selectbox if box.key.startswith("fixing.fill.column")).select("company").run()
    button(review, "填充空格").click().run()
    typed = draft_of(desk).typed("company")
    assert set(typed) == {"甲"}
    assert (typed.index.min(), typed.index.max()) == (5, 50), "the first row has nothing above it"
    next(box for box in review.selectbox if box.key.startswith("fixing.set.column")).select("company").run()
    next(box for box in review.text_input if box.key.startswith("fixing.set.value")).input("丙").run()
    button(review, "填入 50 行").click().run()
    assert set(draft_of(desk).typed("company")) == {"丙"}


def test_search_and_filter_start_on_the_first_page(review: AppTest) -> None:
    review.get("pagination")[0].set_value(2).run()
    review.text_input(key="grid.search").input("客户77").run()
    assert rows(review) == [79]
    review.text_input(key="grid.search").input("").run()
    assert rows(review)[0] == 2


def test_an_order_by_a_field_that_nothing_feeds_any_more_falls_back_to_the_row_numbers(
    review: AppTest, desk: Services
) -> None:
    review.selectbox(key="grid.sort").select("company").run()
    draft = draft_of(desk)
    draft.change_mapping(draft.mapping.without("company"))
    visit(review, "review")
    assert not review.exception
    assert review.selectbox(key="grid.sort").value == ""
    assert rows(review)[0] == 2


def test_one_kind_of_problem_alone_is_shown_until_its_chip_is_pressed(review: AppTest) -> None:
    every = rows(review)
    next(one for one in review.button if one.key == "show.sex_unknown_word.sex").click().run()
    assert rows(review) == [5]
    button(review, "只看：").click().run()
    assert not review.exception
    assert rows(review) == every
    assert not [one for one in review.button if one.key == "grid.only"]


def test_a_row_whose_mending_is_undone_is_in_the_list_at_once(app: AppTest, desk: Services) -> None:
    upload(app, "姓名,手机号\n张伟,13012121211\n王芳,1301\n")
    draft = draft_of(desk)
    draft.edit([(3, "phone", "13912345678")], HERE)
    visit(app, "review")
    assert not app.get("data_editor") or rows(app) == []
    button(app, "撤销").click().run()
    assert rows(app) == [3]


def test_rows_that_are_all_taken_back_leave_the_list_of_those_left_out(review: AppTest) -> None:
    button(review, "这 1 行不提交").click().run()
    review.radio(key="grid.show").set_value("left_out").run()
    assert rows(review) == [5]
    button(review, t("review.take_back", "zh")).click().run()
    assert not review.exception
    assert not review.get("data_editor")
    assert t("grid.empty", "zh") in texts(review)


def test_the_list_is_found_anew_after_another_mapping_and_kept_after_an_edit(
    app: AppTest, desk: Services
) -> None:
    upload(app, "姓名,手机号,备用\n张伟,13012121211,1301\n王芳,1301,13912345678\n李娜,1302,13912345679\n")
    draft = draft_of(desk)
    draft.change_mapping(draft.mapping.with_column("phone", "手机号"))
    visit(app, "review")
    assert rows(app) == [3, 4]
    draft_of(desk).edit([(4, "phone", "13612345678")], HERE)
    visit(app, "review")
    next(one for one in app.button if one.key == "show.phone_too_short.phone").click().run()
    assert rows(app) == [3]
    app.button(key="grid.only").click().run()
    visit(app, "mapping")
    column(app, "备用").select(("field", "phone")).run()
    visit(app, "review")
    assert not app.exception
    assert rows(app) == [2]


def test_numbers_that_may_go_again_leave_the_list_at_once(app: AppTest, desk: Services) -> None:
    submitted(app, desk, "姓名,手机号\n张伟,13012121211\n王芳,13912345678\n")
    button(visit(app, "submit"), t("run.next_upload", "zh")).click().run()
    upload(app, "姓名,手机号\n张伟,13012121211\n赵四,1301\n")
    visit(app, "review")
    app.radio(key="grid.show").set_value("errors").run()
    assert rows(app) == [2, 3]
    app.button(key="review.send_again").click().run()
    assert rows(app) == [3]
    visit(app, "submit")
    button(app, t("plan.not_again", "zh")).click().run()
    visit(app, "review")
    assert rows(app) == [2, 3]


def test_a_number_with_stars_is_refused_in_words_in_the_bar_where_it_was_typed(review: AppTest) -> None:
    button(review, "勾选本页 50 行").click().run()
    next(box for box in review.selectbox if box.key.startswith("fixing.set.column")).select("phone").run()
    next(box for box in review.text_input if box.key.startswith("fixing.set.value")).input(
        "139****4322"
    ).run()
    button(review, "填入 50 行").click().run()
    assert in_the_bar(review, "error")[0].value == t("error.mask_typed", "zh")
    review.run()
    assert t("error.mask_typed", "zh") not in [one.value for one in review.error]


@pytest.mark.parametrize(
    ("page", "pressed", "above"),
    [
        ("review", "leave.phone_too_short.phone", "metric"),
        ("review", "receipt.keep.spaces", "expander"),
        ("mapping", "添加公海组件", "header"),
    ],
)
def test_what_went_wrong_with_many_at_once_is_told_where_it_was_pressed(
    app: AppTest, desk: Services, page: str, pressed: str, above: str
) -> None:
    unfold_receipt(app)
    visit(upload(app), page)
    draft_of(desk).leave_out([2])
    next(one for one in app.button if pressed in (one.key, one.label)).click().run()
    [told] = [one.value for one in app.error]
    assert told == t("error.draft_changed", "zh")
    if above == "expander":
        assert [one.value for box in app.expander for one in box.error] == [told]
    else:
        kinds = ("metric", "header", "error")
        drawn = [one.type for one in app.main if one.type in kinds]
        assert drawn.index("error") > drawn.index(above)


@pytest.mark.parametrize("page", ["mapping", "do_not_call"])
def test_what_went_wrong_at_a_place_that_is_not_drawn_any_more_is_told_all_the_same(
    review: AppTest, page: str
) -> None:
    review.session_state["kept_error"] = (Conflict("mask_typed"), "grid")
    visit(review, page)
    assert [one.value for one in review.error] == [t("error.mask_typed", "zh")]


def test_every_kind_of_problem_has_a_button_that_names_it(app: AppTest, desk: Services) -> None:
    upload(
        app,
        "姓名,手机号,性别,邮箱,公司\n甲,1301212,帅哥,a@b,N/A\n乙,13012121211,男,a@b.cn,undefined\n丙,,女,,晨光\n",
    )
    visit(app, "review")
    labels = [one.label for one in app.button if (one.key or "").startswith("show.")]
    assert len(labels) > 3
    assert len(set(labels)) == len(labels)
    assert "查看：没有号码" in labels


def test_the_list_of_problems_is_folded_while_one_kind_is_looked_at(review: AppTest, desk: Services) -> None:
    key = keys.of("problems", draft_of(desk).id)
    assert review.session_state[key]
    next(one for one in review.button if one.key == "show.sex_unknown_word.sex").click().run()
    assert not review.session_state[key]


def test_each_filter_in_force_is_taken_away_alone(review: AppTest) -> None:
    next(one for one in review.button if one.key == "show.sex_unknown_word.sex").click().run()
    review.text_input(key="grid.search").input("客户9").run()
    assert not review.get("data_editor")
    review.button(key="grid.only_search").click().run()
    assert rows(review) == [5], "the kind of problem is still asked for"
    review.text_input(key="grid.search").input("客户3").run()
    review.button(key="grid.only").click().run()
    assert rows(review) == [5, *range(32, 42)], "the text is still looked for"
    review.button(key="grid.only_search").click().run()
    review.button(key="grid.only_show").click().run()
    assert review.radio(key="grid.show").value == "all"
    assert not [one for one in review.button if (one.key or "").startswith("grid.only")]


def test_the_grid_has_one_column_of_check_boxes_and_says_what_becomes_of_each_row(
    app: AppTest, desk: Services
) -> None:
    upload(app, "姓名,手机号\n甲,13012121211\n乙,1301\n丙,13012121211\n丁,13912345678\n")
    draft_of(desk).leave_out([5])
    visit(app, "review")
    app.radio(key="grid.show").set_value("all").run()
    shown = app.get("data_editor")[0].value
    assert [name for name in shown if shown[name].dtype == bool] == [t("fixing.pick", "zh")]
    assert shown[t("grid.goes", "zh")].tolist() == ["✓ 将提交", "✕ 有错不提交", "= 号码重复", "– 不提交"]
    assert shown.columns.tolist()[:3] == ["勾选", "去向", "问题"], "what is wrong stands before the data"


def test_what_can_be_done_with_ticked_rows_stands_in_the_bar_at_the_bottom(
    review: AppTest, desk: Services
) -> None:
    assert not [one for one in review.button if one.key == "fixing.leave_out"]
    button(review, "勾选本页 50 行").click().run()
    assert [one for one in in_the_bar(review, "button") if one.key == "fixing.leave_out"]
    review.button(key="fixing.leave_out").click().run()
    assert [one for one in in_the_bar(review, "button") if one.key == "fixing.take_back"]
    assert len(draft_of(desk).left_out) == 50
    button(review, t("fixing.untick", "zh")).click().run()
    assert not [one for one in in_the_bar(review, "button") if (one.key or "").startswith("fixing")]


def test_order_and_pages_are_offered_where_there_is_more_than_one(review: AppTest) -> None:
    assert review.selectbox(key="grid.sort")
    review.selectbox(key="grid.descending").select(True).run()
    review.text_input(key="grid.search").input("客户77").run()
    assert review.selectbox(key="grid.descending"), "an order that is in force can be taken back"
    review.selectbox(key="grid.descending").select(False).run()
    assert not [one for one in review.selectbox if one.key in ("grid.sort", "grid.size")]


def test_columns_are_chosen_those_that_feed_nothing_among_them(app: AppTest, desk: Services) -> None:
    upload(app, "姓名,手机号,备注,去向\n甲,1301,要回访,给13012121211\n乙,13912345678,,\n")
    visit(app, "review")
    [box] = app.multiselect
    assert "备注" not in app.get("data_editor")[0].value
    box.set_value([*box.value, "sheet:备注", "sheet:去向"]).run()
    assert not app.exception
    shown = app.get("data_editor")[0].value
    assert shown["备注"].tolist() == ["要回访"]
    assert shown["去向 (2)"].tolist() == ["给130****1211"], (
        "hidden as everywhere, and not taken for the column of ours"
    )
    [box] = app.multiselect
    box.set_value([name for name in box.value if name != "name"]).run()
    assert "姓名" not in app.get("data_editor")[0].value


def test_a_column_of_a_component_is_no_column_to_look_at_and_one_that_is_only_offered_is(
    app: AppTest, desk: Services
) -> None:
    upload(app, "姓名,手机号,城市,备注\n甲,1301,上海,要回访\n乙,13912345678,北京,\n")
    draft = draft_of(desk)
    draft.change_feeding(
        draft.mapping._with_offer("company", ("备注",), None, Sureness.LIKELY),
        [ComponentRow(id="2a87347c-6dd5-4e22-97fe-9b8001dbcd17", column="城市")],
    )
    visit(app, "review")
    [box] = app.multiselect
    assert box.options == ["手机号", "姓名", "城市", "备注"]


def test_a_starred_number_is_shown_in_full_to_be_edited_and_that_is_written_down(
    app: AppTest, desk: Services
) -> None:
    upload(app, "姓名,手机号\n甲,13012121211\n乙,13912345678\n丙,1301\n")
    visit(app, "review")
    app.radio(key="grid.show").set_value("all").run()
    view = app.session_state["view.grid"]
    view.ticked = {2}
    app.run()
    app.button(key="numbers.reveal.ticked").click().run()
    assert not app.exception
    assert app.get("data_editor")[0].value["手机号"].tolist() == ["13012121211", "139****5678", "1301"]
    [line] = desk.store.journal.data_log().to_dict("records")
    assert (line["what"], line["draft_id"], line["facts"]) == (
        DataDeed.REVEALED,
        draft_of(desk).id,
        {"rows": 1},
    )
    assert not [one for one in app.button if one.key == "numbers.reveal.ticked"]
    view.starred = {3}  # as after stars were typed into that row
    app.run()
    app.button(key="numbers.reveal.grid").click().run()
    assert app.get("data_editor")[0].value["手机号"].tolist()[1] == "13912345678"
    assert len(desk.store.journal.data_log()) == 2
