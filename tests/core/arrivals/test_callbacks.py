"""What the platform calls back with is kept masked, believed in nothing, and brings a look forward that proves no more than any other."""

import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.arrivals.callbacks import RUSH, CallbackReceiver
from lib.arrivals.callbacks_document import LONGEST_ID, MOST_IDS, read
from lib.arrivals.callbacks_key import FILE_NAME, LONGEST, SHORTEST, callback_key
from lib.errors import SettingRefused, StoreUnavailable
from lib.platform.text import RAW_LIMIT
from lib.run.arrivals import HINT_GAP, ArrivalNote, ImportLook
from lib.run.callbacks import CallbackTotals
from lib.run.states import Outcome
from lib.store import Store, callbacks
from lib.times import as_seconds
from tests.core import reconcile_scenes as scenes
from tests.core.arrivals.scenes import BATCH, KEY, OTHER, PHONE, SINGLE, UNIQUE, accepted, everything


def js(document: Any) -> bytes:
    return json.dumps(document).encode()


# --- reading -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("", js(BATCH)),
        ("", js(SINGLE)),
        ("", b"\xef\xbb\xbf" + js(BATCH)),
        ("", js([SINGLE, SINGLE])),
        ("", js({"callback": {"result": BATCH}})),
        ("", js({"data": json.dumps(BATCH)})),
        ("", js({"uniqueId": UNIQUE})),
        ("", js({"unique-id": f" {UNIQUE} "})),
        ("", f"type=import_number&unique_id={UNIQUE}&user_id={OTHER}".encode()),
        ("", f"data%5Bunique_id%5D={UNIQUE}&data%5Bnumber%5D={PHONE}".encode()),
        (f"mode=single&unique_id={UNIQUE}", b""),
        (f"unique_id={UNIQUE}", b"ok"),
        ("from=platform", js(BATCH)),
    ],
)
def test_the_batch_is_found_by_the_name_of_its_number_in_whatever_form_it_comes(
    query: str, body: bytes
) -> None:
    note = read(query, body)
    assert note
    assert (note.ids, note.named) == ((UNIQUE,), UNIQUE)


@pytest.mark.parametrize(
    "body",
    [
        js({"批次": UNIQUE}),
        f"<xml><id>{UNIQUE}</id></xml>".encode(),
        f"done {UNIQUE}\n".encode(),
        js([[UNIQUE]]),
    ],
)
def test_without_that_name_whatever_looks_like_one_may_be_it(body: bytes) -> None:
    note = read("", body)
    assert note
    assert (note.ids, note.named) == ((UNIQUE,), "")


@pytest.mark.parametrize(("query", "body"), [("", b""), ("", b"  \n"), ("", b"{}"), ("", b"[]"), ("", b'""')])
def test_somebody_who_only_tries_the_address_called_nothing_back(query: str, body: bytes) -> None:
    assert read(query, body) is None


@pytest.mark.parametrize("wrong", ["", "x" * (LONGEST_ID + 1), "批次一", "a\x00b", "\ud800", 5, None, ["a"]])
def test_what_cannot_be_the_number_of_a_batch_is_not_taken_for_one(wrong: Any) -> None:
    note = read("", js({"unique_id": wrong}))
    assert note
    assert (note.ids, note.named) == ((), "")


def test_one_call_names_no_more_than_a_few_batches() -> None:
    note = read("", js([{"unique_id": f"{at:08d}-8f7b-4a53-9d0e-3a1b2c4d5e6f"} for at in range(500)]))
    assert note
    assert len(note.ids) == MOST_IDS
    assert len(note.document) <= RAW_LIMIT


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("", js(SINGLE)),
        ("", js({"unique_id": UNIQUE, "numbers": [PHONE, "130 1212 1211", "+8613012121211"]})),
        ("", js({"unique_id": UNIQUE, "data": {"number": int(PHONE)}})),
        ("", js({PHONE: "ok"})),
        ("", "号码".encode() + PHONE.encode()),
        ("", f"number={PHONE}&unique_id={UNIQUE}".encode()),
        ("", f"data%5Bnumber%5D=%31%33%30%31%32%31%32%31%32%31%31&unique_id={UNIQUE}".encode()),
        (f"number={PHONE}", b""),
        ("", js({"unique_id": PHONE})),
        ("", js({"data": json.dumps({"number": PHONE})})),
        ("", b'{"number": "\\u0031\\u0033\\u0030\\u0031\\u0032\\u0031\\u0032\\u0031\\u0032\\u0031\\u0031"}'),
    ],
)
def test_nobodys_number_is_kept(query: str, body: bytes) -> None:
    note = read(query, body)
    assert note
    assert PHONE not in note.document + note.named
    assert "1212121" not in note.document + note.named
    assert "****" in note.document


def test_short_numbers_addresses_and_keys_are_hidden_too_and_the_rest_is_readable() -> None:
    document = BATCH | {"phone": "5551234", "mail": "a.b@example.com", "code": 200, "ok": True, "none": None}
    note = read("", js(document))
    assert note
    assert json.loads(note.document) == document | {
        "phone": "55****34", "mail": "[e-mail]",
        "data": {"url": "http://oem.example/agent-api/download-number?key=****"},
    }  # fmt: skip


def test_what_is_nested_without_end_is_cut_and_breaks_nothing() -> None:
    for body in (
        b"[" * 30_000,
        b"[" * 900 + b'{"unique_id": "x"}' + b"]" * 900,
        b'{"a":' * 500 + b"1" + b"}" * 500,
    ):
        note = read("", body)
        assert note
        assert note.named == ""


@given(st.text(max_size=200), st.binary(max_size=400))
def test_nothing_that_is_sent_breaks_the_reading(query: str, body: bytes) -> None:
    note = read(query, body)
    assert note is None or all(one.isascii() for one in note.ids)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_document_breaks_the_reading(document: Any) -> None:
    note = read("", js(document))
    assert note is None or len(note.document) <= RAW_LIMIT


# --- the key -----------------------------------------------------------------------------------------------


def test_without_a_setting_nothing_is_received(tmp_path: Path) -> None:
    assert callback_key("", tmp_path) == callback_key("  ", tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_is_made_stays_the_same_and_is_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    key = callback_key("make", folder)
    assert len(key) >= 40
    assert callback_key(" MAKE ", folder) == key
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]
    if os.name != "nt":
        assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600


def test_a_chosen_key_is_taken_as_it_is(tmp_path: Path) -> None:
    assert callback_key(KEY, tmp_path) == KEY


@pytest.mark.parametrize(
    "weak",
    [
        "secret",
        "a" * SHORTEST,
        "with a space in it, and long",
        "路径里的汉字不可以路径里的汉字不可以",
        "ab/cdefghijklmnopqrstuvwxyz",
        "abcdefgh-" * LONGEST,
    ],
)
def test_a_key_that_could_be_guessed_or_stands_in_no_path_is_refused(tmp_path: Path, weak: str) -> None:
    with pytest.raises(SettingRefused, match="callback_key_weak"):
        callback_key(weak, tmp_path)


def test_a_file_of_the_key_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(SettingRefused, match="callback_key_file"):
        callback_key("make", tmp_path)
    (tmp_path / FILE_NAME).rmdir()
    (tmp_path / FILE_NAME).write_text("short")
    with pytest.raises(SettingRefused, match="callback_key_weak"):
        callback_key("make", tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"\xff\xfe")
    with pytest.raises(SettingRefused, match="callback_key_file"):
        callback_key("make", tmp_path)


# --- receiving ---------------------------------------------------------------------------------------------


class Receiver(CallbackReceiver):
    """Counts what it wakes; its clock stands still."""

    def __init__(self, store: Store, key: str = KEY) -> None:
        self.woken, self.now = 0, 0.0
        super().__init__(store, self._woke, key, clock=lambda: self.now)

    def _woke(self) -> None:
        self.woken += 1


@pytest.fixture
def receiver(store: Store) -> Receiver:
    return Receiver(store)


def due(store: Store) -> dict[str, float]:
    return {one.unique_id: one.due for one in store.looks.open()}


def test_only_the_key_fits_and_no_key_fits_a_receiver_that_is_off(store: Store) -> None:
    on, off = Receiver(store), Receiver(store, "")
    assert on.is_on
    assert on.fits(KEY)
    assert not any(on.fits(wrong) for wrong in ("", KEY[:-1], KEY + "x", KEY.upper(), "路径", "\ud800"))
    assert not off.is_on
    assert not off.fits("")


def test_a_callback_brings_the_look_forward_and_changes_nothing_else(store, receiver, clock) -> None:
    run_id, _ = accepted(store, 2)
    before, looks = everything(store, run_id), due(store)
    receiver.take("", js(BATCH | {"unique_id": "unique-1"}))
    assert due(store)["unique-1"] <= clock() < looks["unique-1"]
    assert due(store)["unique-0"] == looks["unique-0"]
    assert everything(store, run_id) == before
    assert receiver.woken == 1


def test_whatever_a_callback_claims_is_not_believed(store, receiver) -> None:
    run_id, _ = accepted(store)
    before = everything(store, run_id)
    for claim in (
        {"type": "del_number"},
        {"data": {"numbers": []}},
        {"data": {"number": "13000000000"}},
        {"mode": "?"},
    ):
        receiver.take("", js(BATCH | {"unique_id": "unique-0"} | claim))
    assert everything(store, run_id) == before
    [arrival] = store.arrivals.of_run(run_id)
    assert (arrival.imported, arrival.missing, arrival.waiting) == (0, 0, 3)


def test_the_document_is_kept_masked_once_for_a_batch_and_counted(store, receiver) -> None:
    run_id, _ = accepted(store)
    for at in range(3):
        receiver.take("", js(SINGLE | {"unique_id": "unique-0", "data": {"number": f"1301212121{at}"}}))
    [kept] = store.callbacks.of_run(run_id)
    assert (kept.seq, kept.unique_id, kept.times) == (1, "unique-0", 3)
    assert "130****1212" in kept.document
    assert receiver.totals() == CallbackTotals(3, 0, 0, kept.last_at)
    assert store.callbacks.of_run(None) == []


def test_callbacks_about_other_batches_are_counted_and_only_the_newest_kept(
    store, receiver, monkeypatch
) -> None:
    monkeypatch.setattr(callbacks, "MOST_OTHERS", 3)
    run_id, _ = accepted(store)
    receiver.take("", js({"unique_id": "unique-0"}))
    for at in range(10):
        receiver.take("", js({"unique_id": f"stranger-{at}"}))
    receiver.take("", b"nothing that can be read")
    assert [kept.unique_id for kept in store.callbacks.of_run(None)] == ["", "stranger-9", "stranger-8"]
    assert [kept.seq for kept in store.callbacks.of_run(None)] == [None] * 3
    assert [kept.unique_id for kept in store.callbacks.of_run(run_id)] == ["unique-0"], (
        "ours are not pushed out by others"
    )
    totals = receiver.totals()
    assert (totals.received, totals.strange, totals.unread) == (12, 11, 0)
    assert receiver.woken == 1


def test_documents_about_our_batches_are_bounded_too(store, receiver, monkeypatch) -> None:
    monkeypatch.setattr(callbacks, "MOST_OURS", 2)
    run_id, _ = accepted(store, 3)
    for at in range(3):
        receiver.take("", js({"unique_id": f"unique-{at}"}))
    assert [kept.unique_id for kept in store.callbacks.of_run(run_id)] == ["unique-1", "unique-2"]


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, None])
def test_a_batch_that_was_not_accepted_is_not_ours_to_look_up(store, receiver, outcome) -> None:
    run_id = store.runs.create(scenes.plan(1))
    scenes.send(store, run_id, outcome)
    before = everything(store, run_id)
    receiver.take("", js({"unique_id": ""} | {"note": UNIQUE}))
    assert everything(store, run_id) == before
    assert receiver.totals().strange == 1
    assert store.looks.open() == []


def test_a_callback_that_comes_before_its_receipt_is_kept_with_the_batch_afterwards(store, receiver) -> None:
    receiver.take("", js({"unique_id": "unique-0"}))
    assert [kept.unique_id for kept in store.callbacks.of_run(None)] == ["unique-0"]
    run_id, _ = accepted(store)
    assert [(kept.seq, kept.times) for kept in store.callbacks.of_run(run_id)] == [(1, 1)]
    assert store.callbacks.of_run(None) == []


def test_too_many_at_once_are_counted_and_not_read(store, receiver) -> None:
    for at in range(RUSH + 40):
        receiver.take("", js({"unique_id": f"x{at}"}))
    receiver.leave_unread()
    totals = receiver.totals()
    assert (totals.received, totals.strange, totals.unread) == (RUSH + 41, RUSH, 41)
    receiver.now += 1.0
    receiver.take("", js({"unique_id": "later"}))
    assert store.callbacks.totals().received == RUSH + 42, (
        "what was only counted is written down with the next"
    )
    assert receiver.totals().unread == 41


def test_a_database_that_cannot_write_loses_no_count(store, receiver) -> None:
    receiver.leave_unread()
    working, store.callback_inbox.record = (
        store.callback_inbox.record,
        lambda *_: (_ for _ in ()).throw(StoreUnavailable("store_full")),
    )
    with pytest.raises(StoreUnavailable):
        receiver.take("", js({"unique_id": "x"}))
    store.callback_inbox.record = working
    assert receiver.totals().unread == 1


def test_callbacks_from_several_threads_are_all_counted(store, receiver) -> None:
    accepted(store)
    threads = [
        threading.Thread(target=receiver.take, args=("", js({"unique_id": "unique-0"}))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert receiver.totals().received == 20


def test_what_was_called_back_about_a_run_is_deleted_with_its_data(store, receiver) -> None:
    run_id, _ = accepted(store)
    receiver.take("", js({"unique_id": "unique-0"}))
    receiver.take("", js({"unique_id": "somebody's"}))
    store.retention.delete_run(run_id)
    assert store.callbacks.of_run(run_id) == []
    assert [kept.unique_id for kept in store.callbacks.of_run(None)] == ["somebody's"]
    assert receiver.totals().received == 2


# --- what the looks that are brought forward come to -------------------------------------------------------


def arrival(store: Store, run_id: str) -> Any:
    [found] = store.arrivals.of_run(run_id)
    return found


def test_a_hint_takes_no_turn_of_the_looks_that_are_due(store, receiver, clock) -> None:
    """Else a flood of hints would use up the early looks, and the next would come half an hour later."""
    run_id, [batch] = accepted(store)
    first = due(store)["unique-0"]
    for _ in range(4):
        receiver.take("", js({"unique_id": "unique-0"}))
        clock.pass_(1)
        assert store.looks.record(batch, ImportLook(ArrivalNote.WAITING))
        assert as_seconds(arrival(store, run_id).due) == pytest.approx(first)
    clock.pass_(10)
    store.looks.record(batch, ImportLook(ArrivalNote.WAITING))
    assert as_seconds(arrival(store, run_id).due) == pytest.approx(first + 20, abs=6)


def test_hints_leave_a_pause_between_two_looks(store, receiver, clock) -> None:
    run_id, [batch] = accepted(store)
    store.looks.record(batch, ImportLook(ArrivalNote.WAITING, frozenset({2})))
    looked = as_seconds(arrival(store, run_id).last_look)
    clock.pass_(1)
    receiver.take("", js({"unique_id": "unique-0"}))
    receiver.take("", js({"unique_id": "unique-0"}))
    assert due(store)["unique-0"] == pytest.approx(looked + HINT_GAP)


@pytest.mark.parametrize("note", [ArrivalNote.NOT_OFFERED, ArrivalNote.LISTED])
def test_no_number_of_hints_settles_a_batch(store, receiver, clock, note) -> None:
    run_id, [batch] = accepted(store)
    for _ in range(9):
        receiver.take("", js({"unique_id": "unique-0"}))
        clock.pass_(1)
        store.looks.record(batch, ImportLook(note))
    found = arrival(store, run_id)
    assert (found.state, found.missing, found.unconfirmed) == ("open", 0, 0)


def test_a_hint_after_the_end_of_looking_corrects_what_got_in_and_marks_nothing_missing(
    store, receiver, clock
) -> None:
    run_id, [batch] = accepted(store)
    for _ in range(3):
        clock.pass_(20)
        store.looks.record(batch, ImportLook(ArrivalNote.NOT_OFFERED))
    assert (arrival(store, run_id).state, arrival(store, run_id).unconfirmed) == ("settled", 3)
    for _ in range(4):
        clock.pass_(HINT_GAP + 1)
        receiver.take("", js({"unique_id": "unique-0"}))
        assert due(store)["unique-0"] <= clock()
        assert not store.looks.will_settle(batch, ImportLook(ArrivalNote.LISTED, frozenset({2})))
        store.looks.record(batch, ImportLook(ArrivalNote.LISTED, frozenset({2})))
    found = arrival(store, run_id)
    assert (found.state, found.imported, found.missing, found.unconfirmed, found.due) == (
        "settled",
        1,
        0,
        2,
        "",
    )
    assert due(store) == {}


def test_a_batch_that_is_all_in_or_long_past_is_not_looked_up_again(store, receiver, clock) -> None:
    run_id, [whole, old] = accepted(store, 2)
    store.looks.record(whole, ImportLook(ArrivalNote.LISTED, frozenset({2, 3, 4})))
    receiver.take("", js({"unique_id": "unique-0"}))
    assert set(due(store)) == {"unique-1"}
    clock.pass_(90_000)
    receiver.take("", js({"unique_id": "unique-1"}))
    assert due(store) == {}
    assert len(store.callbacks.of_run(run_id)) == 2, "kept they are"
    assert store.arrivals.ask_after(run_id) == 1
    receiver.take("", js({"unique_id": "unique-1"}))
    store.looks.record(old, ImportLook(ArrivalNote.LISTED))
    assert store.arrivals.of_run(run_id)[1].missing == 3, "a person's look counts, whoever else hinted"
