"""The fault matrix, case by case: a test here, a test elsewhere, or the reason why there is none.

What each case is stands in a README: N and A in lib/platform, P in lib/engine, S in lib/store, C in lib/access, U in lib/ui.
The tests here run the real engine, store and edge against the practice platform over sockets, and judge by its ledger.
"""

import ast
import random
import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert

from lib import sandbox, times
from lib.errors import StoreUnavailable
from lib.platform.api import Platform
from lib.run.records import RunRecord
from lib.sandbox.settings import DEFAULT_TOKEN
from lib.store import Store
from lib.store.schema import event as log_line
from tests import practice_platform
from tests.cases import sampled
from tests.core import store_scenes as scenes
from tests.core.store_scenes import Clock, Scripted, states, steps
from tests.faults.desk import plan
from tests.faults.victim import elsewhere
from tests.waiting import PATIENCE, by_some_limit

ROOT = Path(__file__).resolve().parents[3]

IDS = [
    f"{letter}{number:02}"
    for letter, last in {"N": 19, "A": 28, "P": 13, "S": 10, "C": 6, "U": 9}.items()
    for number in range(1, last + 1)
] + ["I8"]  # a rule that no case of the matrix names

_API, _ANSWERS, _ENGINE, _CRASH = (
    "tests/core/platform/test_api.py",
    "tests/core/platform/test_answers.py",
    "tests/core/engine/test_engine.py",
    "tests/core/engine/test_engine_crash.py",
)
_ALONE, _LOOKS, _EVIDENCE = (
    "tests/core/engine/test_engine_unknown.py",
    "tests/core/reconcile/test_reconcile.py",
    "tests/core/store/test_store_evidence.py",
)
_FIRST = "tests/core/reconcile/test_reconcile_first.py"
_BASE, _RUNS, _KILLS = (
    "tests/core/store/test_store_database.py",
    "tests/core/store/test_store_runs.py",
    "tests/core/engine/test_fault_kills.py",
)

_WAKE = "tests/core/engine/test_fault_matrix_wake.py"

#: Cases that another test proves.
CASES: dict[str, str] = {
    "N01": f"{_API}::test_an_unknown_name_is_not_sent",
    "N02": f"{_API}::test_a_closed_port_is_not_sent",
    "N03": f"{_API}::test_a_connection_that_never_completes_is_not_sent",
    "N04": f"{_API}::test_a_stalled_handshake_is_not_sent",
    "N05": f"{_API}::test_an_untrusted_certificate_stops_everything_before_the_first_byte",
    "N06": f"{_API}::test_a_proxys_connect_does_not_count_as_our_request",
    "N16": f"{_API}::test_every_post_has_its_own_connection",
    "N17": f"{_API}::test_whatever_breaks_after_the_mark_is_unknown_and_posted_once",
    "N19": f"{_LOOKS}::test_a_list_that_cannot_be_read_to_its_end_never_says_absent",
    "A15": f"{_ANSWERS}::test_the_wait_asked_for_is_clipped_and_nonsense_is_ignored",
    "A18": f"{_FIRST}::test_a_batch_refused_as_repeated_that_is_there_is_unknown_and_then_accepted",
    "A19": f"{_LOOKS}::test_of_a_batch_that_arrived_in_part_the_found_rows_are_accepted_and_the_rest_is_offered",
    "A20": f"{_LOOKS}::test_what_the_platform_applies_late_stays_unknown_until_it_shows",
    "A21": f"{_LOOKS}::test_a_list_that_cannot_be_read_to_its_end_never_says_absent",
    "A22": f"{_LOOKS}::test_hidden_numbers_with_our_marks_are_evidence",
    "A23": f"{_LOOKS}::test_hidden_numbers_without_marks_are_none",
    "A24": f"{_LOOKS}::test_a_list_that_does_not_add_up_is_incomplete",
    "A25": "tests/core/arrivals/test_arrivals.py::test_refused_rows_are_missing_by_their_row_in_the_sheet",
    "A26": "tests/core/arrivals/test_arrivals.py::test_what_cannot_be_read_is_said_so_and_nothing_is_claimed",
    "P01": f"{_KILLS}::test_after_a_kill_the_store_agrees_with_the_ledger",
    "P02": f"{_KILLS}::test_at_least_twenty_processes_were_killed",
    "P03": f"{_KILLS}::test_after_a_kill_the_store_agrees_with_the_ledger",
    "P05": "tests/core/engine/test_engine_several.py::test_one_sends_and_the_other_stands_by_and_nothing_goes_twice",
    "P06": f"{_CRASH}::test_a_sender_that_slept_between_intent_and_mark_puts_no_byte_on_the_wire",
    "P07": f"{_CRASH}::test_a_sender_that_slept_after_the_mark_leaves_unknown_and_its_late_acceptance_counts",
    "P10": f"{_EVIDENCE}::test_a_file_of_version_5_becomes_what_a_new_one_is_and_keeps_everything",
    "P11": f"{_BASE}::test_a_newer_schema_is_refused_and_not_a_byte_is_written",
    "P12": f"{_WAKE}::test_p12_after_a_long_sleep_a_run_waits_and_one_press_lets_it_go_on",
    "S02": f"{_ALONE}::test_an_acceptance_that_could_not_be_recorded_is_recorded_once_the_database_is_back",
    "S03": f"{_BASE}::test_another_programs_lock_is_named_when_it_lasts",
    "S05": f"{_BASE}::test_a_file_replaced_while_open_stops_everything",
    "S07": f"{_WAKE}::test_s07_what_went_out_after_the_backup_is_unknown_and_never_sent_again_by_itself",
    "S08": f"{_WAKE}::test_s08_a_database_on_a_network_drive_is_refused",
    "C01": "tests/core/platform/test_connection.py::test_a_token_is_taken_out_of_what_was_pasted",
    "C02": f"{_BASE}::test_no_table_has_room_for_a_token",
    "C03": "tests/core/access/test_token_keyring.py::test_sec03_the_longest_token_is_kept_in_pieces_windows_takes",
    "C05": f"{_WAKE}::test_c05_another_token_in_the_middle_of_a_run_sends_nothing_until_a_person_says_so",
    "C06": f"{_API}::test_what_must_not_get_into_a_url_or_a_header_is_stopped_first",
    "U01": f"{_RUNS}::test_clicks_at_the_same_moment_make_one_run",
    "U02": "tests/e2e/test_journey.py::test_a_thousand_rows_survive_a_refresh_in_the_middle",
    "U03": f"{_RUNS}::test_where_repeats_are_not_allowed_a_second_run_with_the_same_numbers_is_refused",
    "U04": f"{_ENGINE}::test_pause_resume_and_cancel_may_come_twice_and_late",
    "U05": "tests/e2e/test_journey.py::test_a_thousand_rows_survive_a_refresh_in_the_middle",
    "U07": "tests/ui/test_unknown.py::test_an_unknown_outcome_is_told_without_the_words_that_make_people_send_twice",
    "I8": f"{_FIRST}::test_what_was_turned_away_and_is_there_all_the_same_is_never_sent_again",
    "U08": f"{_EVIDENCE}::test_only_a_look_within_the_last_minute_lets_anything_go_again",
}

#: Cases without a test, and why.
NOT_HERE: dict[str, str] = {
    "P04": "needs a machine that loses power or a VFS that drops unsynced writes; the settings against it are asserted in test_store_database",
    "P09": "the app's own server hosts the sender, so its death is P01; apart, `python -m lib.engine` has no UI process",
    "S10": "results are downloads of the browser: no file of ours can be locked",
    "U06": "a time on a screen is measured by tests/bench, not asserted here",
    "U09": "starts a whole server twice: the restart itself is P01, the page after one is in tests/e2e",
}


@dataclass(frozen=True)
class Story:
    """What a run came to. applied: by extra; posts: that arrived; strays: requests to nowhere."""

    states: list[str]
    run: RunRecord
    table: Any
    applied: Counter[str]
    posts: int
    strays: int


def story(
    folder: Path,
    *faults: str,
    batches: int = 2,
    count: int = 8,
    seconds: float = PATIENCE,
    token: str = "",
    **switches: Any,
) -> Story:
    """Send `batches` batches of two rows through the real edge to the practice platform with these faults."""
    with (
        closing(Store(folder / "data" / "desk.db")) as store,
        sandbox.running(faults=faults, **switches) as url,
        Platform(total_seconds=seconds) as platform,
    ):
        run_id, clock, where = store.runs.create(plan(batches, 2)), Clock(), elsewhere(url)
        to = (lambda run: (where(run)[0], token)) if token else where
        steps(scenes.engine(store, platform.send, clock, destination=to), count, clock)
        ledger = practice_platform.ledger(url)
        applied = Counter(row["extra"] for batch in ledger["batches"] for row in batch["rows"])
        return Story(
            states(store, run_id),
            store.runs.get(run_id),
            store.batches.table(run_id),
            applied,
            ledger["requests"],
            ledger["strays"],
        )


def assert_unknown(found: Story, *, applied: bool, why: str = "") -> None:
    """The first batch is unknown and was posted once, whatever became of it; the second went its own way."""
    assert found.states[0] == "unknown"
    assert found.applied["row-0"] == int(applied)
    assert max(found.applied.values(), default=1) == 1
    if why:
        assert (found.run.state, found.run.why, found.posts) == ("paused", why, 1)
    else:
        assert (found.states[1], found.posts) == ("accepted", 2)


# --- the network ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["drop_before", "drop_during", "drop_after", "close"])
def test_n07_n08_n11_a_line_that_ends_is_unknown_and_posted_once(tmp_path: Path, fault: str) -> None:
    assert_unknown(story(tmp_path, f"{fault}@1"), applied=False)


@pytest.mark.parametrize("fault", ["apply_drop", "close_applied"])
def test_n10_n11_a_line_that_ends_after_the_rows_were_taken_is_unknown_too(
    tmp_path: Path, fault: str
) -> None:
    assert_unknown(story(tmp_path, f"{fault}@1"), applied=True)


@pytest.mark.parametrize(
    ("fault", "applied"), [("hang", False), ("hang_applied", True), ("no_read", False), ("drip", True)]
)
def test_n09_n12_n13_silence_and_drips_end_at_the_total_limit(
    tmp_path: Path, fault: str, applied: bool
) -> None:
    """On a slow machine even the second batch, which is answered at once, takes longer than a short limit."""

    def ends(seconds: float) -> None:
        held = {"drip_seconds": seconds / 10, "hang_seconds": 10 * seconds}
        found = story(tmp_path / str(seconds), f"{fault}@1", seconds=seconds, **held)
        assert_unknown(found, applied=applied)
        assert found.table["code"].iloc[0] == "no_answer"

    by_some_limit(ends)


@pytest.mark.parametrize(
    "fault", ["truncated", "truncated_head", "not_http", "huge_header", "garbage", "gzip_bomb"]
)
def test_n14_half_and_broken_answers_are_unknown(tmp_path: Path, fault: str) -> None:
    found = story(tmp_path, f"{fault}@1", count=2)
    assert found.states[0] == "unknown"
    assert max(found.applied.values(), default=1) == 1


def test_n14_an_answer_in_an_encoding_we_did_not_ask_for_is_unknown(tmp_path: Path) -> None:
    """It calls itself gzip and is plain JSON: no gateway that we know of does so honestly."""
    assert story(tmp_path, "bad_gzip@1", count=2).states[0] == "unknown"


def test_n15_interim_answers_are_passed_over(tmp_path: Path) -> None:
    assert story(tmp_path, "interim").states == ["accepted", "accepted"]


def test_n18_a_gateway_that_delivers_twice_costs_no_second_post_of_ours(tmp_path: Path) -> None:
    """The alarm over it is raised by the look after the end: tests/core/reconcile/test_reconcile_audit.py."""
    found = story(tmp_path, "twice@1", repeats="accept")
    assert (found.states, found.posts) == (["accepted", "accepted"], 2)
    assert found.applied["row-0"] == 2


# --- answers -------------------------------------------------------------------------------------------------


def test_a01_a_success_with_a_batch_number_is_accepted(tmp_path: Path) -> None:
    found = story(tmp_path)
    assert found.states == ["accepted", "accepted"]
    assert found.table["unique_id"].str.len().tolist() == [36, 36]


@pytest.mark.parametrize("name", ["no_unique_id", "empty_unique_id", "null_unique_id", "number_unique_id"])
@pytest.mark.parametrize("applied", [False, True])
def test_a02_a_success_without_a_batch_number_is_unknown(tmp_path: Path, name: str, applied: bool) -> None:
    assert_unknown(story(tmp_path, f"{name}{'_applied' * applied}@1"), applied=applied)


@pytest.mark.parametrize("name", ["data_list", "data_null_applied"])
def test_a03_a_success_without_data_is_unknown(tmp_path: Path, name: str) -> None:
    assert_unknown(story(tmp_path, f"{name}@1"), applied="applied" in name)


def test_a04_a_refusal_in_the_envelope_is_final_and_keeps_the_platforms_text(tmp_path: Path) -> None:
    found = story(tmp_path, "code_422@1")
    assert (found.states, found.posts) == (["rejected", "accepted"], 2)
    assert found.table["message"].iloc[0]


@pytest.mark.parametrize("name", ["code_500", "code_500_applied"])
def test_a05_an_envelope_that_says_500_is_unknown(tmp_path: Path, name: str) -> None:
    assert_unknown(story(tmp_path, f"{name}@1"), applied="applied" in name)


@pytest.mark.parametrize("name", ["unknown_code", "unknown_code_applied"])
def test_a06_an_undocumented_code_is_unknown_and_kept(tmp_path: Path, name: str) -> None:
    found = story(tmp_path, f"{name}@1")
    assert_unknown(found, applied="applied" in name)
    assert found.table["code"].iloc[0] == "unknown_code"


@pytest.mark.parametrize("name", ["login_page", "html_applied"])
def test_a07_a_login_page_stops_the_run(tmp_path: Path, name: str) -> None:
    assert_unknown(story(tmp_path, f"{name}@1"), applied="applied" in name, why="answer_shape")


@pytest.mark.parametrize(
    "name",
    [
        "empty",
        "bom",
        "nan",
        "duplicate_keys",
        "huge_int",
        "deep_json",
        "code_bool",
        "code_string",
        "code_float_applied",
    ],
)
def test_a08_strange_json_is_unknown_and_stops_the_run(tmp_path: Path, name: str) -> None:
    assert_unknown(story(tmp_path, f"{name}@1"), applied="applied" in name, why="answer_shape")


@pytest.mark.parametrize("name", ["201", "202_applied", "204", "204_applied"])
def test_a09_another_success_status_is_unknown(tmp_path: Path, name: str) -> None:
    assert_unknown(story(tmp_path, f"{name}@1"), applied="applied" in name)


@pytest.mark.parametrize("name", ["301", "302", "303", "307", "308_applied", "redirect_other_host"])
def test_a10_a_redirect_is_unknown_and_nothing_follows_it(tmp_path: Path, name: str) -> None:
    found = story(tmp_path, f"{name}@1")
    assert_unknown(found, applied="applied" in name, why="answer_shape")
    assert found.strays == 0


@pytest.mark.parametrize("status", ["400", "404", "413", "422"])
def test_a11_a_refusing_status_with_an_envelope_is_a_refusal(tmp_path: Path, status: str) -> None:
    assert story(tmp_path, f"{status}@1").states == ["rejected", "accepted"]


@pytest.mark.parametrize("status", ["400", "404", "413", "422"])
def test_a12_a_refusing_status_without_an_envelope_is_unknown(tmp_path: Path, status: str) -> None:
    assert_unknown(story(tmp_path, f"{status}_bare@1"), applied=False, why="answer_shape")


@pytest.mark.parametrize("name", ["401", "403", "code_401"])
def test_a13_a_refused_token_stops_the_run_after_one_post(tmp_path: Path, name: str) -> None:
    found = story(tmp_path, f"{name}@1")
    assert (found.states, found.run.state, found.run.why, found.posts) == (
        ["planned"] * 2,
        "paused",
        "token",
        1,
    )


def test_a14_a_token_that_expires_midway_loses_and_repeats_nothing(tmp_path: Path) -> None:
    with (
        closing(Store(tmp_path / "data" / "desk.db")) as store,
        sandbox.running(faults=("token_expires@4",)) as url,
        Platform(total_seconds=PATIENCE) as platform,
    ):
        run_id, clock, typed = store.runs.create(plan(8, 1)), Clock(), [DEFAULT_TOKEN]
        engine = scenes.engine(
            store, platform.send, clock, destination=lambda run: (elsewhere(url)(run)[0], typed[0])
        )
        steps(engine, 10, clock)
        assert states(store, run_id) == ["accepted"] * 3 + ["planned"] * 5
        assert store.runs.get(run_id).why == "token"
        practice_platform.control(url, token="fresh-token")
        typed[0] = "fresh-token"
        store.runs.resume(run_id, "fresh-token")
        steps(engine, 10, clock)
        ledger = practice_platform.ledger(url)
    assert set(ledger["numbers"].values()) == {1}
    assert (len(ledger["numbers"]), ledger["requests"]) == (8, 9)


@pytest.mark.parametrize("status", ["500", "502", "503", "504"])
@pytest.mark.parametrize("applied", [False, True])
def test_a16_a_server_error_is_unknown_whether_or_not_it_was_applied(
    tmp_path: Path, status: str, applied: bool
) -> None:
    assert_unknown(story(tmp_path, f"{status}{'_applied' * applied}@1"), applied=applied)


@pytest.mark.parametrize("name", ["408", "409_applied", "425", "499_applied"])
def test_a17_statuses_that_prove_nothing_are_unknown(tmp_path: Path, name: str) -> None:
    assert_unknown(story(tmp_path, f"{name}@1"), applied="applied" in name)


def test_a27_numbers_in_the_platforms_text_are_masked_before_they_are_kept(tmp_path: Path) -> None:
    found = story(tmp_path, "markup_message@1")
    assert found.states[0] == "rejected"
    assert "13012121211" not in found.table["message"].iloc[0]
    for file in (tmp_path / "data").iterdir():
        assert b"13012121211" not in file.read_bytes()


def test_a28_a_task_that_is_running_stops_the_run_with_nothing_sent(tmp_path: Path) -> None:
    found = story(tmp_path, "6007@1")
    assert (found.states, found.run.why, found.applied) == (["planned"] * 2, "task_running", Counter())


# --- process, storage, credentials -----------------------------------------------------------------------------


@pytest.mark.parametrize(("wired", "state"), [(False, "planned"), (True, "unknown")])
def test_p08_no_memory_while_sending_is_loud_and_leaves_a_true_state(
    tmp_path: Path, wired: bool, state: str
) -> None:
    def starved(connection: Any, token: str, body: bytes, on_wire: Any) -> None:
        if wired:
            on_wire()
        raise MemoryError

    with closing(Store(tmp_path / "data" / "desk.db")) as store:
        run_id = store.runs.create(plan(2, 1))
        with pytest.raises(MemoryError):
            scenes.engine(store, starved).step()
        assert states(store, run_id) == [state, "planned"]


@pytest.mark.parametrize("jump", [86_400.0, -365 * 86_400.0, 3_600.0])
def test_p13_a_clock_that_jumps_changes_neither_order_nor_outcome(
    tmp_path: Path, jump: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = [0.0]

    class Jumping(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(1_800_000_000.0 + ahead[0], tz or UTC)

    monkeypatch.setattr(times, "datetime", Jumping)
    with closing(Store(tmp_path / "data" / "desk.db")) as store:
        run_id, platform, clock = store.runs.create(plan(4, 1)), Scripted(), Clock()
        engine = scenes.engine(store, platform, clock)
        steps(engine, 2, clock)
        ahead[0] = jump
        steps(engine, 3, clock)
        assert states(store, run_id) == ["accepted"] * 4
        assert platform.applied == [
            store.batches.body(batch_id) for batch_id in store.batches.table(run_id)["batch_id"].tolist()
        ]
        store.sender.take_over()
        assert states(store, run_id) == ["accepted"] * 4


@pytest.mark.sqlite_file
def test_s01_a_disk_that_is_full_before_sending_keeps_every_byte_back(tmp_path: Path) -> None:
    path = tmp_path / "data" / "desk.db"
    with closing(Store(path)) as store:
        run_id = store.runs.create(plan(3, 2))
    with closing(Store(path)) as store:
        platform, clock = Scripted(), Clock()
        engine = scenes.engine(store, platform, clock)
        with full_disk(store, run_id):
            steps(engine, 3, clock)
            assert (platform.posts, engine.status.storage) == (0, "store_full")
            assert states(store, run_id) == ["planned"] * 3
        steps(engine, 2, clock)
        store.runs.resume(run_id)
        steps(engine, 4, clock)
        assert (states(store, run_id), platform.posts) == (["accepted"] * 3, 3)


@contextmanager
def full_disk(store: Store, run_id: str) -> Iterator[None]:
    """Not one page more than the file has, and none with room for one more line of the log, on every connection."""
    limit = [0]

    def limited(raw: Any, *_: Any) -> None:
        raw.execute(f"PRAGMA max_page_count={limit[0] or 2**30}").close()

    event.listen(store._db._engine, "checkout", limited)
    with store._db.read() as tx:
        limit[0] = int(tx.exec_driver_sql("PRAGMA page_count").scalar() or 0)
    line = {"run_id": run_id, "at": "", "who": "sender", "what": "", "from_state": "", "to_state": ""}
    for size in (3_000, 500, 100, 1):
        while _fits(store, {**line, "code": "x" * size}):
            continue
    yield
    limit[0] = 0


def _fits(store: Store, line: dict[str, str]) -> bool:
    try:
        with store._db.write() as tx:
            tx.execute(insert(log_line).values(**line))
    except StoreUnavailable as full:
        if full.code != "store_full":
            raise
        return False
    return True


@pytest.mark.sqlite_file
def test_s04_a_place_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    """A file where the folder should be: even an administrator cannot write there."""
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreUnavailable):
        Store(tmp_path / "data" / "desk.db")


@pytest.mark.parametrize("seed", sampled(range(40), 5))
@pytest.mark.sqlite_file
def test_s06_a_damaged_file_is_refused_or_still_has_its_run(tmp_path: Path, seed: int) -> None:
    """Never "an empty database, all is well", and never a body other than the one that was frozen."""
    path, chance = tmp_path / "data" / "desk.db", random.Random(seed)
    with closing(Store(path)) as store:
        run_id = store.runs.create(plan(2, 2))
        bodies = [
            store.batches.body(batch_id) for batch_id in store.batches.table(run_id)["batch_id"].tolist()
        ]
    content = bytearray(path.read_bytes())
    at = chance.randrange(len(content)) if seed % 2 else chance.randrange(4096)
    content[at : at + 16] = chance.randbytes(16)
    path.write_bytes(content)
    platform = Scripted()
    with suppress(StoreUnavailable), closing(Store(path)) as store:
        assert [run.id for run in store.runs.latest()] == [run_id]
        steps(scenes.engine(store, platform), 3)
    assert set(platform.applied) <= set(bodies)
    assert len(platform.applied) == len(set(platform.applied))


def test_s09_a_file_that_is_held_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "data" / "desk.db"
    with closing(Store(path)) as store:
        run_id = store.runs.create(plan(1, 1))
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN EXCLUSIVE")
        release = threading.Timer(0.05, lambda: other.execute("ROLLBACK"))
        release.start()
        steps(scenes.engine(store, Scripted()), 2)
        release.join()
        other.close()
        assert states(store, run_id) == ["accepted"]


def test_c04_a_token_of_somebody_else_stops_the_run_with_nothing_applied(tmp_path: Path) -> None:
    found = story(tmp_path, token="token-of-another")
    assert (found.states, found.run.why, found.applied) == (["planned"] * 2, "token", Counter())


# --- the table itself --------------------------------------------------------------------------------------------


@cache
def _tests_of(path: str) -> set[str]:
    """Names of the test functions of a file, by its syntax: nothing is imported."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@cache
def _ids_here() -> set[str]:
    """Ids that tests of this file carry in their names: test_n07_n08_…"""
    names = _tests_of("tests/core/engine/test_fault_matrix.py")
    return {found.upper() for name in names for found in re.findall(r"(?<=_)([napscu]\d\d)(?=_)", name)}


@pytest.mark.parametrize("case", IDS)
def test_every_case_has_a_test_here_a_test_elsewhere_or_a_reason(case: str) -> None:
    homes = [case in _ids_here(), case in CASES, case in NOT_HERE]
    assert homes.count(True) == 1, homes


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_test_that_is_named_exists(case: str) -> None:
    path, _, name = CASES[case].partition("::")
    assert name in _tests_of(path)
