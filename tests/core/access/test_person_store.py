"""The door between a person and the store: what each role may call, and whose things they reach."""

import inspect
import io
import json
import tempfile
from contextlib import closing
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from lib.access.destinations import destinations
from lib.access.people import ALONE, OTHER_TEAM, Person, Role, may
from lib.access.person_desk import PersonDirectory, PersonPlatform, PersonTokens, TeamDirectory
from lib.access.person_store import PersonStore
from lib.access.tokens import Tokens, fingerprint
from lib.draft import Draft
from lib.draft.plan import run_plan, source_table, source_told
from lib.errors import AppError, Conflict, DestinationForbidden, NotAdmitted, NotAllowed
from lib.platform.connection import practice
from lib.platform.directory import TaskList
from lib.platform.directory_source import Directory, account
from lib.results import exports
from lib.run.journal import Deed
from lib.run.settings import Settings
from lib.run.states import DataDeed
from lib.store import Store
from lib.store.journal import Doing
from lib.store.permission import Action, InnerStore, SubStore, rule_of
from tests.core import store_scenes
from tests.core.people_scenes import ANNA, BO, CHEN, EVE, REAL, anything_goes, store_of

SHEET = "姓名,手机号,公司\n张伟,13012121211,打 13912345678 也行\n王芳,13800138000,\n".encode()
HERE = practice("http://127.0.0.1:9")


def parts(kind):
    """The sub-stores of this kind by name, of the program's own store."""
    with tempfile.TemporaryDirectory() as folder, closing(Store(Path(folder) / "desk.db")) as whole:
        return {name: type(part) for name, part in vars(whole).items() if isinstance(part, kind)}


def methods(of):
    return {
        f"{part}.{name}": kind for part, kind in of.items() for name in dir(kind) if not name.startswith("_")
    }


#: What people use, each call with what its method declares; and what no page calls.
PEOPLES, INNER = parts(SubStore), parts(InnerStore)
RULES = {name: rule_of(kind, name.rpartition(".")[2]) for name, kind in methods(PEOPLES).items()}
INSIDE = methods(INNER).keys() | {"close", "duty", "is_on_server", "keeps"}
OPEN = {"person_id"}


@pytest.fixture
def store(tmp_path):
    with closing(Store(tmp_path / "desk.db")) as opened:
        yield opened


def draft_of(store, person, sheet=SHEET, name="客户.csv"):
    draft = Draft(store_of(store, person))
    draft.load_sheet(sheet, name)
    return draft


def run_of(store, person, **rest):
    return store_of(store, person).runs.create(store_scenes.plan(1, **rest))


def refused(call):
    with pytest.raises(NotAllowed) as refusal:
        call()
    return refusal.value.code


# --- every call has been decided on -------------------------------------------------------------------------


#: What a person's store has beside the sub-stores.
ADDED = {
    "person_id",
    "admit",
    "person",
    "may",
    "must",
    "team_of",
    "sees_run",
    "sees_connection",
    "must_see_connection",
    "forget",
}


def test_sec33_every_method_of_the_store_is_open_by_a_rule_or_shut():
    assert [name for name, rule in RULES.items() if rule is None] == [], "decide who may call it: lib/store"
    assert {name for name in dir(Store) if not name.startswith("_")} - INSIDE == OPEN
    assert {name for name in dir(PersonStore) if not name.startswith("_")} == ADDED
    with pytest.raises(TypeError, match=r"Loose\.peek does not say who may call it"):
        type("Loose", (SubStore,), {"peek": lambda self: None})


@pytest.mark.parametrize("name", sorted(INSIDE))
def test_sec33_what_is_the_senders_cannot_be_called_by_a_person(store, name):
    attrgetter(name)(store)
    for person in (ANNA, ALONE):
        with pytest.raises(AttributeError):
            attrgetter(name)(store_of(store, person))


def signature_of(name):
    return inspect.signature(getattr(PEOPLES[name.partition(".")[0]], name.partition(".")[2])).parameters


#: What the first argument is called, by what it is.
FIRST = {
    "run": "run_id",
    "batch": "batch_id",
    "draft": "draft_id",
    "read_draft": "draft_id",
    "file": "upload_id",
    "connection": "connection_id",
    "new_connection": "saved",
    "plan": "plan",
}


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_names_what_the_first_argument_is_and_whether_the_call_is_signed(name):
    names = list(signature_of(name))
    expected = FIRST.get(RULES[name].of.value)
    asks_for_teams = "teams" in names  # a call that is told them finds nothing of others
    assert (
        names[1:2] == [expected] if expected else asks_for_teams or not set(FIRST.values()) & set(names[1:2])
    )
    assert set(RULES[name].told) == {"who", "by", "owner", "owners", "team", "teams"} & set(names)


#: Calls and the least they need, as a person of one team makes them about their own things.
def calls(store: PersonStore, run_id: str, batch_id: int, draft_id: str):
    return {
        Action.LOOK: [
            lambda: store.runs.latest(), lambda: store.runs.get(run_id), lambda: store.batches.table(run_id), lambda: store.runs.rows(run_id),
            lambda: store.runs.source(run_id), lambda: store.run_log.events(run_id), lambda: store.drafts.latest(), lambda: store.connections.all(),
            lambda: store.settings.get(), lambda: store.journal.latest(), lambda: store.do_not_call.additions(),
            lambda: store.history.sent_per_day(), lambda: store.history.came_of(1), lambda: store.decisions.evidence(run_id), lambda: store.arrivals.of_run(run_id),
        ],
        Action.PREPARE: [
            lambda: store.uploads.save("a.csv", b"x"), lambda: store.drafts.create({}), lambda: store.drafts.save(draft_id, {}),
            lambda: store.edits.add(draft_id, [(2, "name", "a", "b")]), lambda: store.edits.undo(draft_id),
            lambda: store.edits.redo(draft_id), lambda: store.edits.clear(draft_id), lambda: store.drafts.note_counts(draft_id, {}, ""),
            lambda: store.mappings.remember("f", {}), lambda: store.mappings.recall("f"),
            lambda: store.meanings.remember("a", "sex", "x", "1"), lambda: store.meanings.recall("a"),
            lambda: store.scripts.remember("t", "x"), lambda: store.scripts.recall("t"),
        ],
        Action.CONNECT: [lambda: store.connections.save(REAL), lambda: store.connections.delete(REAL.id)],
        Action.SEND: [
            lambda: store.runs.create(store_scenes.plan(1, first_phone=13100000000)), lambda: store.runs.pause(run_id),
            lambda: store.runs.resume(run_id), lambda: store.runs.cancel(run_id),
        ],
        Action.DECIDE: [
            lambda: store.decisions.check_again(batch_id), lambda: store.decisions.resend_missing(batch_id, 1),
            lambda: store.decisions.resend_on_word(batch_id, 1, "没有"),
            lambda: store.decisions.leave_out_missing(batch_id), lambda: store.decisions.confirm_arrived(batch_id, "看到了"),
        ],
        Action.ASK: [lambda: store.decisions.look_now(batch_id), lambda: store.arrivals.ask_after(run_id)],
        Action.WITHDRAW: [lambda: store.arrivals.ask_withdrawal(batch_id, 2)],
        Action.DO_NOT_CALL: [
            lambda: store.do_not_call.add(["13012121211"], ""), lambda: store.do_not_call.remove("13012121211"),
            lambda: store.do_not_call.clear(),
        ],
        Action.SETTINGS: [lambda: store.settings.save(Settings(concurrency=2))],
        Action.DELETE: [lambda: store.drafts.delete(draft_id), lambda: store.retention.delete_run(run_id)],
        Action.REVEAL: [lambda: store.batches.body(batch_id)],
    }  # fmt: skip


@pytest.mark.parametrize("action", [one for one in Action if one not in (Action.TOKEN, Action.PAUSE_TASK)])
@pytest.mark.parametrize("person", [ANNA, BO, ALONE], ids=["operator", "viewer", "alone"])
def test_sec33_a_role_is_asked_for_where_something_is_done(store, person, action):
    run_id = run_of(store, replace(person, role=Role.OPERATOR))
    batch_id = int(store.batches.table(run_id)["batch_id"].iloc[0])
    draft_id = str(draft_of(store, replace(person, role=Role.OPERATOR)).id)
    before = (store.runs.get(run_id), store.drafts.latest(), store.settings.get(), store.connections.all())
    for call in calls(store_of(store, person), run_id, batch_id, draft_id)[action]:
        try:
            call()
            code = ""
        except Conflict as error:  # let through, and not the moment for it
            code = error.code
        except NotAllowed as error:
            code = error.code
        assert (code == "role_not_enough") is not may(person, action)
    if not may(person, action):
        assert (
            store.runs.get(run_id),
            store.drafts.latest(),
            store.settings.get(),
            store.connections.all(),
        ) == before


def test_sec33_who_may_act_is_asked_at_each_call_and_not_at_the_first(store):
    """A role that was taken away, or a sign-in that has ended, is gone at the next press of a button already drawn."""
    now = [ANNA]
    held = PersonStore(store, lambda: now[0], lambda _: None)
    run_id = held.runs.create(store_scenes.plan(1))
    pause = held.runs.pause
    now[0] = replace(ANNA, role=Role.VIEWER)
    assert refused(lambda: pause(run_id)) == "role_not_enough"

    def gone():
        raise NotAdmitted("identity_expired")

    with pytest.raises(NotAdmitted):
        PersonStore(store, gone, lambda _: None).runs.pause(run_id)
    assert store.runs.get(run_id).state == "running"


# --- whose ---------------------------------------------------------------------------------------------------


def test_sec33_a_draft_is_its_owners_alone(store):
    draft = draft_of(store, ANNA)
    for other in (EVE, CHEN, ALONE, replace(BO, role=Role.OPERATOR)):
        theirs = store_of(store, other)
        assert theirs.drafts.latest() == []
        assert refused(lambda theirs=theirs: Draft.open(theirs, str(draft.id))) == "draft_of_another"
        upload_id = store.drafts.get(str(draft.id)).upload_id
        assert (
            refused(lambda theirs=theirs, upload_id=upload_id: theirs.uploads.read(upload_id))
            == "draft_of_another"
        )
        for call in (
            "drafts.save",
            "edits.clear",
            "edits.undo",
            "edits.redo",
            "drafts.delete",
            "edits.of_draft",
            "edits.next_turns",
        ):
            more = ({},) if call == "drafts.save" else ()
            assert (
                refused(lambda call=call, more=more, theirs=theirs: attrgetter(call)(theirs)(draft.id, *more))
                == "draft_of_another"
            )
    assert Draft.open(store_of(store, ANNA), str(draft.id)).sheet is not None


def test_sec33_what_a_call_is_about_cannot_be_said_by_a_name_to_slip_past(store):
    draft = draft_of(store, ANNA)
    with pytest.raises(IndexError):
        store_of(store, CHEN).edits.of_draft(draft_id=draft.id)


def test_sec33_another_persons_draft_cannot_be_submitted(store):
    draft = draft_of(store, ANNA)
    plan = run_plan(draft, HERE)
    assert refused(lambda: store_of(store, EVE).runs.create(plan)) == "draft_of_another"
    assert store.runs.latest() == []


def test_a_draft_that_became_a_run_is_its_teams_to_read_and_nobodys_to_change(store):
    draft = draft_of(store, ANNA)
    run_id = store_of(store, ANNA).runs.create(run_plan(draft, HERE))
    opened = Draft.open(store_of(store, EVE), str(draft.id))
    assert (opened.run_id, len(opened.sheet.table)) == (run_id, 2)
    assert refused(lambda: store_of(store, EVE).edits.clear(draft.id)) == "draft_of_another"
    assert refused(lambda: Draft.open(store_of(store, CHEN), str(draft.id))) == "draft_of_another"
    again = Draft.of_rows(store_of(store, EVE), store_of(store, EVE).runs.get(run_id), [2])
    assert [record.owner for record in store.drafts.latest()] == [EVE.id]
    assert again.who != EVE.id  # it is not the draft that says who; the store knows
    assert again.sheet.name == "客户.csv"


def test_sec33_a_file_of_the_team_is_not_for_whoever_may_not_see_numbers(store):
    draft = draft_of(store, ANNA)
    store_of(store, ANNA).runs.create(run_plan(draft, HERE))
    upload_id = store.drafts.get(str(draft.id)).upload_id
    assert store_of(store, EVE).uploads.read(upload_id)[0] == "客户.csv"
    assert refused(lambda: store_of(store, BO).uploads.read(upload_id)) == "role_not_enough"
    with pytest.raises(Conflict, match="upload_gone"):
        store_of(store, BO).uploads.read("none")


def test_sec33_a_team_sees_its_runs_and_no_others(store):
    south, north = run_of(store, ANNA), run_of(store, CHEN, first_phone=13100000000)
    before = run_of(store, ALONE, first_phone=13200000000)
    for person in (ANNA, EVE, BO):
        assert [run.id for run in store_of(store, person).runs.latest()] == [south]
        assert set(store_of(store, person).batches.table()["run_id"]) == {south}
        assert store_of(store, person).batches.table(north).empty
        assert store_of(store, person).batches.table(search="13100000000").empty
    assert [run.id for run in store_of(store, CHEN).runs.latest()] == [north]
    assert {run.id for run in store_of(store, ALONE).runs.latest()} == {south, north, before}
    heir = replace(ANNA, is_heir=True)
    assert {run.id for run in store_of(store, heir).runs.latest()} == {south, before}
    record = store.runs.get(south)
    assert (record.team, record.created_by) == ("south", ANNA.id)


@pytest.mark.parametrize(
    "name", sorted(name for name, rule in RULES.items() if rule.of.value in ("run", "batch"))
)
def test_sec33_no_call_reaches_a_run_of_another_team(store, name):
    run_id = run_of(store, CHEN)
    batch_id = int(store.batches.table(run_id)["batch_id"].iloc[0])
    about = run_id if RULES[name].of.value == "run" else batch_id
    more = [None] * (len(signature_of(name)) - 2 - len(RULES[name].told))
    assert refused(lambda: attrgetter(name)(store_of(store, ANNA))(about, *more)) == "run_of_another_team"


def test_sec33_the_sheet_of_another_teams_run_stays_closed(store):
    run_id = run_of(store, CHEN)
    assert refused(lambda: store_of(store, ANNA).runs.source(run_id)) == "run_of_another_team"
    assert store_of(store, CHEN).runs.source(run_id)


def test_a_run_that_is_gone_is_said_to_be_gone(store):
    with pytest.raises(Conflict, match="run_gone"):
        store_of(store, ANNA).runs.get("none")


def test_sec33_connections_are_their_teams(store):
    north = store_of(store, CHEN)
    north.connections.save(REAL)
    south = store_of(store, ANNA)
    assert (south.connections.all(), [one.id for one in north.connections.all()]) == ([], [REAL.id])
    assert (
        refused(lambda: south.connections.save(replace(REAL, base_url="https://evil.example")))
        == "connection_of_another_team"
    )
    assert refused(lambda: south.connections.delete(REAL.id)) == "connection_of_another_team"
    assert north.connections.all() == [REAL]


def test_each_team_has_its_own_settings_of_the_practice_platform(store):
    other_task = "c15b7392-a83f-4e0e-9570-31dd2ec8f85c"
    store_of(store, ALONE).connections.save(replace(practice(""), name="of before"))
    store_of(store, CHEN).connections.save(replace(practice(""), task_id=other_task))
    assert [(one.id, one.task_id) for one in store_of(store, CHEN).connections.all()] == [
        ("practice", other_task)
    ]
    assert store_of(store, ANNA).connections.all() == []
    heir = store_of(store, replace(ANNA, is_heir=True))
    assert heir.connections.all() == []
    heir.connections.save(replace(practice(""), name="mine"))
    assert [one.name for one in heir.connections.all()] == ["mine"]
    assert [one.name for one in store_of(store, ALONE).connections.all()] == ["of before"]


def test_a_team_remembers_its_own_mappings(store):
    store_of(store, ANNA).mappings.remember("header", {"of": "south"})
    assert store_of(store, EVE).mappings.recall("header") == {"of": "south"}
    assert store_of(store, CHEN).mappings.recall("header") is None
    assert store_of(store, ALONE).mappings.recall("header") is None


def test_a_team_says_for_itself_what_words_stand_for(store):
    store_of(store, ANNA).meanings.remember("account", "source_id", "抖音", "7")
    assert store_of(store, EVE).meanings.recall("account") == {"source_id": {"抖音": "7"}}
    assert store_of(store, CHEN).meanings.recall("account") == {}
    assert store_of(store, ALONE).meanings.recall("account") == {}


def test_a_team_keeps_its_own_script_of_a_task(store):
    store_of(store, ANNA).scripts.remember("task", "您好 {姓名}")
    assert store_of(store, EVE).scripts.recall("task") == "您好 {姓名}"
    assert store_of(store, CHEN).scripts.recall("task") == ""
    assert store_of(store, ALONE).scripts.recall("task") == ""


# --- numbers sent before, and by whom ------------------------------------------------------------------------


def test_sec34_a_number_another_team_sent_is_held_back_and_nothing_else_is_told(store):
    run_of(store, CHEN)
    phones = ["13000000000", "13000000001", "13912345678"]
    [theirs] = (
        store_of(store, ANNA).history.already_sent(store_scenes.CONNECTION, phones)["unique_id"].unique()
    )
    sent = store_of(store, ANNA).history.already_sent(store_scenes.CONNECTION, phones)
    assert theirs == OTHER_TEAM
    assert sent["phone"].tolist() == phones[:2]
    assert set(sent["run_id"]) | set(sent["connection_name"]) == {""}
    assert set(sent["batch_id"]) == {-1}
    own = store_of(store, CHEN).history.already_sent(store_scenes.CONNECTION, phones)
    assert own["connection_name"].tolist() == ["practice"] * 2
    assert (own["batch_id"] > 0).all()


def test_sec34_the_review_says_that_it_was_another_team_and_sending_needs_the_persons_word(store):
    run_of(store, CHEN)
    draft = draft_of(store, ANNA, "姓名,手机号\n甲,13000000000\n乙,13912345678\n".encode())
    review = draft.review(store_scenes.CONNECTION)
    assert review.problems["code"].tolist() == ["already_sent"]
    assert review.sent_before[2].split("|")[1:] == [OTHER_TEAM, ""]
    draft.allow_sending_again(store_scenes.CONNECTION)
    assert draft.tally(store_scenes.CONNECTION).to_send == 2


def test_sec34_a_number_another_team_sent_to_another_task_names_no_connection(store):
    elsewhere = replace(
        store_scenes.CONNECTION, task_id="c15b7392-a83f-4e0e-9570-31dd2ec8f85c", name="北区的秘密"
    )
    run_of(store, CHEN, connection=elsewhere)
    draft = draft_of(store, ANNA, "姓名,手机号\n甲,13000000000\n乙,13912345678\n".encode())
    review = draft.review(store_scenes.CONNECTION)
    assert review.problems["code"].tolist() == ["sent_elsewhere"]
    assert review.sent_before[2].split("|")[1:] == [OTHER_TEAM, "–"]


def test_a_number_of_both_teams_is_told_as_ones_own(store):
    run_of(store, CHEN)
    run_of(store, ANNA)
    draft = draft_of(store, ANNA, "姓名,手机号\n甲,13000000000\n".encode())
    told = draft.review(store_scenes.CONNECTION).sent_before
    assert told[2].split("|")[1] == ""  # of one's own run, which has no batch number yet


# --- a list for each team, and nobody calls whom any of them names -------------------------------------------


def test_each_team_keeps_its_do_not_call_list_and_all_of_them_protect(store):
    south, north = store_of(store, ANNA), store_of(store, CHEN)
    assert south.do_not_call.add(["13000000000"], "南区.csv") == 1
    assert north.do_not_call.add(["13000000000", "13000000001"], "北区.csv") == 2
    assert south.do_not_call.additions()["source"].tolist() == ["南区.csv"]
    assert south.do_not_call.among(["13000000001", "13000000002"]) == ["13000000001"]
    assert not south.do_not_call.remove("13000000001")
    assert north.do_not_call.clear() == 2
    assert north.do_not_call.among(["13000000000", "13000000001"]) == ["13000000000"]
    with pytest.raises(Conflict) as refusal:
        north.runs.create(store_scenes.plan(1))
    assert refusal.value.code == "do_not_call_listed"


# --- who did it ----------------------------------------------------------------------------------------------


def test_sec33_every_step_of_a_run_says_who(store):
    south = store_of(store, ANNA)
    run_id = south.runs.create(store_scenes.plan(1))
    store_of(store, EVE).runs.pause(run_id)
    south.runs.resume(run_id)
    store_of(store, EVE).runs.cancel(run_id)
    store_of(store, EVE).retention.delete_run(run_id)
    told = [(event.what, event.who) for event in south.run_log.events(run_id)]
    assert told == [
        ("run_created", ANNA.id), ("run_pausing", EVE.id), ("run_paused", "sender"), ("run_resumed", ANNA.id),
        ("run_cancelling", EVE.id), ("batch_cancelled", EVE.id), ("run_cancelled", "sender"), ("data_deleted", EVE.id),
    ]  # fmt: skip


def test_sec33_an_edit_says_who_whatever_the_draft_says(store):
    draft = draft_of(store, ANNA)
    draft.who = "somebody else"
    draft.edit([(2, "name", "李四")], HERE)
    assert [edit.who for edit in store.edits.of_draft(draft.id)] == [ANNA.id]


def journal(store, person):
    return [
        (line.who, line.deed, line.about, line.code) for line in store_of(store, person).journal.latest()
    ][::-1]


def test_sec33_what_belongs_to_no_run_stands_in_the_journal(store):
    south = store_of(store, ANNA)
    south.connections.save(REAL)
    south.connections.save(
        replace(
            REAL,
            task_id="c15b7392-a83f-4e0e-9570-31dd2ec8f85c",
            options=replace(REAL.options, ignore_crm=True),
        )
    )
    south.connections.save(south.connections.all()[0])
    south.connections.delete(REAL.id)
    south.settings.save(Settings(concurrency=2))
    south.do_not_call.add(["13012121211", "13800138000"], "13012121211 的名单.csv")
    south.do_not_call.remove("13012121211")
    south.do_not_call.remove("13012121211")
    south.do_not_call.clear()
    south.do_not_call.clear()
    draft = draft_of(store, ANNA)
    south.drafts.delete(draft.id)
    south.drafts.delete(draft.id)
    assert journal(store, EVE) == [
        (ANNA.id, "connection_created", "南区回访", ""),
        (ANNA.id, "connection_changed", "南区回访", "task_id,ignore_crm"),
        (ANNA.id, "connection_deleted", "南区回访", ""),
        (ANNA.id, "setting_changed", "concurrency", "4/2"),
        (ANNA.id, "do_not_call_added", "130****1211 的名单.csv", "2"),
        (ANNA.id, "do_not_call_removed", "", "1"),
        (ANNA.id, "do_not_call_cleared", "", "1"),
        (ANNA.id, "draft_deleted", "客户.csv", ""),
    ]


def test_sec34_the_journal_of_another_team_shows_only_what_holds_for_all_and_not_who(store):
    store_of(store, ANNA).connections.save(REAL)
    store_of(store, ANNA).settings.save(Settings(recent_days=30))
    assert journal(store, CHEN) == [("", "setting_changed", "recent_days", "7/30")]


# --- tokens, the platform, destinations ----------------------------------------------------------------------

TOKEN = "canary-token-4f9a"


class Names:
    """What is asked of the platform's names, and in which order."""

    def __init__(self, store):
        self.store, self.asked = store, []

    def task(self, connection):
        return None

    def fetch_tasks(self, connection, token):
        self.asked.append("tasks")

    def pause(self, connection, token):
        self.asked.append(("paused", [line.deed for line in self.store.journal.latest()]))


def test_sec33_a_token_is_typed_and_forgotten_by_an_operator_of_the_team_and_written_down(store):
    tokens = Tokens()
    for_south, for_north, for_viewer = (
        PersonTokens(tokens, store_of(store, who)) for who in (ANNA, CHEN, BO)
    )
    store_of(store, ANNA).connections.save(REAL)
    with pytest.raises(AppError, match="token_characters"):
        for_south.set(REAL.id, "not a token")
    for_south.set(REAL.id, f"Bearer {TOKEN}")
    assert refused(lambda: for_north.set(REAL.id, "canary-token-of-theirs")) == "connection_of_another_team"
    assert refused(lambda: for_north.forget(REAL.id)) == "connection_of_another_team"
    assert refused(lambda: for_viewer.set(REAL.id, "canary-token-of-theirs")) == "role_not_enough"
    assert refused(lambda: for_viewer.forget(REAL.id)) == "role_not_enough"
    assert (for_south.get(REAL.id), for_south.fingerprint(REAL.id)) == (TOKEN, fingerprint(TOKEN))
    assert (for_north.get(REAL.id), for_north.fingerprint(REAL.id), for_viewer.get(REAL.id)) == (
        None,
        None,
        None,
    )
    for_south.forget(REAL.id)
    for_south.forget(REAL.id)
    assert tokens.get(REAL.id) is None
    told = journal(store, ANNA)
    assert [line[1:3] for line in told[1:]] == [("token_typed", "南区回访"), ("token_forgotten", "南区回访")]
    assert "canary" not in json.dumps(told)
    assert not hasattr(for_south, "known")


def test_sec33_the_platform_is_asked_by_operators_only_and_a_pause_is_written_down_first(store):
    directory = Names(store)
    operator, viewer = (PersonDirectory(directory, store_of(store, who)) for who in (ANNA, BO))
    operator.fetch_tasks(REAL, TOKEN)
    operator.pause(REAL, TOKEN)
    assert directory.asked == ["tasks", ("paused", ["task_paused"])]
    assert refused(lambda: viewer.fetch_tasks(REAL, TOKEN)) == "role_not_enough"
    assert refused(lambda: viewer.pause(REAL, TOKEN)) == "role_not_enough"
    assert viewer.task(REAL) is None
    assert journal(store, ANNA)[-1] == (ANNA.id, "task_paused", REAL.task_id, "")


def test_sec34_what_the_platform_told_one_team_is_not_shown_to_another(store):
    """The names of an account's tasks are had with its token; its id may be known to anybody."""
    tasks = TaskList("2026-01-01T00:00:00+00:00", (), {}, (), 0, False)
    south, north, alone = (
        Directory(TeamDirectory(store, lambda who=who: who), None) for who in (ANNA, CHEN, ALONE)
    )
    TeamDirectory(store, lambda: ANNA).keep(account(REAL), "tasks", tasks.as_dict())
    assert (south.tasks(REAL), north.tasks(REAL), alone.tasks(REAL)) == (tasks, None, None)
    north.forget(REAL)
    assert south.tasks(REAL) == tasks
    south.forget(REAL)
    assert south.tasks(REAL) is None


@pytest.mark.parametrize("name", ["send", "delete_numbers", "pause_new_task", "download", "close"])
def test_sec33_a_page_can_ask_the_platform_but_not_change_it(store, name):
    assert not hasattr(PersonPlatform(object(), store_of(store, ANNA)), name)


def test_sec33_a_forbidden_destination_is_refused_when_saved_and_when_a_run_is_frozen(store):
    allowed = destinations({"hosts": ["elsewhere.example"]}, {})
    south = store_of(store, ANNA, allowed.check)
    with pytest.raises(DestinationForbidden, match="host_forbidden"):
        south.connections.save(REAL)
    with pytest.raises(DestinationForbidden, match="host_forbidden"):
        south.runs.create(store_scenes.plan(1, connection=REAL))
    assert (store.connections.all(), store.runs.latest(), store.journal.latest()) == ([], [], [])
    south.connections.save(replace(REAL, base_url="https://elsewhere.example"))


def test_a_person_may_write_into_the_journal_what_happens_elsewhere(store):
    store_of(store, ANNA).journal.note(Deed.TASK_PAUSED, "\0" + "长" * 300)
    [line] = store.journal.latest()
    assert (line.about[0], len(line.about)) == ("\ufffd", 200)


# --- masked for whoever may not see numbers ------------------------------------------------------------------


def test_sec33_a_viewers_export_holds_no_whole_number(store):
    draft = draft_of(
        store, ANNA, "姓名,手机号,公司\n张伟,13012121211,打 13912345678 也行\n王芳,1380013800,\n".encode()
    )
    run_id = store_of(store, ANNA).runs.create(run_plan(draft, HERE))
    whole, masked = (store_of(store, who).runs.source(run_id) for who in (ANNA, BO))
    assert source_table(whole)["手机号"].tolist() == ["13012121211", "1380013800"]
    table = source_table(masked)
    assert table["手机号"].tolist() == ["130****1211", "13****00"]
    assert table["公司"].tolist() == ["打 139****5678 也行", ""]
    assert table["姓名"].tolist() == ["张伟", "王芳"]
    problems, columns, _ = source_told(masked)
    assert columns == source_told(whole)[1]
    assert problems["value"].tolist() == ["13****00"]
    assert problems["code"].tolist() == source_told(whole)[0]["code"].tolist()
    for phone in (b"13012121211", b"13912345678", b"1380013800"):
        assert phone in whole
        assert phone not in masked


def test_sec45_an_old_page_of_somebody_demoted_makes_no_file_with_a_whole_number(store):
    """SEC45: the page, its buttons and its draft are an operator's; their role is asked when the file is made."""
    role = [Role.OPERATOR]
    page = PersonStore(store, lambda: replace(ANNA, role=role[0]), anything_goes)
    draft = draft_of(store, ANNA, "姓名,手机号\n张伟,13012121211\n王芳,1380013800\n".encode())
    run = page.runs.get(page.runs.create(run_plan(draft, HERE)))
    draft = Draft.open(page, str(draft.id))
    revealed = Doing(DataDeed.REVEALED, "", draft_id=str(draft.id))
    whole = (
        partial(exports.results_file, page, run, "zh", full=True),
        partial(exports.missing_file, page, run, "zh", full=True),
        partial(exports.problems_file, page, draft, HERE, "zh"),
        partial(page.journal.note_data, revealed),
    )
    for make in whole:
        make()
    written = len(page.journal.data_log())
    role[0] = Role.VIEWER
    assert [refused(make) for make in whole] == ["role_not_enough"] * len(whole)
    assert len(page.journal.data_log()) == written
    sheet = openpyxl.load_workbook(io.BytesIO(exports.results_file(page, run, "zh"))).active
    told = str([[cell.value for cell in row] for row in sheet.rows])
    assert "130****1211" in told
    assert "13012121211" not in told
    assert refused(lambda: page.uploads.read(store.drafts.get(str(draft.id)).upload_id)) == "role_not_enough"


def test_an_untouched_sheet_is_masked_without_problems(store):
    run_id = run_of(store, ANNA)
    table = source_table(store_of(store, BO).runs.source(run_id))
    assert isinstance(table, pd.DataFrame)
    assert table["手机号"].tolist()[0] == "130****0000"


def test_whoever_is_alone_has_everything_that_has_no_owner(store):
    draft = Draft(store)
    draft.load_sheet(SHEET, "从前.csv")
    assert [one.id for one in store_of(store, ALONE).drafts.latest()] == [draft.id]
    assert store_of(store, ANNA).drafts.latest() == []
    heir = Person(ANNA.id, Role.OPERATOR, "south", is_heir=True)
    assert [one.id for one in store_of(store, heir).drafts.latest()] == [draft.id]
    store_of(store, heir).edits.clear(draft.id)
