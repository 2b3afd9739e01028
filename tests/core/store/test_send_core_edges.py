"""The rare turns of the send core: what is late, gone, damaged, or closing just at that moment."""

import pytest
from sqlalchemy import delete, select

from lib.errors import Conflict, PlatformError, StoreUnavailable
from lib.reconcile import Reconciler
from lib.run.records import AttemptResult, Fenced
from lib.run.states import Outcome, Why
from lib.store import recovery
from lib.store.database import DESK_ID
from lib.store.schema import meta
from tests.core import reconcile_scenes, store_scenes
from tests.core.reconcile_scenes import TOKEN, held, state
from tests.core.store_scenes import Scripted, states

ACCEPTED = AttemptResult(Outcome.ACCEPTED, unique_id="late-one")


class Listing:
    """A platform with one stranger in its list; what is asked is counted, and `first` is called at the first question of a kind."""

    def __init__(self, **first):
        self.first, self.asked = first, []

    def _ask(self, kind):
        self.asked.append(kind)
        if act := self.first.pop(kind, None):
            act()

    def numbers(self, connection, token, page, per_page):
        self._ask("numbers")
        stranger = {"id": 9, "phone": "19900000000", "extra": "other"}
        return {"data": [stranger], "meta": {"current_page": 1, "last_page": 1, "total": 1}}

    def number(self, connection, token, phone):
        self._ask("number")
        return {"code": 200, "data": {}}

    def lookup(self, connection, token, unique_id):
        raise PlatformError("lookup_unclear")


def looking(store, platform, clock):
    return Reconciler(store, platform, lambda run: (run.connection, TOKEN), clock)


# --- the sender ------------------------------------------------------------------------------------------------


class NamedMeanwhile:
    """The marks of a new database that another process names while they are read."""

    def __init__(self, store, marks):
        self._store, self._marks, self.begun = store, marks, []

    def read(self):
        recovery.name(self._store._db, self._marks)
        return []

    def begin(self, mark):
        self.begun.append(mark)


def test_a_new_database_that_another_process_names_meanwhile_keeps_that_name(store):
    with store._db.write() as tx:
        tx.execute(delete(meta))
    marks = NamedMeanwhile(store, store.sender._marks)
    recovery.name(store._db, marks)
    with store._db.read() as tx:
        assert len(tx.execute(select(meta.c.value).where(meta.c.name == DESK_ID)).all()) == 1
    assert not marks.begun


def wired(store, batches=1):
    """A run whose first batch has its mark; (run id, epoch, claim)."""
    run_id = store.runs.create(store_scenes.plan(batches=batches))
    epoch = store.sender.take_over()
    claim = store.sender.claim(epoch, run_id, 1)[0]
    store.sender.wire(epoch, claim)
    return run_id, epoch, claim


def test_an_elder_that_finds_nothing_left_to_claim_does_not_end_the_run(store):
    run_id = store.runs.create(store_scenes.plan(batches=1))
    elder = store.sender.take_over()
    store.sender.claim(store.sender.take_over(), run_id, 1)
    with pytest.raises(Fenced):
        store.sender.claim(elder, run_id, 1)
    assert (states(store, run_id), store.runs.get(run_id).state) == (["sending"], "running")


def test_an_acceptance_after_another_took_over_lets_a_run_without_a_list_go_on(store):
    """It was the last thing undecided: nobody has to press anything."""
    run_id = store.runs.create(store_scenes.plan(batches=2))
    elder = store.sender.take_over()
    [late] = store.sender.claim(elder, run_id, 1)
    store.sender.wire(elder, late)
    epoch = store.sender.take_over()
    [other] = store.sender.claim(epoch, run_id, 1)
    store.sender.finish(epoch, other, AttemptResult(Outcome.NOT_SENT, stop=Why.NO_LIST, tried=False))
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", Why.NO_LIST)
    assert store.sender.finish(elder, late, ACCEPTED) == []
    assert store.runs.get(run_id).state == "running"
    assert states(store, run_id) == ["accepted", "planned"]


def test_an_answer_later_than_a_persons_word_changes_nothing(store, clock):
    run_id, epoch, claim = wired(store)
    store.sender.take_over()
    store.decisions.confirm_arrived(claim.batch_id, "在平台上看到了")
    before = store.run_log.events(run_id)
    with pytest.raises(Fenced):
        store.sender.finish(epoch, claim, ACCEPTED)
    assert store.run_log.events(run_id) == before
    assert store.batches.table(run_id)["unique_id"].tolist() == [""]


def test_an_attempt_that_ended_before_is_not_ended_again(store):
    run_id, epoch, claim = wired(store)
    with store._db.write() as tx:  # a damaged database: no code of ours leaves this behind
        tx.exec_driver_sql("UPDATE attempt SET outcome = 'refused'")
    with pytest.raises(Conflict, match="attempt_ended"):
        store.sender.finish(epoch, claim, ACCEPTED)
    assert states(store, run_id) == ["sending"]


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
def test_a_wish_for_a_run_that_is_not_there_changes_nothing(store, verb):
    run_id, *_ = wired(store)
    getattr(store.runs, verb)("no-such-run")
    assert [run.id for run in store.runs.latest()] == [run_id]
    assert (states(store, run_id), store.runs.get(run_id).state) == (["sending"], "running")


def test_a_sender_that_was_never_started_closes_at_once(store):
    assert store_scenes.engine(store, Scripted()).close()


# --- looking, and a person's decision --------------------------------------------------------------------------


def test_closing_while_numbers_are_asked_for_one_by_one_ends_it_at_the_next(store, clock):
    run_id, _ = reconcile_scenes.unknown(store)
    platform = Listing(number=lambda: looker.close())
    looker = looking(store, platform, clock)
    clock.pass_(61)
    looker.step()
    assert platform.asked.count("number") == 1
    assert store.decisions.evidence(run_id)[0].scans == 0


def test_closing_during_one_look_begins_no_other(store, clock):
    for first in (0, 10):
        reconcile_scenes.unknown(store, first=first, marks=f"mark-{first}")
    platform = Listing(numbers=lambda: looker.close())
    looker = looking(store, platform, clock)
    clock.pass_(61)
    looker.step()
    assert platform.asked == ["numbers"]


def test_a_request_that_does_not_hold_the_batchs_rows_is_not_cut_in_two(store, clock):
    _, batch_id = held(store, clock)
    with store._db.write() as tx:
        tx.exec_driver_sql("UPDATE contact_row SET batch_seq = NULL WHERE row = 3")
    with pytest.raises(StoreUnavailable, match="store_corrupt"):
        store.decisions.resend_missing(batch_id, 2)
    with store._db.write() as tx:
        tx.exec_driver_sql("UPDATE contact_row SET batch_seq = 1 WHERE row = 3")
    assert state(store, batch_id) == "held"


def test_of_two_reasons_of_the_senders_the_first_one_stays(store):
    run_id = store.runs.create(store_scenes.plan(batches=3))
    epoch = store.sender.take_over()
    first, second = store.sender.claim(epoch, run_id, 2)
    store.sender.finish(epoch, first, AttemptResult(Outcome.NOT_SENT, stop=Why.TOKEN))
    store.sender.finish(epoch, second, AttemptResult(Outcome.NOT_SENT, stop=Why.UNREACHABLE))
    run = store.runs.get(run_id)
    assert (run.state, run.why) == ("paused", "token")


# --- a run that would go on by itself --------------------------------------------------------------------------


@pytest.fixture
def listless(store):
    """A run that waits for a decision over its first batch, as no list is shown, with one more in flight; (run id, epoch, claims)."""
    run_id = store.runs.create(store_scenes.plan(batches=4))
    epoch = store.sender.take_over()
    unknown, asked, going = store.sender.claim(epoch, run_id, 3)
    store.sender.wire(epoch, unknown)
    store.sender.finish(epoch, unknown, AttemptResult(Outcome.UNKNOWN))
    store.sender.finish(epoch, asked, AttemptResult(Outcome.NOT_SENT, stop=Why.NO_LIST, tried=False))
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("pausing", Why.NO_LIST)
    return run_id, epoch, unknown, going


@pytest.mark.parametrize("too_late", [True, False])
def test_a_persons_wish_to_pause_stands_above_a_list_that_is_not_shown(store, listless, too_late):
    """They pressed it on a page that still said "sending"."""
    run_id, epoch, unknown, going = listless
    stopped = AttemptResult(Outcome.NOT_SENT, tried=False)
    if too_late:
        store.sender.finish(epoch, going, stopped)
    store.runs.pause(run_id)
    if not too_late:
        store.sender.finish(epoch, going, stopped)
    store.decisions.confirm_arrived(unknown.batch_id, "在平台上看到了")
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", "operator")


def test_what_a_person_has_to_cure_stands_above_a_list_that_is_not_shown(store, listless):
    run_id, epoch, unknown, going = listless
    store.sender.finish(epoch, going, AttemptResult(Outcome.NOT_SENT, stop=Why.TOKEN))
    store.decisions.confirm_arrived(unknown.batch_id, "在平台上看到了")
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", "token")


def test_after_a_sleep_no_run_goes_on_by_itself(store, listless):
    run_id, epoch, unknown, going = listless
    store.sender.finish(epoch, going, AttemptResult(Outcome.NOT_SENT, tried=False))
    store.sender.pause_running(Why.WOKE)
    rows = [row.row for row in store.evidence.wanted(unknown.batch_id)]
    assert store.evidence.arrived(unknown.batch_id, rows)
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", "woke")
