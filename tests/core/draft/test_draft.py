"""A draft keeps its parts consistent and survives everything a browser does."""

import io
import json

import pytest

from lib.draft import Draft, bulk
from lib.draft.plan import run_plan, source_bytes, source_table, source_told
from lib.errors import Conflict, SheetRefused
from lib.mapping.components import ComponentRow
from lib.payload import Start, body
from lib.platform.connection import Connection, Options, practice
from lib.platform.directory import Component
from lib.store import Store

HERE = practice("")
CSV = "姓名,手机号,性别\n张伟,13012121211,男\n王芳,139 1234 5678,女\n李娜,1301212,女\n赵四,13012121211,男\n"
ID = "2a87347c-6dd5-4e22-97fe-9b8001dbcd17"


@pytest.fixture
def draft(store: Store) -> Draft:
    made = Draft(store)
    made.load_sheet(CSV.encode("gb18030"), "客户.csv")
    return made


def again(store: Store, draft: Draft) -> Draft:
    """The draft as another visit finds it."""
    found = Draft.open(store, str(draft.id))
    assert found
    return found


def test_where_an_upload_goes_is_kept_before_there_is_a_file_and_the_file_goes_there(store: Store) -> None:
    empty = Draft(store)
    empty.choose_connection("conn-1")
    found = again(store, empty)
    found.load_sheet(CSV.encode(), "客户.csv")
    assert [(one.id, one.state["connection_id"]) for one in store.drafts.latest()] == [(empty.id, "conn-1")]


def test_everything_is_found_again_by_another_visit(store: Store, draft: Draft) -> None:
    draft.choose_connection("conn-1")
    draft.change_mapping(draft.mapping.with_constant("source_id", "7"))
    draft.change_components([ComponentRow(id=ID, label="昵称", column="姓名")])
    draft.leave_out([2])
    draft.edit([(4, "phone", "13612345678")], HERE)
    found = again(store, draft)
    assert found.connection_id == "conn-1"
    assert found.mapping == draft.mapping
    assert found.component_rows == draft.component_rows
    assert found.left_out == {2}
    assert found.contacts.equals(draft.contacts)
    assert found.contacts.at[4, "phone"] == "13612345678"


def test_a_file_that_is_refused_leaves_the_earlier_one(store: Store, draft: Draft) -> None:
    before = draft.sheet
    with pytest.raises(SheetRefused):
        draft.load_sheet(b"", "leer.csv")
    assert draft.sheet is before
    assert again(store, draft).sheet.name == "客户.csv"


def test_a_second_file_is_a_second_draft_and_the_first_keeps_its_work(store: Store, draft: Draft) -> None:
    draft.leave_out([2])
    draft.edit([(4, "phone", "13612345678")], HERE)
    first = str(draft.id)
    draft.load_sheet("电话\n13700000000\n".encode(), "neu.csv")
    assert draft.left_out == frozenset()
    assert draft.edits == []
    assert draft.mapping.columns == {"phone": "电话"}
    assert draft.tally(HERE).rows == 1
    earlier = Draft.open(store, first)
    assert earlier
    assert earlier.left_out == {2}
    assert earlier.contacts.at[4, "phone"] == "13612345678"


def test_reading_the_same_file_with_another_header_row(draft: Draft) -> None:
    draft.reread(header_row=2)
    assert draft.sheet.header_row == 2
    assert len(draft.sheet.table) == 3


def test_the_rows_are_counted_once_each(draft: Draft) -> None:
    tally = draft.tally(HERE)
    assert (tally.rows, tally.to_send, tally.held_back, tally.repeated, tally.left_out) == (4, 2, 1, 1, 0)
    draft.leave_out([2, 4])
    tally = draft.tally(HERE)
    assert (tally.rows, tally.to_send, tally.held_back, tally.repeated, tally.left_out) == (4, 2, 0, 0, 2)
    draft.take_back_in([2])
    assert draft.tally(HERE).left_out == 1


def test_leaving_out_the_first_of_two_makes_the_second_the_one_that_is_sent(draft: Draft) -> None:
    draft.leave_out([2])
    assert draft.review(HERE).sendable[5]


def test_edits_are_facts_that_can_be_undone_one_press_at_a_time(draft: Draft) -> None:
    draft.edit([(4, "phone", "13612345678")], HERE)
    draft.edit([(2, "name", "甲"), (3, "name", "乙")], HERE)
    assert draft.undo() == 2
    assert draft.contacts.loc[[2, 3], "name"].tolist() == ["张伟", "王芳"]
    assert draft.contacts.at[4, "phone"] == "13612345678"
    assert draft.undo() == 1
    assert draft.undo() == 0
    assert draft.contacts.at[4, "phone"] == "1301212"


def test_what_was_taken_back_can_be_made_again_until_something_else_is_done(
    store: Store, draft: Draft
) -> None:
    draft.edit([(4, "phone", "13612345678")], HERE)
    draft.leave_out([2, 3])
    assert draft.turns == (2, 0)
    assert (draft.undo(), draft.left_out, draft.turns) == (2, frozenset(), (1, 2))
    assert (draft.undo(), draft.contacts.at[4, "phone"], draft.turns) == (1, "1301212", (0, 1))
    found = again(store, draft)
    assert (found.redo(), found.contacts.at[4, "phone"], found.left_out) == (1, "13612345678", frozenset())
    found.edit([(2, "name", "甲")], HERE)
    assert (found.turns, found.redo(), found.left_out) == ((1, 0), 0, frozenset())
    assert (found.undo(), found.turns) == (1, (1, 1)), (
        "an edit ended the redo of what came before it for good"
    )
    assert (found.redo(), found.contacts.at[2, "name"]) == (1, "甲")


def test_a_fact_says_before_after_who_and_when(store: Store, draft: Draft) -> None:
    draft.edit([(3, "phone", "13612345678")], HERE)
    draft.who = "小王"
    draft.leave_out([2, 2, 99])
    draft.take_back_in([2, 3])
    told = [
        (edit.row, edit.field, edit.before, edit.after, edit.who)
        for edit in store.edits.of_draft(str(draft.id))
    ]
    assert told == [
        (3, "phone", "13912345678", "13612345678", "person"),
        (2, "@send", "1", "0", "小王"),
        (2, "@send", "0", "1", "小王"),
    ]
    assert [edit.at for edit in draft.edits] == sorted({edit.at for edit in draft.edits})


def test_an_edit_taken_back_shows_what_the_sheet_says_again_and_its_cleaning(draft: Draft) -> None:
    draft.review(HERE)
    draft.edit([(3, "phone", "13612345678")], HERE)
    draft.undo()
    assert draft.contacts.at[3, "phone"] == "139 1234 5678"
    assert draft.review(HERE).contacts.at[3, "phone"] == "13912345678"


def test_rows_left_out_in_a_draft_of_an_earlier_version_stay_out(store: Store, draft: Draft) -> None:
    record = store.drafts.get(str(draft.id))
    store.drafts.save(str(draft.id), record.state | {"left_out": [2, 3]})
    found = again(store, draft)
    assert found.left_out == {2, 3}
    found.take_back_in([2])
    assert again(store, found).left_out == {3}
    found.undo()
    assert again(store, found).left_out == {2, 3}


def test_typing_the_same_value_again_is_no_edit(draft: Draft) -> None:
    draft.edit([(3, "phone", "13912345678"), (99, "phone", "1"), (2, "nothing", "1")], HERE)
    assert draft.edits == []


def test_what_was_typed_stays_when_another_column_feeds_the_field(draft: Draft) -> None:
    draft.edit([(4, "phone", "13612345678")], HERE)
    draft.change_mapping(draft.mapping.with_column("phone", "姓名"))
    assert draft.contacts.at[4, "phone"] == "13612345678"


def test_proposals_are_taken_for_one_kind_in_one_field(store: Store) -> None:
    draft = Draft(store)
    draft.load_sheet(
        "手机号\n13012121211\n13912345678\n张三13612345678\n13712345678/13812345678\n".encode(), "a.csv"
    )
    assert bulk.accept_all(draft, "phone_text", "phone", HERE) == 1
    assert draft.contacts["phone"].tolist()[2] == "13612345678"
    assert draft.tally(HERE).to_send == 3
    assert bulk.accept_all(draft, "phone_repeated", "phone", HERE) == 0


def test_cells_that_keep_a_row_back_can_be_emptied_at_once(store: Store) -> None:
    draft = Draft(store)
    draft.load_sheet("手机号,邮箱\n13012121211,oops\n13912345678,a@b.cn\n".encode(), "a.csv")
    bulk.clear(draft, "email_invalid", "email", HERE)
    assert draft.tally(HERE).to_send == 2
    assert draft.contacts["email"].tolist() == ["", "a@b.cn"]


def test_a_mapping_is_remembered_by_the_header_row(store: Store, draft: Draft) -> None:
    draft.change_mapping(draft.mapping.with_column("company", "姓名"))
    draft.change_components([ComponentRow(id=ID, column="性别")])
    draft.remember_mapping()
    other = Draft(store)
    other.load_sheet(CSV.replace("张伟", "周杰").encode(), "anders.csv")
    assert other.mapping.columns["company"] == "姓名"
    assert other.component_rows[0].id == ID
    assert other.mapping.extra_seed != draft.mapping.extra_seed


@pytest.mark.parametrize(
    ("text", "feeds"),
    [
        (
            "备注,姓名,单位,电话\nx,张伟,晨光,13012121211\n",
            {"name": "备注", "company": "单位", "phone": "电话"},
        ),
        (
            "电话,姓名,单位,备注,新列\n13012121211,张伟,晨光,x,y\n",
            {"name": "备注", "company": "单位", "phone": "电话"},
        ),
        ("电话,姓名,单位,备注,邮箱\n13012121211,张伟,晨光,x,a@b.cn\n", {"name": "备注", "email": "邮箱"}),
        (
            "电话,姓名,公司,备注\n13012121211,张伟,晨光,x\n",
            {"name": "备注", "company": "公司", "phone": "电话"},
        ),
    ],
    ids=["moved", "added", "a new column feeds what nothing fed", "renamed"],
)
def test_a_mapping_is_remembered_by_the_names_of_columns(
    store: Store, text: str, feeds: dict[str, str]
) -> None:
    first = Draft(store)
    first.load_sheet("电话,姓名,单位,备注\n13012121211,张伟,晨光,x\n".encode(), "a.csv")
    first.change_mapping(first.mapping.with_column("name", "备注"))
    first.change_components([ComponentRow(id=ID, column="单位")])
    first.remember_mapping()
    other = Draft(store)
    other.load_sheet(text.encode(), "b.csv")
    assert {name: other.mapping.columns.get(name) for name in feeds} == feeds
    assert other.mapping.sureness["name"] == "remembered"
    assert other.component_rows[0].column == ("单位" if "单位" in text else "")


def test_a_mapping_of_another_kind_of_list_is_not_recalled(store: Store, draft: Draft) -> None:
    draft.change_mapping(draft.mapping.with_column("company", "姓名"))
    draft.remember_mapping()
    other = Draft(store)
    other.load_sheet("手机号,学员,课程,校区,老师\n13012121211,张伟,英语,国贸,王老师\n".encode(), "b.csv")
    assert "remembered" not in other.mapping.sureness.values()


def test_a_remembered_phone_column_without_numbers_is_only_offered(store: Store) -> None:
    first = Draft(store)
    first.load_sheet("联系方式,姓名\n13012121211,张伟\n".encode(), "a.csv")
    first.remember_mapping()
    other = Draft(store)
    other.load_sheet("联系方式,姓名\nweixin_a,张伟\n".encode(), "b.csv")
    assert "phone" not in other.mapping.columns
    assert other.mapping.offers["phone"] == "联系方式"
    other.load_sheet("联系方式,姓名,手机号\nweixin_a,张伟,13012121211\n".encode(), "c.csv")
    assert other.mapping.columns["phone"] == "手机号"


def test_another_tab_makes_a_draft_stale(store: Store, draft: Draft) -> None:
    other = again(store, draft)
    assert not draft.is_stale
    other.leave_out([2])
    assert draft.is_stale


def test_what_another_tab_did_is_not_undone_silently(store: Store, draft: Draft) -> None:
    other = again(store, draft)
    other.leave_out([2, 3])
    for change in (
        lambda: draft.change_mapping(draft.mapping.without("name")),
        lambda: draft.edit([(4, "phone", "13612345678")], HERE),
        lambda: draft.take_back_in([2]),
        lambda: run_plan(draft, HERE),
    ):
        with pytest.raises(Conflict, match="draft_changed"):
            change()
    assert again(store, draft).left_out == {2, 3}


def test_a_submitted_draft_can_no_longer_be_changed(store: Store, draft: Draft) -> None:
    other = again(store, draft)
    store.runs.create(run_plan(draft, HERE))
    with pytest.raises(Conflict, match="draft_changed"):
        other.leave_out([2])


def test_a_deleted_draft_is_stale(store: Store, draft: Draft) -> None:
    store.drafts.delete(str(draft.id))
    assert draft.is_stale


def test_a_row_that_is_left_out_can_be_edited_too(draft: Draft) -> None:
    draft.leave_out([3])
    draft.edit([(3, "phone", "13712345678")], HERE)
    draft.take_back_in([3])
    assert draft.review(HERE).contacts.at[3, "phone"] == "13712345678"


def test_a_word_the_person_explained_is_understood_when_typed(draft: Draft) -> None:
    draft.change_mapping(draft.mapping.with_values("sex", {"帅哥": "1"}))
    draft.edit([(3, "sex", "帅哥")], HERE)
    assert draft.review(HERE).contacts.at[3, "sex"] == "1"


def test_a_plan_says_where_every_row_goes(draft: Draft) -> None:
    draft.leave_out([3])
    plan = run_plan(draft, HERE)
    assert plan.rows["disposition"].to_dict() == {2: "to_send", 3: "left_out", 4: "held_back", 5: "repeated"}
    assert plan.rows["reason"].to_dict() == {2: "", 3: "", 4: "phone_too_short", 5: "phone_repeated"}
    assert plan.rows["batch"].to_dict() == {2: 1, 3: -1, 4: -1, 5: -1}
    assert [(seq, rows) for seq, rows, _ in plan.bodies] == [(1, 1)]


def test_plan_and_requests_agree_when_doubtful_rows_go_last_and_one_goes_first(store: Store) -> None:
    draft = Draft(store)
    draft.load_sheet("手机号\n01088886666\n13012121211\n13912345678\n+85261234567\n".encode(), "a.csv")
    draft.choose_start(Start.ONE)
    plan = run_plan(again(store, draft), HERE)
    assert plan.rows["batch"].to_dict() == {2: 3, 3: 1, 4: 2, 5: 3}
    assert plan.hold_after == 1
    sent = {seq: [row["phone"] for row in json.loads(bytes_)["data"]] for seq, _, bytes_ in plan.bodies}
    assert sent == {1: ["13012121211"], 2: ["13912345678"], 3: ["01088886666", "+85261234567"]}
    run_id = store.runs.create(run_plan(draft, HERE))
    assert store.runs.conservation(run_id).holds
    assert store.batches.table(run_id)["rows"].tolist() == [1, 1, 2]


def test_how_to_start_is_a_choice_for_one_file(draft: Draft) -> None:
    draft.choose_start(Start.BATCH)
    draft.load_sheet(CSV.encode(), "andere.csv")
    assert draft.start == Start.ALL


def test_a_source_comes_back_as_it_was_even_with_a_column_called_row(store: Store) -> None:
    draft = Draft(store)
    draft.load_sheet("row,手机号\n007,13012121211\n".encode(), "a.csv")
    draft.change_mapping(draft.mapping.with_column("company", "row"))
    plan = run_plan(draft, HERE)
    table = source_table(plan.source)
    assert table["row"].tolist() == ["007"]
    assert table.index.tolist() == [2]


def test_what_was_wrong_is_kept_with_the_source(store: Store, draft: Draft) -> None:
    draft.change_components([ComponentRow(id=ID, label="昵称", column="姓名")])
    run_id = store.runs.create(run_plan(draft, HERE))
    problems, columns, _ = source_told(store.runs.source(run_id))
    assert problems[["row", "field", "code", "value"]].to_numpy().tolist() == [
        [4, "phone", "phone_too_short", "1301212"],
        [5, "phone", "phone_repeated", "13012121211"],
    ]
    assert columns == {
        "phone": ("手机号",), "name": ("姓名",), "sex": ("性别",), f"component:{ID}": ("姓名",),
    }  # fmt: skip
    assert source_table(store.runs.source(run_id)).equals(draft.sheet.table)


def test_a_source_of_an_earlier_version_tells_of_no_problems(draft: Draft) -> None:
    older = io.BytesIO()
    draft.sheet.table.rename_axis(None).to_parquet(older)
    problems, columns, _ = source_told(older.getvalue())
    assert (len(problems), columns) == (0, {})
    assert source_table(older.getvalue()).equals(source_table(source_bytes(draft.sheet.table)))


def test_a_draft_is_submitted_once(store: Store, draft: Draft) -> None:
    plan, same = run_plan(draft, HERE), run_plan(draft, HERE)
    assert store.runs.create(plan) == store.runs.create(same)
    assert len(store.runs.latest()) == 1


def test_numbers_of_an_earlier_run_are_held_back_until_the_person_decides(store: Store, draft: Draft) -> None:
    store.runs.create(run_plan(draft, HERE))
    other = Draft(store)
    other.load_sheet((CSV + "新人,13612345678,男\n").encode(), "umbenannt.csv")
    assert other.tally(HERE).to_send == 1
    assert set(other.review(HERE).sent_before.index) == {2, 3, 5}
    elsewhere = Connection("x", "x", HERE.kind, "", HERE.user_id, ID, Options())
    assert other.tally(elsewhere).to_send == 1
    other.allow_sent_elsewhere(elsewhere)
    assert other.tally(elsewhere).to_send == 3
    other.allow_sending_again(HERE)
    assert other.tally(HERE).to_send == 3
    assert again(store, other).sends_again(HERE)
    assert not other.sends_again(elsewhere)


def test_the_bodies_are_those_of_the_reviewed_contacts(draft: Draft) -> None:
    from lib.payload import batches

    (batch,) = batches(draft.review(HERE), HERE.options)
    assert [row["phone"] for row in body(batch)["data"]] == ["13012121211", "13912345678"]
    assert [row["sex"] for row in body(batch)["data"]] == [1, 2]


@pytest.mark.parametrize(
    ("label", "column", "called"), [("昵称", "姓名", "昵称"), ("", "姓名", "姓名"), ("", "", "")]
)
def test_a_component_without_a_name_is_called_what_its_column_is_called(draft, label, column, called):
    draft.change_components([ComponentRow(id=ID, label=label, column=column, value="" if column else "轿车")])
    assert draft.component_label(ID) == called


@pytest.mark.parametrize(("text", "needs_no_look"), [
    ("姓名,手机号\n张伟,13012121211", True),
    ("姓名,手机号,备注\n张伟,13012121211,老客户", True),  # that a column is not sent is said
    ("姓名,本人手机,紧急联系人手机\n张伟,13012121211,13912121211", True),
    ("手机号,性别\n13012121211,未填", True),  # the review tells of the row
    ("姓名\n张伟", False),  # no number
    ("姓名,号\n张伟,13012121211", False),
    ("手机号,公司电话\n13012121211,01088886666", False),  # only offered
    ("手机号,客户等级\n13012121211,金卡", False),  # passed over
    ("姓名,手机,备用电话\n张伟,13012121211,\n王芳,,13912121211", False),  # one row has only the other number
])  # fmt: skip
def test_a_sheet_whose_columns_are_certain_leaves_no_doubt(
    store: Store, text: str, needs_no_look: bool
) -> None:
    draft = Draft(store)
    draft.load_sheet(text.encode(), "客户.csv")
    assert draft.leaves_no_doubt(HERE) is needs_no_look


def test_a_component_that_is_required_or_called_like_a_column_is_in_doubt_until_it_is_taken(
    store: Store,
) -> None:
    draft = Draft(store)
    draft.load_sheet("姓名,手机号,车型\n张伟,13012121211,轿车\n".encode(), "客户.csv")
    alike, needed = Component(id=ID, name="车型"), Component(id=ID, name="年龄", rules=("required",))
    assert draft.leaves_no_doubt(HERE)
    assert draft.leaves_no_doubt(HERE, [Component(id=ID, name="年龄")])
    for listed in ([alike], [needed]):
        assert not draft.leaves_no_doubt(HERE, listed)
        draft.change_components([ComponentRow(id=ID, column="车型")])
        assert draft.leaves_no_doubt(HERE, listed)
        draft.change_components([])


def test_fields_and_components_change_at_once_and_only_where_nobody_was_faster(store: Store) -> None:
    draft = Draft(store)
    draft.load_sheet("姓名,手机号\n张伟,13012121211\n".encode(), "客户.csv")
    draft.change_feeding(draft.mapping.without("name"), [ComponentRow(id=ID, column="姓名")])
    other = Draft.open(store, str(draft.id))
    assert list(other.contacts.columns) == list(draft.contacts.columns)
    assert other.contacts[f"component:{ID}"].tolist() == ["张伟"]
    other.leave_out([2])
    with pytest.raises(Conflict, match="draft_changed"):
        draft.change_feeding(draft.mapping, [])


def test_a_column_of_words_for_numbers_is_in_doubt_until_each_is_told(store: Store) -> None:
    draft = Draft(store)
    draft.load_sheet("手机号,等级\n13012121211,金卡\n".encode(), "客户.csv")
    draft.change_mapping(draft.mapping.with_column("grade_id", "等级"))
    assert not draft.leaves_no_doubt(HERE)
    draft.say_word("grade_id", "金卡", "7", HERE)
    assert draft.leaves_no_doubt(HERE)


def test_what_was_found_in_its_columns_is_found_anew_with_another_mapping_or_file(store: Store) -> None:
    made = Draft(store)
    made.load_sheet(
        "姓名,手机,备用电话,来源\n张伟,13012121211,,抖音\n李娜,,13912345678,百度\n".encode(), "a.csv"
    )
    made.change_mapping(made.mapping.with_column("phone", "手机").with_column("source_id", "来源"))
    assert made.spare_phone == ("备用电话", 1)
    assert sorted(made.strange_words["source_id"].index) == ["抖音", "百度"]
    made.change_mapping(made.mapping.with_columns("phone", ("手机", "备用电话")).without("source_id"))
    assert made.spare_phone is None
    assert made.strange_words["source_id"].empty
    made.load_sheet("姓名,手机号,来源\n张伟,13012121211,微信\n".encode(), "b.csv")
    made.change_mapping(made.mapping.with_column("source_id", "来源"))
    assert list(made.strange_words["source_id"].index) == ["微信"]
