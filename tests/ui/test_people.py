"""A desk that several people share: what each sees, and what the door says."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest

from lib.ui.services import Services
from lib.words import t
from tests.core import store_scenes
from tests.core.access.scenes import AUTH
from tests.core.people_scenes import ANNA, BO, CHEN, REAL, identity, store_of
from tests.ui.conftest import ROOT, RUN_SECONDS, visit
from tests.ui.steps import button, texts, upload

PEOPLE = f"""
[people]
"{ANNA.id}" = {{ role = "operator", team = "south", name = "安娜" }}
"{BO.id}" = {{ role = "viewer", team = "south" }}
"{CHEN.id}" = {{ role = "operator", team = "north" }}
"""

STEPS = ("upload", "mapping", "review", "submit", "history")

Enter = Callable[..., AppTest]


@pytest.fixture
def secrets(tmp_path: Path) -> Iterator[Path]:
    """The administrator's file, which may be written anew."""
    before, file = st.get_option("secrets.files"), tmp_path / "secrets.toml"
    file.write_text(AUTH + PEOPLE, encoding="utf-8")
    st.config.set_option("secrets.files", [str(file)])
    secrets_singleton._reset()
    yield file
    st.config.set_option("secrets.files", before)
    secrets_singleton._reset()


@pytest.fixture
def enter(desk: Services, secrets: Path) -> Enter:
    """Come in as somebody, in a visit of one's own."""

    def at(email: str, page: str = "", **claims: Any) -> AppTest:
        app = AppTest.from_file(str(ROOT / "lib" / "ui" / "router.py"), default_timeout=RUN_SECONDS)
        app.user = identity(email, iat=int(time.time()), **claims) if email else {}
        app.run()
        return visit(app, page) if page else app

    return at


def links(app: AppTest) -> str:
    """What leads to another page."""
    return " ".join(element.label for element in app.get("page_link"))


def test_sec33_nobody_sees_anything_before_signing_in(enter: Enter, desk: Services) -> None:
    store_of(desk.store, ANNA).runs.create(store_scenes.plan(1))
    app = enter("")
    for page in ("", "connection", *STEPS, "do_not_call"):
        if page:
            visit(app, page)
        assert [found.label for found in app.button] == ["登录"], page
        assert "请用公司的账号登录" in texts(app), page
        assert "客户.xlsx" not in str(app), page
    app.segmented_control(key="lang").set_value("en").run()
    assert [found.label for found in app.button] == ["Sign in"]
    assert "Sign in with your company account" in texts(app)
    assert "客户.xlsx" not in str(app)


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({}, "不在这里的人员名单上"),
        ({"email_verified": False}, "没有经过登录服务验证"),
        ({"email": None}, "没有提供邮箱"),
        ({"iat": 1}, "已经过期"),
    ],
)
def test_sec33_whoever_is_refused_reads_why_and_nothing_else(
    enter: Enter, desk: Services, claims: dict[str, Any], sentence: str
) -> None:
    store_of(desk.store, ANNA).runs.create(store_scenes.plan(1))
    app = enter("stranger@evil.example")
    app.user = dict(app.user) | claims
    app.run()
    assert sentence in texts(app)
    assert "客户.xlsx" not in str(app)
    assert [found.label for found in app.button] == (["登录"] if "iat" in claims else ["退出，换一个账号"])
    assert ("subject of stranger@evil.example" in texts(app)) is ("iat" not in claims)


def test_sec33_an_operator_sees_who_they_are_and_everything_to_work_with(enter: Enter) -> None:
    app = enter(ANNA.id)
    assert not app.exception
    assert "安娜" in texts(app)
    assert "操作员 · 团队：south" in texts(app)
    assert button(app, t("overview.start", "zh"))
    visit(app, "upload")
    assert all(
        f"{at} {name}" in links(app)
        for at, name in enumerate(("上传", "对应列", "检查", "提交", "记录"), start=1)
    )


def test_sec33_a_viewer_sees_the_teams_runs_and_no_button_that_changes_one(
    enter: Enter, desk: Services
) -> None:
    south = store_of(desk.store, ANNA)
    run_id = south.runs.create(store_scenes.plan(1))
    south.runs.pause(run_id)
    app = enter(BO.id)
    assert not app.exception
    assert "您是查看者" in texts(app)
    assert links(app) == f"{t('help.all', 'zh')} 客户\\.xlsx", "the run's own page, and no step of an upload"
    button(app, "去看看").click().run()
    assert "提交人：安娜" in texts(app)
    assert {found.label for found in app.button} == {"退出登录"}
    assert [found.label for found in app.download_button] == [
        "下载我的表格和结果",
        "批次记录 CSV",
        "批次记录 Excel",
        "提交回执（可打印）",
    ]
    assert "安娜  确认提交" in texts(app)


def test_sec33_a_viewer_reads_the_do_not_call_list_and_changes_nothing(enter: Enter, desk: Services) -> None:
    store_of(desk.store, ANNA).do_not_call.add(["13012121211"], "名单.csv")
    app = enter(BO.id, "do_not_call")
    assert not app.exception
    assert app.metric[0].value == "1"
    assert {found.label for found in app.button} == {"退出登录"}
    assert not app.text_area
    assert not app.number_input


def test_sec34_two_people_at_once_see_their_own(enter: Enter, desk: Services) -> None:
    """Two visits of one process; nothing of either gets into the other."""
    anna, chen = enter(ANNA.id), enter(CHEN.id)
    upload(anna, name="安娜的名单.csv")
    upload(chen, name="陈的名单.csv")
    for app, own, foreign in ((anna, "安娜的名单", "陈的名单"), (chen, "陈的名单", "安娜的名单")):
        for page in ("overview", "upload", "history"):
            visit(app, page)
            assert foreign not in str(app)
        visit(app, "overview")
        assert own in texts(app)
    assert sorted(record.owner for record in desk.store.drafts.latest()) == [ANNA.id, CHEN.id]


def test_sec33_a_link_to_somebody_elses_draft_opens_nothing_of_theirs(enter: Enter, desk: Services) -> None:
    anna = enter(ANNA.id)
    upload(anna, name="安娜的名单.csv")
    [record] = desk.store.drafts.latest()
    app = AppTest.from_file(str(ROOT / "lib" / "ui" / "router.py"), default_timeout=RUN_SECONDS)
    app.user = identity(CHEN.id, iat=int(time.time()))
    app.query_params["draft"] = record.id
    app.run()
    assert "别人正在准备的" in texts(app)
    assert "安娜的名单" not in str(app)
    assert "draft" not in app.query_params
    visit(app, "review")
    assert "还没有表格" in texts(app)


def test_sec33_a_role_taken_away_holds_at_the_next_press(enter: Enter, desk: Services, secrets: Path) -> None:
    """The button is still on the screen: what a browser sends back decides nothing."""
    run_id = store_of(desk.store, ANNA).runs.create(store_scenes.plan(1))
    store_of(desk.store, ANNA).runs.pause(run_id)
    app = enter(ANNA.id)
    button(app, "去看看").click().run()
    secrets.write_text(
        AUTH + PEOPLE.replace('"operator", team = "south"', '"viewer", team = "south"'), encoding="utf-8"
    )
    button(app, "继续发送").click().run()
    assert "您是查看者，不能做这一步" in texts(app)
    assert desk.store.runs.get(run_id).state == "paused"


def test_sec33_whoever_is_taken_off_the_list_is_out_at_the_next_press(
    enter: Enter, desk: Services, secrets: Path
) -> None:
    run_id = store_of(desk.store, ANNA).runs.create(store_scenes.plan(1))
    store_of(desk.store, ANNA).runs.pause(run_id)
    app = enter(ANNA.id)
    button(app, "去看看").click().run()
    secrets.write_text(AUTH, encoding="utf-8")
    button(app, "继续发送").click().run()
    assert "不在这里的人员名单上" in texts(app)
    assert desk.store.runs.get(run_id).state == "paused"


def test_sec33_signing_out_in_one_tab_ends_the_other(enter: Enter, desk: Services) -> None:
    moment = int(time.time())
    here, there = enter(ANNA.id), enter(ANNA.id)
    for app in (here, there):
        app.user = identity(ANNA.id, iat=moment)
        app.run()
    button(here, "退出登录").click().run()
    assert "请用公司的账号登录" in texts(here)
    visit(there, "history")
    assert "请用公司的账号登录" in texts(there)
    assert [line.deed for line in desk.store.journal.latest()].count("signed_out") == 1


def test_sec33_who_did_what_stands_in_the_settings(enter: Enter, desk: Services) -> None:
    app = enter(ANNA.id, "do_not_call")
    app.text_area(key="dnc.paste").input("13012121211").run()
    button(app, "加入名单").click().run()
    app.number_input[0].set_value(30).run()
    visit(app, "journal")
    told = texts(app)
    assert "安娜  修改设置“多少天以内算近期”：7 → 30" in told
    assert "安娜  把 1 个号码加入勿拨名单（" in told
    assert "安娜  登录" in told
    assert "13012121211" not in told


def test_sec33_a_desk_whose_file_is_broken_stays_closed(enter: Enter, secrets: Path) -> None:
    secrets.write_text("[auth", encoding="utf-8")
    app = enter("")
    assert "secrets.toml 读不懂" in texts(app)
    assert not app.button


# --- destinations --------------------------------------------------------------------------------------------

ALLOWED = f"""
[destinations]
hosts = ["https://allowed.example"]
accounts = ["{REAL.user_id}"]
"""


def fill(app: AppTest, **values: str) -> None:
    for name, value in values.items():
        app.text_input(key=f"connection.new.{name}").input(value)


def new_connection(app: AppTest) -> AppTest:
    app.radio[0].set_value("new").run()
    assert not app.exception
    return app


def test_sec33_where_only_a_few_destinations_are_allowed_they_are_chosen(
    enter: Enter, desk: Services, secrets: Path
) -> None:
    secrets.write_text(AUTH + PEOPLE + ALLOWED, encoding="utf-8")
    app = new_connection(enter(ANNA.id, "connection"))
    assert app.selectbox(key="connection.new.base_url").options == ["https://allowed.example"]
    assert app.selectbox(key="connection.new.user_id").options == [REAL.user_id]
    fill(app, name="南区", task_id=REAL.task_id, **{"token.0": "a-token-of-theirs"})
    button(app, "保存").click().run()
    [saved] = desk.store.connections.all()
    assert (saved.base_url, saved.user_id) == ("https://allowed.example", REAL.user_id)
    assert [line.deed for line in desk.store.journal.latest()][:2] == ["token_typed", "connection_created"]


def test_sec33_a_forbidden_destination_is_not_saved_and_says_so_beside_the_field(
    enter: Enter, desk: Services, secrets: Path
) -> None:
    many = ", ".join(f'"https://host-{at}.example"' for at in range(30))
    secrets.write_text(AUTH + PEOPLE + f"[destinations]\nhosts = [{many}]\n", encoding="utf-8")
    app = new_connection(enter(ANNA.id, "connection"))
    fill(
        app, name="南区", base_url="https://evil.example", user_id=REAL.user_id, task_id=REAL.task_id,
        **{"token.0": "a-token-of-theirs"},
    )  # fmt: skip
    button(app, "保存").click().run()
    assert "管理员不允许发到这个平台地址" in texts(app)
    assert desk.store.connections.all() == []
    button(app, "列出平台上的任务").click().run()
    assert "管理员不允许发到这个平台地址" in "".join(str(error.value) for error in app.error)


def test_a_saved_connection_that_is_no_longer_allowed_is_shown_as_it_is(
    enter: Enter, desk: Services, secrets: Path
) -> None:
    store_of(desk.store, ANNA).connections.save(REAL)
    secrets.write_text(AUTH + PEOPLE + ALLOWED, encoding="utf-8")
    app = enter(ANNA.id, "connection")
    app.radio[0].set_value(REAL.id).run()
    assert not app.exception
    box = app.selectbox(key=f"connection.{REAL.id}.base_url")
    assert (box.value, box.options) == (REAL.base_url, ["https://allowed.example", REAL.base_url])
