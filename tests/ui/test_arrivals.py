"""The history page tells what really arrived, gives the missing rows back, and withdraws a batch."""

import io

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from lib.draft import Draft
from lib.platform.connection import practice
from lib.results import exports
from lib.run.arrivals import ArrivalNote, ImportLook
from lib.run.records import RunRecord
from lib.run.settings import Settings
from lib.ui.history import arrivals
from lib.ui.parts import tables
from lib.ui.services import Services
from lib.words import t
from tests.ui.conftest import figures_of, visit
from tests.ui.steps import (
    button,
    draft_of,
    history,
    ledger,
    pressed,
    submitted,
    switch,
    texts,
    toasts,
    upload,
)
from tests.waiting import until


def settle(desk: Services, run: RunRecord, *imported: int, note: str = "listed") -> None:
    """Have the platform's answers say for good that these rows got in."""
    [one] = desk.store.arrivals.of_run(run.id)
    clock = desk.store._db.clock
    for ahead in (0, 300, 600):
        desk.store._db.clock = lambda ahead=ahead: clock() + ahead
        desk.store.looks.record(one.batch_id, ImportLook(ArrivalNote(note), imported=frozenset(imported)))
    desk.store._db.clock = clock


def listed(app: AppTest) -> list[dict[str, object]]:
    """The missing rows on screen."""
    [table] = [one.value for one in app.dataframe if t("arrivals.column.reason", "zh") in one.value.columns]
    return table.to_dict("records")


def figures(app: AppTest) -> dict[str, str]:
    """The head line of the panel."""
    labels = {t(f"arrivals.figure.{name}", "zh"): name for name in arrivals.FIGURES}
    return {labels[label]: value for label, value in figures_of(app).items() if label in labels}


def test_a_person_asks_and_sees_the_numbers_that_got_in(app: AppTest, desk: Services) -> None:
    run = submitted(app, desk)
    history(app, run)
    assert t("arrivals.title", "zh") in texts(app)
    button(app, t("arrivals.look", "zh")).click().run()
    assert toasts(app) == [t("arrivals.look_done", "zh")]
    until(lambda: desk.store.arrivals.of_run(run.id)[0].imported == 2, "nobody looked")
    app.run()
    assert not app.exception
    assert figures(app) == {"rows": "2", "imported": "2", "missing": "0", "waiting": "0", "unconfirmed": "0"}
    assert t("arrivals.look", "zh") not in [one.label for one in app.button]


def test_missing_rows_come_back_as_a_workbook_with_their_row_and_reason(app: AppTest, desk: Services) -> None:
    run = submitted(app, desk)
    settle(desk, run, 2)
    history(app, run)
    assert (figures(app)["imported"], figures(app)["missing"]) == ("1", "1")
    assert listed(app) == [
        {
            "原表行号": "3", "姓名": "王芳", "手机号": "139****5678", "到达情况": "未导入", "可能的原因": "平台没有说明原因",
            t("batch.seq", "zh"): 1,
        }
    ]  # fmt: skip
    assert t("arrivals.download", "zh", count=1) in [one.label for one in app.get("download_button")]
    book = openpyxl.load_workbook(io.BytesIO(exports.missing_file(desk.store, run, "zh", full=True)))
    head, row = book.active.iter_rows(values_only=True)
    assert (head[0], row[0]) == ("原表行号", "3")
    assert row[-3:] == ("未导入", "平台没有说明原因", desk.store.arrivals.of_run(run.id)[0].unique_id)


def test_a_row_made_from_a_cell_with_several_numbers_is_missed_under_its_name(
    app: AppTest, desk: Services
) -> None:
    upload(app, "姓名,手机号\n张伟,13012121211/13912345678\n")
    draft_of(desk).split_numbers(practice(""))
    visit(app, "submit")
    run = pressed(app, desk)
    settle(desk, run)
    history(app, run)
    assert [(row["原表行号"], row["姓名"]) for row in listed(app)] == [("2", "张伟"), ("2 (2)", "张伟")]


def test_without_a_column_of_names_the_missing_rows_are_told_by_their_number(
    app: AppTest, desk: Services
) -> None:
    run = submitted(app, desk, "手机号\n13012121211\n13912345678\n")
    settle(desk, run)
    history(app, run)
    assert not app.exception
    assert [row["原表行号"] for row in listed(app)] == ["2", "3"]
    assert "姓名" not in listed(app)[0]


def test_more_missing_rows_than_fit_on_screen_are_said_to_be_in_the_download(
    app: AppTest, desk: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "SHOWN", 1)
    run = submitted(app, desk)
    settle(desk, run)
    history(app, run)
    assert len(listed(app)) == 1
    assert t("arrivals.missing_more", "zh", count=1) in texts(app)


def test_missing_rows_become_a_new_upload_that_decides_nothing(app: AppTest, desk: Services) -> None:
    run = submitted(app, desk)
    settle(desk, run, 2)
    history(app, run)
    app.button(key=f"again.missing.{run.id}").click().run()
    assert not app.exception
    new = next(record for record in desk.store.drafts.latest() if record.run_id is None)
    draft, old = Draft.open(desk.store, new.id), Draft.open(desk.store, str(run.draft_id))
    assert draft
    assert old
    assert draft.sheet
    assert 3 not in draft.left_out
    assert draft.left_out == frozenset(draft.sheet.table.index) - {3}
    assert draft.mapping.columns == old.mapping.columns
    assert draft.mapping.extra_seed != old.mapping.extra_seed
    assert draft.connection_id == run.connection.id
    tally = draft.tally(desk.connection(draft.connection_id))
    assert (tally.to_send, tally.held_back) == (0, 1), "it went to this task before: a person has to allow it"
    assert len(desk.store.runs.latest()) == 1


def test_a_file_that_is_no_longer_kept_is_said_so(app: AppTest, desk: Services) -> None:
    run = submitted(app, desk)
    settle(desk, run, 2)
    desk.store.drafts.delete(str(run.draft_id))
    history(app, run)
    app.button(key=f"again.missing.{run.id}").click().run()
    assert t("error.draft_source_gone", "zh") in texts(app)


def test_an_answer_nobody_can_read_is_shown_on_demand(app: AppTest, desk: Services) -> None:
    switch(desk, result_shape="strange")
    run = submitted(app, desk)
    history(app, run)
    button(app, t("arrivals.look", "zh")).click().run()
    until(lambda: desk.store.arrivals.of_run(run.id)[0].note == "unreadable", "nobody looked")
    app.run()
    assert t("arrivals.note.unreadable", "zh") in texts(app)
    assert '"state": "done"' in app.code[-1].value
    assert figures(app)["waiting"] == "2"


def test_a_platform_without_results_is_said_once_and_the_run_is_as_it_was(
    app: AppTest, desk: Services
) -> None:
    run = submitted(app, desk)
    settle(desk, run, note="not_offered")
    history(app, run)
    assert texts(app).count(t("arrivals.note.not_offered", "zh")) == 1
    assert figures(app)["unconfirmed"] == "2"
    assert desk.store.runs.get(run.id).batches == {"accepted": 1}


def test_with_every_look_up_missing_the_numbers_go_out_and_each_page_says_once_what_it_cannot_know(
    app: AppTest, desk: Services
) -> None:
    switch(desk, variants=["lookups_missing"])
    visit(app, "connection")
    button(app, "列出平台上的任务").click().run()
    assert texts(app).count(t("tasks.cannot", "zh")) == 1
    upload(app)
    visit(app, "mapping")
    button(app, "按名称选公海组件").click().run()
    assert not app.exception
    assert texts(app).count(t("components.cannot", "zh")) == 1
    run = submitted(app, desk)
    assert desk.store.runs.get(run.id).batches == {"accepted": 1}
    history(app, run)
    button(app, t("arrivals.look", "zh")).click().run()
    until(lambda: desk.store.arrivals.of_run(run.id)[0].note == "not_offered", "nobody looked")
    for _ in range(2):
        visit(app, "overview")
        history(app, run)
        assert not app.exception
        assert texts(app).count(t("arrivals.note.not_offered", "zh")) == 1
    assert not app.error


def test_a_batch_is_withdrawn_only_after_its_count_was_typed(app: AppTest, desk: Services) -> None:
    run = submitted(app, desk)
    batch = desk.store.arrivals.of_run(run.id)[0].batch_id
    history(app, run)
    assert app.button(key=f"withdrawal.yes.{batch}").disabled
    app.text_input(key=f"withdrawal.count.{batch}").input("3").run()
    assert app.button(key=f"withdrawal.yes.{batch}").disabled
    app.text_input(key=f"withdrawal.count.{batch}").input("2").run()
    app.button(key=f"withdrawal.yes.{batch}").click().run()
    assert toasts(app) == [t("withdrawal.under_way", "zh", seq=1)]
    until(lambda: desk.store.arrivals.of_run(run.id)[0].withdrawn == 2, "nobody withdrew it")
    app.run()
    assert not app.exception
    assert t("withdrawal.done", "zh", seq=1, withdrawn=2, called=0, failed=0) in texts(app)
    assert f"withdrawal.yes.{batch}" not in [one.key for one in app.button]


def test_the_share_that_has_to_get_in_can_be_chosen(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "submit")
    app.selectbox(key="pace.least").set_value(0).run()
    assert desk.store.settings.get().least_imported == 0


def test_the_history_begins_with_every_submission_and_honest_words(app: AppTest, desk: Services) -> None:
    switch(desk, faults=["code_422@1"])
    refused = submitted(app, desk)
    switch(desk, faults=[])
    button(app, t("run.next_upload", "zh")).click().run()
    fine = submitted(app, desk, "手机号\n13912345678\n13612345678\n")
    settle(desk, fine, 2)
    visit(app, "history")
    assert not app.exception
    shown = texts(app)
    assert ":red-badge[已结束]" in shown
    assert "2 个被拒绝" in [one.value for one in app.caption]
    assert ":green-badge[已结束]" in shown
    assert {one.proto.query_string for one in app.get("page_link")} - {""} == {
        f"run={run.id}" for run in (refused, fine)
    }
    columns = [line.value for line in app.markdown]
    at = columns.index("2")
    assert columns[at : at + 6] == ["2", "2", "–", "–", "1", "–"], "the newest stands first"
    app.radio(key="history.by").set_value("task").run()
    assert not app.exception
    assert "**合计（2 次提交）**" in texts(app)
    assert "已结束，2 个被拒绝" in texts(history(app, refused))


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])
def test_a_refusal_is_told_above_the_figures_with_the_platforms_words_and_drawn_as_refused(
    app: AppTest, desk: Services, lang: str
) -> None:
    switch(desk, faults=["code_422@1"])
    run = submitted(app, desk)
    app.segmented_control(key="lang").set_value(lang).run()
    for page in (visit(app, "submit"), history(app, run)):
        assert t("run.rejected", lang, count=1, rows=2) in [box.value for box in page.error]
        [said] = [one.value for one in page.text if "号码格式错误" in one.value]
        assert said.startswith(t("run.rejected_said", lang, count=2, message=""))
        [drawn] = page.get("vega_lite_chart")
        said = t("batch.state.rejected", lang)
        assert drawn.proto.alt == f"{said} 1", "drawn as refused alone"
        kinds = [one.type for one in page.main if one.type in ("error", "metric")]
        assert "metric" not in kinds[: kinds.index("error")], kinds
        [answer] = [one.value for one in page.code if '"code": 422' in one.value]
        assert "号码格式错误" in answer
        assert t("arrivals.raw_batch", lang, seq=1) in [one.value for one in page.text]
    desk.store.retention.delete_run(run.id)
    assert desk.store.batches.refusals(run.id, 3) == []


def test_refused_numbers_become_a_new_upload_with_everything_as_it_was(app: AppTest, desk: Services) -> None:
    switch(desk, faults=["code_422@1"])
    run = submitted(app, desk)
    switch(desk, faults=[])
    visit(app, "submit")
    app.button(key=f"again.refused.{run.id}").click().run()
    assert not app.exception
    new = next(record for record in desk.store.drafts.latest() if record.run_id is None)
    made = Draft.open(desk.store, new.id)
    assert set(made.contacts.index) - made.left_out == {2, 3}
    assert made.mapping.columns == Draft.open(desk.store, run.draft_id).mapping.columns
    visit(app, "submit")
    button(app, t("plan.submit", "zh", count=2)).click().run()
    until(lambda: desk.store.runs.latest()[0].rows_by_state.get("accepted") == 2, "they were never taken")


def test_refused_numbers_go_again_in_halves_until_the_page_names_the_one(
    app: AppTest, desk: Services
) -> None:
    desk.store.settings.save(Settings(concurrency=1))  # the second request is the first half
    switch(desk, faults=["code_422@1", "code_422@2"])
    run = submitted(app, desk)
    visit(app, "submit")
    assert t("again.halves", "zh", size=1) in texts(app)
    app.button(key=f"again.refused.{run.id}.as_is").click().run()
    assert not app.exception
    assert t("page.submit.title", "zh") in texts(app), "no page between where nothing is to be changed"
    assert t("plan.singles", "zh") in texts(app)
    assert "分 **2** 批提交，每批最多 1 个" in texts(app)
    button(app, t("plan.submit", "zh", count=2)).click().run()
    until(lambda: desk.store.runs.latest()[0].state == "finished", "the halves never ended")
    visit(app, "submit")
    [told] = [box.value for box in app.error if "平台拒绝下面 1 个号码" in box.value]
    assert "第 2 行 130" in told
    assert "1211，平台的答复：" in told
    assert "号码格式错误" in told
    assert "13012121211" not in texts(app)
    halves = desk.store.runs.latest()[0]
    assert halves.rows_by_state == {"accepted": 1, "rejected": 1}
    assert list(ledger(desk).values()) == [1]
    assert t("again.halves", "zh", size=1) not in texts(history(app, halves)), (
        "one number cannot be cut in two"
    )
    assert told in [box.value for box in app.error]


def test_whole_batches_are_one_press_away(app: AppTest, desk: Services) -> None:
    switch(desk, faults=["code_422@1"])
    run = submitted(app, desk)
    visit(app, "submit")
    app.button(key=f"again.refused.{run.id}").click().run()
    visit(app, "submit")
    button(app, t("plan.whole_batches", "zh", size=200)).click().run()
    assert t("plan.singles", "zh") not in texts(app)
    assert "分 **1** 批提交，每批最多 200 个" in texts(app)
