"""The about page: what is told of this installation, and that nothing of anybody's is in what goes to support."""

import logging
import os
import re
import stat
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.access.given_tokens import GivenTokens
from lib.draft import Draft
from lib.draft.plan import run_plan
from lib.platform.connection import DEFAULT_BASE_URL, PRACTICE_TASK_ID, PRACTICE_USER_ID, create
from lib.server import machine_facts
from lib.server.log_records import Recent
from lib.server.self_check import CheckCode, Level
from lib.ui import services
from lib.ui.about import about
from lib.ui.services import Services
from lib.words import t
from lib.words.literal import JOINER
from tests.ui.conftest import visit
from tests.waiting import until

TOKEN, PHONE, NAME, MAIL, COMPANY = (
    "canary-token-5512",
    "13012129876",
    "张伟canary",
    "canary@example.cn",
    "晨光canary贸易",
)
FILE, CONNECTION = "名单canary.csv", "连接canary"
USER, TASK = "4d99d91c-f5d9-49da-88da-758977cc58aa", "b15b7392-a83f-4e0e-9570-31dd2ec8f85d"


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])
def test_sec39_the_page_tells_how_this_installation_is(app: AppTest, desk: Services, lang: str) -> None:
    """SEC39: every check in words, versions, licences, the place of the data, in both languages."""
    app.segmented_control(key="lang").set_value(lang).run()
    visit(app, "about")
    assert not app.exception
    assert app.title[0].value == t("page.settings.title", lang)
    found = about.findings(desk)
    assert {one.code for one in found} == set(CheckCode)
    said = "\n".join(element.value for kind in (app.markdown, app.warning, app.error) for element in kind)
    shown = re.sub(f"[\\\\{JOINER}]", "", said)
    for one in found:
        assert (
            t(f"check.{one.code}" if one.level == Level.FINE else f"check.{one.code}.bad", lang, **one.params)
            in shown
        )
    assert str(services.data_folder()) in [block.value for block in app.code]
    parts = app.dataframe[1].value.iloc[:, 0].tolist()
    assert {"streamlit", "httpx", "certifi"} <= set(parts)


def test_sec39_only_the_token_is_told_on_a_fresh_installation(desk: Services) -> None:
    """SEC39: trace events, DTD, SQLite's rule, one sender, the folder's rights and the versions are as they should be.

    The server's own settings are those of a test runner here; tests/ui/test_served.py asks a real one.
    """
    services.data_folder().chmod(0o700)
    until(lambda: not desk.engine.status.stands_by, "this process never sends")
    of_machine = list(CheckCode)[list(CheckCode).index(CheckCode.TRACE) :]
    told = {one.code for one in about.findings(desk) if one.level != Level.FINE}
    assert told & set(of_machine) <= {CheckCode.TOKENS}


def test_only_tokens_that_are_lost_at_a_restart_are_told(
    desk: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def are_told() -> bool:
        return Level.TOLD in [one.level for one in about.findings(desk) if one.code == CheckCode.TOKENS]

    monkeypatch.setattr(desk.given, "_tokens", GivenTokens({"CONTACT_DESK_TOKEN": TOKEN})._tokens)
    assert are_told(), "nothing uses the administrator's token"
    desk.store.connections.save(create(CONNECTION, DEFAULT_BASE_URL, USER, TASK))
    assert not are_told()
    desk.store.connections.save(create("other", "https://canary-host.example.cn", USER, TASK))
    assert are_told(), "the administrator's token goes to no such address"


def test_sec39_what_goes_to_support_holds_nothing_of_anybodys(app: AppTest, desk: Services) -> None:
    """SEC25, SEC39: a token, a number, a name, an address and ids go through the app, into logs and exceptions too."""
    connection = create(CONNECTION, "https://canary-host.example.cn", USER, TASK)
    desk.store.connections.save(connection)
    desk.tokens.set(connection.id, TOKEN)
    draft = Draft(desk.store)
    draft.load_sheet(f"姓名,手机号,邮箱,公司\n{NAME},{PHONE},{MAIL},{COMPANY}\n".encode(), FILE)
    draft.choose_connection(connection.id)
    run_id = desk.store.runs.create(run_plan(draft, connection))
    desk.store.runs.pause(run_id)
    desk.store.do_not_call.add(["13812129876"], FILE)
    try:
        raise KeyError(f"{NAME} {PHONE} {MAIL} {TOKEN} {TASK} {FILE}")
    except KeyError:
        logging.getLogger("desk").exception("uncaught in a page, reference %s", "1a2b3c4d")
        logging.getLogger("streamlit.error_util").exception("%s", NAME)
    told = about.bundle(desk, about.findings(desk))
    secrets = (
        TOKEN,
        PHONE,
        "13812129876",
        NAME,
        MAIL,
        COMPANY,
        FILE,
        CONNECTION,
        USER,
        TASK,
        run_id,
        connection.id,
        "canary",
        str(Path.home()),
    )
    assert [secret for secret in secrets if secret in told] == []
    assert not re.search(
        rf"\b{re.escape(os.uname().nodename)}\b", told
    )  # as a word: two letters stand in many a made-up name
    for wanted in (
        "uncaught in a page, reference 1a2b3c4d",
        "KeyError at tests/ui/test_about.py",
        run_id[:8],
        "drafts: ",
        "do-not-call numbers: 1",
        "streamlit: ",
        "fine    trace",
        "concurrency: 4",
    ):
        assert wanted in told, wanted


def test_names_others_can_read_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    for name, mode in (("open.db", 0o644), ("closed.db", 0o600)):
        (folder / name).touch()
        (folder / name).chmod(mode)
    assert machine_facts.readable(folder) == [".", "open.db"]
    folder.chmod(0o700)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert machine_facts.readable(folder) == []
    assert machine_facts.readable(tmp_path / "none") == []


def test_the_log_of_support_begins_with_the_services(desk: Services) -> None:
    logging.getLogger("desk").warning("something odd")
    assert isinstance(services.recent, Recent)
    assert services.recent.lines()[-1].endswith("something odd")
    assert PRACTICE_USER_ID not in "".join(services.recent.lines())
    assert PRACTICE_TASK_ID not in "".join(services.recent.lines())
