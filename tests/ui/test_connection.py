"""Connections: typed, checked in words, tested; the token is never shown again."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from streamlit.testing.v1 import AppTest

from lib import sandbox
from lib.access.given_tokens import GivenTokens
from lib.access.keyring import Keyring
from lib.platform.connection import ConnectionKind
from lib.ui.services import Services
from lib.words import t
from tests.core.access.scenes import Memory
from tests.ui.conftest import ROOT, RUN_SECONDS, visit
from tests.ui.steps import TASK, TOKEN, USER, button, draft_of, fill, submitted, texts, upload


def test_a_connection_is_saved_without_its_token(app: AppTest, desk: Services, tmp_path) -> None:
    fill(app, name="双十一", user_id=f" {USER} ", task_id=TASK, token=f"Bearer {TOKEN}\n")
    assert not app.exception
    (saved,) = desk.store.connections.all()
    assert (saved.name, saved.user_id, saved.task_id) == ("双十一", USER, TASK)
    assert desk.tokens.get(saved.id) == TOKEN
    assert "双十一" in texts(app)
    assert not any(TOKEN.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert TOKEN not in texts(app) + "".join(str(box.value) + str(box.placeholder) for box in app.text_input)


@pytest.mark.parametrize(
    ("values", "sentences"),
    [
        ({"name": "a", "user_id": "../../admin", "task_id": TASK, "token": TOKEN}, 1),
        ({"name": "", "user_id": USER, "task_id": "", "token": ""}, 3),
        (
            {"name": "a", "base_url": "http://example.com", "user_id": USER, "task_id": TASK, "token": TOKEN},
            1,
        ),
    ],
)
def test_mistakes_are_told_beside_their_field_and_nothing_is_saved(
    app: AppTest, desk: Services, values: dict[str, str], sentences: int
) -> None:
    fill(app, **values)
    assert sum(":red[" in line.value for line in app.markdown) == sentences
    assert desk.store.connections.all() == []
    assert app.text_input(key="connection.new.user_id").value == values["user_id"]


def test_the_connection_test_gives_a_plain_verdict(app: AppTest, desk: Services) -> None:
    visit(app, "connection")
    button(app, "测试连接").click().run()
    assert len(app.success) == 1


def test_a_wrong_token_is_told_in_words(app: AppTest, desk: Services) -> None:
    with sandbox.running(token="right-token") as url:
        fill(app, name="a", base_url=url, user_id=USER, task_id=TASK, token="wrong-token")
        button(app, "测试连接").click().run()
        assert any("令牌" in error.value for error in app.error)


@pytest.mark.parametrize(
    ("variants", "task", "code"),
    [
        ((), TASK, "ready"),
        ((), TASK.replace("b15", "c15"), "task_unknown"),
        (("lookups_missing",), TASK, "not_offered"),
    ],
)
def test_a_task_nobody_knows_and_a_platform_without_look_ups_are_told_apart(
    app: AppTest, desk: Services, variants: tuple[str, ...], task: str, code: str
) -> None:
    with sandbox.running(token=TOKEN, variants=variants) as url:
        fill(app, name="a", base_url=url, user_id=USER, task_id=task, token=TOKEN)
        button(app, "测试连接").click().run()
    assert t(f"verdict.{code}", "zh") in texts(app)
    assert ("平台的原话：" in texts(app)) == (code != "ready"), "whose words they are is said"


def test_what_is_typed_is_tested_before_it_is_saved(app: AppTest, desk: Services) -> None:
    with sandbox.running(token=TOKEN) as url:
        visit(app, "connection")
        app.radio[0].set_value("new").run()
        for name, value in {"base_url": url, "user_id": USER, "task_id": TASK, "token.0": TOKEN}.items():
            app.text_input(key=f"connection.new.{name}").input(value)
        button(app, "测试连接").click().run()
        assert t("verdict.ready", "zh") in texts(app)
        app.text_input(key="connection.new.user_id").input("../x")
        button(app, "测试连接").click().run()
    assert t("verdict.ready", "zh") not in texts(app)
    assert sum(":red[" in line.value for line in app.markdown) == 1
    assert desk.store.connections.all() == []


def test_a_platform_that_is_down_is_told_in_words(app: AppTest) -> None:
    fill(app, name="a", base_url="http://127.0.0.1:9", user_id=USER, task_id=TASK, token=TOKEN)
    button(app, "测试连接").click().run()
    assert len(app.error) == 1


def test_the_real_platform_is_said_on_every_page(app: AppTest) -> None:
    fill(app, name="双十一", user_id=USER, task_id=TASK, token=TOKEN)
    upload(app)
    for page in ("overview", "connection", "upload", "mapping", "review", "submit", "history"):
        visit(app, page)
        assert "真实平台" in "".join(str(item.value) for item in app.markdown) + texts(app)


def test_without_a_token_nothing_can_be_submitted(app: AppTest, desk: Services) -> None:
    fill(app, name="双十一", user_id=USER, task_id=TASK, token=TOKEN)
    (saved,) = desk.store.connections.all()
    desk.tokens.forget(saved.id)
    upload(app)
    visit(app, "submit")
    assert button(app, "提交 2 个号码").disabled
    assert any("令牌" in error.value for error in app.error)


def test_two_choices_never_go_by_the_same_name(app: AppTest, desk: Services) -> None:
    """Streamlit tells options apart by their text: with equal names the wrong destination would be stored."""
    fill(app, name="外呼", user_id=USER, task_id=TASK, token=TOKEN)
    for name in ("外呼", "演练平台", "Practice platform", "新建真实平台的连接"):
        visit(app, "overview")  # away from what was said of the last name
        fill(app, name=name, user_id=USER, task_id=TASK, token=TOKEN)
        assert [connection.name for connection in desk.store.connections.all()] == ["外呼"], name
        assert any("同名" in line.value for line in app.markdown), name


def test_a_connection_that_a_run_still_needs_is_not_deleted(app: AppTest, desk: Services) -> None:
    fill(app, name="a", base_url="http://127.0.0.1:9", user_id=USER, task_id=TASK, token=TOKEN)
    upload(app)
    visit(app, "submit")
    button(app, "提交 2 个号码").click().run()
    visit(app, "connection")
    button(app, "确定删除").click().run()
    assert len(desk.store.connections.all()) == 1
    assert any("还有提交在用" in error.value for error in app.error)
    assert "真实平台" in "".join(line.value for line in app.markdown)


def test_sec07_a_token_can_be_forgotten(app: AppTest, desk: Services) -> None:
    fill(app, name="双十一", user_id=USER, task_id=TASK, token=TOKEN)
    (saved,) = desk.store.connections.all()
    button(app, "删除这个令牌").click().run()
    assert desk.tokens.get(saved.id) is None
    assert not any("删除这个令牌" in one.label for one in app.button)


@pytest.mark.parametrize(
    ("name", "value"), [("base_url", "https://other.example"), ("user_id", "5" + USER[1:])]
)
def test_a_token_does_not_follow_to_another_address_or_account(
    app: AppTest, desk: Services, name: str, value: str
) -> None:
    fill(app, name="双十一", user_id=USER, task_id=TASK, token=TOKEN)
    (saved,) = desk.store.connections.all()
    app.text_input(key=f"connection.{saved.id}.{name}").input(value)
    button(app, "保存").click().run()
    assert any("重新粘贴" in line.value for line in app.markdown)
    assert desk.store.connections.all() == [saved]
    app.text_input(key=f"connection.{saved.id}.token.1").input("another-token-123")
    button(app, "保存").click().run()
    assert getattr(desk.store.connections.all()[0], name) == value
    assert desk.tokens.get(saved.id) == "another-token-123"


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def ring(memory: Memory) -> Iterator[Keyring]:
    """A keyring as the one of macOS."""
    with closing(Keyring("macos", memory)) as made:
        yield made


def test_where_the_token_is_kept_is_said(
    app: AppTest, desk: Services, monkeypatch: pytest.MonkeyPatch, ring: Keyring
) -> None:
    fill(app, name="双十一", user_id=USER, task_id=TASK, token=TOKEN)
    assert any("只放在内存里" in line.value for line in app.caption)
    monkeypatch.setattr(desk.tokens, "_keyring", ring)
    (saved,) = desk.store.connections.all()
    app.run()
    app.checkbox(key=f"connection.{saved.id}.keep_token").check()
    app.text_input(key=f"connection.{saved.id}.token.1").input("another-token-123")
    button(app, "保存").click().run()
    assert any("存在macOS 钥匙串里" in line.value for line in app.caption)


def test_a_keyring_that_refuses_is_told_and_nothing_typed_is_lost(
    app: AppTest, desk: Services, monkeypatch: pytest.MonkeyPatch, ring: Keyring, memory: Memory
) -> None:
    monkeypatch.setattr(memory, "set_password", lambda *_: None)
    monkeypatch.setattr(desk.tokens, "_keyring", ring)
    fill(app, name="双十一", user_id=USER, task_id=TASK, token=TOKEN)
    (saved,) = desk.store.connections.all()
    assert desk.tokens.get(saved.id) == TOKEN
    assert any("读出来不一样" in box.value for box in [*app.error, *app.warning])
    assert any("只放在内存里" in line.value for line in app.caption)


def test_a_token_the_administrator_gave_is_not_asked_for(
    app: AppTest, desk: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.given, "_tokens", GivenTokens({"CONTACT_DESK_TOKEN": TOKEN})._tokens)
    fill(app, name="双十一", user_id=USER, task_id=TASK)
    (saved,) = desk.store.connections.all()
    assert desk.token(saved) == TOKEN
    assert any("管理员" in line.value for line in app.caption)
    assert not any(box.label == "令牌（token）" for box in app.text_input)


def test_a_connection_saved_while_a_submitted_sheet_is_open_is_where_the_next_one_goes(
    app: AppTest, desk: Services
) -> None:
    run = submitted(app, desk)
    fill(app, name="新任务", base_url="https://platform.example", user_id=USER, task_id=TASK, token=TOKEN)
    assert t("connection.saved", "zh") in texts(app)
    upload(app)
    (draft,) = desk.store.drafts.latest()
    assert desk.connection(draft.state["connection_id"]).name == "新任务"
    assert desk.store.runs.get(run.id).connection.kind == ConnectionKind.PRACTICE
    assert "这次上传会送到连接“新任务”" in texts(app)


def test_another_connection_chosen_while_a_submitted_sheet_is_open_survives_a_new_visit(
    app: AppTest, desk: Services
) -> None:
    fill(app, name="甲", base_url="https://platform.example", user_id=USER, task_id=TASK, token=TOKEN)
    visit(app, "connection")
    app.radio(key="connection.chosen").set_value("practice").run()
    submitted(app, desk)
    visit(app, "connection")
    app.radio(key="connection.chosen").set_value(desk.store.connections.all()[0].id).run()
    again = AppTest.from_file(str(ROOT / "lib" / "ui" / "router.py"), default_timeout=RUN_SECONDS).run()
    assert "连接：甲" in texts(again)


def test_the_destination_is_changed_where_it_is_shown_and_nothing_done_so_far_is_lost(
    app: AppTest, desk: Services
) -> None:
    fill(app, name="甲", base_url="https://platform.example", user_id=USER, task_id=TASK, token=TOKEN)
    upload(app)
    before = draft_of(desk).mapping
    visit(app, "review")
    app.button(key="banner.practice").click().run()
    assert (draft_of(desk).connection_id, draft_of(desk).mapping) == ("practice", before)
    assert t("banner.practice_means", "zh") in texts(app)


def test_practice_says_its_account_and_its_task_by_name_on_every_step(app: AppTest) -> None:
    where = {"account": USER[:8] + "…", "task": TASK[:8] + "…"}
    assert t("banner.practice_where", "zh", **where) in texts(visit(app, "upload"))
    visit(app, "connection")
    button(app, "列出平台上的任务").click().run()
    where["task"] = "十一月老客户回访"
    for page in ("upload", "history"):
        assert t("banner.practice_where", "zh", **where) in texts(visit(app, page))
