"""One look at the task before a run: what is there already is told, and nothing about the look can stand in the way."""

import json
from contextlib import closing

import pytest

from lib import sandbox
from lib.draft import Draft
from lib.draft.plan import run_plan
from lib.platform.api import Platform
from lib.platform.connection import practice
from lib.reconcile import preflight
from lib.reconcile.preflight import already_there, leave_out, look
from lib.store import Store
from tests import practice_platform
from tests.waiting import PATIENCE

CSV = "姓名,手机号\n张伟,13012121211\n王芳,139 1234 5678\n李娜,13700000001\n"
TOKEN = "practice"


@pytest.fixture
def control(url):
    def change(**switches):
        practice_platform.control(url, **switches)

    change(reset=True, faults=[])
    return change


@pytest.fixture
def platform():
    with Platform(total_seconds=PATIENCE) as made:
        yield made


@pytest.fixture
def store(tmp_path):
    with closing(Store(tmp_path / "data" / "desk.db")) as opened:
        yield opened


def colleague(platform, url, *phones):
    """Somebody else imports these numbers."""
    rows = [{"phone": phone, "sort": 0, "extra": f"theirs-{phone}"} for phone in phones]
    platform.send(practice(url), TOKEN, json.dumps({"ignore_crm": True, "data": rows}).encode(), lambda: None)


def draft_of(store, connection, text=CSV):
    draft = Draft(store)
    draft.choose_connection(connection.id)
    draft.load_sheet(text.encode(), "客户.csv")
    return draft


def test_an_empty_task_holds_nothing(platform, url, control):
    seen = look(platform, practice(url), TOKEN)
    assert (seen.phones, seen.is_whole, seen.count) == (frozenset(), True, 0)


def test_numbers_somebody_else_brought_are_told_by_their_rows(store, platform, url, control):
    colleague(platform, url, "13912345678", "13012121211", "13600000000")
    connection = practice(url)
    draft = draft_of(store, connection)
    seen = look(platform, connection, TOKEN)
    assert (seen.is_whole, seen.count) == (True, 3)
    assert already_there(draft, store, connection, seen)[0].to_dict() == {2: "13012121211", 3: "13912345678"}
    draft.leave_out([2])
    assert already_there(draft, store, connection, seen)[0].to_dict() == {3: "13912345678"}


def test_a_number_that_is_left_out_does_not_go_from_another_row_either(store, platform, url, control):
    colleague(platform, url, "13012121211")
    connection = practice(url)
    draft = draft_of(store, connection, CSV + "赵四,13012121211\n")
    seen = look(platform, connection, TOKEN)
    leave_out(draft, connection, already_there(draft, store, connection, seen)[0])
    assert draft.left_out == {2, 5}
    assert already_there(draft, store, connection, seen)[0].empty


def test_numbers_that_are_to_go_again_from_here_are_not_asked_about_twice(store, platform, url, control):
    connection = practice(url)
    first = draft_of(store, connection)
    first.run_id = store.runs.create(run_plan(first, connection))
    colleague(platform, url, "13012121211")
    second = draft_of(store, connection)
    seen = look(platform, connection, TOKEN)
    assert already_there(second, store, connection, seen)[0].empty
    second.allow_sending_again(connection)
    others, own = already_there(second, store, connection, seen)
    assert others.empty
    assert own.tolist() == ["13012121211"]


def test_of_a_longer_list_what_was_seen_is_told(store, platform, url, control, monkeypatch):
    colleague(platform, url, *(str(13_100_000_000 + at) for at in range(200)))
    colleague(platform, url, "13012121211")
    monkeypatch.setattr(preflight, "PAGES", 1)
    connection = practice(url)
    seen = look(platform, connection, TOKEN)
    assert (seen.is_whole, seen.count) == (False, 200)
    assert "13012121211" in seen.phones  # the newest stands first
    assert already_there(draft_of(store, connection), store, connection, seen)[0].to_dict() == {
        2: "13012121211"
    }


@pytest.mark.parametrize(
    "fault", ["list_drop", "list_error", "list_missing", "list_forbidden", "masked_list"]
)
def test_a_list_that_cannot_tell_is_said_to_be_so(store, platform, url, control, fault):
    colleague(platform, url, "13012121211")
    control(faults=[fault])
    seen = look(platform, practice(url), TOKEN)
    assert (seen.is_whole, seen.phones) == (False, frozenset())
    assert already_there(draft_of(store, practice(url)), store, practice(url), seen)[0].empty


def test_the_time_is_up_between_two_pages(platform, url, control):
    colleague(platform, url, "13012121211")
    moments = iter([0.0, preflight.SECONDS + 1, 20.0])
    assert not look(platform, practice(url), TOKEN, clock=lambda: next(moments)).is_whole


def test_a_page_that_does_not_come_is_not_waited_for(platform, control, monkeypatch):
    """A limit of the look's own: the platform's calls may take much longer."""
    monkeypatch.setattr(preflight, "SECONDS", 0.1)
    with sandbox.running(latency_ms=2_000) as slow:
        assert not look(platform, practice(slow), TOKEN).is_whole
