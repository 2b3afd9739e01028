"""What went to and fro about a batch, on Submit and in History: masked until asked for, without the token, to be copied."""

import subprocess
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.platform.batch_request import TOKEN_SHOWN
from lib.run.records import RunRecord
from lib.run.states import DataDeed
from lib.server.practice import TOKEN
from lib.ui import keys
from lib.ui.services import Services
from lib.words import t
from tests.ui.conftest import visit
from tests.ui.steps import THREE, button, draft_of, history, ledger, switch, texts, upload, wait_for
from tests.waiting import PATIENCE, until

PHONES = ("13012121211", "13912345678", "13612345678")


def codes(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in app.code)


def sent(app: AppTest, desk: Services, **switches: object) -> RunRecord:
    """A run of three numbers, once its one batch has an outcome."""
    switch(desk, **switches)
    upload(app, THREE)
    visit(app, "submit")
    button(app, t("plan.submit", "zh", count=3)).click().run()
    [run] = desk.store.runs.latest()
    moving = {"planned", "sending"}
    until(lambda: not moving & desk.store.runs.get(run.id).batches.keys(), "it never had an outcome")
    return desk.store.runs.get(run.id)


def opened(app: AppTest, run: RunRecord, page: str) -> AppTest:
    if page == "history":
        history(app, run)
    else:
        visit(app, "submit")
    app.session_state[keys.of("inspector", run.id)] = True  # the request is made only when it is opened
    return app.run()


@pytest.mark.parametrize("page", ["submit", "history"])
def test_an_accepted_batch_shows_its_request_each_attempt_and_the_answer_as_it_came(
    app: AppTest, desk: Services, page: str
) -> None:
    run = sent(app, desk)
    opened(app, run, page)
    assert not app.exception
    [batch] = desk.store.batches.table(run.id).itertuples()
    shown = codes(app)
    assert f"POST {desk.practice.url()}/agent-api/user/" in shown
    assert f"Authorization: Bearer {TOKEN_SHOWN}" in shown
    assert (TOKEN_SHOWN in shown, f"Bearer {TOKEN}" in shown) == (True, False)
    assert f'"unique_id": "{batch.unique_id}"' in shown
    assert "张伟" in shown
    [attempts] = [one.value for one in app.dataframe if t("inspector.attempt", "zh") in one.value]
    assert attempts[t("inspector.status", "zh")].tolist() == ["200"]
    assert attempts[t("inspector.outcome", "zh")].tolist() == [t("inspector.outcome.accepted", "zh")]


@pytest.mark.parametrize(
    ("fault", "told"),
    [("422", "号码格式错误"), ("504_applied", "<h1>504</h1>"), ("truncated_applied", '"code": 200')],
)
def test_a_refused_or_unknown_batch_shows_what_there_was_of_an_answer(
    app: AppTest, desk: Services, fault: str, told: str
) -> None:
    run = sent(app, desk, faults=[fault])
    opened(app, run, "submit")
    assert told.replace(" ", "") in codes(app).replace(" ", "")


def test_the_batch_that_needs_a_look_is_shown_first(app: AppTest, desk: Services) -> None:
    switch(desk, faults=["apply_drop@2"])
    upload(app, "手机号\n" + "\n".join(f"139{at:08d}" for at in range(201)))
    visit(app, "submit")
    button(app, t("plan.submit", "zh", count=201)).click().run()
    run = desk.store.runs.get(wait_for(desk, "finished"))
    opened(app, run, "submit")
    [unknown] = desk.store.batches.table(run.id, state="unknown")["batch_id"]
    assert app.selectbox(key=keys.of("inspector.batch", run.id)).value == unknown


def test_where_nothing_came_that_is_said(app: AppTest, desk: Services) -> None:
    run = sent(app, desk, faults=["drop_after"])
    opened(app, run, "submit")
    assert t("inspector.no_answer", "zh") in texts(app)


def test_every_attempt_is_told(app: AppTest, desk: Services) -> None:
    switch(desk, faults=["401@1"])
    upload(app, THREE)
    visit(app, "submit")
    button(app, t("plan.submit", "zh", count=3)).click().run()
    run = desk.store.runs.get(wait_for(desk, "paused"))
    visit(app, "submit")
    button(app, t("run.resume", "zh")).click().run()
    wait_for(desk, "finished")
    opened(app, run, "submit")
    [attempts] = [one.value for one in app.dataframe if t("inspector.attempt", "zh") in one.value]
    assert attempts[t("inspector.status", "zh")].tolist() == ["401", "200"]


def test_numbers_are_masked_until_asked_for_and_that_is_written_down(app: AppTest, desk: Services) -> None:
    run = sent(app, desk)
    opened(app, run, "history")
    assert "130****1211" in codes(app)
    assert not any(phone in codes(app) for phone in PHONES)
    app.toggle(key=keys.of("numbers", run.id)).set_value(True).run()
    assert all(phone in codes(app) for phone in PHONES)
    [line] = desk.store.journal.data_log().to_dict("records")
    assert (line["what"], line["run_id"]) == (DataDeed.REVEALED, run.id)
    app.toggle(key=keys.of("numbers", run.id)).set_value(False).run()
    assert not any(phone in codes(app) for phone in PHONES)


def test_what_is_deleted_is_no_longer_there_to_be_looked_at(app: AppTest, desk: Services) -> None:
    run = sent(app, desk)
    wait_for(desk, "finished")
    desk.store.retention.delete_run(run.id)
    opened(app, run, "history")
    assert t("error.data_deleted", "zh") in "\n".join(one.value for one in app.error)
    assert "130****1211" not in codes(app)
    assert "unique_id" not in codes(app)


def test_before_sending_the_first_batch_can_be_copied_and_the_copy_is_accepted(
    app: AppTest, desk: Services, tmp_path: Path
) -> None:
    upload(app, THREE)
    visit(app, "submit")
    app.session_state[keys.of("first_body", draft_of(desk).id)] = True
    app.run()
    assert "130****1211" in codes(app)
    app.toggle(key=keys.of("numbers", draft_of(desk).id)).set_value(True).run()
    app.radio(key=keys.of("inspector.form", draft_of(desk).id)).set_value("cURL").run()
    [command] = [str(one.value) for one in app.code if str(one.value).startswith("curl")]
    ran = subprocess.run(
        ["sh", "-s"], input=command.replace(TOKEN_SHOWN, TOKEN), capture_output=True, encoding="utf-8", timeout=PATIENCE,
        check=True, cwd=tmp_path,
    )  # fmt: skip
    assert '"unique_id"' in ran.stdout
    assert ledger(desk) == dict.fromkeys(PHONES, 1)
