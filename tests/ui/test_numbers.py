"""Numbers are hidden on every page until a person asks; how long things stay, and deleting, are in the person's hand."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from lib.platform.connection import practice
from lib.run.settings import Settings
from lib.run.states import DataDeed
from lib.store.schema import arrival
from lib.store.schema import draft as draft_table
from lib.store.schema import run as run_table
from lib.ui import keys
from lib.ui.review import grid_cells, grid_view
from lib.ui.services import Services
from lib.words import t
from tests.core.kept_scenes import CANARY, OTHERS
from tests.ui.conftest import RUN_SECONDS, visit
from tests.ui.steps import button, draft_of, history, submitted, texts, upload
from tests.waiting import until

HERE = practice("")

SHEET = f"""姓名,手机号,公司,性别
张伟,{CANARY},备用 {OTHERS[0]},帅哥
王芳,{OTHERS[1][:3]} {OTHERS[1][3:7]} {OTHERS[1][7:]},晨光,女
李娜,{OTHERS[2]}/{CANARY},晨光,女
孙六,1301212,晨光,{OTHERS[2]}
"""

EVERYONE = (CANARY, *OTHERS)


def seen(app: AppTest) -> str:
    """Everything that is sent to the browser for this page."""
    frames = [
        frame.value.to_csv()
        for kind in ("dataframe", "data_editor", "arrow_data_frame")
        for frame in app.get(kind)
    ]
    labels = [
        element.label
        for kind in ("button", "selectbox", "text_input", "toggle", "radio")
        for element in app.get(kind)
    ]
    options = [str(option) for box in app.selectbox for option in box.options]
    codes = [block.value for block in app.code]
    return "\n".join([texts(app), *frames, *labels, *options, *codes])


def switch(app: AppTest):
    return next(one for one in app.toggle if one.label == t("numbers.full", "zh"))


def numbers_in(text: str) -> set[str]:
    bare = text.replace(" ", "").replace("-", "")
    return {number for number in EVERYONE if number in bare}


@pytest.fixture
def uploaded(app: AppTest) -> AppTest:
    return upload(app, SHEET)


def test_sec24_no_page_shows_a_whole_number_by_itself(uploaded: AppTest) -> None:
    for page in (
        "overview",
        "upload",
        "mapping",
        "review",
        "submit",
        "history",
        "do_not_call",
        "privacy",
    ):
        visit(uploaded, page)
        assert not uploaded.exception, page
        assert numbers_in(seen(uploaded)) == set(), page
        if page in ("upload", "mapping", "review"):
            assert "139****4321" in seen(uploaded), page


def test_sec24_a_person_may_ask_for_whole_numbers_and_that_is_written_down(
    uploaded: AppTest, desk: Services
) -> None:
    for times, page in enumerate(("upload", "mapping", "review", "submit"), start=1):
        visit(uploaded, page)
        if page == "submit":  # the request is made only when it is opened
            uploaded.session_state[keys.of("first_body", draft_of(desk).id)] = True
        switch(uploaded).set_value(True).run()
        assert not uploaded.exception, page
        assert numbers_in(seen(uploaded)), page
        lines = desk.store.journal.data_log().to_dict("records")
        told = [(line["what"], line["who"], line["draft_id"]) for line in lines]
        assert told == [(DataDeed.REVEALED, "person", desk.store.drafts.latest()[0].id)] * times, page
        assert CANARY not in repr(lines)
        switch(uploaded).set_value(False).run()
        assert numbers_in(seen(uploaded)) == set(), page
        assert len(desk.store.journal.data_log()) == times, page


def test_sec24_what_was_asked_for_one_sheet_is_not_asked_for_the_next(uploaded: AppTest) -> None:
    switch(uploaded).set_value(True).run()
    uploaded.file_uploader[0].upload("另一份.csv", SHEET.replace("张伟", "赵伟").encode())
    uploaded.run()
    assert not switch(uploaded).value
    assert numbers_in(seen(uploaded)) == set()


def test_sec24_a_new_visit_begins_hidden(uploaded: AppTest, desk: Services) -> None:
    visit(uploaded, "review")
    switch(uploaded).set_value(True).run()
    again = AppTest.from_file(uploaded._script_path, default_timeout=RUN_SECONDS).run()
    visit(again, "review")
    assert numbers_in(seen(again)) == set()


def test_a_cell_in_trouble_is_legible(uploaded: AppTest) -> None:
    visit(uploaded, "review")
    cells = [str(value) for value in uploaded.get("data_editor")[0].value.to_numpy().ravel()]
    assert "1301212" in cells
    assert "138****5670/139****4321" in cells


def test_words_of_a_closed_set_that_are_numbers_are_hidden_and_their_keys_say_nothing(
    uploaded: AppTest,
) -> None:
    visit(uploaded, "mapping")
    keys = [str(box.key) for box in uploaded.selectbox]
    assert any("138****5670" in box.label.replace("\\", "") for box in uploaded.selectbox)
    assert not [key for key in keys if OTHERS[2] in key]


def test_a_hidden_number_typed_into_the_grid_is_refused_and_the_rest_is_taken(
    uploaded: AppTest, desk: Services, monkeypatch
) -> None:
    """The callback of the grid, as Streamlit calls it: its tests cannot type."""
    draft, view = draft_of(desk), grid_view.View()
    view.freeze(draft.contacts.index, (), 200)
    typed = {"edited_rows": {0: {"手机号": "139****4322"}, 1: {"手机号": "13000000001", "姓名": "王方"}}}
    monkeypatch.setattr(grid_cells.state, "widget", lambda key: typed)
    before = view.version
    with pytest.raises(Exception, match="mask_typed"):
        grid_cells._write(draft, HERE, view, "grid", [2, 3], {"phone": "手机号", "name": "姓名"})
    assert draft.contacts["phone"].tolist()[:2] == [CANARY, "13000000001"]
    assert draft.contacts.at[3, "name"] == "王方"
    assert view.version > before, "the grid is drawn anew, or it would go on showing what was refused"


# --- the run ----------------------------------------------------------------------------------------------------


def test_sec29_whence_the_list_comes_is_asked_but_not_needed(app: AppTest, desk: Services) -> None:
    upload(app, SHEET)
    visit(app, "submit")
    box = next(one for one in app.text_input if one.label == t("plan.list_source", "zh"))
    box.set_value(f"门店登记 {CANARY}").run()
    button(app, "提交 ").click().run()
    [run] = desk.store.runs.latest()
    assert run.list_source == "门店登记 139****4321"
    assert "名单来源：门店登记" in texts(app)


def test_a_runs_data_is_deleted_after_its_rows_were_typed_and_what_stays_is_said(
    app: AppTest, desk: Services
) -> None:
    run = submitted(app, desk)
    history(app, run)
    delete = button(app, t("kept.delete_run_yes", "zh"))
    assert delete.disabled
    box = next(one for one in app.text_input if one.label == t("kept.type_rows", "zh", count=run.rows_total))
    box.set_value(str(run.rows_total)).run()
    button(app, t("kept.delete_run_yes", "zh")).click().run()
    assert not app.exception
    assert desk.store.runs.get(run.id).data_deleted
    assert "批次号、每行的结果、数量和打码的号码还在" in texts(app)
    assert not any(one.label == t("kept.delete_run_yes", "zh") for one in app.button)
    assert not any(one.label == t("arrivals.look", "zh") for one in app.button)
    assert t("history.results", "zh") in [one.label for one in app.get("download_button")]


def test_a_run_that_goes_on_offers_no_deletion(app: AppTest, desk: Services) -> None:
    run = submitted(app, desk)
    with desk.store._db.write() as tx:
        tx.execute(update(run_table).where(run_table.c.id == run.id).values(state="paused"))
    history(app, run)
    assert not any(one.label == t("kept.delete_run_yes", "zh") for one in app.button)


# --- the page of numbers and data -------------------------------------------------------------------------------


def number_input(app: AppTest, key: str):
    return next(one for one in app.number_input if one.label == t(key, "zh"))


def test_sec26_the_times_of_keeping_are_saved_when_pressed_and_not_before(
    app: AppTest, desk: Services
) -> None:
    visit(app, "privacy")
    number_input(app, "kept.keep_days").set_value(100).run()
    assert not app.exception
    assert number_input(app, "kept.fingerprint_days").value == 100, "fingerprints stay at least as long"
    assert desk.store.settings.get() == Settings()
    button(app, t("kept.save", "zh")).click().run()
    assert desk.store.settings.get() == Settings(keep_days=100, fingerprint_days=100)
    assert "现在：内容 100 天，指纹 100 天" in texts(app)
    assert "改为内容 100 天" in seen(app)


def test_sec26_what_shorter_times_delete_is_told_before(app: AppTest, desk: Services) -> None:
    run = submitted(app, desk)
    [batch_id] = desk.store.batches.table(run.id)["batch_id"]
    desk.arrivals.close()
    clock = desk.store._db.clock
    desk.store._db.clock = lambda: clock() + 5 * 86_400
    try:
        with desk.store._db.write() as tx:
            tx.execute(update(arrival).where(arrival.c.batch_id == int(batch_id)).values(state="settled"))
        visit(app, "privacy")
        number_input(app, "kept.keep_days").set_value(3).run()
        assert "马上就会删除 1 次提交的内容、0 次提交的号码指纹" in texts(app)
        button(app, t("kept.save_and_delete", "zh")).click().run()
        until(lambda: desk.store.runs.get(run.id).data_deleted != "", "nothing was deleted")
    finally:
        desk.store._db.clock = clock


def test_a_recent_time_longer_than_fingerprints_is_told(app: AppTest, desk: Services) -> None:
    desk.store.settings.save(Settings(recent_days=120))
    visit(app, "privacy")
    assert "120 天内发到别的任务的号码" in texts(app)


def test_sec27_a_number_is_deleted_from_the_page_with_a_certificate(
    uploaded: AppTest, desk: Services
) -> None:
    visit(uploaded, "privacy")
    app = uploaded
    assert button(app, t("kept.number_delete", "zh")).disabled
    next(one for one in app.text_input if one.label == t("kept.number", "zh")).set_value(
        f"+86 {CANARY}"
    ).run()
    app.checkbox[0].set_value(True).run()
    button(app, t("kept.number_delete", "zh")).click().run()
    assert not app.exception
    [told] = [block.value for block in app.code]
    assert "从未提交的表格里删除的行：2 行" in told
    assert "操作人：本机用户" in told
    assert str(datetime.now().year) in told
    assert numbers_in(seen(app)) == set()
    assert t("kept.certificate", "zh") in [one.label for one in app.get("download_button")]
    assert desk.store.do_not_call.among([CANARY]) == [CANARY]
    assert len(draft_of(desk).sheet.table) == 2
    assert next(one for one in app.text_input if one.label == t("kept.number", "zh")).value == ""


@pytest.mark.parametrize("typed", ["", "李娜", "13012121211 13012121212x"])
def test_what_is_no_number_is_told_and_deletes_nothing(uploaded: AppTest, desk: Services, typed: str) -> None:
    visit(uploaded, "privacy")
    next(one for one in uploaded.text_input if one.label == t("kept.number", "zh")).set_value(typed).run()
    uploaded.checkbox[0].set_value(True).run()
    button(uploaded, t("kept.number_delete", "zh")).click().run()
    assert t("kept.not_a_number", "zh") in texts(uploaded)
    assert len(draft_of(desk).sheet.table) == 4


def test_the_page_says_what_is_kept_and_what_waits(app: AppTest, desk: Services) -> None:
    submitted(app, desk)
    visit(app, "privacy")
    assert "提交结束并查清后 30 天" in seen(app)
    assert "有 1 次提交没有结束或还没查清" in texts(app)
    app.segmented_control(key="lang").set_value("en").run()
    assert not app.exception
    assert "30 days after everything is settled" in seen(app)


# --- drafts whose time is nearly over ---------------------------------------------------------------------------


def test_sec26_the_overview_says_when_a_draft_goes_and_keeps_it_on_a_press(
    uploaded: AppTest, desk: Services
) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=25)).isoformat(timespec="microseconds")
    with desk.store._db.write() as tx:
        tx.execute(update(draft_table).values(updated=long_ago))
    desk.store.erasure.expire()
    visit(uploaded, "overview")
    day = datetime.now(UTC) + timedelta(days=7)
    assert f"{day:%Y-%m-%d} 自动删除" in seen(uploaded)
    button(uploaded, t("drafts.keep", "zh")).click().run()
    assert not uploaded.exception
    assert "自动删除" not in seen(uploaded)
    assert desk.store.journal.data_log()["what"].tolist() == [DataDeed.DRAFT_KEPT]


def test_a_draft_a_person_deletes_is_written_down_and_its_bytes_go(uploaded: AppTest, desk: Services) -> None:
    visit(uploaded, "overview")
    button(uploaded, t("drafts.delete_yes", "zh")).click().run()
    assert desk.store.journal.data_log()["what"].tolist() == [DataDeed.DRAFT_DELETED]
    until(lambda: not desk.store.retention.figures().owed, "the file was not written anew")
    with closing(desk.store._db._path.open("rb")) as data:
        assert CANARY.encode() not in data.read()
