"""Everything about one number goes, over all runs, drafts and files; what cannot go yet is told, and goes later (SEC27)."""

import hashlib
import io
import json
import zlib
from dataclasses import replace

import openpyxl
import pytest
from sqlalchemy import delete, insert, update

from lib.draft import Draft, plan, reading
from lib.draft.reading import SPLIT
from lib.erasure import forget_number
from lib.errors import Conflict, SheetRefused
from lib.platform.connection import Options
from lib.results import run
from lib.run.journal import By
from lib.run.records import AttemptResult
from lib.run.states import DataDeed, Happening, Outcome
from lib.store.schema import batch as batch_table
from lib.store.schema import batch_body, contact_row, mapping_memory
from lib.store.schema import run as run_table
from lib.words import LANGUAGES
from tests.core import reconcile_scenes, store_scenes
from tests.core.kept_scenes import (
    CANARY,
    DAY,
    HERE,
    OTHERS,
    csv,
    data_folder,
    draft,
    everywhere,
    sent,
    submitted,
    workbook,
)
from tests.core.traces import traces

#: The number of the first row of `reconcile_scenes.plan`.
FIRST = "13000000000"


def forgotten(store, phone=CANARY, *, block=False):
    return forget_number.forget(store, phone, block=block, by=By("小王"))


def settle(store, clock):
    """The platform is no longer asked about anything."""
    clock.pass_(2 * DAY)


def again(store, made):
    found = Draft.open(store, str(made.id))
    assert found
    return found


def test_sec27_every_place_loses_the_number_and_nothing_else(store, clock):
    first, second = everywhere(store)
    open_draft = store.drafts.latest()[0]
    settle(store, clock)
    assert traces(data_folder(store), CANARY) >= {"utf-8", "utf-16", "zlib", "deflate"}
    found = forgotten(store, f"+86 {CANARY}")
    assert found.counts == {
        "drafts": 3,
        "file_rows": 4,
        "run_rows": 2,
        "planned": 0,
        "requests": 2,
        "sheets": 2,
        "mappings": 0,
        "names": 0,
    }
    assert (found.waiting, found.unread, found.is_compact) == ((), (), True)
    assert traces(data_folder(store), CANARY) == set()
    assert Draft.open(store, open_draft.id).sheet.table.empty
    for other in OTHERS[1:]:
        assert traces(data_folder(store), other)
    for run_id in (first, second):
        assert store.runs.conservation(run_id).holds
        assert store.runs.get(run_id).rows_by_state["accepted"] == store.runs.get(run_id).to_send
    assert store.history.already_sent(HERE, [CANARY]).empty
    assert len(store.history.already_sent(HERE, OTHERS[1:])) == 2


def test_sec60_no_statement_keeps_the_values_that_stood_in_it_first(store, clock, monkeypatch):
    """SQLAlchemy keeps the statements it has compiled for as long as the database is open: no file or request may stand in one."""
    statements = {}
    monkeypatch.setattr(
        store._db._engine, "_compiled_cache", statements
    )  # none that another test has met first
    everywhere(store)
    settle(store, clock)
    forgotten(store)
    kept = [bound.value for statement in statements.values() for bound in statement.binds.values()]
    assert kept, "statements are kept"
    assert [value for value in kept if isinstance(value, bytes) and value] == []
    assert [value for value in kept if CANARY in str(value)] == []


def test_sec27_a_second_time_finds_nothing_and_says_so(store, clock):
    everywhere(store)
    settle(store, clock)
    forgotten(store)
    assert forgotten(store).is_empty


def test_sec27_the_log_knows_the_deletion_by_a_fingerprint_only(store, clock):
    everywhere(store)
    settle(store, clock)
    found = forgotten(store)
    [line] = store.journal.data_log().to_dict("records")
    assert (line["what"], line["who"], line["fingerprint"]) == (
        DataDeed.NUMBER_DELETED,
        "小王",
        found.fingerprint,
    )
    assert (
        line["fingerprint"]
        == store.erasure.fingerprint(f"0086-{CANARY}")
        != store.erasure.fingerprint(OTHERS[0])
    )
    assert CANARY not in json.dumps(store.journal.data_log().to_dict("records"), default=str)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sec27_the_certificate_can_be_kept_and_holds_no_number(store, clock, lang):
    everywhere(store)
    told = forget_number.text(forgotten(store), lang, who="小王", local=lambda stamp: stamp, minutes=11)
    assert "11" in told
    assert CANARY not in told
    assert "139****4321" not in told
    assert "小王" in told
    assert told.count("客户.csv") == 1  # the batch that is still asked about


# --- runs -----------------------------------------------------------------------------------------------------


def test_sec27_a_planned_batch_loses_the_row_and_goes_out_without_it(store):
    run_id = store.runs.create(reconcile_scenes.plan(2))
    found = forgotten(store, FIRST)
    assert (found.counts["planned"], found.waiting) == (1, ())
    platform = store_scenes.Scripted()
    store_scenes.steps(store_scenes.engine(store, platform), 3)
    assert [len(json.loads(body)["data"]) for body in platform.applied] == [2, 3]
    assert FIRST.encode() not in b"".join(platform.applied)
    assert (store.runs.get(run_id).to_send, store.runs.get(run_id).held_back) == (5, 1)
    assert store.runs.conservation(run_id).holds
    held = store.runs.rows(run_id).iloc[0]
    assert (held["disposition"], held["reason"], held["extra"], held["phone_masked"]) == (
        "held_back",
        "number_deleted",
        "",
        "",
    )
    assert [event.code for event in store.run_log.events(run_id) if event.what == "number_deleted"] == ["1"]


def test_sec27_a_planned_batch_of_nobody_else_is_never_sent(store, clock):
    run_id = store.runs.create(reconcile_scenes.plan(1, 1))
    forgotten(store, FIRST)
    platform = store_scenes.Scripted()
    store_scenes.steps(store_scenes.engine(store, platform), 2)
    assert (platform.posts, store.runs.get(run_id).state, store_scenes.states(store, run_id)) == (
        0,
        "finished",
        ["cancelled"],
    )
    assert traces(data_folder(store), FIRST) == set()


def test_sec27_the_results_say_why_a_row_was_not_sent(store):
    run_id = store.runs.create(reconcile_scenes.plan(1))
    forgotten(store, FIRST)
    rows = store.runs.rows(run_id)
    assert run.outcome_of(*rows.loc[0, ["disposition", "batch_state"]]) == "held_back"
    assert run.reason_words(rows.loc[0, "reason"], "zh") == "这个号码已按要求删除。"


UNDER_WAY = {
    "sending": lambda store, clock: reconcile_scenes.send(
        store, store.runs.create(reconcile_scenes.plan()), None
    )[0],
    "unknown": lambda store, clock: reconcile_scenes.unknown(store)[1],
    "held": lambda store, clock: reconcile_scenes.held(store, clock)[1],
    "accepted": lambda store, clock: reconcile_scenes.send(
        store, store.runs.create(reconcile_scenes.plan()), Outcome.ACCEPTED
    )[0],
}


@pytest.mark.parametrize("state", UNDER_WAY)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_sec27_a_batch_that_needs_its_rows_keeps_them_and_that_is_told(store, clock, state, lang):
    batch_id = UNDER_WAY[state](store, clock)
    body = store.batches.body(batch_id)
    found = forgotten(store, FIRST)
    assert [(one.seq, one.state) for one in found.waiting] == [(1, state)]
    assert not found.is_empty
    assert "1" in forget_number.waiting_words(found.waiting[0], lang)
    assert store.batches.body(batch_id) == body
    assert store.retention.figures().waiting == 1
    store.erasure.expire()
    assert store.retention.figures().waiting == 1


def test_sec27_what_waited_goes_when_the_outcome_is_known(store, clock):
    run_id, batch_id = reconcile_scenes.unknown(store)
    forgotten(store, FIRST)
    store.decisions.confirm_arrived(batch_id, f"看到 {FIRST}")
    store.erasure.expire()
    assert store.retention.figures().waiting == 0
    assert json.loads(store.batches.body(batch_id))["data"][0] == {"phone": ""}
    assert [row.phone for row in store.looks.sent_rows(batch_id)[0]] == ["", "13000000001", "13000000002"]
    assert traces(data_folder(store), FIRST) == set()
    assert store.runs.rows(run_id)["phone_masked"].tolist() == ["", "130****0001", "130****0002"]
    assert reconcile_scenes.state(store, batch_id) == "accepted"


def test_sec27_sending_the_missing_again_leaves_the_deleted_one_out(store, clock):
    run_id, batch_id = reconcile_scenes.held(store, clock)
    forgotten(store, FIRST)
    child = store.decisions.resend_missing(batch_id, 3)
    platform = store_scenes.Scripted()
    store_scenes.steps(store_scenes.engine(store, platform), 2)
    assert FIRST.encode() not in platform.applied[0]
    assert len(json.loads(platform.applied[0])["data"]) == 2
    assert [one.who for one in store.run_log.events(run_id) if one.what == Happening.NUMBER_DELETED] == [
        "小王"
    ]
    assert reconcile_scenes.state(store, child) == "accepted"
    settle(store, clock)
    store.erasure.expire()
    assert traces(data_folder(store), FIRST) == set()
    assert store.runs.rows(run_id)["phone_masked"].tolist()[0] == ""


def claimed(store):
    """A run of one batch that is in flight: its id, the epoch, the claim."""
    run_id = store.runs.create(reconcile_scenes.plan())
    epoch = store.sender.take_over()
    return run_id, epoch, store.sender.claim(epoch, run_id, 1)[0]


def test_sec27_a_batch_that_comes_back_unsent_goes_out_without_the_number(store, clock):
    run_id, epoch, claim = claimed(store)
    assert [one.state for one in forgotten(store, FIRST).waiting] == ["sending"]
    assert [one.state for one in forgotten(store, FIRST).waiting] == ["sending"]  # asked twice is asked once
    store.sender.finish(epoch, claim, AttemptResult(Outcome.NOT_SENT))
    [again] = store.sender.claim(epoch, run_id, 1)
    assert FIRST.encode() not in again.body()
    assert (again.rows, store.runs.get(run_id).held_back) == (2, 1)
    store.sender.wire(epoch, again)
    store.sender.finish(epoch, again, AttemptResult(Outcome.ACCEPTED, unique_id="u"))
    settle(store, clock)
    store.erasure.expire()
    assert store.retention.figures().waiting == 0
    assert traces(data_folder(store), FIRST) == set()


def test_sec27_a_batch_that_comes_back_unsent_loses_the_number_before_it_is_taken_again_too(store):
    run_id, epoch, claim = claimed(store)
    forgotten(store, FIRST)
    store.sender.finish(epoch, claim, AttemptResult(Outcome.NOT_SENT))
    store.erasure.expire()
    assert (store.retention.figures().waiting, store.runs.get(run_id).held_back) == (0, 1)
    assert [row["phone"] for row in json.loads(store.batches.body(claim.batch_id))["data"]] == [
        "13000000001",
        "13000000002",
    ]


def test_sec27_both_lists_are_looked_at_when_a_batch_is_taken(store):
    run_id, epoch, claim = claimed(store)
    forgotten(store, FIRST)
    store.sender.finish(epoch, claim, AttemptResult(Outcome.NOT_SENT))
    store.do_not_call.add(["13000000001"], "")
    [again] = store.sender.claim(epoch, run_id, 1)
    assert [row["phone"] for row in json.loads(again.body())["data"]] == ["13000000002"]
    assert store.runs.rows(run_id)["reason"].tolist() == ["number_deleted", "do_not_call", ""]


def test_sec27_a_batch_of_nobody_else_that_comes_back_unsent_is_cancelled(store, clock):
    run_id = store.runs.create(reconcile_scenes.plan(1, 1))
    epoch = store.sender.take_over()
    [claim] = store.sender.claim(epoch, run_id, 1)
    forgotten(store, FIRST)
    store.sender.finish(epoch, claim, AttemptResult(Outcome.NOT_SENT))
    assert store.sender.claim(epoch, run_id, 1) == []
    assert reconcile_scenes.state(store, claim.batch_id) == "cancelled"
    store.erasure.expire()
    assert traces(data_folder(store), FIRST) == set()


def test_sec27_a_run_whose_data_is_gone_loses_the_fingerprint(store):
    run_id = sent(store, submitted(store, draft(store, csv(CANARY, OTHERS[0]))))
    store.retention.delete_run(run_id)
    store._db.clock = lambda clock=store._db.clock: clock() + 2 * DAY
    assert forgotten(store).counts["run_rows"] == 1
    assert store.history.already_sent(HERE, [CANARY]).empty
    assert store.runs.rows(run_id)["phone_masked"].tolist() == ["", "136****5678"]


def test_sec27_what_an_earlier_version_kept_is_searched_too(store):
    """Mappings with a fixed number, and names of files with a number in them, are no longer stored like this."""
    run_id = store.runs.create(reconcile_scenes.plan())
    with store._db.write() as tx:
        tx.execute(
            insert(mapping_memory).values(
                fingerprint="a", mapping=json.dumps({"mapping": {"constants": {"phone": CANARY}}}), used=""
            )
        )
        tx.execute(insert(mapping_memory).values(fingerprint="b", mapping="{}", used=""))
        tx.execute(update(run_table).values(file_name=f"{CANARY}.csv"))
    found = forgotten(store)
    assert (found.counts["mappings"], found.counts["names"]) == (1, 1)
    assert store.mappings.recall("b") == {}
    assert store.runs.get(run_id).file_name == ""
    assert traces(data_folder(store), CANARY) == set()


def test_sec27_digits_of_two_values_are_no_number(store):
    """In the request's text they may stand side by side."""
    run_id = store.runs.create(reconcile_scenes.plan(marks="m"))
    with store._db.write() as tx:
        body = b'{"data":[{"phone":"1391765","n":"4321"}]}'
        tx.execute(update(batch_body).values(body=zlib.compress(body)))
        tx.execute(update(batch_table).values(body_sha256=hashlib.sha256(body).hexdigest(), rows=1))
        tx.execute(delete(contact_row).where(contact_row.c.row > 2))
    is_near = forget_number.Sought(CANARY)
    is_near.is_in = lambda text: text.startswith(
        "{"
    )  # a search that is not exact, as over the text of a request
    assert store.erasure.forget_in_run(run_id, CANARY, is_near.is_in, "小王").planned == 0


def test_sec27_after_a_part_was_sent_again_the_first_request_is_emptied_too(store, clock):
    run_id, batch_id = reconcile_scenes.held(store, clock, "partial")
    forgotten(store, FIRST)  # it was found: it stays with the first batch
    child = store.decisions.resend_missing(batch_id, 2)
    store_scenes.steps(store_scenes.engine(store, store_scenes.Scripted()), 2)
    settle(store, clock)
    store.erasure.expire()
    assert traces(data_folder(store), FIRST) == set()
    assert [row["phone"] for row in json.loads(store.batches.body(batch_id))["data"]] == [
        "",
        "13000000001",
        "13000000002",
    ]
    assert len(json.loads(store.batches.body(child))["data"]) == 2
    assert store.runs.conservation(run_id).holds


def test_sec27_the_look_after_the_end_does_not_miss_a_number_that_was_deleted(store, clock):
    run_id = store.runs.create(reconcile_scenes.plan())
    [batch_id] = reconcile_scenes.send(store, run_id, Outcome.UNKNOWN)
    store.decisions.confirm_arrived(batch_id, "看到了")
    forgotten(store, FIRST)
    store.audits.record(run_id, "complete", {}, ["13000000001", "13000000002"])
    assert store.run_log.notes(run_id).unseen == 0


def test_sec27_another_persons_row_that_names_the_number_is_not_sent_either(store):
    made = draft(store, csv(*OTHERS, note=""))
    made.change_mapping(made.mapping.with_column("company", "备注"))
    made.edit([(2, "company", f"推荐人 {CANARY}")], HERE)
    run_id = submitted(store, made)
    found = forgotten(store)
    assert found.counts["planned"] == 1
    assert traces(data_folder(store), CANARY) == set()
    assert store.runs.get(run_id).to_send == 2


def test_sec27_ciphertext_goes_too(store, clock):
    secret = "U2FsdGVkX1kq9A=="
    to = replace(HERE, options=Options(encryption=True))
    made = draft(store, csv(secret, OTHERS[0]))
    sent(store, submitted(store, made, to))
    settle(store, clock)
    assert forgotten(store, secret).counts["requests"] == 1
    assert traces(data_folder(store), secret) == set()


def test_sec27_the_name_of_a_file_is_no_place_to_hide(store, clock):
    run_id = sent(store, submitted(store, draft(store, csv(OTHERS[0]), f"{CANARY}的表格.csv")))
    assert store.runs.get(run_id).file_name == "139****4321的表格.csv"
    assert traces(data_folder(store), CANARY) == set()


def test_sec27_a_workbook_with_an_empty_worksheet_is_searched(store):
    book = openpyxl.load_workbook(io.BytesIO(workbook(CANARY, OTHERS[0])))
    book.create_sheet("空")
    out = io.BytesIO()
    book.save(out)
    made = draft(store, out.getvalue(), "客户.xlsx")
    assert forgotten(store).counts["file_rows"] == 1
    assert len(again(store, made).sheet.table) == 1
    assert forgotten(store).is_empty  # what is left of it is searched as well


def test_sec27_a_draft_without_a_file_is_searched(store):
    draft_id = store.drafts.create({"note": f"打给 {CANARY}"})
    assert forgotten(store).counts["drafts"] == 1
    assert store.drafts.get(draft_id).state["note"] == ""


def test_sec27_a_draft_deleted_at_the_last_moment_has_nothing_left(store, monkeypatch):
    made = draft(store, csv(CANARY))
    real = type(store.erasure).cut_draft
    monkeypatch.setattr(
        type(store.erasure),
        "cut_draft",
        lambda self, *rest: (store.drafts.delete(str(made.id)), real(self, *rest))[1],
    )
    assert forgotten(store).counts["drafts"] == 0


# --- the do-not-call list ---------------------------------------------------------------------------------------


def test_sec27_the_person_chooses_whether_the_number_stays_blocked(store):
    store.do_not_call.add([OTHERS[0]], "名单.csv")
    assert forgotten(store, CANARY, block=True).blocked
    assert store.do_not_call.among([CANARY, OTHERS[0]]) == [CANARY, OTHERS[0]]
    assert not forgotten(store, CANARY).blocked
    assert store.do_not_call.among([CANARY, OTHERS[0]]) == [OTHERS[0]]


# --- drafts ---------------------------------------------------------------------------------------------------


def test_sec27_a_draft_goes_on_without_the_row_and_without_its_file(store):
    made = draft(store, csv(OTHERS[0], CANARY, OTHERS[1]))
    made.edit([(2, "name", "王芳")], HERE)
    made.leave_out([3, 4])
    forgotten(store)
    found = again(store, made)
    assert found.sheet.table.index.tolist() == [2, 4]
    assert (found.contacts.at[2, "name"], found.left_out) == ("王芳", {4})
    assert store.uploads.read(str(store.drafts.get(str(made.id)).upload_id)) == ("客户.csv", b"")
    assert found.sheet.sha256 == made.sheet.sha256
    assert made.is_stale
    assert store.drafts.latest()[0].state["rows"] == 2


def test_sec27_a_file_that_was_cut_has_one_way_of_reading(store):
    made = draft(store, csv(OTHERS[0], CANARY))
    forgotten(store)
    found = again(store, made)
    with pytest.raises(SheetRefused, match="upload_cut"):
        found.reread(header_row=0)
    assert again(store, made).sheet.table["手机号"].tolist() == [OTHERS[0]]


def test_sec27_cells_with_several_numbers_can_still_be_split_and_joined(store):
    made = draft(store, csv(OTHERS[0], f"{OTHERS[1]}/{OTHERS[2]}", f"{CANARY}/13512345678"))
    assert made.split_numbers(HERE) == 2
    forgotten(store)
    found = again(store, made)
    assert found.contacts["phone"].tolist() == [*OTHERS[:2], OTHERS[2]]
    assert found._reading[SPLIT] == {"手机号": [3]}
    assert store.drafts.latest()[0].state["rows"] == 3
    found.join_numbers()
    assert len(again(store, made).contacts) == 2


def test_sec27_what_was_wrong_with_a_row_made_from_the_deleted_one_goes_with_it(store):
    made = draft(store, f"手机号,邮箱\n{OTHERS[0]},a@b\n{CANARY}/13512345678,c@d\n".encode())
    made.change_mapping(made.mapping.with_column("email", "邮箱"))
    made.split_numbers(HERE)
    run_id = submitted(store, made)
    told = plan.source_told(store.runs.source(run_id)).problems
    assert {*told["value"]} >= {"a@b", "c@d"}
    forgotten(store)
    assert {*plan.source_told(store.runs.source(run_id)).problems["value"]} == {"a@b"}


def test_sec27_a_column_that_loses_its_name_takes_nobody_elses(store):
    made = draft(store, f"{CANARY},{CANARY[:3]}-{CANARY[3:]},1,3\n{OTHERS[0]},张伟,甲,乙\n".encode())
    made.reread(header_row=1)
    assert made.sheet.table.columns.tolist()[2:] == ["1", "3"]
    forgotten(store)
    found = again(store, made).sheet.table
    assert found.columns.is_unique
    assert (found["1"].tolist(), found["3"].tolist()) == (["甲"], ["乙"])


def test_sec27_what_was_typed_and_taken_back_goes_too(store):
    made = draft(store, csv(*OTHERS))
    made.edit([(3, "phone", CANARY)], HERE)
    made.undo()
    assert traces(data_folder(store), CANARY)
    assert forgotten(store).counts["file_rows"] == 1
    assert traces(data_folder(store), CANARY) == set()
    assert again(store, made).sheet.table.index.tolist() == [2, 4]


def test_sec27_a_number_in_another_worksheet_takes_the_file_along(store):
    made = draft(store, workbook(*OTHERS, second=f"备用 {CANARY}"), "客户.xlsx")
    found = forgotten(store)
    assert (found.counts["drafts"], found.counts["file_rows"]) == (1, 0)
    assert traces(data_folder(store), CANARY) == set()
    assert len(again(store, made).sheet.table) == 3


def test_sec27_rows_that_are_not_read_are_no_place_to_hide(store):
    book = openpyxl.load_workbook(io.BytesIO(workbook(*OTHERS[:2], CANARY)))
    book.active.auto_filter.ref = "A1:A4"
    book.active.row_dimensions[4].hidden = True
    out = io.BytesIO()
    book.save(out)
    filtered = draft(store, out.getvalue(), "客户.xlsx")
    example = draft(store, f"手机号,姓名\n{OTHERS[0]},张伟\n{CANARY},示例\n".encode())
    assert [len(made.sheet.table) for made in (filtered, example)] == [2, 1]
    assert forgotten(store).counts["drafts"] == 2
    assert traces(data_folder(store), CANARY) == set()


def test_sec27_a_row_taken_for_the_header_is_no_place_to_hide(store):
    made = draft(store, f"{CANARY},客户名\n{OTHERS[0]},张伟\n".encode())
    made.reread(header_row=1)
    made.change_mapping(made.mapping.with_column("phone", made.sheet.table.columns[0]))
    made.remember_mapping()
    forgotten(store)
    assert traces(data_folder(store), CANARY) == set()
    found = again(store, made)
    assert found.mapping.columns.get("phone") is None
    assert len(found.sheet.table) == 1


def test_sec27_a_fixed_value_is_emptied(store):
    made = draft(store, csv(*OTHERS))
    made.change_mapping(made.mapping.with_constant("phone", CANARY))
    forgotten(store)
    assert again(store, made).mapping.constants["phone"] == ""
    assert traces(data_folder(store), CANARY) == set()


def test_sec27_a_file_that_cannot_be_read_is_told(store):
    upload_id = store.uploads.save("坏的.xlsx", b"PK\x03\x04 nothing")
    store.drafts.create({"file_name": "坏的.xlsx"}, upload_id)
    assert forgotten(store).unread == ("坏的.xlsx",)


def test_sec27_a_file_of_which_a_worksheet_cannot_be_read_is_told(store, monkeypatch):
    draft(store, workbook(CANARY, second="x"), "客户.xlsx")
    real = reading.read

    def fails(data, name, **options):
        if options.get("sheet") == "旧":
            raise SheetRefused("workbook_bomb")
        return real(data, name, **options)

    monkeypatch.setattr(reading, "read", fails)
    assert forgotten(store).unread == ("客户.xlsx",)


def test_sec27_a_draft_changed_meanwhile_is_taken_once_more(store, monkeypatch):
    made = draft(store, csv(OTHERS[0], CANARY))
    real, done = type(store.erasure).cut_draft, []

    def late(self, draft_id, *rest):
        if not done:
            done.append(made.leave_out([2]))
        return real(self, draft_id, *rest)

    monkeypatch.setattr(type(store.erasure), "cut_draft", late)
    assert forgotten(store).counts["file_rows"] == 1
    assert again(store, made).left_out == {2}


def test_sec27_a_draft_that_never_stands_still_is_loud(store, monkeypatch):
    draft(store, csv(CANARY))

    def never(*_):
        raise Conflict("draft_changed")

    monkeypatch.setattr(type(store.erasure), "cut_draft", never)
    with pytest.raises(Conflict, match="draft_changed"):
        forgotten(store)


def test_sec27_a_draft_deleted_meanwhile_has_nothing_left(store, monkeypatch):
    made = draft(store, csv(CANARY))
    real = type(store.erasure).edited_with
    monkeypatch.setattr(
        type(store.erasure),
        "edited_with",
        lambda self, of, is_in: (store.drafts.delete(str(made.id)), real(self, of, is_in))[1],
    )
    with pytest.raises(Conflict, match="upload_gone"):
        store.uploads.read("nowhere")
    assert forgotten(store).counts["drafts"] == 0


def test_what_nobody_deleted_is_untouched(store):
    made = draft(store, csv(*OTHERS))
    before = (store.drafts.get(str(made.id)), store.uploads.read(str(store.drafts.latest()[0].upload_id)))
    assert forgotten(store).is_empty
    assert (
        store.drafts.get(str(made.id)),
        store.uploads.read(str(store.drafts.latest()[0].upload_id)),
    ) == before


# --- this run's data --------------------------------------------------------------------------------------------


def test_deleting_a_runs_data_takes_its_draft_and_file_and_keeps_the_receipts(store):
    made = draft(store, csv(CANARY))
    run_id = sent(store, submitted(store, made))
    store.retention.delete_run(run_id, "小王")
    assert traces(data_folder(store), CANARY) == set()
    assert store.drafts.get(str(made.id)) is None
    assert store.batches.table(run_id)["unique_id"].tolist() == ["unique-1"]
    assert store.history.already_sent(HERE, [CANARY])["run_id"].tolist() == [run_id]
    assert [(event.who, event.what) for event in store.run_log.events(run_id)][-1] == ("小王", "data_deleted")
    [line] = store.journal.data_log().to_dict("records")
    assert (line["what"], line["who"], line["run_id"]) == (DataDeed.RUN_DELETED, "小王", run_id)


def test_a_run_with_something_open_keeps_its_data(store):
    run_id, _ = reconcile_scenes.unknown(store)
    with pytest.raises(Conflict, match="run_open") as refused:
        store.retention.delete_run(run_id)
    assert refused.value.params == {"count": 1}
    with pytest.raises(Conflict, match="run_gone"):
        store.retention.delete_run("nowhere")


def test_a_runs_data_is_deleted_once(store):
    run_id = sent(store, submitted(store, draft(store, csv(CANARY))))
    store.retention.delete_run(run_id)
    store.retention.delete_run(run_id)
    assert [event.what for event in store.run_log.events(run_id)].count("data_deleted") == 1
