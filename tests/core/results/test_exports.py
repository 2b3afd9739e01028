"""Files that leave: harmless in a spreadsheet program, numbers hidden unless asked for, each written down (SEC20 to SEC23, SEC29)."""

import csv as csv_module
import io
import tomllib
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import results
from lib.access.people import Person, Role
from lib.contact.masking import mask_seen
from lib.draft import Draft
from lib.draft.plan import run_plan, source_table, source_told
from lib.erasure import forget_number
from lib.platform.directory import Component
from lib.results import exports
from lib.results.exports import log_file, missing_file, problems_file, results_file
from lib.results.log import harmless
from lib.results.run_sheet import own_table
from lib.results.samples import template
from lib.run.arrivals import ArrivalNote, ImportLook
from lib.run.states import DataDeed
from lib.words import LANGUAGES, t
from tests.cases import examples
from tests.core.kept_scenes import CANARY, DAY, HERE, OTHERS, data_folder, draft, sent, submitted
from tests.core.people_scenes import store_of
from tests.core.results.scenes import ANY_TEXT, cells, kinds, parts
from tests.core.traces import traces

#: A list with a number in a remark, a cell with two numbers, one that is too short, and a column nobody maps.
LIST = f"""姓名,手机号,备注,身份证
张伟,{CANARY},备用 {OTHERS[0]},C4N4RY-1
王芳,{OTHERS[1]}/{OTHERS[2]},,C4N4RY-2
李娜,1301212,,C4N4RY-3
"""

UNMAPPED = "C4N4RY"


@pytest.fixture
def made(store) -> Draft:
    return draft(store, LIST.encode())


@pytest.fixture
def run(store, made, clock):
    """A run that has ended, of which one row did not get in."""
    return ended_without_arrivals(store, sent(store, submitted(store, made)), clock)


def ended_without_arrivals(store, run_id, clock):
    """The run once the platform's list has shown none of its numbers for an hour."""
    batch_id = int(store.batches.table(run_id)["batch_id"][0])
    for _ in range(12):
        clock.pass_(300)
        store.looks.record(batch_id, ImportLook(ArrivalNote.LISTED))
    return store.runs.get(run_id)


def texts(data: bytes) -> str:
    """Everything that stands in a workbook, comments too."""
    return "\n".join(part.decode() for part in parts(data, "xl/").values())


# --- SEC20 ----------------------------------------------------------------------------------------------------


@examples(40)
@given(st.lists(ANY_TEXT, min_size=1, max_size=3), st.booleans(), st.sampled_from(LANGUAGES))
def test_sec20_no_export_of_any_kind_holds_a_live_formula_a_number_or_a_link(values, hidden, lang):
    rows = pd.Index(range(2, 2 + len(values)), name="row")
    source = pd.DataFrame(dict.fromkeys(values, values) | {"电话": values}, index=rows, dtype=object)
    facts = pd.DataFrame(
        {"row": rows, "disposition": "to_send", "reason": values, "batch": 1, "batch_state": "rejected"}
    )
    facts = facts.assign(unique_id=values, message=values, phone_masked=values)
    problems = pd.DataFrame(
        {"row": rows, "field": "phone", "code": "phone_text", "severity": "error"}
    ).assign(value=values, suggestion=values)
    missing = pd.DataFrame(
        {"row": rows, "arrival": "not_imported", "reason": "", "batch": 1, "unique_id": values}
    )
    batches = pd.DataFrame(
        {"run_id": values, "state": "accepted", "unique_id": values, "message": values, "file_name": values}
    )
    columns = {"phone": ("电话",)}
    components = [Component(str(at), value, "text", ()) for at, value in enumerate(values)]
    for data in (
        results.run_workbook(
            source, facts, lang, problems=problems, columns=columns, title=values[0], hidden=hidden
        ),
        results.run_workbook(results.bare_table(facts, lang), facts, lang, hidden=hidden),
        results.arrivals_workbook(source, missing, lang, columns=columns, hidden=hidden),
        results.problems_workbook(source, problems, lang, columns),
        results.log_workbook(batches, lang),
    ):
        assert kinds(data) == {"c:inlineStr"}
        assert b"<f>" not in b"".join(parts(data, "xl/worksheets/").values())
    assert "f" not in kinds(template(lang, components))
    lines = list(
        csv_module.reader(io.StringIO(results.log_csv(batches, lang).decode("utf-8-sig"), newline=""))
    )
    assert not [cell for line in lines for cell in line if cell != harmless(results.read_back(cell))]
    assert [results.read_back(line[-1]) for line in lines[1:]] == [
        value.encode("utf-8", "replace").decode() for value in values
    ]


def test_sec20_the_tables_on_screen_give_no_files_of_their_own():
    """The browser's own CSV button writes formulas as they are, hidden numbers as stars, and tells nobody."""
    config = tomllib.loads(
        (Path(__file__).parents[3] / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    )
    assert config["client"]["disableDataExport"] is True


# --- SEC22 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sec22_files_for_others_hide_every_number_unless_asked(store, run, lang):
    for make in (results_file, missing_file):
        hidden, full = texts(make(store, run, lang)), texts(make(store, run, lang, full=True))
        assert CANARY in full
        assert OTHERS[0] in full
        assert not [number for number in (CANARY, *OTHERS) if number in hidden]
        assert "139****4321" in hidden
        assert "136****5678" in hidden  # in the remark
    assert "1301212" in texts(results_file(store, run, lang))  # no number yet: whoever mends it must see it


def test_sec22_the_batch_log_holds_no_number_at_all(store, run):
    for kind in ("csv", "xlsx"):
        for run_id in (run.id, None):
            data = log_file(store, run_id, "zh", "Asia/Shanghai", kind)
            told = data.decode("utf-8-sig") if kind == "csv" else texts(data)
            assert "unique-1" in told
            assert not [number for number in (CANARY, *OTHERS) if number in told]


def test_sec22_rows_for_correction_are_in_full_and_come_back(store, made):
    told = texts(problems_file(store, made, HERE, "zh"))
    assert f"{OTHERS[1]}/{OTHERS[2]}" in told


def test_sec21_every_export_is_written_down_with_who_and_how_many_rows(store, made, run):
    wang, li, zhang = (
        store_of(store, Person(name, Role.OPERATOR, is_heir=True)) for name in ("小王", "小李", "小张")
    )
    results_file(wang, run, "zh")
    results_file(wang, run, "zh", full=True)
    missing_file(li, run, "zh")
    log_file(li, run.id, "zh", "UTC", "csv")
    log_file(store, None, "zh", "UTC", "xlsx")
    other = draft(store, LIST.encode())
    problems_file(zhang, other, HERE, "zh")
    lines = store.journal.data_log()
    assert set(lines["what"]) == {DataDeed.EXPORTED}
    told = [
        (line.who, line.run_id or line.draft_id, *line.facts.values()) for line in lines[::-1].itertuples()
    ]
    assert told == [
        ("小王", run.id, "results", 3, False),
        ("小王", run.id, "results", 3, True),
        ("小李", run.id, "missing", 1, False),
        ("小李", run.id, "log", 1, False),
        ("person", "", "log", 1, False),
        ("小张", other.id, "problems", 3, True),
    ]
    assert CANARY not in repr(told)


# --- SEC23: what is frozen, and what is left when the draft is gone ---------------------------------------------


def test_sec23_only_columns_that_feed_a_field_are_frozen_into_a_run(store, made):
    assert list(source_table(run_plan(made, HERE).source).columns) == ["姓名", "手机号"]


def test_sec23_a_column_nobody_mapped_is_gone_with_the_draft(store, made, run):
    whole = own_table(store, run)
    assert whole["身份证"].tolist() == ["C4N4RY-1", "C4N4RY-2", "C4N4RY-3"]
    assert traces(data_folder(store), UNMAPPED)
    store.drafts.delete(str(made.id))
    store.erasure.vacuum()
    assert traces(data_folder(store), UNMAPPED) == set()
    assert list(own_table(store, run).columns) == ["姓名", "手机号"]
    assert own_table(store, run)["手机号"].tolist() == whole["手机号"].tolist()


def test_the_whole_sheet_comes_back_as_it_was_read_with_cells_before_they_were_split(store):
    made = draft(store, LIST.encode())
    made.split_numbers(HERE)
    run = store.runs.get(sent(store, submitted(store, made)))
    assert own_table(store, run)["手机号"].tolist() == [CANARY, f"{OTHERS[1]}/{OTHERS[2]}", "1301212"]
    assert UNMAPPED in texts(results_file(store, run, "zh"))


@pytest.mark.parametrize("is_kept", [True, False])
def test_every_number_of_a_cell_that_did_not_get_in_has_a_line_and_says_which_it_is(store, clock, is_kept):
    made = draft(store, LIST.encode())
    made.split_numbers(HERE)
    run = ended_without_arrivals(store, sent(store, submitted(store, made)), clock)
    if not is_kept:
        store.retention.delete_run(run.id)
    places = [["2", CANARY], ["3", OTHERS[1]], ["3 (2)", OTHERS[2]]]
    for full in (True, False):
        head, *lines = cells(missing_file(store, store.runs.get(run.id), "zh", full=full))
        at = head.index(t("results.column.number_sent", "zh"))
        numbers = places if full and is_kept else [[row, mask_seen(phone)] for row, phone in places]
        assert [[line[0], line[at]] for line in lines] == numbers
        if is_kept and full:
            assert [line[head.index("手机号")] for line in lines] == [
                CANARY,
                *[f"{OTHERS[1]}/{OTHERS[2]}"] * 2,
            ]


def test_a_file_that_cannot_be_read_any_more_gives_way_to_what_was_frozen(store, run, monkeypatch):
    monkeypatch.setattr(type(store.uploads), "read", lambda *_: ("x", b"%PDF-1.7"))
    assert list(own_table(store, run).columns) == ["姓名", "手机号"]


def test_another_file_in_the_drafts_place_is_not_given_back(store, run, monkeypatch):
    monkeypatch.setattr(type(store.uploads), "read", lambda *_: ("x.csv", b"a,b\n1,2\n"))
    assert list(own_table(store, run).columns) == ["姓名", "手机号"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_results_of_a_run_whose_data_is_gone_name_rows_and_outcomes(store, run, clock, lang):
    store.retention.delete_run(run.id)
    gone = store.runs.get(run.id)
    assert own_table(store, gone) is None
    lines = cells(results_file(store, gone, lang, full=True))
    assert [[*line[:2], line[3]] for line in lines[1:]] == [
        ["2", "139****4321", results_word("accepted", lang)],
        ["3", lines[2][1], results_word("held_back", lang)],
        ["4", lines[3][1], results_word("held_back", lang)],
    ]
    assert lines[1][5] == "unique-1"
    for full in (False, True):
        [_, line] = cells(missing_file(store, gone, lang, full=full))
        assert line[:2] == ["2", "139****4321"], "the sheet is gone, and so is the request"
    clock.pass_(100 * DAY)
    store.erasure.expire()
    forgotten = cells(results_file(store, store.runs.get(run.id), lang))
    assert [line[:2] for line in forgotten[1:]] == [[line[0], ""] for line in lines[1:]]
    assert [line[2] for line in forgotten[1:]] == [line[3] for line in lines[1:]]


def results_word(outcome: str, lang: str) -> str:
    return t(f"results.outcome.{outcome}", lang)


def test_a_run_whose_sheet_had_to_go_alone_still_has_results(store, run):
    store.erasure.replace_source(run.id, None)
    store.drafts.delete(str(run.draft_id))
    assert own_table(store, run) is None
    assert exports.results_file(store, run, "zh")


def test_a_row_deleted_on_request_is_left_out_with_the_rows_made_from_it(store):
    made = draft(store, LIST.encode())
    made.split_numbers(HERE)
    run_id = sent(store, submitted(store, made))
    forget_number.forget(store, OTHERS[1], block=False)
    book = openpyxl.load_workbook(io.BytesIO(results_file(store, store.runs.get(run_id), "zh", full=True)))
    assert [row[1] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)] == [
        CANARY,
        "1301212",
    ]


def test_sentences_about_cells_hide_numbers_too_and_still_name_the_place(store):
    made = draft(store, f"姓名,手机号\n张伟,0755-86543210\n李娜,{OTHERS[0]}/{OTHERS[1]}\n".encode())
    run = store.runs.get(submitted(store, made))
    problems = source_told(store.runs.source(run.id)).problems
    assert set(problems["code"]) == {"phone_landline", "phone_several"}
    hidden = texts(results_file(store, run, "zh"))
    assert "深圳" in hidden
    assert not [number for number in ("86543210", *OTHERS) if number in hidden]


# --- SEC29 ----------------------------------------------------------------------------------------------------


def test_sec29_whence_the_list_comes_is_kept_with_the_run_and_not_asked_for(store, made):
    assert store.runs.get(submitted(store, draft(store, LIST.encode()))).list_source == ""
    made.say_source(f"  门店登记\n  联系人 {CANARY} ")
    assert Draft.open(store, str(made.id)).list_source == "门店登记 联系人 139****4321"
    made.allow_sending_again(HERE)
    run = store.runs.get(submitted(store, made))
    assert run.list_source == "门店登记 联系人 139****4321"


def test_sec29_a_long_statement_is_cut(store, made):
    made.say_source("来" * 500)
    assert len(store.runs.get(submitted(store, made)).list_source) == 200


def test_sec29_another_file_is_another_statement(store, made):
    made.say_source("门店登记")
    made.load_sheet(LIST.encode(), "别的.csv")
    assert made.list_source == ""
