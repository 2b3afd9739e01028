"""A run that 6007 has stopped: told what to do, the task paused only on a click, then what came of it, then the person goes on."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from lib import sandbox
from lib.errors import PlatformError
from lib.ui.services import Services
from lib.words import t
from tests import practice_platform
from tests.ui.conftest import visit
from tests.ui.steps import TASK, TOKEN, USER, button, fill, real, texts, upload
from tests.waiting import until

NAME = "会员续费提醒（2\\.0）"


@pytest.fixture
def platform() -> Iterator[str]:
    """Stands for the real platform; its 2.0 task is running."""
    with sandbox.running(token=TOKEN) as url:
        yield url


def stopped(app: AppTest, desk: Services, url: str, *, listed: bool = True) -> str:
    """A run into the running task, stopped by 6007; its id. listed: the task is known by its name."""
    if listed:
        real(app, url, sandbox.RUNNING_TASK_ID)
    else:
        fill(app, name="外呼", base_url=url, user_id=USER, task_id=sandbox.RUNNING_TASK_ID, token=TOKEN)
    upload(app)
    visit(app, "submit")
    button(app, "提交 2 个号码").click().run()
    (run,) = desk.store.runs.latest()
    until(lambda: desk.store.runs.get(run.id).state == "paused", "6007 never stopped it")
    visit(app, "submit")
    assert not app.exception
    return run.id


def running(url: str) -> list[str]:
    return practice_platform.control(url)["running"]


def labels(app: AppTest) -> list[str]:
    return [one.label for one in app.button]


def test_the_task_is_paused_on_a_click_and_the_run_goes_on_only_by_the_person(
    app: AppTest, desk: Services, platform: str
) -> None:
    run_id = stopped(app, desk, platform)
    assert texts(app).count(t("run.why.task_running", "zh")) == 1
    for _ in range(2):
        visit(app, "submit")
        assert running(platform), "looking at the page pauses nothing"
    button(app, "确定暂停").click().run()
    assert not app.exception
    assert running(platform) == []
    assert t("task_pause.seen", "zh", name=NAME) in texts(app)
    assert t("run.why.task_running", "zh") not in texts(app)
    assert "确定暂停" not in labels(app)
    assert (desk.store.runs.get(run_id).state, desk.store.run_log.events(run_id)[-1].what) == (
        "paused",
        "task_paused",
    )
    button(app, "继续发送").click().run()
    until(lambda: desk.store.runs.get(run_id).state == "finished", "it never ended")
    assert len(practice_platform.ledger(platform)["numbers"]) == 2


def test_a_pause_that_is_refused_is_told_and_can_be_asked_for_again(
    app: AppTest, desk: Services, platform: str
) -> None:
    run_id = stopped(app, desk, platform)
    practice_platform.control(platform, token="another-token-9")
    button(app, "确定暂停").click().run()
    assert not app.exception
    assert any("令牌" in box.value for box in app.error)
    assert t("task_pause.failed", "zh", name=NAME) in texts(app)
    assert running(platform)
    assert desk.store.runs.get(run_id).state == "paused"
    practice_platform.control(platform, token=TOKEN)
    button(app, "确定暂停").click().run()
    assert not app.error
    assert running(platform) == []


def test_where_the_state_cannot_be_seen_nothing_more_is_claimed(
    app: AppTest, desk: Services, platform: str
) -> None:
    run_id = stopped(app, desk, platform, listed=False)
    button(app, "确定暂停").click().run()
    assert not app.exception
    assert running(platform) == []
    assert t("task_pause.taken", "zh", name=sandbox.RUNNING_TASK_ID.replace("-", "\\-")) in texts(app)
    assert desk.store.run_log.task_pause(run_id) == "taken"


def test_a_task_that_still_shows_as_running_is_looked_at_again(
    app: AppTest, desk: Services, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = stopped(app, desk, platform)
    monkeypatch.setattr(desk.platform, "pause_new_task", lambda *_: None)  # taken, and not done yet
    button(app, "确定暂停").click().run()
    assert t("tasks.refuses_after_pause", "zh", name=NAME) in texts(app)
    button(app, "再看一次").click().run()
    assert t("tasks.refuses_after_pause", "zh", name=NAME) in texts(app)
    practice_platform.control(platform, task_running=False)
    button(app, "再看一次").click().run()
    assert not app.exception
    assert t("task_pause.seen", "zh", name=NAME) in texts(app)
    assert [event.code for event in desk.store.run_log.events(run_id)][-2:] == ["running", "seen"]


def test_a_pause_without_an_answer_is_told_by_the_list(
    app: AppTest, desk: Services, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(app, desk, platform)

    def lost(*_: object) -> None:
        practice_platform.control(platform, task_running=False)
        raise PlatformError("lookup_no_answer")

    monkeypatch.setattr(desk.platform, "pause_new_task", lost)
    button(app, "确定暂停").click().run()
    assert not app.exception
    assert not app.error
    assert t("task_pause.seen", "zh", name=NAME) in texts(app)


def test_without_a_token_no_pause_is_offered(app: AppTest, desk: Services, platform: str) -> None:
    stopped(app, desk, platform)
    (saved,) = desk.store.connections.all()
    desk.tokens.forget(saved.id)
    visit(app, "submit")
    assert t("task_pause.no_token", "zh") in texts(app)
    assert "确定暂停" not in labels(app)


def test_a_run_stopped_by_anything_else_offers_no_pause_of_the_task(
    app: AppTest, desk: Services, platform: str
) -> None:
    fill(app, name="外呼", base_url=platform, user_id=USER, task_id=TASK, token=TOKEN)
    practice_platform.control(platform, token="another-token-9")
    upload(app)
    visit(app, "submit")
    button(app, "提交 2 个号码").click().run()
    until(lambda: desk.store.runs.latest()[0].state == "paused", "nothing stopped it")
    visit(app, "submit")
    assert t("run.why.token", "zh") in texts(app)
    assert "确定暂停" not in labels(app)


def test_the_same_stands_on_the_history_page(app: AppTest, desk: Services, platform: str) -> None:
    stopped(app, desk, platform)
    app.query_params["run"] = desk.store.runs.latest()[0].id
    visit(app, "history")
    button(app, "确定暂停").click().run()
    assert not app.exception
    assert running(platform) == []
