"""What only the practice platform has: it works there, and cannot be asked of a real connection in any way."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import httpx
import pytest

from lib import sandbox
from lib.access.people import ALONE, Person, Role
from lib.access.person_desk import PersonPractice
from lib.access.person_store import PersonStore
from lib.errors import NotAllowed, NotSent, PracticeOnly
from lib.platform import practice_control
from lib.platform.connection import Connection, create, practice
from lib.store import Store
from tests import practice_platform
from tests.core.sandbox.scenes import TASK, row
from tests.core.store_scenes import plan
from tests.ports import free_port
from tests.waiting import PATIENCE

#: Every way in.
CALLS: dict[str, Callable[[Connection], object]] = {
    "stage": practice_control.stage,
    "choose": lambda to: practice_control.choose(to, "lost", once=True),
    "holdings": practice_control.holdings,
    "reset": practice_control.reset,
    "forget": lambda to: practice_control.forget(to, "13012121211"),
    "must_be_practice": practice_control.must_be_practice,
    "held": lambda to: practice_control.held(to, ["a"]),
}


@pytest.fixture
def url() -> Iterator[str]:
    with sandbox.running(scenario="normal") as address:
        yield address


def send(url: str, *marks: str) -> None:
    rows = [row(f"1301212121{place}", extra=mark) for place, mark in enumerate(marks)]
    with suppress(httpx.TransportError):
        httpx.post(
            f"{url}{TASK}/async_number",
            json={"data": rows},
            headers={"Authorization": "Bearer practice"},
            timeout=PATIENCE,
            trust_env=False,
        )


def test_every_public_function_is_among_those_tried_here() -> None:
    public = {
        name
        for name, one in vars(practice_control).items()
        if callable(one)
        and getattr(one, "__module__", "") == practice_control.__name__
        and not isinstance(one, type)
    }
    assert {name for name in public if not name.startswith("_")} == CALLS.keys()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_nothing_of_it_can_be_asked_of_a_real_connection(call: Callable[[Connection], object]) -> None:
    """Not even where it leads to this computer, where a listener would see that anybody came."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        here = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(PracticeOnly):
            call(create("外呼", here, sandbox.USER_ID, sandbox.TASK_ID))
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("address", ["https://ai.api.longlonglong.cn", "http://10.0.0.1:8600", ""])
def test_nor_of_a_practice_connection_that_leads_elsewhere(
    call: Callable[[Connection], object], address: str
) -> None:
    with pytest.raises(PracticeOnly):
        call(practice(address))


def test_a_scenario_is_chosen_for_one_batch_or_until_another_is(url: str) -> None:
    here = practice(url)
    assert practice_control.choose(here, "lost", once=True).batches_left == 1
    send(url, "a")
    assert practice_control.stage(here).scenario == "normal"
    assert practice_control.choose(here, "lost", once=False).batches_left is None
    send(url, "a")
    assert practice_control.stage(here).scenario == "lost"
    assert practice_control.stage(here).offered["repeated"] == "next"


def test_one_that_does_not_exist_is_refused_by_name(url: str) -> None:
    with pytest.raises(NotSent, match="practice_refuses"):
        practice_control.choose(practice(url), "nothing_like_it", once=False)


def test_a_practice_platform_that_is_gone_is_a_named_error(url: str) -> None:
    gone = practice(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(NotSent):
        practice_control.stage(gone)


def test_what_it_holds_is_counted_as_a_whole_and_for_rows_by_their_marks(url: str) -> None:
    here = practice(url)
    practice_platform.control(url, faults=["twice@1"])
    send(url, "a", "b")
    send(url, "c", "d", "e")
    assert practice_control.held(here, ["a", "e", "z", ""]) == practice_control.HeldRows(3, 1, (2, 1, 0, 0))
    whole = practice_control.holdings(here)
    assert (whole.batches, whole.numbers, whole.taken, whole.twice) == (3, 3, 5, 2)


def test_who_may_not_send_may_look_and_choose_nothing(url: str, store: Store) -> None:
    viewer = replace(ALONE, role=Role.VIEWER)

    def desk_of(person: Person) -> PersonPractice:
        return PersonPractice(PersonStore(store, lambda: person, lambda _: None))

    here = practice(url)
    for call in (
        lambda: desk_of(viewer).choose(here, "lost", once=True),
        lambda: desk_of(viewer).stage(here),
    ):
        with pytest.raises(NotAllowed):
            call()
    assert desk_of(viewer).holdings(here).batches == 0
    assert desk_of(ALONE).choose(here, "lost", once=True).scenario == "lost"


def test_a_reset_empties_it_and_ends_every_scenario(url: str) -> None:
    here = practice(url)
    send(url, "a", "b")
    practice_control.choose(here, "half", once=False)
    practice_control.reset(here)
    assert practice_control.holdings(here) == practice_control.Holdings(0, 0, 0, 0)
    assert practice_control.stage(here).scenario == "normal"


def test_a_number_is_let_go_of(url: str) -> None:
    here = practice(url)
    send(url, "a", "b")
    practice_control.forget(here, "13012121210")
    assert practice_control.holdings(here).numbers == 1


def test_where_others_practise_too_nobody_begins_anew_alone(url: str, store: Store) -> None:
    of_team = replace(ALONE, is_alone=False, team="华东")
    with pytest.raises(NotAllowed, match="practice_of_others"):
        PersonPractice(PersonStore(store, lambda: of_team, lambda _: None)).reset(practice(url))


def test_a_reset_asked_of_a_real_connection_deletes_no_run_either(url: str, store: Store) -> None:
    run_id = store.runs.create(plan(connection=practice("")))
    desk = PersonPractice(PersonStore(store, lambda: ALONE, lambda _: None))
    with pytest.raises(PracticeOnly):
        desk.reset(create("外呼", url, sandbox.USER_ID, sandbox.TASK_ID))
    assert store.runs.get(run_id)
