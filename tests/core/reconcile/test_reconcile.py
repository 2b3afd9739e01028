"""Unknown outcomes against the real practice platform: found, held, asked, and never sent again by the machine."""

from dataclasses import replace
from itertools import pairwise

import pytest

from lib.errors import (
    Conflict,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    StoreUnavailable,
    Throttled,
    Unauthorised,
)
from lib.platform.connection import Options
from lib.reconcile import Reconciler, judged
from lib.reconcile.number_list import PAGE_CAP, Unusable, asked, read_list
from lib.run.evidence_rules import held_as, next_look, pause_before, ripe
from lib.run.records import Control, Look, WantedRow
from lib.run.states import Outcome
from tests.core import reconcile_scenes as scenes
from tests.core.reconcile_scenes import TOKEN, WallClock, look, state, unknown
from tests.plans import NOWHERE

MINUTE = 60.0


def states(real, run_id):
    assert real.store.runs.conservation(run_id).holds
    return real.store.batches.table(run_id)["state"].tolist()


# --- rules, as a table ---------------------------------------------------------------------------------------


def looks(*minutes, complete=True, found=0, missing=3, note="complete", control=True, after=0):
    """Looks at these minutes. after: the minute at which looking began."""
    passed = [(now - before) * MINUTE for before, now in pairwise((after, *minutes))]
    return [
        Look(minute * MINUTE, complete, note, control, found, missing, seconds)
        for minute, seconds in zip(minutes, passed, strict=True)
    ]


@pytest.mark.parametrize(
    ("minutes", "lag", "control", "expected"),
    [
        ((1, 5, 16), 0, True, True),
        ((1, 5, 15.9), 0, True, False),  # 15 minutes from the first to the last
        ((1, 16), 0, True, False),  # three of them
        ((1, 5, 16), 0, False, False),  # a list that shows what is there
        ((1, 5, 16), 5 * MINUTE, True, True),  # three times the delay
        ((1, 5, 16), 5.1 * MINUTE, True, False),
        ((1, 5, 31), 10 * MINUTE, True, True),
        ((), 0, True, False),
    ],
)
def test_absence_is_ripe_only_when_all_of_it_holds(minutes, lag, control, expected):
    assert ripe(looks(*minutes, control=control), lag) is expected


def test_dates_do_not_ripen_an_absence():
    assert not ripe([replace(one, passed=20.0) for one in looks(1, 30, 600)], 0)
    assert ripe([replace(one, at=0.0) for one in looks(1, 5, 16)], 0)


def test_a_look_that_was_not_complete_never_counts_towards_absence():
    mixed = looks(1, 5) + looks(10, 16, 30, complete=False, after=5)
    assert not ripe(mixed, 0)
    assert ripe(mixed + looks(31, after=30), 0)


@pytest.mark.parametrize(
    ("made", "expected"),
    [((), 1), ((1,), 5), ((1, 5), 10), ((1, 5, 10), 19), ((1, 5, 10, 19), 49), ((1, 5, 10, 19, 49), 79)],
)
def test_looks_are_due_at_1_5_10_19_minutes_and_then_every_30(made, expected):
    assert next_look(looks(*made), 0.0) == expected * MINUTE


def test_looks_that_were_late_are_not_made_up_for_all_at_once():
    assert next_look(looks(100), 0.0) == 104 * MINUTE


def test_a_list_that_moved_is_read_again_within_a_minute_and_takes_no_turn():
    moved = looks(*(5 + at for at in range(5)), complete=False, note="list_moved", after=1)
    assert [pause_before(looks(1) + moved[:made]) for made in range(1, 6)] == [15, 30, 60, 60, 60]
    assert (
        pause_before(looks(1) + moved[:2] + looks(7, after=6)) == 3 * MINUTE
    )  # reckoned from the fifth minute
    assert pause_before(looks(1) + moved + looks(12, after=9)) == 15
    assert pause_before([]) == MINUTE


@pytest.mark.parametrize(
    ("made", "now", "expected"),
    [
        (looks(1, 5, 10, 20), 20, "absent"),
        (looks(1, 5, 10, 20, found=1, missing=2), 20, "partial"),
        (looks(1, 5, 10), 10, None),
        (looks(1, 5, 10, 20, control=False), 20, None),
        (looks(1, 5, 10, 20, complete=False, note="list_failed"), 20, None),
        (looks(1, 5, 10, 20) + looks(50, complete=False, note="list_moved", after=20), 50, None),
        (looks(1, 5, 10, 20, complete=False, note="masked"), 20, "no_evidence"),
        (looks(1, complete=False, note="list_missing"), 1, "no_evidence"),  # at once: looking changes nothing
        (looks(1) + looks(5, complete=False, note="list_missing"), 5, None),  # it could be read before
        (looks(1) + looks(5, 10, 20, complete=False, note="list_missing", after=1), 20, "no_evidence"),
        (looks(1, 5, 10, complete=False, note="masked"), 10, None),
        (looks(1, 1440, complete=False, note="list_failed"), 1440, None),
        (looks(1, 1441, complete=False, note="list_failed"), 1441, "no_evidence"),
        ([Look(MINUTE, False, "list_failed", False, 0, 3, 60.0)] * 2, 1441, None),  # a date that was set
        ([Look(9e9, False, "list_failed", False, 0, 3, 43_200.0)] * 3, 0, "no_evidence"),  # and set back
        (
            looks(2000, complete=False, note="list_failed"),
            2000,
            None,
        ),  # the first look after a day switched off
        ([], 9999, None),
    ],
)
def test_what_a_person_has_to_decide_over(made, now, expected):
    assert held_as(made, now * MINUTE, 0.0) == expected


# --- against the practice platform ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    ["apply_drop@2", "500_applied@2", "503_applied@2", "truncated_applied@2", "no_unique_id_applied@2"],
)
def test_what_arrived_without_an_answer_is_found_and_accepted(real, fault):
    run_id = real.run(fault)
    assert states(real, run_id) == ["accepted", "unknown", "accepted"]
    assert real.reconciler.step() == pytest.approx(60, abs=5)
    real.look_until_settled()
    assert states(real, run_id) == ["accepted"] * 3
    assert real.store.batches.table(run_id)["unique_id"].iloc[1] == ""
    assert set(real.ledger()["numbers"].values()) == {1}
    assert real.ledger()["requests"] == 3


def test_what_did_not_arrive_is_held_after_twenty_minutes_and_sent_again_only_by_a_person(real):
    run_id = real.run("500@2")
    hours = real.look_until_settled()
    assert 0.3 < hours < 0.4
    assert states(real, run_id) == ["accepted", "held", "accepted"]
    [known] = real.store.decisions.evidence(run_id)
    assert (known.held_as, known.found, known.missing, known.complete_scans, known.can_resend) == (
        "absent",
        0,
        3,
        4,
        True,
    )
    assert real.ledger()["requests"] == 3
    child = real.store.decisions.resend_missing(known.batch_id, 3)
    real.go_on(run_id, 2)
    assert states(real, run_id) == ["accepted", "split", "accepted", "accepted"]
    assert (state(real.store, child), real.store.runs.get(run_id).state) == ("accepted", "finished")
    ledger = real.ledger()
    assert (ledger["requests"], set(ledger["numbers"].values()), len(ledger["numbers"])) == (4, {1}, 9)


def test_of_a_batch_that_arrived_in_part_the_found_rows_are_accepted_and_the_rest_is_offered(real):
    run_id = real.run("partial@1", batches=2, rows_each=120)
    real.look_until_settled()
    [known] = real.store.decisions.evidence(run_id)
    assert (known.held_as, known.found, known.missing) == ("partial", 80, 40)
    assert real.store.runs.get(run_id).rows_by_state == {"accepted": 200, "held": 40}
    real.store.decisions.resend_missing(known.batch_id, 40)
    real.go_on(run_id, 2)
    assert real.store.runs.get(run_id).rows_by_state == {"accepted": 240}
    numbers = real.ledger()["numbers"]
    assert (len(numbers), set(numbers.values())) == (240, {1})


def test_a_stale_look_has_the_list_read_anew_before_anything_goes_again(real):
    run_id = real.run("500@2")
    real.look_until_settled()
    [known] = real.store.decisions.evidence(run_id)
    real.clock.pass_(61)
    with pytest.raises(Conflict, match="evidence_stale"):
        real.store.decisions.resend_missing(known.batch_id, 3)
    real.reconciler.step()
    assert real.store.decisions.evidence(run_id)[0].can_resend
    assert real.store.decisions.resend_missing(known.batch_id, 3)


def test_what_arrives_while_held_is_accepted_by_the_forced_look(real):
    run_id = real.run("500@2")
    real.look_until_settled()
    [known] = real.store.decisions.evidence(run_id)
    body = real.store.batches.body(known.batch_id)
    real.platform.send(real.connection, TOKEN, body, lambda: None)
    real.clock.pass_(61)
    with pytest.raises(Conflict, match="evidence_stale"):
        real.store.decisions.resend_missing(known.batch_id, 3)
    real.reconciler.step()
    assert states(real, run_id) == ["accepted"] * 3


def test_what_the_platform_applies_late_stays_unknown_until_it_shows(real):
    real.control(late_seconds=2.0)
    run_id = real.run("apply_late@2")
    real.clock.pass_(60)
    real.reconciler.step()
    assert states(real, run_id)[1] == "unknown"
    deadline = real.clock() + 10
    while len(real.ledger()["batches"]) < 3 and real.clock() < deadline:
        real.clock.pass_(0)
    real.look_until_settled()
    assert states(real, run_id) == ["accepted"] * 3
    assert real.store.evidence.open_batches() == []


def test_a_delay_that_was_seen_lengthens_the_wait(real):
    run_id = real.run("500@1", "500@3", batches=4)
    first = int(real.store.batches.table(run_id)["batch_id"].iloc[0])
    look(real.store, first, 0, real.clock, lag=1000.0)
    assert real.look_until_settled() > 50 / 60
    assert real.store.decisions.evidence(run_id)[0].held_as == "absent"


def test_hidden_numbers_with_our_marks_are_evidence(real):
    run_id = real.run("apply_drop@2", "500@3")
    real.control(faults=["masked_list"])
    real.look_until_settled()
    assert states(real, run_id) == ["accepted", "accepted", "held"]
    assert real.store.decisions.evidence(run_id)[0].held_as == "absent"


def test_open_numbers_without_marks_are_evidence(real):
    run_id = real.run("apply_drop@2", "500@3")
    real.control(faults=["no_extra_list"])
    real.look_until_settled()
    assert states(real, run_id) == ["accepted", "accepted", "held"]


def test_hidden_numbers_without_marks_are_none(real):
    run_id = real.run("apply_drop@2", "500@3")
    real.control(faults=["masked_list", "no_extra_list"])
    real.look_until_settled()
    assert states(real, run_id) == ["accepted", "held", "held"]
    assert {known.held_as for known in real.store.decisions.evidence(run_id)} == {"no_evidence"}
    assert real.store.decisions.evidence(run_id)[0].note == "masked"


@pytest.mark.parametrize(
    ("fault", "note"),
    [
        ("list_same_page", "list_endless"),
        ("list_error", "list_failed"),
        pytest.param("list_refused", "list_failed", marks=pytest.mark.long),
        pytest.param("list_drop", "list_failed", marks=pytest.mark.long),
    ],
)
def test_a_list_that_cannot_be_read_to_its_end_never_says_absent(real, fault, note):
    run_id = real.run("500@1", batches=2)
    real.control(faults=[fault])
    hours = real.look_until_settled(limit=30)
    assert states(real, run_id) == ["unknown", "accepted"]
    [known] = real.store.decisions.evidence(run_id)
    assert (known.note, known.complete_scans, known.held_as) == (note, 0, "")
    assert hours > 1
    assert 24 < hours + real.look_until_settled(limit=80) < 25
    assert real.store.decisions.evidence(run_id)[0].held_as == "no_evidence"
    assert real.ledger()["requests"] == 2


def test_a_list_that_fails_now_and_then_is_asked_until_it_answers(real):
    run_id = real.run("apply_drop@1", batches=2)
    real.control(faults=["list_drop:0.5"], seed=3)
    real.look_until_settled(limit=60)
    assert states(real, run_id) == ["accepted", "accepted"]


def test_long_lists_are_read_page_by_page(real):
    run_id = real.run("apply_drop@3", batches=4, rows_each=110)
    real.clock.pass_(61)
    real.reconciler.step()
    assert states(real, run_id) == ["accepted"] * 4


def test_numbers_that_got_a_suffix_are_found_without_marks(real):
    run_id = real.run("apply_drop@1", batches=2, options=Options(number_add_suffix=True), marks="")
    real.look_until_settled()
    assert states(real, run_id) == ["accepted", "accepted"]


def test_a_number_that_was_there_before_proves_nothing(real):
    real.run(batches=1)
    run_id = real.run("500@1", "500@2", batches=1, repeats_allowed=True)
    real.look_until_settled()
    [known] = real.store.decisions.evidence(run_id)
    assert (known.held_as, known.note, known.found) == ("no_evidence", "unclear", 0)


def test_another_run_with_other_marks_is_told_apart(real):
    real.run(batches=1)
    run_id = real.run("500@4", batches=1, repeats_allowed=True, marks="again")
    assert states(real, run_id) == ["accepted"]
    lost = real.run(f"500@{real.ledger()['requests'] + 1}", batches=1, repeats_allowed=True, marks="third")
    real.look_until_settled()
    assert real.store.decisions.evidence(lost)[0].held_as == "absent"


def test_an_empty_list_of_a_task_nothing_ever_went_to_proves_nothing(real):
    run_id = real.run("500@1", batches=1)
    hours = real.look_until_settled(limit=120)
    assert hours > 23
    assert real.store.decisions.evidence(run_id)[0].held_as == "no_evidence"


def test_a_list_that_no_longer_shows_what_was_accepted_proves_nothing(real):
    run_id = real.run("500@2", batches=2)
    real.control(reset=True)
    assert real.look_until_settled(limit=120) > 23
    assert real.store.decisions.evidence(run_id)[0].held_as == "no_evidence"


def test_a_refused_token_is_told_and_looked_past_when_it_is_good_again(real):
    run_id = real.run("apply_drop@1", batches=2)
    real.control(token="another-token")
    real.clock.pass_(61)
    real.reconciler.step()
    assert real.store.decisions.evidence(run_id)[0].note == "token"
    real.control(token=TOKEN)
    real.look_until_settled()
    assert states(real, run_id) == ["accepted", "accepted"]


# --- one look, scripted --------------------------------------------------------------------------------------


class FakePlatform:
    """A platform that says what it is told to; the last page of the list again and again."""

    def __init__(self, *pages, number=None, lookup=None):
        self.pages, self.its_number, self.its_lookup = list(pages), number, lookup

    def numbers(self, connection, token, page, per_page):
        is_reading = per_page > 1  # one of a single number only asks whether there is a list
        page = self.pages.pop(0) if is_reading and len(self.pages) > 1 else self.pages[0]
        return self._said(page)

    def number(self, connection, token, phone):
        return self._said(self.its_number or Refused("not_found", envelope_code=404))

    def lookup(self, connection, token, unique_id):
        return self._said(self.its_lookup or Refused("not_found"))

    @staticmethod
    def _said(what):
        if isinstance(what, Exception):
            raise what
        return what


def page(*rows, total=None, **meta):
    told = {"total": len(rows) if total is None else total, "last_page": 1, "current_page": 1} | meta
    return {"code": 200, "meta": told, "data": list(rows)}


ROWS = [WantedRow(2, "a", "13000000001"), WantedRow(3, "b", "13000000002")]
OTHER = {"id": 9, "phone": "13900000000", "extra": "z"}
A = {"id": 1, "phone": "13000000001_x9k2", "extra": "a"}


def looked(platform, rows=ROWS, cap=PAGE_CAP, **rest):
    reading = read_list(platform, NOWHERE, TOKEN, cap=cap)
    return judged(platform, NOWHERE, TOKEN, reading, rows, **rest)


@pytest.mark.parametrize(
    ("document", "note"),
    [
        ({"code": 200, "data": []}, "list_shape"),
        ({"code": 200, "data": {"numbers": 1}}, "list_shape"),
        ({"code": 200, "meta": {"total": 1, "last_page": 1}, "data": ["13000000001"]}, "list_shape"),
        (page(total="many"), "list_shape"),
        (page(total=True), "list_shape"),
        (page(total=-1), "list_shape"),
        (page(last_page=None), "list_shape"),
        (page(A, current_page=7), "list_endless"),
        (page(A, total=2), "list_moved"),
        (page(A, A, total=2), "list_moved"),
        (page(A, last_page=5, current_page=None, total=5), "list_endless"),
        (PlatformError("lookup_unclear"), "list_failed"),
        (Throttled("throttled"), "list_failed"),
        (NotSent("unreachable"), "list_failed"),
        (Unauthorised("token_refused"), "token"),
    ],
)
def test_a_list_that_does_not_add_up_is_incomplete(document, note):
    result = looked(FakePlatform(document), cap=3)
    assert (result.complete, result.note, result.control) == (False, note, False)


def test_lists_come_in_more_than_one_form():
    inner = {"code": 200, "data": {"data": [A, OTHER], "total": "2", "last_page": "1", "current_page": "1"}}
    nested = {"code": 200, "data": {"data": [A, OTHER], "meta": {"total": 2, "last_page": 1}}}
    for document in (inner, nested, page(A, {"uuid": "9", "number": "13900000000"})):
        result = looked(FakePlatform(document))
        assert (result.complete, result.found, result.missing, result.pages) == (True, (2,), (3,), 2)


def test_two_passes_in_a_row_must_agree():
    assert looked(FakePlatform(*[page(A), page(OTHER)] * 2)).note == "list_moved"
    after = looked(FakePlatform(page(A), page(OTHER)))
    assert (after.note, after.found, after.pages) == ("complete", (), 3)
    growing = [page(A, total=2, last_page=2), page(OTHER, total=3, last_page=2, current_page=2)]
    assert looked(FakePlatform(*growing)).note == "list_moved"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ({"data": {"phone": "13000000002", "extra": "b"}}, (True, (2, 3), "complete")),
        ({"data": {"phone": "13000000002", "extra": "somebody else"}}, (True, (2,), "complete")),
        ({"data": {"phone": "13000000002"}}, (False, (2,), "list_moved")),
        ({"data": []}, (True, (2,), "complete")),
        (Refused("refused", envelope_code=422, http_status=422), (True, (2,), "complete")),
        (PlatformError("lookup_unclear", envelope_code=4999, http_status=200), (True, (2,), "complete")),
        (PlatformError("lookup_no_answer"), (False, (2,), "list_failed")),
        (PlatformError("lookup_no_answer", envelope_code=500, http_status=500), (False, (2,), "list_failed")),
        (Unauthorised("token_refused", envelope_code=401), (False, (2,), "list_failed")),
        (Throttled("throttled", envelope_code=429), (False, (2,), "list_failed")),
    ],
)
def test_a_number_that_the_list_lacks_is_asked_for_by_itself(number, expected):
    result = looked(FakePlatform(page(A, OTHER), number=number))
    assert (result.complete, result.found, result.note) == expected


@pytest.mark.parametrize(
    ("rows", "listed", "found", "note"),
    [
        # a mark decides, and somebody else's mark on our number is somebody else's import
        (
            [WantedRow(2, "a", "13000000001")],
            [{"id": 1, "phone": "13000000001", "extra": "x"}],
            (),
            "complete",
        ),
        # marks come back, ours is empty: nobody can tell
        (
            [WantedRow(2, "a", "13000000001")],
            [{"id": 1, "phone": "13000000001", "extra": ""}, OTHER],
            (),
            "unclear",
        ),
        # no marks anywhere: the number decides
        (
            [WantedRow(2, "a", "13000000001")],
            [{"id": 1, "phone": "13000000001", "extra": ""}],
            (2,),
            "complete",
        ),
        ([WantedRow(2, "", "13000000001")], [{"id": 1, "phone": "13000000001"}], (2,), "complete"),
        ([WantedRow(2, "", "13000000001")], [OTHER], (), "complete"),
        # neither mark nor number is this row's alone
        ([WantedRow(2, "", "")], [OTHER], (), "unclear"),
        ([WantedRow(2, "a", "")], [{"id": 1, "phone": "13900000000"}], (), "unclear"),
        ([WantedRow(2, "a", "")], [OTHER], (), "complete"),
        # hidden numbers
        ([WantedRow(2, "", "13000000001")], [{"id": 1, "phone": "130****0001", "extra": "z"}], (), "masked"),
        ([WantedRow(2, "a", "13000000001")], [{"id": 1, "phone": "130****0001"}], (), "masked"),
        (
            [WantedRow(2, "a", "13000000001")],
            [{"id": 1, "phone": "gAAAAABk", "extra": "a"}],
            (2,),
            "complete",
        ),
        # found before, whatever the list says now
        ([WantedRow(2, "", "", True), WantedRow(3, "b", "13000000002")], [OTHER], (2,), "unclear"),
    ],
)
def test_what_tells_a_row(rows, listed, found, note):
    result = looked(FakePlatform(page(*listed)), rows)
    assert (result.found, result.note) == (found, note)


@pytest.mark.parametrize(
    ("control", "listed", "shown"),
    [
        (None, [OTHER], True),
        (None, [], False),
        (Control(frozenset({"z"}), frozenset(), 0.0), [OTHER], True),
        (Control(frozenset({"y"}), frozenset({"13900000000"}), 0.0), [OTHER], False),
        (
            Control(frozenset({"y"}), frozenset({"13900000000"}), 0.0),
            [{"id": 9, "phone": "13900000000"}],
            True,
        ),
        (Control(frozenset(), frozenset({"13911111111"}), 0.0), [OTHER], False),
    ],
)
def test_a_list_is_trusted_when_it_shows_what_is_surely_there(control, listed, shown):
    assert looked(FakePlatform(page(*listed)), control=control).control is shown


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"data": {"number": "13000000002"}}, (2, 3)),
        ({"data": {"data": {"numbers": ["13000000002_ab12", 7]}}}, (2, 3)),
        ({"data": [{"phone": "13000000002", "status": 0}]}, (2, 3)),
        ({"data": {"type": "del_number", "data": {"numbers": ["13000000002"]}}}, (2,)),
        ({"data": {"unique_id": "another", "numbers": ["13000000002"]}}, (2,)),
        ({"data": {"url": "http://127.0.0.1/download"}}, (2,)),
        ({"data": []}, (2,)),
        (Refused("not_found"), (2,)),
    ],
)
def test_a_batch_number_is_looked_up_where_there_is_one(answer, found):
    assert looked(FakePlatform(page(A), lookup=answer), unique_id="u").found == found
    assert looked(FakePlatform(page(A), lookup=answer)).found == (2,)


@pytest.mark.parametrize(
    "listed",
    [page({"id": 1, "phone": "130****0001"}), page(A, total=2), Refused("not_found", http_status=404)],
)
def test_what_the_platform_says_of_a_batch_number_tells_where_its_list_cannot(listed):
    """Hidden numbers, a list that moves, no list at all: the import result names every row, so all of them arrived."""
    both = {"data": {"numbers": ["13000000001", "13000000002"]}}
    result = looked(FakePlatform(listed, lookup=both), unique_id="u")
    assert (result.complete, result.found, result.missing) == (True, (2, 3), ())
    result = looked(FakePlatform(listed, lookup={"data": {"number": "13000000001"}}), unique_id="u")
    assert (result.complete, result.found) == (False, (2,))
    shared = [WantedRow(2, "a", ""), WantedRow(3, "b", "")]  # others may have brought these numbers
    assert looked(FakePlatform(listed, lookup=both), shared, unique_id="u").found == ()


@pytest.mark.parametrize("faults", [["masked_list", "no_extra_list"], ["list_missing"], []])
def test_a_batch_number_in_a_malformed_answer_is_used_for_looking(real, faults):
    run_id = real.run("code_string_applied@1", batches=1)
    named = real.store.batches.table(run_id)["unique_id"].iloc[0]
    assert [batch["unique_id"] for batch in real.ledger()["batches"]] == [named]
    real.control(faults=faults, result_shape="callback_numbers")
    real.clock.pass_(61)
    real.reconciler.step()
    assert states(real, run_id) == ["accepted"]
    assert real.store.batches.table(run_id)["unique_id"].iloc[0] == named
    assert [
        one.batch_id for one in real.store.looks.open()
    ]  # and what became of its numbers can be asked for


def test_a_batch_number_that_names_others_numbers_proves_nothing(real):
    run_id = real.run("code_string@1", batches=2)
    real.store.runs.resume(run_id)
    real.go_on(run_id, 2)
    real.look_until_settled()
    assert states(real, run_id) == ["held", "accepted"]
    assert real.store.decisions.evidence(run_id)[0].held_as == "absent"


def test_more_missing_rows_than_a_batch_has_are_not_asked_for_one_by_one():
    many = [WantedRow(row, f"mark-{row}", str(13_000_000_000 + row)) for row in range(201)]
    result = looked(FakePlatform(page(OTHER), number=PlatformError("lookup_no_answer")), many)
    assert (result.complete, len(result.missing)) == (True, 201)


def test_reading_ends_at_the_next_page_when_told():
    assert read_list(FakePlatform(page(A)), NOWHERE, TOKEN, go_on=lambda: False).pages == 0
    with pytest.raises(Unusable, match="token"):
        asked(lambda: (_ for _ in ()).throw(Unauthorised("token_refused")))


# --- the reconciler without a platform -----------------------------------------------------------------------


def reconciler(store, platform, clock, to=lambda run: (run.connection, TOKEN)):
    return Reconciler(store, platform, to, clock)


def test_nothing_to_look_for_is_nothing_to_do(store, clock):
    assert reconciler(store, FakePlatform(page()), clock).step() == 3600
    assert Reconciler(store, FakePlatform(page()), clock=clock).step() == 3600


def test_without_a_token_or_a_platform_it_waits_and_records_nothing(store, clock):
    run_id, _ = unknown(store)
    clock.pass_(61)

    def nowhere(run):
        raise NotSent("practice_not_started")

    for to in (None, lambda run: (run.connection, None), nowhere):
        assert reconciler(store, FakePlatform(page(A)), clock, to).step() == 5
    assert store.decisions.evidence(run_id)[0].scans == 0


@pytest.mark.parametrize("is_there", [True, False])
def test_right_after_an_outcome_nobody_is_asked_without_a_token_or_a_platform(store, clock, is_there):
    unknown(store)
    asked_for = []

    class Counted(FakePlatform):
        def numbers(self, *given):
            asked_for.append(given[2])
            return super().numbers(*given)

    def nowhere(run):
        if is_there:
            return run.connection, None
        raise NotSent("practice_not_started")

    assert reconciler(store, Counted(page(A)), clock, nowhere).step() > 5
    assert asked_for == []


def test_a_database_that_does_not_answer_is_asked_again(store, clock, monkeypatch):
    def locked():
        raise StoreUnavailable("store_locked")

    monkeypatch.setattr(store.evidence, "open_batches", locked)
    assert reconciler(store, FakePlatform(page()), clock).step() == 5


def test_a_batch_whose_request_is_gone_is_passed_over(store, clock):
    run_id, _ = unknown(store)
    with store._db.write() as tx:
        tx.exec_driver_sql("DELETE FROM batch_body")
    clock.pass_(61)
    assert reconciler(store, FakePlatform(page(A)), clock).step() == 5
    assert store.decisions.evidence(run_id)[0].scans == 0


@pytest.mark.parametrize("looks_before", [0, 1])
def test_a_clock_that_was_set_back_does_not_stop_the_looks(store, clock, looks_before):
    run_id, batch_id = unknown(store)
    for _ in range(looks_before):
        look(store, batch_id, 0, clock)
    passing = WallClock()
    looker = Reconciler(store, FakePlatform(page(OTHER)), lambda run: (run.connection, TOKEN), clock, passing)
    clock.pass_(-86_400)
    assert looker.step() <= 240
    passing.pass_(241)
    looker.step()
    assert store.decisions.evidence(run_id)[0].scans == looks_before + 1


def test_a_list_that_lags_is_not_called_empty_because_the_clock_was_set_forward(store, clock):
    """The list shows after 100 s what it took; after 66 s of them, and 20 minutes by the date, nothing may be called absent."""
    run_id, batch_id = unknown(store)
    passing, listing = WallClock(), FakePlatform(page(OTHER))
    looker = Reconciler(store, listing, lambda run: (run.connection, TOKEN), clock, passing)
    looker.step()
    for seconds, jump in ((61, 0), (2, 1_200), (1, 1_200), (1, 1_200), (1, 1_200)):
        passing.pass_(seconds)
        clock.pass_(seconds + jump)
        looker.step()
    [known] = store.decisions.evidence(run_id)
    assert (known.state, known.complete_scans > 2) == ("unknown", True)
    mine = [{"id": at, "phone": str(13_000_000_000 + at), "extra": f"mark-{at}"} for at in range(3)]
    listing.pages = [page(*mine)]
    passing.pass_(1_800)
    looker.step()
    assert state(store, batch_id) == "accepted"


def test_what_another_process_looked_at_counts_from_when_it_was_seen(store, clock):
    """Two processes on one database: time that passed before this one knew of a look may be less than its date says."""
    _, batch_id = unknown(store)
    looker = reconciler(store, FakePlatform(page(OTHER)), clock)
    looker.step()
    clock.pass_(50)
    look(store, batch_id, 0, clock)
    clock.pass_(100)
    looker.step()
    clock.pass_(241)
    looker.step()
    assert [round(one.passed) for one in store.evidence.open_batches()[0].looks] == [0, 241]


@pytest.mark.parametrize("moving", [(1, 1, 1, 1), (2, 2, 2, 1), (4, 0, 0, 1), (1, 4, 2, 0)])
def test_a_list_that_moved_is_read_again_soon_enough_to_tell_within_twenty_minutes(store, clock, moving):
    """moving: how often each turn finds the list moving before it holds still."""
    run_id, _ = unknown(store)
    pages = [one for times in moving for one in [page(OTHER, total=2)] * times + [page(OTHER)] * 2]
    looker = reconciler(store, FakePlatform(*pages), clock)
    began = clock()
    while store.evidence.open_batches():
        clock.pass_(looker.step() + 0.001)
    [known] = store.decisions.evidence(run_id)
    assert (known.held_as, known.complete_scans, known.scans) == ("absent", 4, 4 + sum(moving))
    assert clock() - began < 1_200


def test_the_delay_that_is_learnt_is_the_platforms_and_not_that_of_our_looks(store, clock):
    """The list was silent for half a day: when it answers, all is there, and nothing tells how long the platform took."""
    _, batch_id = unknown(store)
    mine = [{"id": at, "phone": str(13_000_000_000 + at), "extra": f"mark-{at}"} for at in range(2)]
    silent = PlatformError("lookup_no_answer")
    looker = reconciler(store, FakePlatform(silent, page(*mine)), clock)
    looker.step()
    for _ in range(2):
        clock.pass_(43_200)
        looker.step()
    assert [(one.found, one.passed > 40_000) for one in store.evidence.open_batches()[0].looks] == [
        (0, True),
        (2, True),
    ]
    assert store.evidence.open_batches()[0].lag == 0


def test_of_two_delays_in_one_look_the_longer_counts(store, clock):
    """A row of the batch and the one accepted before it show at the same look."""
    run_id = store.runs.create(scenes.plan(2))
    scenes.send(store, run_id, Outcome.ACCEPTED, Outcome.UNKNOWN)
    shown = [{"id": at, "phone": str(13_000_000_000 + at), "extra": f"mark-{at}"} for at in (0, 3)]
    looker = reconciler(store, FakePlatform(page(OTHER), page(OTHER), page(*shown)), clock)
    clock.pass_(500)  # a desk that was off
    looker.step()
    clock.pass_(241)
    looker.step()
    assert store.evidence.open_batches()[0].lag == pytest.approx(
        500, abs=5
    )  # of the accepted one; of the row nothing is known


def test_of_two_delays_in_one_look_the_rows_may_be_the_longer(store, clock):
    run_id = store.runs.create(scenes.plan(2))
    scenes.send(store, run_id, Outcome.ACCEPTED, Outcome.UNKNOWN)
    shown = [{"id": at, "phone": str(13_000_000_000 + at), "extra": f"mark-{at}"} for at in (0, 3)]
    passing = WallClock()
    looker = Reconciler(
        store,
        FakePlatform(page(OTHER), page(OTHER), page(*shown)),
        lambda run: (run.connection, TOKEN),
        clock,
        passing,
    )
    looker.step()
    for _ in range(2):
        passing.pass_(301)
        looker.step()
        clock.pass_(1)
    assert store.evidence.open_batches()[0].lag == pytest.approx(301, abs=5)


def test_what_a_person_settled_meanwhile_stays_settled(store, clock):
    run_id, batch_id = unknown(store)

    class Meanwhile(FakePlatform):
        def number(self, connection, token, phone):
            if store.evidence.open_batches():
                store.decisions.confirm_arrived(batch_id, "看到了")
            return super().number(connection, token, phone)

    clock.pass_(61)
    reconciler(store, Meanwhile(page(OTHER)), clock).step()
    assert state(store, batch_id) == "accepted"
    assert [event.what for event in store.run_log.events(run_id) if event.what.startswith("batch")][
        -1
    ] == "batch_confirmed"


def test_one_reading_serves_every_batch_of_a_task(store, clock):
    run_id = store.runs.create(scenes.plan(2))
    scenes.send(store, run_id, Outcome.UNKNOWN)
    store.runs.resume(run_id)
    scenes.send(store, run_id, Outcome.UNKNOWN)
    asked_for = []

    class Counted(FakePlatform):
        def numbers(self, *given):
            asked_for.append(given[2])
            return super().numbers(*given)

    clock.pass_(61)
    reconciler(store, Counted(page(OTHER)), clock).step()
    assert asked_for == [1, 1]
    assert [known.scans for known in store.decisions.evidence(run_id)] == [1, 1]


def test_a_look_that_is_cut_short_by_closing_is_not_recorded(store, clock):
    run_id, _ = unknown(store)
    made = None

    class Closing(FakePlatform):
        def numbers(self, *given):
            made.close()
            return super().numbers(*given)

    made = reconciler(store, Closing(page(OTHER)), clock)
    clock.pass_(61)
    made.step()
    assert store.decisions.evidence(run_id)[0].scans == 0
    assert made.step() == 3600


def test_how_long_an_import_takes_is_learnt_from_what_shows_late(store, clock):
    _, batch_id = unknown(store)
    mine = [{"id": at, "phone": str(13_000_000_000 + at), "extra": f"mark-{at}"} for at in range(3)]
    clock.pass_(61)
    looker = reconciler(store, FakePlatform(page(OTHER), page(OTHER), page(*mine[:2])), clock)
    clock.pass_(-61)
    looker.step()
    clock.pass_(61)
    looker.step()
    assert store.evidence.open_batches()[0].lag == 0
    clock.pass_(240)
    looker.step()
    assert store.evidence.open_batches()[0].lag == pytest.approx(61, abs=5)


def test_what_was_accepted_and_does_not_show_yet_is_a_delay_too(store, clock):
    run_id = store.runs.create(scenes.plan(2))
    scenes.send(store, run_id, Outcome.ACCEPTED, Outcome.UNKNOWN)
    clock.pass_(700)
    control = {"id": 1, "phone": "13000000000", "extra": "mark-0"}
    looker = reconciler(store, FakePlatform(page(OTHER), page(OTHER), page(control)), clock)
    looker.step()
    assert store.evidence.open_batches()[0].lag == 0
    clock.pass_(300)
    looker.step()
    assert store.evidence.open_batches()[0].lag == pytest.approx(700, abs=5)


@pytest.mark.parametrize("fault", ["list_missing", "list_forbidden"])
def test_where_no_list_is_shown_the_run_says_so_at_once_and_goes_on_when_the_batch_is_decided(real, fault):
    run_id = real.store.runs.create(scenes.plan(3, connection=real.connection))
    real.control(faults=["500@1", fault])
    real.go_on(run_id, 2)
    real.reconciler.step()
    run, [known] = real.store.runs.get(run_id), real.store.decisions.evidence(run_id)
    assert (run.state, run.why, states(real, run_id)) == ("paused", "no_list", ["held", "planned", "planned"])
    assert (known.held_as, known.note) == ("no_evidence", "list_missing")
    real.go_on(run_id, 2)
    assert real.ledger()["requests"] == 1
    real.store.decisions.check_again(known.batch_id)
    real.reconciler.step()
    assert (states(real, run_id)[0], real.store.runs.get(run_id).state) == ("held", "paused")
    real.store.decisions.leave_out_missing(known.batch_id)
    real.go_on(run_id, 3)
    assert states(real, run_id) == ["cancelled", "accepted", "accepted"]
    assert real.store.runs.get(run_id).state == "finished"


def test_a_second_look_that_finds_the_rows_after_all_lets_the_run_go_on_too(real):
    run_id = real.store.runs.create(scenes.plan(2, connection=real.connection))
    real.control(faults=["apply_drop@1", "list_missing"])
    real.go_on(run_id, 2)
    real.reconciler.step()
    assert states(real, run_id) == ["held", "planned"]
    real.control(faults=[])
    real.store.decisions.check_again(int(real.store.batches.table(run_id)["batch_id"].iloc[0]))
    real.reconciler.step()
    real.go_on(run_id, 2)
    assert (states(real, run_id), real.store.runs.get(run_id).state) == (["accepted"] * 2, "finished")


def test_a_person_who_paused_the_run_lets_it_go_on_and_no_decision_does(store, clock):
    run_id = store.runs.create(scenes.plan(2))
    [batch_id] = scenes.send(store, run_id, Outcome.UNKNOWN)
    store.runs.pause(run_id)
    looker = reconciler(store, FakePlatform(Refused("not_found", http_status=404)), clock)
    clock.pass_(61)
    looker.step()
    assert (state(store, batch_id), store.runs.get(run_id).why) == ("held", "operator")
    store.decisions.leave_out_missing(batch_id)
    assert store.runs.get(run_id).state == "paused"


def test_a_run_without_a_list_that_starts_small_waits_for_the_person_after_the_decision(store, clock):
    run_id = store.runs.create(replace(scenes.plan(2), hold_after=1))
    [batch_id] = scenes.send(store, run_id, Outcome.UNKNOWN)
    assert store.runs.get(run_id).why == "first_batch"
    store.runs.resume(run_id)
    looker = reconciler(store, FakePlatform(Refused("not_found", http_status=404)), clock)
    clock.pass_(61)
    looker.step()
    assert store.runs.get(run_id).why == "no_list"
    store.decisions.confirm_arrived(batch_id, "在平台上看到了")
    assert store.runs.get(run_id).state == "running"


def test_nothing_here_ever_posts(real):
    run_id = real.run("500@1", "apply_drop@2", batches=2)
    before = real.ledger()["requests"]
    real.look_until_settled()
    assert real.ledger()["requests"] == before
    assert isinstance(scenes.no_answer(), OutcomeUnknown)
    assert "planned" not in states(real, run_id)
