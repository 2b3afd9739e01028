"""What really arrived, against the practice platform: looked up, settled, told, paused over, withdrawn."""

import json
from contextlib import closing

import pytest

from lib.arrivals import ArrivalWorker
from lib.errors import Conflict, NotSent, OutcomeUnknown, Refused, Throttled, Unauthorised
from lib.platform.connection import Options, practice
from lib.run.arrivals import ArrivalNote, ImportLook, Withdrawal, WithdrawalNote
from lib.run.settings import Settings
from lib.run.states import Outcome, Why
from lib.sandbox.settings import ResultShape
from lib.store import Store
from lib.store import looks as store_looks
from tests.core import reconcile_scenes as scenes
from tests.core.reconcile_scenes import Real
from tests.core.store.versions import shape, version_5

STILL = {
    "import_seconds": 0.0,
    "refuse_every": 0,
    "called_every": 0,
    "mask_numbers": False,
    "result_shape": "callback",
    "faults": [],
    "task_running": False,
}


@pytest.fixture
def real(store, url, clock):
    desk = Real(store, url, clock)
    desk.control(reset=True, **STILL)
    desk.arrivals = ArrivalWorker(store, desk.platform, desk.destination, clock, gap_seconds=0.0)
    yield desk
    desk.platform.close()


def sent(real, batches=1, rows=4, **given):
    """A run whose batches were accepted; its id."""
    run_id = real.store.runs.create(scenes.plan(batches, rows, connection=real.connection, **given))
    for _ in range(batches + 2):
        real.engine.step()
    assert real.store.runs.get(run_id).batches == {"accepted": batches}
    return run_id


def looks(real, *ahead):
    """Let seconds pass, and make every look that is due then, after each of these."""
    for seconds in ahead:
        real.clock.pass_(seconds)
        for _ in range(60):
            if real.arrivals.step() > 0:
                break
        else:
            raise AssertionError("looking never comes to rest")


#: Seconds between the first six looks, and a little.
SIX = (11, 21, 31, 61, 181, 301)


def one(real, run_id):
    [found] = real.store.arrivals.of_run(run_id)
    assert found.rows == found.imported + found.missing + found.unconfirmed + found.waiting
    return found


def events(store, run_id, what):
    return [event for event in store.run_log.events(run_id) if event.what == what]


def import_by_others(real, phone):
    """Somebody else brings a number into the task."""
    body = json.dumps({"data": [{"phone": phone, "sort": 0, "extra": "theirs"}]}).encode()
    real.platform.send(real.connection, scenes.TOKEN, body, lambda: None)


# --- looking ------------------------------------------------------------------------------------------------


def test_nothing_is_asked_before_its_time(real):
    run_id = sent(real)
    assert 0 < real.arrivals.step() <= 5.0
    assert (one(real, run_id).waiting, one(real, run_id).state, one(real, run_id).note) == (4, "open", "")


def test_a_batch_that_got_in_is_settled_at_the_first_look(real):
    run_id = sent(real)
    looks(real, 11)
    found = one(real, run_id)
    assert (found.imported, found.state, found.note, found.due) == (4, "settled", "listed", "")
    assert real.store.looks.open() == []
    assert [event.code for event in events(real.store, run_id, "batch_settled")] == ["4/4"]


def test_refused_rows_are_missing_by_their_row_in_the_sheet(real):
    """Twenty of five hundred."""
    real.control(refuse_every=25)
    run_id = sent(real, batches=4, rows=125)
    looks(real, *SIX[:3])
    assert sum(found.imported for found in real.store.arrivals.of_run(run_id)) == 480
    assert real.store.arrivals.not_arrived(run_id).empty, "nothing is said to be missing before it is certain"
    looks(real, SIX[3])
    missing = real.store.arrivals.not_arrived(run_id)
    assert missing["row"].tolist() == [25 * at + 1 for at in range(1, 21)]
    assert set(missing["arrival"]) == {"not_imported"}
    assert set(missing["reason"]) == {""}
    assert real.store.runs.get(run_id).state == "finished"


def test_a_slow_import_is_waited_for(real):
    """The practice platform's own clock runs in true seconds: it is told when the import is done."""
    real.control(import_seconds=900)
    run_id = sent(real)
    looks(real, *SIX[:5])
    found = one(real, run_id)
    assert (found.waiting, found.missing, found.state, found.note) == (4, 0, "open", "listed")
    looks(real, SIX[5])
    assert one(real, run_id).missing == 4  # ten minutes of an empty list


#: Shapes that name no number which could be compared.
SILENT = {"nothing", "deleted", "strange", "not_json", "missing", "callback_http"}


@pytest.mark.parametrize("shape_of", [shape for shape in ResultShape if shape not in SILENT])
def test_every_shape_that_lists_numbers_is_understood(real, shape_of):
    real.control(result_shape=shape_of.value, refuse_every=4)
    run_id = sent(real)
    looks(real, *SIX[:4])
    found = one(real, run_id)
    assert (found.imported, found.missing, found.state) == (3, 1, "settled")
    assert real.store.arrivals.not_arrived(run_id)["row"].tolist() == [5]


@pytest.mark.parametrize(
    ("shape_of", "note", "has_raw"),
    [
        ("nothing", "waiting", False), ("deleted", "unreadable", True), ("strange", "unreadable", True),
        ("not_json", "unreadable", True), ("callback_http", "address_refused", True),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_so_and_nothing_is_claimed(real, shape_of, note, has_raw):
    real.control(result_shape=shape_of)
    run_id = sent(real)
    looks(real, *SIX)
    found = one(real, run_id)
    assert (found.waiting, found.note, found.state, bool(found.raw)) == (4, note, "open", has_raw)
    assert "13000000000" not in found.raw
    looks(real, 86_400)
    found = one(real, run_id)
    assert (found.unconfirmed, found.note, found.state) == (4, note, "settled")
    assert real.store.arrivals.not_arrived(run_id)["arrival"].tolist() == ["unconfirmed"] * 4
    assert real.store.runs.get(run_id).batches == {"accepted": 1}


def test_a_platform_without_such_a_page_is_asked_three_times_and_no_more(real):
    real.control(result_shape="missing")
    run_id = sent(real)
    looks(real, *SIX[:3])
    found = one(real, run_id)
    assert (found.unconfirmed, found.note, found.state) == (4, "not_offered", "settled")
    assert real.store.looks.open() == []


def test_masked_numbers_are_unconfirmed(real):
    real.control(mask_numbers=True)
    run_id = sent(real)
    looks(real, *SIX)
    found = one(real, run_id)
    assert (found.unconfirmed, found.imported, found.missing, found.note) == (4, 0, 0, "masked")


def test_the_suffix_the_platform_appends_is_taken_off(real):
    options = Options(number_add_suffix=True)
    run_id = sent(real, options=options)
    looks(real, 11)
    assert one(real, run_id).imported == 4


def test_looks_go_on_after_a_restart(real):
    real.control(import_seconds=900)
    run_id = sent(real)
    looks(real, 11, 21)
    before = one(real, run_id)
    again = ArrivalWorker(real.store, real.platform, real.destination, real.clock, gap_seconds=0.0)
    assert again.step() > 0, "the third look is not due yet"
    real.clock.pass_(31)
    assert again.step() == 0.0
    assert one(real, run_id).last_look > before.last_look
    assert one(real, run_id).due > before.due


def test_an_outage_is_noted_and_looked_through_again(real):
    run_id = sent(real)
    real.connection = practice("http://127.0.0.1:9")
    looks(real, 11)
    assert (one(real, run_id).note, one(real, run_id).state) == ("no_answer", "open")
    real.connection = practice(real.url)
    looks(real, 21)
    assert one(real, run_id).imported == 4


def test_without_a_token_nothing_is_asked_and_nothing_is_lost(real):
    run_id = sent(real)
    tokenless = ArrivalWorker(
        real.store, real.platform, lambda run: (real.connection, None), real.clock, gap_seconds=0.0
    )
    real.clock.pass_(11)
    assert tokenless.step() > 0
    assert (one(real, run_id).note, one(real, run_id).waiting) == ("", 4)
    looks(real, 0)
    assert one(real, run_id).imported == 4


def test_runs_without_a_token_do_not_take_the_places_of_those_with_one(real, monkeypatch):
    """A restart forgets tokens: a long submission that nobody gave a token again must not keep everything else waiting."""
    monkeypatch.setattr(store_looks, "AT_ONCE", 3)
    silent = [sent(real, batches=2, rows=2, first=100 * at) for at in range(4)]
    run_id = sent(real, first=900)

    def destination(run):
        return real.connection, None if run.id in silent else scenes.TOKEN

    half_deaf = ArrivalWorker(real.store, real.platform, destination, real.clock, gap_seconds=0.0)
    real.clock.pass_(11)
    steps = 0
    while half_deaf.step() == 0:
        steps += 1
        assert steps < 20, "it never comes to rest"
    assert one(real, run_id).imported == 4
    assert all(found.last_look == "" for other in silent for found in real.store.arrivals.of_run(other))
    looks(real, 0)
    assert all(found.imported == 2 for other in silent for found in real.store.arrivals.of_run(other))


@pytest.mark.parametrize(
    "answer", [Throttled("throttled", retry_after_seconds=60.0), Unauthorised("token_refused")]
)
def test_a_platform_that_turns_us_away_is_left_in_peace(real, answer):
    run_id = sent(real)
    calls = []

    class Refusing:
        def lookup(self, *_):
            calls.append(1)
            raise answer

    arrivals = ArrivalWorker(real.store, Refusing(), real.destination, real.clock, gap_seconds=0.0)
    real.clock.pass_(11)
    arrivals.step()
    arrivals.step()
    assert len(calls) == 1
    assert one(real, run_id).last_look == "", "this says nothing about the batch"


def test_a_page_this_account_may_not_see_is_not_offered(real):
    run_id = sent(real)

    class Closed:
        def lookup(self, *_):
            raise Unauthorised("forbidden")

    real.clock.pass_(11)
    ArrivalWorker(real.store, Closed(), real.destination, real.clock, gap_seconds=0.0).step()
    assert one(real, run_id).note == "not_offered"


def test_an_old_batch_is_left_alone_until_a_person_asks(real):
    run_id = sent(real)
    looks(real, 90_000)
    assert one(real, run_id).note == ""
    assert real.store.arrivals.ask_after(run_id) == 1
    looks(real, 0)
    assert (one(real, run_id).imported, one(real, run_id).asked) == (4, False)
    assert real.store.arrivals.ask_after(run_id) == 0, "there is nothing left to ask"
    assert [event.who for event in events(real.store, run_id, "batch_asked_after")] == ["person"]


def test_a_number_that_gets_in_late_is_corrected_when_a_person_asks_again(real):
    real.control(import_seconds=900)
    run_id = sent(real)
    real.control(import_seconds=0)
    looks(real, *SIX)
    assert one(real, run_id).missing == 4
    # the sandbox keeps the moment of each row: a second batch of the same run cannot bring these in, a look can
    batch = one(real, run_id).batch_id
    assert real.store.looks.record(batch, ImportLook(ArrivalNote.LISTED, imported=frozenset({2, 3, 4, 5})))
    found = one(real, run_id)
    assert (found.imported, found.missing) == (4, 0)
    assert len(events(real.store, run_id, "batch_settled")) == 1


def test_what_was_seen_to_get_in_stays_so(real):
    run_id = sent(real)
    looks(real, 11)
    assert real.store.looks.record(one(real, run_id).batch_id, ImportLook(ArrivalNote.LISTED))
    assert one(real, run_id).imported == 4


def test_deleted_data_ends_the_asking(real):
    run_id = sent(real)
    real.store.retention.delete_run(run_id)
    looks(real, 11)
    found = one(real, run_id)
    assert (found.unconfirmed, found.note, found.state) == (4, "data_deleted", "settled")


def test_the_raw_answer_holds_no_number_no_token_and_no_key(real):
    real.control(result_shape="callback_http")
    run_id = sent(real)
    looks(real, 11)
    raw = one(real, run_id).raw
    assert "download-number?key=***" in raw
    assert scenes.TOKEN not in raw


# --- reasons ------------------------------------------------------------------------------------------------


def test_reasons_tell_the_task_from_our_own_history(real):
    import_by_others(real, "13000000000")
    sent(real, rows=1, first=1, marks="first")
    again = sent(real, rows=4, repeats_allowed=True)
    looks(real, *SIX)
    missing = real.store.arrivals.not_arrived(again).set_index("row")["reason"]
    assert missing.to_dict() == {2: "in_task", 3: "in_history"}


def test_a_number_its_own_page_shows_with_our_mark_got_in(real):
    """The list left it out, the number itself is there: the nearer evidence counts."""
    run_id = sent(real)
    rows, _ = real.store.looks.sent_rows(one(real, run_id).batch_id)
    real.clock.pass_(11)

    class Short:
        def __getattr__(self, name):
            return getattr(real.platform, name)

        def lookup(self, *_):
            return {"data": {"numbers": [row.phone for row in rows[:-1]]}}

    arrivals = ArrivalWorker(real.store, Short(), real.destination, real.clock, gap_seconds=0.0)
    for seconds in SIX[:4]:
        arrivals.step()
        real.clock.pass_(seconds)
    assert (one(real, run_id).imported, one(real, run_id).missing) == (4, 0)


# --- too few ------------------------------------------------------------------------------------------------


def paused_by_quality(store, run_id):
    run = store.runs.get(run_id)
    return run.why == Why.QUALITY and run.state in ("paused", "pausing")


def half_open_run(real, least=50):
    """A run with one accepted batch of four and one that still waits."""
    real.store.settings.save(Settings(1, None, least))
    run_id = real.store.runs.create(scenes.plan(2, 4, connection=real.connection))
    scenes.send(real.store, run_id, Outcome.ACCEPTED)
    return run_id, real.store.arrivals.of_run(run_id)[0].batch_id


def settle_with(real, batch_id, imported):
    for seconds in (11, 60, 600):
        real.clock.pass_(seconds)
        real.store.looks.record(
            batch_id, ImportLook(ArrivalNote.LISTED, imported=frozenset(range(2, 2 + imported)))
        )


@pytest.mark.parametrize(
    ("imported", "least", "pauses"),
    [(1, 50, True), (2, 50, False), (0, 0, False), (3, 100, True), (0, 50, True)],
)
def test_a_run_pauses_where_too_few_got_in(real, imported, least, pauses):
    run_id, batch_id = half_open_run(real, least)
    settle_with(real, batch_id, imported)
    assert paused_by_quality(real.store, run_id) is pauses
    assert real.store.runs.get(run_id).state == ("paused" if pauses else "running")


def test_a_person_who_goes_on_is_not_stopped_again_by_what_was_sent_before(real):
    real.store.settings.save(Settings(1, None, 50))
    run_id = real.store.runs.create(scenes.plan(3, 4, connection=real.connection))
    first, second = scenes.send(real.store, run_id, Outcome.ACCEPTED, Outcome.ACCEPTED)
    settle_with(real, first, 0)
    assert paused_by_quality(real.store, run_id)
    real.store.runs.resume(run_id)
    settle_with(real, second, 0)
    assert real.store.runs.get(run_id).state == "running"


def test_unconfirmed_numbers_pause_nothing(real):
    run_id, batch_id = half_open_run(real)
    for seconds in (11, 60, 600):
        real.clock.pass_(seconds)
        real.store.looks.record(batch_id, ImportLook(ArrivalNote.MASKED))
    assert real.store.runs.get(run_id).state == "running"


# --- withdrawing --------------------------------------------------------------------------------------------


def withdrawn(real, run_id):
    looks(real, 0)
    return one(real, run_id)


def left_in_task(real):
    return {row["phone"] for row in real.platform.numbers(real.connection, scenes.TOKEN, 1, 200)["data"]}


def test_only_numbers_not_called_yet_are_withdrawn_and_every_row_is_in_a_bucket(real):
    real.control(called_every=4, refuse_every=5)
    run_id = sent(real, rows=10)
    batch = one(real, run_id).batch_id
    real.store.arrivals.ask_withdrawal(batch, 10, "李雷")
    assert one(real, run_id).withdrawing
    found = withdrawn(real, run_id)
    assert (found.withdrawn, found.called, found.failed, found.withdrawing) == (6, 2, 2, False)
    assert len(left_in_task(real)) == 2
    told = [
        (event.what, event.who, event.code)
        for event in real.store.run_log.events(run_id)
        if event.what.startswith("withdrawal")
    ]
    assert told == [
        ("withdrawal_asked", "李雷", "10"),
        ("withdrawal_begun", "李雷", "6"),
        ("withdrawal_done", "李雷", "6/2/2"),
    ]


def test_numbers_with_the_platforms_suffix_are_withdrawn_as_it_stored_them(real):
    run_id = sent(real, options=Options(number_add_suffix=True))
    real.store.arrivals.ask_withdrawal(one(real, run_id).batch_id, 4)
    assert withdrawn(real, run_id).withdrawn == 4
    assert left_in_task(real) == set()


def test_numbers_of_others_stay_in_the_task(real):
    import_by_others(real, "13900000000")
    run_id = sent(real)
    real.store.arrivals.ask_withdrawal(one(real, run_id).batch_id, 4)
    assert withdrawn(real, run_id).withdrawn == 4
    assert left_in_task(real) == {"13900000000"}


def test_a_number_that_was_there_through_somebody_else_is_not_deleted(real):
    import_by_others(real, "13000000000")
    run_id = sent(real)
    real.store.arrivals.ask_withdrawal(one(real, run_id).batch_id, 4)
    found = withdrawn(real, run_id)
    assert (found.withdrawn, found.failed) == (3, 1)
    assert left_in_task(real) == {"13000000000"}


@pytest.mark.parametrize("fault", ["list_error", "list_missing", "list_same_page"])
def test_a_list_that_cannot_be_read_deletes_nothing(real, fault):
    run_id = sent(real)
    looks(real, 11)
    real.store.arrivals.ask_withdrawal(one(real, run_id).batch_id, 4)
    real.control(faults=[fault])
    found = withdrawn(real, run_id)
    assert (found.withdraw_note, found.withdrawn, found.failed) == (WithdrawalNote.LIST_FAILED, 0, 0)
    real.control(faults=[])
    assert len(left_in_task(real)) == 4
    real.store.arrivals.ask_withdrawal(found.batch_id, 4)
    assert withdrawn(real, run_id).withdrawn == 4


class Spoiled:
    """The platform, with an answer to the deletion that does not come."""

    def __init__(self, platform, error, *, before=False, list_too=False):
        self._platform, self._error, self._before, self._list_too, self.deletions = (
            platform,
            error,
            before,
            list_too,
            0,
        )

    def __getattr__(self, name):
        return getattr(self._platform, name)

    def numbers(self, *given):
        if self.deletions and self._list_too:
            raise self._error
        return self._platform.numbers(*given)

    def delete_numbers(self, *given):
        self.deletions += 1
        if not self._before:
            self._platform.delete_numbers(*given)
        raise self._error


def test_a_deletion_without_an_answer_is_told_by_the_list(real):
    run_id = sent(real)
    spoiled = Spoiled(real.platform, OutcomeUnknown("no_answer"))
    arrivals = ArrivalWorker(real.store, spoiled, real.destination, real.clock, gap_seconds=0.0)
    real.store.arrivals.ask_withdrawal(one(real, run_id).batch_id, 4)
    arrivals.step()
    assert (one(real, run_id).withdrawn, spoiled.deletions) == (4, 1)


def test_what_cannot_be_checked_afterwards_is_not_called_withdrawn(real):
    run_id = sent(real)
    spoiled = Spoiled(real.platform, OutcomeUnknown("no_answer"), list_too=True)
    arrivals = ArrivalWorker(real.store, spoiled, real.destination, real.clock, gap_seconds=0.0)
    real.store.arrivals.ask_withdrawal(one(real, run_id).batch_id, 4)
    arrivals.step()
    found = one(real, run_id)
    assert (found.withdrawn, found.failed, found.withdraw_note) == (0, 4, WithdrawalNote.UNCHECKED)


@pytest.mark.parametrize(
    ("error", "note"),
    [
        (NotSent("unreachable"), WithdrawalNote.NOT_REACHED), (Refused("task_running"), WithdrawalNote.TASK_RUNNING),
        (Refused("refused"), WithdrawalNote.REFUSED),
    ],
)  # fmt: skip
def test_a_deletion_that_never_left_deletes_nothing(real, error, note):
    run_id = sent(real)
    arrivals = ArrivalWorker(
        real.store, Spoiled(real.platform, error, before=True), real.destination, real.clock, gap_seconds=0.0
    )
    real.store.arrivals.ask_withdrawal(one(real, run_id).batch_id, 4)
    arrivals.step()
    found = one(real, run_id)
    assert (found.withdraw_note, found.withdrawn, found.failed) == (note, 0, 0)
    assert events(real.store, run_id, "withdrawal_refused")


def test_a_wrong_count_withdraws_nothing(real):
    run_id = sent(real)
    batch = one(real, run_id).batch_id
    with pytest.raises(Conflict, match="withdrawal_count_wrong") as refused:
        real.store.arrivals.ask_withdrawal(batch, 3)
    assert refused.value.params == {"count": 4}
    real.store.arrivals.ask_withdrawal(batch, 4)
    with pytest.raises(Conflict, match="withdrawal_under_way"):
        real.store.arrivals.ask_withdrawal(batch, 4)
    assert withdrawn(real, run_id).withdrawn == 4
    with pytest.raises(Conflict, match="withdrawal_count_wrong"):
        real.store.arrivals.ask_withdrawal(batch, 0)


def test_only_an_accepted_batch_can_be_withdrawn(store):
    _, batch_id = scenes.unknown(store)
    with pytest.raises(Conflict, match="not_accepted"):
        store.arrivals.ask_withdrawal(batch_id, 3)


def test_an_old_wish_is_dropped(real):
    run_id = sent(real)
    real.store.arrivals.ask_withdrawal(one(real, run_id).batch_id, 4)
    real.clock.pass_(601)
    found = withdrawn(real, run_id)
    assert (found.withdraw_note, found.withdrawn) == (WithdrawalNote.EXPIRED, 0)
    assert len(left_in_task(real)) == 4


def test_a_wish_outlives_a_restart_and_is_carried_out_once(real):
    run_id = sent(real)
    batch = one(real, run_id).batch_id
    real.store.arrivals.ask_withdrawal(batch, 4)
    assert real.store.withdrawals.begin(batch, 4)  # the process died after this
    assert withdrawn(real, run_id).withdrawn == 4
    assert real.store.withdrawals.asked() == []
    assert set(Withdrawal) == {"withdrawn", "called", "failed"}


@pytest.mark.parametrize("seconds", [0, 601])
def test_what_a_process_had_deleted_before_it_died_is_not_called_untouched(real, seconds):
    """Nobody can tell any more which numbers it was: the person is told to look."""
    run_id = sent(real)
    batch = one(real, run_id).batch_id
    real.store.arrivals.ask_withdrawal(batch, 4)
    assert real.store.withdrawals.begin(batch, 4)
    phones = [row["phone"] for row in real.platform.numbers(real.connection, scenes.TOKEN, 1, 200)["data"]]
    real.platform.delete_numbers(real.connection, scenes.TOKEN, phones)  # and died before it was recorded
    real.clock.pass_(seconds)
    found = withdrawn(real, run_id)
    assert (found.withdraw_note, found.withdrawn, found.withdrawing) == (WithdrawalNote.UNCHECKED, 0, False)


# --- the database -------------------------------------------------------------------------------------------


@pytest.mark.sqlite_file
def test_a_database_of_version_5_keeps_its_rows_and_learns_of_arrivals(tmp_path):
    old, new = tmp_path / "old" / "desk.db", tmp_path / "new" / "desk.db"
    version_5(old)
    Store(new).close()
    with closing(Store(old)) as store:
        [run] = store.runs.latest()
        [accepted] = store.arrivals.of_run(run.id)
        assert (accepted.rows, accepted.waiting, accepted.state, accepted.note) == (2, 2, "open", "")
        assert store.looks.record(
            accepted.batch_id, ImportLook(ArrivalNote.LISTED, imported=frozenset({2, 3}))
        )
        assert store.arrivals.of_run(run.id)[0].imported == 2
    assert shape(old) == shape(new)


def test_asking_by_hand_again_and_again_never_puts_off_the_next_look(real):
    real.control(import_seconds=10_000.0)
    run_id = sent(real)
    looks(real, 11)
    (before,) = real.store.arrivals.of_run(run_id)
    for _ in range(6):
        assert real.store.arrivals.ask_after(run_id) == 1
        looks(real, 1)
    (after,) = real.store.arrivals.of_run(run_id)
    assert after.last_look > before.last_look
    assert after.due == before.due
