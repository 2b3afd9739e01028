"""Names from the platform: asked over real HTTP, in every shape it might answer, kept, and never needed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lib import sandbox
from lib.errors import AnswerUnreadable, NotSent, PlatformError, Refused, Unauthorised
from lib.platform import directory_decoding as answers
from lib.platform.api import Platform
from lib.platform.connection import Connection, ConnectionKind, Options, create
from lib.platform.connection_test import VerdictCode
from lib.platform.directory import TaskKind, TaskState
from lib.platform.directory_source import Directory, account
from lib.platform.paths import LookUp
from lib.sandbox.variants import VARIANTS
from lib.store import Store
from tests import practice_platform

TOKEN = "canary-token-5512"

EVERY_TASK = {
    ("十一月老客户回访", TaskKind.CLASSIC, TaskState.PAUSED),
    ("会员续费提醒（2.0）", TaskKind.NEW, TaskState.RUNNING),
    ("华东分公司邀约", TaskKind.CLASSIC, TaskState.PAUSED),
}

#: Variants under which the same tasks are found with the same names and states.
SAME_TASKS = (
    "list_in_list",
    "list_paginator",
    "list_no_meta",
    "list_keyed",
    "list_texts",
    "task_renamed",
    "task_no_owner",
)

SAME_COMPONENTS = (
    "list_in_list",
    "list_paginator",
    "list_no_meta",
    "list_keyed",
    "list_texts",
    "component_renamed",
    "rules_words",
    "rules_flags",
)


class Desk:
    """A practice platform, and a directory that asks it and keeps what it hears in a real store."""

    def __init__(self, url: str, store: Store, platform: Platform) -> None:
        self.url, self.store = url, store
        self.names = Directory(store.directory, platform)
        self.connection = create("外呼", url, sandbox.USER_ID, sandbox.TASK_ID)

    def control(self, **switches: Any) -> None:
        practice_platform.control(self.url, **switches)

    def running_task(self) -> Connection:
        return replace(self.connection, task_id=sandbox.RUNNING_TASK_ID)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with sandbox.running(token=TOKEN) as address:
        yield address


@pytest.fixture
def desk(url: str, tmp_path: Path) -> Iterator[Desk]:
    store = Store(tmp_path / "desk.db")
    with Platform() as platform:
        one = Desk(url, store, platform)
        one.control(variants=[], reset=True)
        yield one
    store.close()


def tasks_of(found: Any) -> set[tuple[str, TaskKind, TaskState]]:
    return {(task.name, task.kind, task.state) for task in found.tasks}


# --- tasks -------------------------------------------------------------------------------------------------


def test_every_task_of_both_kinds_and_of_sub_accounts_is_listed_by_name_with_its_state(desk: Desk) -> None:
    found = desk.names.fetch_tasks(desk.connection, TOKEN)
    assert tasks_of(found) == EVERY_TASK
    assert (found.gaps, found.unread, found.cut) == ((), 0, False)
    assert found.owners[sandbox.SUB_USER_ID] == "华东分公司"
    [sub] = [task for task in found.tasks if task.owner == sandbox.SUB_USER_ID]
    assert sub.id == sandbox.SUB_TASK_ID


def test_tasks_can_be_listed_before_any_task_is_chosen(desk: Desk) -> None:
    assert tasks_of(desk.names.fetch_tasks(replace(desk.connection, task_id=""), TOKEN)) == EVERY_TASK


def test_every_page_is_fetched(desk: Desk) -> None:
    with Platform() as platform:
        one_by_one = Directory(desk.store.directory, platform, per_page=1)
        assert tasks_of(one_by_one.fetch_tasks(desk.connection, TOKEN)) == EVERY_TASK


def test_patience_ends_and_what_is_left_is_told_as_cut(desk: Desk) -> None:
    clock = iter(range(0, 10_000, 25))
    with Platform() as platform:
        hasty = Directory(desk.store.directory, platform, per_page=1, clock=lambda: float(next(clock)))
        found = hasty.fetch_tasks(desk.connection, TOKEN)
    assert found.cut
    assert 0 < len(found.tasks) < len(EVERY_TASK)


def test_what_was_listed_is_kept_for_the_account_and_found_without_asking(desk: Desk) -> None:
    fetched = desk.names.fetch_tasks(desk.connection, TOKEN)
    desk.control(variants=["directory_missing"])
    assert desk.names.tasks(desk.connection) == fetched
    assert desk.names.task(desk.running_task()) == fetched.find(sandbox.RUNNING_TASK_ID.upper())
    other = replace(desk.connection, user_id=sandbox.SUB_USER_ID)
    assert desk.names.tasks(other) is None
    desk.names.forget(desk.connection)
    assert desk.names.tasks(desk.connection) is None


def test_the_practice_platform_keeps_its_names_at_whatever_port_it_starts(desk: Desk) -> None:
    here = replace(desk.connection, kind=ConnectionKind.PRACTICE)
    assert account(here) == account(replace(here, base_url="http://127.0.0.1:1"))
    assert account(here) != account(desk.connection)


@pytest.mark.parametrize("variant", SAME_TASKS)
def test_tasks_are_read_in_every_foreseen_shape(desk: Desk, variant: str) -> None:
    desk.control(variants=[variant])
    assert tasks_of(desk.names.fetch_tasks(desk.connection, TOKEN)) == EVERY_TASK


def test_a_task_without_a_name_is_still_listed_by_its_id(desk: Desk) -> None:
    desk.control(variants=["list_no_names"])
    found = desk.names.fetch_tasks(desk.connection, TOKEN)
    assert {task.id for task in found.tasks} == {
        sandbox.TASK_ID,
        sandbox.RUNNING_TASK_ID,
        sandbox.SUB_TASK_ID,
    }
    assert {task.name for task in found.tasks} == {""}


def test_a_state_that_is_not_told_is_unknown_and_warns_of_nothing(desk: Desk) -> None:
    desk.control(variants=["task_no_state"])
    found = desk.names.fetch_tasks(desk.connection, TOKEN)
    assert {task.state for task in found.tasks} == {TaskState.UNKNOWN}
    assert not any(task.refuses_numbers for task in found.tasks)


@pytest.mark.parametrize("variant", ["directory_strange", "list_no_ids"])
def test_a_shape_nobody_foresaw_cannot_be_read_and_is_shown_as_it_came(desk: Desk, variant: str) -> None:
    desk.names.fetch_tasks(desk.connection, TOKEN)
    desk.control(variants=[variant])
    with pytest.raises(AnswerUnreadable) as caught:
        desk.names.fetch_tasks(desk.connection, TOKEN)
    assert '"data"' in caught.value.raw
    assert tasks_of(desk.names.tasks(desk.connection)) == EVERY_TASK


def test_a_list_without_an_envelope_is_not_the_platform_and_is_shown_as_it_came(desk: Desk) -> None:
    desk.control(variants=["list_bare"])
    with pytest.raises(PlatformError, match="lookup_not_platform") as caught:
        desk.names.fetch_tasks(desk.connection, TOKEN)
    assert sandbox.TASK_ID in caught.value.raw


def test_addresses_that_do_not_exist_are_one_named_error(desk: Desk) -> None:
    desk.control(variants=["lookups_missing"])
    for ask in (desk.names.fetch_tasks, desk.names.fetch_template):
        with pytest.raises(Refused, match="not_found"):
            ask(desk.connection, TOKEN)


def test_sub_accounts_without_names_are_a_gap_and_the_tasks_are_listed(desk: Desk) -> None:
    desk.control(variants=["accounts_missing"])
    found = desk.names.fetch_tasks(desk.connection, TOKEN)
    assert tasks_of(found) == EVERY_TASK
    assert [(gap.what, gap.code) for gap in found.gaps] == [("SUB_ACCOUNTS", "not_found")]
    assert desk.names.tasks(desk.connection) == found


@pytest.mark.parametrize("variant", ["all_tasks_missing", "all_tasks_forbidden"])
def test_where_sub_accounts_tasks_cannot_be_had_the_own_ones_are_listed_and_the_gap_is_told(
    desk: Desk, variant: str
) -> None:
    desk.control(variants=[variant])
    found = desk.names.fetch_tasks(desk.connection, TOKEN)
    assert {task.owner for task in found.tasks} == {sandbox.USER_ID}
    assert [gap.what for gap in found.gaps] == ["ALL_CLASSIC_TASKS", "ALL_NEW_TASKS"]


def test_a_wrong_token_and_an_unreachable_address_end_the_asking(desk: Desk) -> None:
    with pytest.raises(Unauthorised):
        desk.names.fetch_tasks(desk.connection, "another-token-1")
    with pytest.raises(NotSent):
        desk.names.fetch_tasks(replace(desk.connection, base_url="http://127.0.0.1:9"), TOKEN)


def test_a_running_new_task_is_seen_live_and_paused_only_on_a_word(desk: Desk) -> None:
    going = desk.running_task()
    assert desk.names.live_task(going, TOKEN) is None  # nothing is known of it, so nothing is asked
    desk.names.fetch_tasks(going, TOKEN)
    seen = desk.names.live_task(going, TOKEN)
    assert seen
    assert seen.refuses_numbers
    assert practice_platform.control(desk.url)["running"] == [sandbox.RUNNING_TASK_ID]
    desk.names.pause(going, TOKEN)
    paused = desk.names.live_task(going, TOKEN)
    assert paused
    assert (paused.state, paused.refuses_numbers) == (TaskState.PAUSED, False)
    assert desk.names.task(going) == paused


def test_no_look_up_of_the_account_reaches_an_address_that_changes_something() -> None:
    assert not any(word in path for path in LookUp for word in ("stop", "reset", "delete", "async"))


# --- components --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", ["", *SAME_COMPONENTS])
def test_components_are_read_with_their_rules_in_every_foreseen_shape(desk: Desk, variant: str) -> None:
    desk.control(variants=[variant] if variant else [])
    found = desk.names.fetch_template(desk.connection, TOKEN)
    assert [(one.name, one.type, one.rules) for one in found.components] == [
        ("昵称", "text", ("sometimes",)),
        ("意向车型", "text", ("required",)),
        ("年龄", "number", ("sometimes", "integer")),
        ("预约日期", "date", ("sometimes", "date")),
        ("备注", "text", ("sometimes",)),
    ]
    assert desk.names.template(desk.connection) == found


def test_rules_and_types_nobody_documents_are_kept_as_they_are(desk: Desk) -> None:
    desk.control(variants=["rules_strange"])
    found = desk.names.fetch_template(desk.connection, TOKEN)
    assert {one.type for one in found.components} == {"cascade"}
    assert all("max:20" in one.rules for one in found.components)


@pytest.mark.parametrize("variant", ["directory_strange", "list_no_ids"])
def test_components_nobody_can_read_leave_the_kept_ones(desk: Desk, variant: str) -> None:
    kept = desk.names.fetch_template(desk.connection, TOKEN)
    desk.control(variants=[variant])
    with pytest.raises(AnswerUnreadable):
        desk.names.fetch_template(desk.connection, TOKEN)
    assert desk.names.template(desk.connection) == kept


# --- the token ---------------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "until", "days"),
    [
        ({"expired_at": "2026-12-24 12:00:00"}, "2026-12-24 12:00:00", 30),
        ({"token": {"expires_at": "2026-11-25T11:59:59+08:00"}}, "2026-11-25T11:59:59+08:00", 0),
        ("2026-11-20 12:00:00", "2026-11-20 12:00:00", -4),
        ({"expire_time": 1795579200}, "2026-11-25 12:00:00", 1),
        ({"exp": "1795579200000"}, "2026-11-25 12:00:00", 1),
        ({"expires_in": 86400}, "2026-11-25 12:00:00", 1),
    ],
)
def test_the_validity_of_a_token_is_read_where_the_answer_tells_it(data: Any, until: str, days: int) -> None:
    found = answers.validity({"code": 200, "data": data}, NOW)
    assert (found.until, found.days) == (until, days)


@pytest.mark.parametrize(
    "data", [{"status": 1}, [], None, True, {"expired_at": None}, {"expired_at": 5}, "永久", {"exp": 10**15}]
)
def test_an_answer_that_tells_no_validity_is_not_guessed_at(data: Any) -> None:
    with pytest.raises(AnswerUnreadable):
        answers.validity({"code": 200, "data": data}, NOW)


@pytest.mark.parametrize("variant", ["", "token_plain", "token_nested", "token_left", "token_over"])
def test_the_test_of_a_connection_tells_how_long_its_token_is_good(desk: Desk, variant: str) -> None:
    desk.control(variants=[variant] if variant else [])
    with Platform() as platform:
        found = platform.test(desk.connection, TOKEN)
    assert found.code == VerdictCode.READY
    assert found.health
    assert found.health.validity
    expected = {"token_left": range(2), "token_over": range(-4000, 0)}.get(variant, range(28, 31))
    assert found.health.validity.days in expected


@pytest.mark.parametrize(
    ("variant", "reason"),
    [
        ("token_silent", "answer_unreadable"),
        ("directory_missing", "not_found"),
        ("directory_failing", "lookup_no_answer"),
    ],
)
def test_a_token_page_that_tells_nothing_does_not_fail_the_test_of_a_connection(
    desk: Desk, variant: str, reason: str
) -> None:
    desk.control(variants=[variant])
    with Platform() as platform:
        found = platform.test(desk.connection, TOKEN)
    assert found.code == VerdictCode.READY
    assert found.health
    assert (found.health.validity, found.health.reason) == (None, reason)
    assert '"code"' in found.health.raw


# --- hostile answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        None,
        5,
        "x",
        {},
        [1],
        [[]],
        {"a": [1]},
        {"a": [{}], "b": [{}]},
        [{"id": 7, "name": "x"}],
        [{"id": "../../admin"}],
    ],
)
def test_nothing_in_an_answer_breaks_the_reading(data: Any) -> None:
    document = {"code": 200, "data": data}
    with pytest.raises(AnswerUnreadable):
        answers.tasks(document, TaskKind.NEW)
    with pytest.raises(AnswerUnreadable):
        answers.components(document)


@pytest.mark.parametrize("strange", [None, [], {}, 7, "x", {"a": {"b": []}}])
def test_strange_values_of_a_good_entry_are_left_aside(strange: Any) -> None:
    entry = {
        "uuid": sandbox.TASK_ID, "name": strange, "enable": strange, "new_task_extra": strange, "status": strange, "user": strange,
        "user_id": strange, "validate": strange, "type": strange, "sort": strange,
    }  # fmt: skip
    document = {"code": 200, "data": [entry]}
    assert answers.tasks(document, TaskKind.NEW)[0][0].state == TaskState.UNKNOWN
    assert answers.tasks(document, TaskKind.CLASSIC)[0][0].owner == ""
    assert answers.components(document)[0][0].id == sandbox.TASK_ID


def test_a_name_is_one_short_line_without_a_number_of_somebody() -> None:
    entry = {"uuid": sandbox.TASK_ID, "name": "回访\n13012121211 " + "很长" * 200}
    [task], _ = answers.tasks({"code": 200, "data": [entry]}, TaskKind.CLASSIC)
    assert "13012121211" not in task.name
    assert "\n" not in task.name
    assert len(task.name) <= answers.NAME_LIMIT


def test_a_raw_answer_hides_the_token_and_numbers(desk: Desk) -> None:
    document = {"code": 200, "data": {"phone": "13012121211", "header": f"Bearer {TOKEN}"}}
    assert "13012121211" not in answers.unreadable(document).raw
    assert TOKEN not in answers.unreadable(document).raw


def test_every_variant_of_the_practice_platform_has_a_test_of_its_own() -> None:
    text = "".join(path.read_text("utf-8") for path in Path(__file__).parents[2].rglob("test_*.py"))
    assert {name for name in VARIANTS if f'"{name}"' not in text} == set()


def test_connections_of_a_sub_account_list_the_main_accounts_tasks(desk: Desk) -> None:
    sub = replace(desk.connection, options=Options(sub_user_id=sandbox.SUB_USER_ID))
    assert tasks_of(desk.names.fetch_tasks(sub, TOKEN)) == EVERY_TASK
