"""A batch refused for one of its numbers is sent again in halves, until that number is left alone and named."""

import math
from collections.abc import Iterator
from contextlib import closing

import pytest

from lib import sandbox
from lib.draft import Draft, refused
from lib.draft.plan import run_plan
from lib.errors import Refused
from lib.payload import BATCH_SIZE
from lib.platform.answers import FailureCode
from lib.platform.connection import practice
from lib.run.records import RunRecord
from lib.store import Store
from tests.core import store_scenes
from tests.core.reconcile_scenes import TOKEN, Real, WallClock
from tests.core.store_scenes import Scripted
from tests.plans import FIRST_PHONE

PHONES = [str(FIRST_PHONE + at) for at in range(BATCH_SIZE)]


@pytest.fixture
def real(store: Store) -> Iterator[Real]:
    with sandbox.running(token=TOKEN, repeats="batch") as url:
        made = Real(store, url, WallClock())
        store.connections.save(made.connection)
        with closing(made.platform):
            yield made


def uploaded(store: Store, phones: list[str] = PHONES) -> Draft:
    draft = Draft(store)
    draft.load_sheet("\n".join(["手机号", *phones]).encode(), "客户.csv")
    return draft


def sent(real: Real, draft: Draft) -> RunRecord:
    """The draft frozen and sent to its end."""
    run_id = real.store.runs.create(run_plan(draft, real.connection))
    while real.store.runs.get(run_id).state == "running":
        real.engine.step()
    return real.store.runs.get(run_id)


@pytest.mark.parametrize(
    ("place", "presses"),
    [(0, math.ceil(math.log2(BATCH_SIZE))), pytest.param(137, 7, marks=pytest.mark.long)],
)
def test_one_repeated_number_of_a_batch_is_found_by_halving_and_all_others_are_taken_once(
    real: Real, place: int, presses: int
) -> None:
    """Somebody else brought it; the platform refuses every batch with it, and does not say which number it is."""
    others = (
        b'{"ignore_crm":true,"data":[{"phone":"%s","sort":0,"extra":"another"}]}' % PHONES[place].encode()
    )
    real.platform.send(real.connection, TOKEN, others, lambda: None)
    run = sent(real, uploaded(real.store))
    assert run.rows_by_state == {"rejected": BATCH_SIZE}, (
        "a first refusal as repeated is a refusal, not unknown"
    )
    for _ in range(presses):
        size, draft = refused.largest(real.store, run), refused.next_draft(real.store, run)
        assert draft.batch_size == math.ceil(size / 2)
        run = sent(real, draft)
        assert set(run.batches.values()) == {1}, "one half was taken, the other refused"
        assert set(run.batches) == {"accepted", "rejected"}
    assert run.rows_by_state["rejected"] == 1
    [known] = refused.named(real.store, run)
    assert (known.row, known.phone, known.is_alone) == (place + 2, f"130****{PHONES[place][7:]}", True)
    assert "重复" in known.message
    assert real.ledger()["numbers"] == dict.fromkeys(PHONES, 1)


def script(store: Store, draft: Draft, *answers: object) -> RunRecord:
    run_id = store.runs.create(run_plan(draft, practice("http://127.0.0.1:9")))
    sender = store_scenes.engine(store, Scripted(*answers))
    while store.runs.get(run_id).state == "running":
        sender.step()
    return store.runs.get(run_id)


def refusal(message: str = "", code: FailureCode = FailureCode.REFUSED) -> Refused:
    return Refused(code, http_status=422, message=message)


def test_a_refusal_about_the_task_cuts_nothing_and_names_no_number(store: Store) -> None:
    run = script(store, uploaded(store, PHONES[:1]), refusal("任务不存在", FailureCode.NOT_FOUND))
    assert refused.largest(store, run) == 0
    assert refused.named(store, run) == []
    assert refused.next_draft(store, run).batch_size == BATCH_SIZE


def test_numbers_that_stand_in_the_answer_are_named_from_a_batch_of_several(store: Store) -> None:
    run = script(store, uploaded(store, PHONES[:5]), refusal(f"号码 {PHONES[3]} 格式错误"))
    [known] = refused.named(store, run)
    assert (known.row, known.phone, known.is_alone) == (5, "130****0003", False)
    assert PHONES[3] not in known.message


def test_an_answer_that_names_no_number_names_none(store: Store) -> None:
    assert (
        refused.named(store, script(store, uploaded(store, PHONES[:5]), refusal("data.0.phone: 格式错误")))
        == []
    )


def test_the_size_stays_with_its_draft_and_another_file_begins_with_whole_batches(store: Store) -> None:
    draft = uploaded(store, PHONES[:5])
    assert draft.batch_size == BATCH_SIZE
    draft.choose_batch_size(2)
    again = Draft.open(store, str(draft.id))
    assert again
    plan = run_plan(again, practice("http://127.0.0.1:9"))
    assert plan.rows["batch"].tolist() == [1, 1, 2, 2, 3]
    assert [rows for _, rows, _ in plan.bodies] == [2, 2, 1]
    again.load_sheet("手机号\n13012121211\n".encode(), "b.csv")
    assert again.batch_size == BATCH_SIZE


def test_a_draft_of_an_earlier_version_sends_whole_batches(store: Store) -> None:
    draft = uploaded(store)
    record = store.drafts.get(str(draft.id))
    assert record
    old = {name: value for name, value in record.state.items() if name != "batch_size"}
    store.drafts.save(record.id, old, record.upload_id, expected=record.updated)
    opened = Draft.open(store, record.id)
    assert opened
    assert len(opened.cut(practice("http://127.0.0.1:9"))) == 1
