"""A team's server with real sign-ins: two people of one team, one of another, and one nobody knows, side by side."""

import base64
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from websockets.exceptions import InvalidStatus

from lib.access.visit import FRESH_SECONDS
from lib.contact.privacy import mask_phone
from tests.e2e import desk
from tests.e2e.people import ACCOUNTS, NAME, PEOPLE, PHONE, TITLE, Seat, Team, raw_visit, sheet, team
from tests.e2e.server import AppServer
from tests.waiting import until

PAGES = ("", "connection", "upload", "mapping", "review", "submit", "history", "do_not_call")


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """A team's server on this computer; each test brings people of its own to it."""
    with team(browser, tmp_path_factory.mktemp("office")) as running:
        yield running


def prepare(seat: Seat, file: Path) -> str:
    """Upload a sheet and go as far as the review; the draft's id."""
    desk.go(seat.page, "upload")
    desk.upload(seat.page, file)
    desk.press(seat.page, "下一步：对应列")
    desk.press(seat.page, "下一步：检查")
    desk.heading(seat.page, "检查和修改")
    return re.search(r"draft=(\w+)", seat.page.url).group(1)  # type: ignore[union-attr]


def submit(seat: Seat, count: int) -> None:
    desk.press(seat.page, f"下一步：提交 {count} 个号码")
    desk.press(seat.page, f"提交 {count} 个号码")
    desk.has_ended(seat.page)


def opened(seat: Seat, url: str, path: str) -> None:
    seat.page.goto(f"{url}/{path}")
    desk.settled(seat.page)


@pytest.mark.long
def test_sec33_sec34_people_side_by_side_each_see_what_is_theirs(office: Team, tmp_path: Path) -> None:
    anna, bo, chen, dora = (office.at_work(name) for name in ("anna", "bo", "chen", "dora"))
    expect(anna.page.get_by_text("安娜", exact=True)).to_be_visible()
    expect(dora.page.get_by_text("不在这里的人员名单上")).to_be_visible()

    draft = prepare(anna, sheet(tmp_path))
    for other in (bo, chen, dora):
        opened(other, office.url, f"review?draft={draft}")
    expect(chen.page.get_by_text("别人正在准备的")).to_be_visible()
    expect(bo.page.get_by_text("您是查看者，不能做这一步")).to_be_visible()
    expect(dora.page.get_by_text("不在这里的人员名单上")).to_be_visible()
    submit(anna, 2)

    _what_the_viewer_gets(bo, office)
    _what_the_other_team_gets(chen, office, tmp_path)
    opened(dora, office.url, "history")
    assert desk.buttons(dora.page) == {"退出，换一个账号"}
    assert not dora.page.get_by_test_id("stSidebarNavLink").count()

    desk.go(anna.page, "journal")
    expect(anna.page.get_by_text("bo@example.com 登录")).to_be_visible()
    assert "chen@example.com" not in anna.page.inner_text("body")
    with office.store() as store:
        journal = [(line.who, line.deed, line.code) for line in store.journal.latest()][::-1]
    assert [line for line in journal if line[1] in ("signed_in", "refused")] == [
        *((f"{name}@example.com", "signed_in", "") for name in ("anna", "bo", "chen")),
        ("dora@example.com", "refused", "not_listed"),
    ]

    assert all(anna.was_sent(text) for text in (TITLE, NAME, mask_phone(PHONE))), (
        "nothing would be found in these frames"
    )
    assert not any(seat.was_sent(PHONE) for seat in (bo, dora))
    assert not any(
        seat.was_sent(text) for seat in (chen, dora) for text in (TITLE, NAME, "南", "anna@example.com")
    )
    assert not bo.was_sent(NAME)


def _what_the_viewer_gets(bo: Seat, office: Team) -> None:
    """The team's run and a masked export; no button that changes anything, no page for work."""
    opened(bo, office.url, "")
    expect(bo.page.get_by_text(f"{TITLE}.csv")).to_be_visible()
    links = bo.page.get_by_test_id("stSidebarNavLink").all_inner_texts()
    assert [link.split("\n")[-1].strip() for link in links] == [
        "首页",
        "记录",
        "设置",
    ]
    for path in ("connection", "upload", "mapping", "review", "submit"):
        opened(bo, office.url, path)
        expect(bo.page.get_by_text("您是查看者，不能做这一步")).to_be_visible()
        assert desk.buttons(bo.page) == set()
    opened(bo, office.url, "history")
    desk.choose_run(bo.page, 0)
    expect(bo.page.get_by_text("提交人：安娜")).to_be_visible()
    assert desk.buttons(bo.page) == set()
    rows = desk.rows_of(desk.download(bo.page, "下载我的表格和结果"))
    assert rows[1][1:3] == ["139****1234", "也可打 136****0000"]
    assert rows[2][1] == "138****8000"
    opened(bo, office.url, "do_not_call")
    assert desk.buttons(bo.page) == set()


def _what_the_other_team_gets(chen: Seat, office: Team, folder: Path) -> None:
    """No run, no file, no name; but the number that was sent there is held back here."""
    opened(chen, office.url, "history")
    expect(chen.page.get_by_text("还没有提交过")).to_be_visible()
    assert not chen.was_sent(PHONE)
    prepare(chen, sheet(folder, f"姓名,手机号\n自己人,{PHONE}\n新人,13712345678\n", "北.csv"))
    expect(desk.metric(chen.page, "将提交")).to_have_text("1")
    expect(desk.cell(chen.page, 0, 3)).to_contain_text("已在别的团队的提交里")


def test_sec33_no_way_leads_past_the_door(office: Team, tmp_path: Path) -> None:
    """Every page by its address, and by a program that speaks the app's own protocol; with and without cookies."""
    anna = office.at_work("anna")
    draft = prepare(anna, sheet(tmp_path))
    cookies, session = anna.cookie_header(), _session_of(anna)
    _out_of_reach_of_scripts(anna)
    stranger = office.seat()
    for path in ("", "review"):
        opened(stranger, office.url, f"{path}?draft={draft}")
        assert desk.buttons(stranger.page) == {"登录"}
        assert not stranger.page.get_by_test_id("stSidebarNavLink").count()
    query = f"draft={draft}"
    ways = {
        "nothing": {"origin": office.url},
        "a session": {"session": session, "origin": office.url},
        "a forged cookie": {"cookies": _forged(cookies), "origin": office.url},
    }
    for page in PAGES:
        for name, way in ways.items():
            told = raw_visit(office.url, page, query, **way)
            assert TITLE.encode() not in told, (page, name)
            assert PHONE.encode() not in told, (page, name)
            assert "请用公司的账号登录".encode() in told, (page, name)
        for way in ({}, {"session": session}, {"cookies": cookies}, {"cookies": cookies, "session": session}):
            with pytest.raises(InvalidStatus):  # nothing comes in that does not say from where
                raw_visit(office.url, page, query, **way)
    assert not stranger.was_sent(TITLE)
    assert TITLE.encode() in raw_visit(office.url, "upload", query, cookies=cookies, origin=office.url), (
        "the way itself works"
    )


def _out_of_reach_of_scripts(anna: Seat) -> None:
    """Who somebody is stands in cookies that no script of a page reads, and that no other site's request carries."""
    for name in ("_streamlit_user", "_streamlit_user_tokens"):
        cookie = anna.cookie(name)
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert "_streamlit_user" not in anna.page.evaluate("document.cookie")


def _session_of(seat: Seat) -> str:
    """The id of the visit, as it stands in the first message."""
    found = next(re.findall(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", frame) for frame in seat.frames)
    return str(found[0].decode())


def _forged(cookies: str) -> str:
    """An identity of one's own making with the signature of a real one."""
    signature = re.search(r"_streamlit_user=[^;]*(\.[^.;]+\.[^.;]+)", cookies).group(1)  # type: ignore[union-attr]
    claims = json.dumps(ACCOUNTS["anna"] | {"is_logged_in": True, "iat": int(time.time()), "sub": "forged"})
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return re.sub(r"_streamlit_user=[^;]*", f"_streamlit_user={payload}{signature}", cookies)


def test_sec33_the_callbacks_of_the_sign_in_let_nobody_in(office: Team) -> None:
    stranger = office.seat()
    for path in (
        "oauth2callback", "oauth2callback?code=a&state=b", "oauth2callback?error=access_denied&state=b",
        "auth/login", "auth/login?provider=default", "auth/login?provider=eyJhbGciOiJub25lIn0.eyJwcm92aWRlciI6ImRlZmF1bHQifQ.",
        "auth/logout",
    ):  # fmt: skip
        opened(stranger, office.url, path)
        assert desk.buttons(stranger.page) == {"登录"}, path
        assert "_streamlit_user" not in {cookie["name"] for cookie in stranger.context.cookies()}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("eva", "没有经过登录服务验证"),
        *(
            pytest.param(*told, marks=pytest.mark.long)
            for told in (
                ("dora", "不在这里的人员名单上"),
                ("fay", "没有提供邮箱"),
                ("hal", "没有经过登录服务验证"),
                ("ida", "已经过期"),
            )
        ),
    ],
)
def test_sec33_an_account_that_proves_too_little_is_turned_away(
    office: Team, name: str, sentence: str
) -> None:
    seat = office.enter(name)
    expect(seat.page.get_by_text(sentence)).to_be_visible()
    assert not seat.page.get_by_test_id("stSidebarNavLink").count()


@pytest.mark.long
def test_sec33_a_person_known_by_their_subject_needs_no_address(office: Team) -> None:
    gil = office.enter("gil")
    expect(gil.page.get_by_text("吉尔", exact=True)).to_be_visible()
    expect(gil.page.get_by_text("操作员 · 团队：north")).to_be_visible()


@pytest.fixture
def written_back(office: Team) -> Iterator[None]:
    """What the administrator wrote is as before for the next test."""
    before = office.secrets.read_text(encoding="utf-8")
    yield
    office.secrets.write_text(before, encoding="utf-8")


@pytest.mark.long
@pytest.mark.usefixtures("written_back")
def test_sec33_what_the_administrator_writes_holds_at_the_next_press(office: Team, tmp_path: Path) -> None:
    """Without a restart, with the page still open: a role taken away, a person taken off, a file that breaks."""
    anna = office.at_work("anna")
    draft = prepare(anna, sheet(tmp_path))
    desk.go(anna.page, "mapping")
    before = office.draft(draft)
    office.administrator_writes(PEOPLE.replace('"operator", team = "south"', '"viewer", team = "south"'))
    desk.press(anna.page, "重新推荐")
    expect(anna.page.get_by_text("您是查看者，不能做这一步").first).to_be_visible()
    assert office.draft(draft) == before
    office.administrator_writes("")
    anna.page.reload()
    expect(anna.page.get_by_text("不在这里的人员名单上")).to_be_visible()
    office.secrets.write_text("[auth", encoding="utf-8")
    anna.page.reload()
    expect(anna.page.get_by_text("secrets.toml 读不懂")).to_be_visible()
    office.secrets.unlink()
    anna.page.reload()
    expect(anna.page.get_by_text("现在找不到登录设置")).to_be_visible()


def test_without_sign_in_nothing_is_asked(tmp_path: Path) -> None:
    """A secrets.toml that is about other things leaves the desk one person's."""
    secrets = tmp_path / "secrets.toml"
    secrets.write_text("[people]\n", encoding="utf-8")
    with AppServer(tmp_path / "data", [f"--secrets.files={secrets}"]) as server:
        told = raw_visit(server.url, "", origin=server.url).decode(errors="replace")
    assert "联系人上传台" in told
    assert "退出登录" not in told
    assert "请用公司的账号登录" not in told


@pytest.mark.long
def test_sec33_whoever_signs_out_is_out_in_every_tab_and_with_the_old_cookie(
    office: Team, tmp_path: Path
) -> None:
    """Another person at the same browser finds nothing of the one before, who finds it all again."""
    seat = office.at_work("anna")
    draft = prepare(seat, sheet(tmp_path))
    other = office.tab(seat)
    opened(other, office.url, f"review?draft={draft}")
    desk.heading(other.page, "检查和修改")
    stolen = seat.cookie_header()
    sign_out(seat)
    other.page.wait_for_timeout(
        FRESH_SECONDS * 1_000
    )  # for so long the server takes what it knows of a sign-in to hold
    desk.press(other.page, "刷新列表")
    expect(other.page.get_by_role("button", name="登录", exact=True)).to_be_visible()
    other.page.close()
    told = raw_visit(office.url, "upload", f"draft={draft}", cookies=stolen, origin=office.url)
    assert TITLE.encode() not in told

    seat.frames.clear()
    office.sign_in(seat, "chen")
    for path in ("upload", "review", "history"):
        desk.go(seat.page, path)
    assert not any(seat.was_sent(text) for text in (TITLE, NAME, PHONE))
    sign_out(seat)
    office.sign_in(seat, "anna")
    desk.go(seat.page, "upload")
    expect(seat.page.get_by_text(f"{TITLE}.csv").first).to_be_visible()


def sign_out(seat: Seat) -> None:
    """Out, with nothing left in the cookies."""
    seat.page.get_by_role("button", name="退出登录").click()
    until(
        lambda: "_streamlit_user" not in {cookie["name"] for cookie in seat.context.cookies()},
        "the identity stays in the cookies",
    )
    desk.settled(seat.page)
    expect(seat.page.get_by_role("button", name="登录", exact=True)).to_be_visible()
