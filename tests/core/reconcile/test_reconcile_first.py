"""Before anything is sent a second time, and before "repeated" is believed, the platform's list is looked through (I8, A18)."""

from contextlib import closing, contextmanager

import pytest

from lib import sandbox
from lib.errors import OutcomeUnknown, PlatformError, Refused, Throttled, Unauthorised
from lib.platform.answers import FailureCode
from lib.reconcile import Reconciler
from lib.reconcile.look_first import Presence, says_repeated
from lib.store import Store
from tests.core import store_scenes
from tests.core.reconcile_scenes import Real, StandingClock, WallClock, plan
from tests.core.store_scenes import Clock, Scripted, states
from tests.plans import NOWHERE


@contextmanager
def platform(store, url, clock):
    real = Real(store, url, clock)
    real.control(reset=True, faults=[], import_seconds=0, late_seconds=0.0, repeats="row")
    with closing(real.platform):
        yield real


@pytest.fixture
def real(store, url, clock):
    with platform(store, url, clock) as made:
        yield made


class Listing:
    """A list that counts how often it is read. trouble: raised instead of an answer; rows: what it shows."""

    def __init__(self):
        self.reads, self.trouble, self.rows, self.while_reading = 0, None, [], lambda: None

    def numbers(self, connection, token, page, per_page):
        self.reads += 1
        self.while_reading()
        if self.trouble:
            raise self.trouble
        return {"code": 200, "meta": {"total": len(self.rows), "last_page": 1}, "data": self.rows}


class Scene:
    """A sender with a scripted platform and a scripted list."""

    def __init__(self, store, *answers, batches=2, **rest):
        self.store, self.posts, self.listing, self.wall, self.pace = (
            store,
            Scripted(*answers),
            Listing(),
            StandingClock(),
            Clock(),
        )
        self.run_id = store.runs.create(plan(batches, 1))
        self.looking = Reconciler(store, self.listing, store_scenes.destination, self.wall)
        self.first = self.looking.first
        self.sender = store_scenes.engine(store, self.posts, self.pace, reconciler=self.looking, **rest)

    def steps(self, count, seconds=61.0):
        for _ in range(count):
            self.sender.step()
            self.pace.now += seconds
            self.wall.pass_(seconds)

    @property
    def states(self):
        return states(self.store, self.run_id)

    def said(self, what):
        return [event.code for event in self.store.run_log.events(self.run_id) if event.what == what]


def throttled():
    return Throttled(FailureCode.THROTTLED, http_status=429)


def no_token():
    return Unauthorised(FailureCode.TOKEN_REFUSED, http_status=401)


# --- against the practice platform ---------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["401", "403", "429", "6007"])
def test_what_was_turned_away_is_looked_for_and_then_sent(real, answer):
    run_id = real.run(f"{answer}@1", batches=2)
    real.store.runs.resume(run_id)
    real.engine._clock = lambda: 1e9
    real.go_on(run_id, 4)
    assert states(real.store, run_id) == ["accepted"] * 2
    assert set(real.ledger()["numbers"].values()) == {1}
    assert [
        event.code for event in real.store.run_log.events(run_id) if event.what == "batch_looked_first"
    ] == ["complete"]


@pytest.mark.parametrize("answer", ["401", "403", "429", "6007"])
def test_what_was_turned_away_and_is_there_all_the_same_is_never_sent_again(real, answer):
    """The platform said no and took the rows: the look finds them, and the machine sends nothing."""
    run_id = real.run(f"{answer}_applied@1", batches=2)
    real.store.runs.resume(run_id)
    real.engine._clock = lambda: 1e9
    real.go_on(run_id, 4)
    assert states(real.store, run_id) == ["unknown", "accepted"]
    [known] = real.store.decisions.evidence(run_id)
    assert (known.why, bool(known.sent_at)) == ("found_first", True)
    real.look_until_settled()
    assert states(real.store, run_id) == ["accepted"] * 2
    assert (set(real.ledger()["numbers"].values()), real.ledger()["requests"]) == ({1}, 2)


def test_after_a_restart_it_is_looked_for_just_the_same(store, url, clock, tmp_path):
    with platform(store, url, clock) as before:
        run_id = before.run("401_applied@1", batches=1)
        assert store.runs.get(run_id).why == "token"
    store.close()
    with closing(Store(tmp_path / "data" / "desk.db", clock=clock)) as again:
        after = Real(again, url, clock)
        with closing(after.platform):
            again.runs.resume(run_id)
            after.go_on(run_id, 2)
            assert states(again, run_id) == ["unknown"]
            assert after.ledger()["requests"] == 1


def again(real):
    """A run of which one batch was held as absent, and its rows are planned again."""
    run_id = real.run("500@1", batches=2)
    real.look_until_settled()
    [known] = real.store.decisions.evidence(run_id)
    body = real.store.batches.body(known.batch_id)
    real.store.decisions.resend_missing(known.batch_id, 3)
    return run_id, body


def test_rows_that_a_person_sends_again_are_looked_for_first(real):
    run_id, _ = again(real)
    real.go_on(run_id, 2)
    assert states(real.store, run_id) == ["split", "accepted", "accepted"]
    assert [
        (one.seq, one.code) for one in real.store.run_log.events(run_id) if one.what == "batch_looked_first"
    ] == [(3, "complete")]


def test_rows_that_arrived_between_the_decision_and_the_second_sending_are_not_sent_again(real):
    run_id, body = again(real)
    real.platform.send(real.connection, "practice", body, lambda: None)
    before = real.ledger()["requests"]
    real.go_on(run_id, 2)
    assert states(real.store, run_id) == ["split", "accepted", "unknown"]
    real.look_until_settled()
    assert states(real.store, run_id) == ["split", "accepted", "accepted"]
    assert (real.ledger()["requests"], set(real.ledger()["numbers"].values())) == (before, {1})


def test_a_batch_refused_as_repeated_that_is_there_is_unknown_and_then_accepted(store):
    """A gateway delivered it twice, and the answer is that of the second delivery."""
    with sandbox.running() as address, platform(store, address, WallClock()) as real:
        run_id = real.run("422_repeated_applied@1", batches=2)
        assert states(store, run_id) == ["unknown", "accepted"]
        real.look_until_settled()
        assert states(store, run_id) == ["accepted"] * 2
        assert set(real.ledger()["numbers"].values()) == {1}


def test_a_batch_whose_numbers_others_brought_is_refused(real):
    real.control(repeats="batch")
    real.store.connections.save(real.connection)
    real.platform.send(real.connection, "practice", real_body(), lambda: None)
    run_id = real.run(batches=2)
    assert states(real.store, run_id) == ["rejected", "accepted"]


def real_body():
    """The first numbers of every plan here, with another's marks."""
    return b'{"ignore_crm":true,"data":[{"phone":"13000000000","sort":0,"extra":"somebody else"}]}'


def test_a_list_that_does_not_show_the_repeated_numbers_does_not_confirm_the_refusal(real):
    """The platform knows the numbers and its list does not show them yet: it lags, and "none there" means nothing."""
    run_id = real.run("422_repeated@1", batches=2)
    assert states(real.store, run_id) == ["unknown", "accepted"]
    assert real.store.decisions.evidence(run_id)[0].why == "refused_repeated"


def repeated():
    return Refused(FailureCode.REFUSED, http_status=422, envelope_code=422, message="号码重复")


def no_list():
    return Refused(FailureCode.NOT_FOUND, http_status=404)


@pytest.mark.parametrize("trouble", [no_list(), Unauthorised(FailureCode.FORBIDDEN, http_status=403)])
def test_a_first_refusal_as_repeated_is_a_refusal_where_no_list_is_ever_shown(store, trouble):
    scene = Scene(store, repeated(), repeated(), batches=3)
    scene.listing.trouble = trouble
    scene.steps(3)
    assert (scene.states, store.runs.get(scene.run_id).state) == (
        ["rejected", "rejected", "accepted"],
        "finished",
    )
    assert store.batches.table(scene.run_id)["code"].tolist() == ["repeated_unchecked"] * 2 + [""]


def test_it_stays_unknown_where_the_rows_may_have_left_before(store):
    scene = Scene(store, throttled(), repeated(), batches=1)
    scene.listing.trouble = no_list()
    scene.steps(8)
    assert (scene.states, scene.posts.posts) == (["unknown"], 2)


def test_it_stays_unknown_where_the_list_was_shown_before(store):
    scene = Scene(store, repeated(), repeated(), batches=2)
    scene.listing.rows = [{"id": "1", "phone": "13000000000", "extra": "somebody else"}]
    scene.steps(1)
    scene.listing.trouble = no_list()
    scene.steps(1)
    assert scene.states == ["rejected", "unknown"]


@pytest.mark.parametrize("trouble", ["no_answer", "masked"])
def test_it_stays_unknown_where_the_list_may_yet_tell(store, trouble):
    scene = Scene(store, repeated(), batches=1)
    if trouble == "no_answer":
        scene.listing.trouble = no_answer()
    else:
        scene.listing.rows = [{"id": "1", "phone": "130****0000"}]
    scene.steps(1)
    assert scene.states == ["unknown"]


# --- by script -----------------------------------------------------------------------------------------------


@pytest.mark.sqlite_file  # where several send, each look is made anew: another sender may have been turned away
def test_one_reading_serves_every_batch_that_waits(store):
    jobs = []
    scene = Scene(store, throttled(), throttled(), throttled(), batches=4, concurrency=4, spawn=jobs.append)
    scene.sender.step()
    while jobs:
        jobs.pop(0)()
    assert scene.states == ["planned"] * 3 + ["accepted"]
    scene.pace.now += 61
    for _ in range(4):
        scene.sender.step()
        while jobs:
            jobs.pop(0)()
    assert (scene.states, scene.posts.posts, scene.listing.reads) == (["accepted"] * 4, 7, 2)


def test_a_reading_from_before_the_answer_does_not_count(store):
    scene = Scene(store, throttled(), throttled(), batches=1)
    scene.steps(2, seconds=30.0)
    assert (scene.posts.posts, scene.listing.reads) == (2, 2)
    scene.listing.rows = [{"id": "1", "phone": "13000000000", "extra": "mark-0"}]
    scene.steps(2, seconds=29.0)
    assert (scene.states, scene.posts.posts) == (["unknown"], 2)


def test_a_reading_grows_old(store):
    scene = Scene(store, throttled(), batches=1)
    connection, token = NOWHERE, "t"
    for seconds, reads in ((0, 2), (59, 2), (2, 4)):
        scene.wall.pass_(seconds)
        scene.first.look(1, connection, token, lambda: True)
        assert scene.listing.reads == reads


def test_one_failed_reading_is_one_failure_however_many_wait_for_it(store):
    scene = Scene(store, batches=2)
    scene.listing.trouble = no_answer()
    rests = [scene.first.look(batch_id, NOWHERE, "t", lambda: True).rest for batch_id in (1, 2, 1)]
    assert (rests, scene.listing.reads) == ([5.0] * 3, 1)
    scene.wall.pass_(5.1)
    assert scene.first.look(1, NOWHERE, "t", lambda: True).rest == 10.0


def sent_again_on_word(store):
    """A batch of unknown outcome whose rows a person sends again, where no list is shown."""
    scene = Scene(store, OutcomeUnknown(FailureCode.NO_ANSWER), batches=1)
    scene.listing.trouble = Refused(FailureCode.NOT_FOUND, http_status=404)
    scene.sender.step()
    scene.looking.step()
    [known] = store.decisions.evidence(scene.run_id)
    store.decisions.resend_on_word(known.batch_id, known.rows, "逐个搜索过")
    return scene


def test_a_list_that_failed_once_lends_no_older_reading_to_rows_that_go_again(store):
    """Another thread has read the list whole since it failed: upon that reading the person may have decided."""
    scene = sent_again_on_word(store)
    child = int(store.batches.table(scene.run_id)["batch_id"].max())
    scene.listing.trouble = no_answer()
    assert scene.first.look(child, NOWHERE, "t", lambda: True).presence == Presence.LATER
    scene.listing.trouble = None
    scene.wall.pass_(1)
    assert scene.first._reader.read(NOWHERE, "t", scene.wall(), lambda: True).reading.size == 0
    scene.listing.rows = [{"id": "1", "phone": "13000000000", "extra": "mark-0"}]
    scene.wall.pass_(1)
    assert scene.first.look(child, NOWHERE, "t", lambda: True).presence == Presence.FOUND


def test_a_silent_list_is_waited_for_and_then_the_rows_go_by_the_answer_alone(store):
    scene = Scene(store, throttled(), batches=2)
    scene.sender.step()
    scene.listing.trouble = no_answer()
    scene.steps(8)
    assert (scene.posts.posts, scene.states) == (1, ["planned"] * 2)
    assert store.runs.get(scene.run_id).state == "running"
    assert store.batches.table(scene.run_id)["code"].tolist()[0] == "look_first"
    reads = scene.listing.reads
    assert reads < 10
    scene.steps(5)
    assert scene.states == ["accepted"] * 2
    assert scene.said("batch_not_looked") == ["list_failed"]


def test_a_list_that_failed_hours_ago_is_waited_for_anew(store):
    """Its failure then is no part of the ten minutes that rows wait for it now."""
    scene = Scene(store, throttled(), batches=1)
    scene.listing.trouble = no_answer()
    assert scene.first.look(1, NOWHERE, "t", lambda: True).presence == Presence.LATER
    scene.wall.pass_(36_000)
    for _ in range(9):
        assert scene.first.look(1, NOWHERE, "t", lambda: True).presence == Presence.LATER
        scene.wall.pass_(61)
    scene.wall.pass_(61)
    assert scene.first.look(1, NOWHERE, "t", lambda: True).presence == Presence.BLIND


def test_a_number_that_is_listed_while_the_list_is_read_does_not_leave(store):
    scene = Scene(store, throttled(), batches=2)
    scene.listing.while_reading = lambda: store.do_not_call.add(["13000000000"], "投诉")
    scene.steps(4)
    assert (scene.posts.posts, scene.states) == (2, ["cancelled", "accepted"])
    assert store.runs.rows(scene.run_id)["reason"].tolist()[0] == "do_not_call"


def no_answer():
    """What the edge raises for a GET without an answer."""
    return PlatformError(FailureCode.LOOKUP_NO_ANSWER)


@pytest.mark.parametrize(
    "trouble",
    [Refused(FailureCode.NOT_FOUND, http_status=404), Unauthorised(FailureCode.FORBIDDEN, http_status=403)],
)
def test_a_platform_without_a_list_holds_nothing_up_for_long_and_it_is_recorded(store, trouble):
    scene = Scene(store, throttled(), batches=2)
    scene.sender.step()
    scene.listing.trouble = trouble
    scene.steps(5, seconds=21.0)
    assert (scene.states, scene.listing.reads) == (["accepted"] * 2, 3)
    assert scene.said("batch_not_looked") == ["list_missing"]
    assert store.run_log.notes(scene.run_id).not_looked == 1


def test_what_goes_again_on_a_persons_word_is_not_said_to_have_gone_unchecked(store):
    scene = sent_again_on_word(store)
    scene.steps(5, seconds=21.0)
    assert (scene.states, scene.said("batch_not_looked")) == (["split", "accepted"], ["list_missing"])
    assert store.run_log.notes(scene.run_id).not_looked == 0


def test_a_list_that_hides_everything_does_not_hold_up_either(store):
    scene = Scene(store, throttled(), batches=1)
    scene.listing.rows = [{"id": "1", "phone": "130****0000"}]
    scene.steps(2)
    assert (scene.states, scene.said("batch_not_looked")) == (["accepted"], ["masked"])


def test_a_list_that_comes_back_is_believed_again(store):
    scene = Scene(store, throttled(), throttled(), batches=1)
    scene.sender.step()
    scene.listing.trouble = no_answer()
    scene.steps(3)
    scene.listing.trouble = None
    scene.steps(4)
    assert (scene.states, scene.said("batch_looked_first"), scene.said("batch_not_looked")) == (
        ["accepted"], ["complete", "complete"], []
    )  # fmt: skip


def test_a_token_that_does_not_open_the_list_stops_the_run_before_a_post(store):
    scene = Scene(store, no_token(), batches=2)
    scene.steps(1)
    scene.listing.trouble = no_token()
    for _ in range(2):
        store.runs.resume(scene.run_id)
        scene.steps(2)
        assert (scene.posts.posts, store.runs.get(scene.run_id).state, store.runs.get(scene.run_id).why) == (
            1,
            "paused",
            "token",
        )
    scene.listing.trouble = None
    store.runs.resume(scene.run_id)
    scene.steps(3)
    assert (scene.states, scene.posts.posts) == (["accepted"] * 2, 3)
    assert store.batches.table(scene.run_id)["tries"].tolist() == [2, 1]


def test_a_pause_while_looking_keeps_every_byte_back(store):
    scene = Scene(store, throttled(), batches=1)
    scene.sender.step()
    scene.listing.while_reading = lambda: store.runs.pause(scene.run_id)
    scene.steps(2)
    assert (scene.states, scene.posts.posts, store.runs.get(scene.run_id).state) == (["planned"], 1, "paused")


def test_a_sender_that_is_closing_ends_its_look(store):
    scene = Scene(store, throttled(), batches=1)
    scene.sender.step()
    scene.pace.now += 61
    scene.listing.while_reading = lambda: scene.sender.close(0)  # it is in flight itself
    scene.sender.step()
    assert (scene.states, scene.posts.posts, scene.listing.reads) == (["planned"], 1, 1)


def test_a_refusal_at_the_second_try_is_believed_only_after_a_look(store):
    refused = Refused(FailureCode.REFUSED, http_status=422, message="字段有误")
    scene = Scene(store, throttled(), refused, batches=1)
    scene.steps(2)
    assert (scene.states, scene.listing.reads) == (["rejected"], 4)


def test_where_nothing_is_looked_for_a_refusal_is_a_refusal(store):
    refused = Refused(FailureCode.REFUSED, http_status=422, message="号码重复")
    run_id = store.runs.create(plan(2, 1))
    sender = store_scenes.engine(store, Scripted(refused, throttled()), clock := Clock())
    store_scenes.steps(sender, 4, clock)
    assert states(store, run_id) == ["rejected", "accepted"]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("data.0.phone: 号码重复。", True),
        ("号码已存在", True),
        ("Duplicate number", True),
        ("号码格式错误", False),
        ("", False),
        (None, False),
    ],
)
def test_a_refusal_as_repeated_is_told_by_its_text(message, expected):
    assert says_repeated(message) is expected
