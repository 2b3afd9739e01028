"""The person's own file comes back as their own, with the results beside their columns; or a new one, and it is said why."""

import datetime as dt
import io

import openpyxl
import pytest
from openpyxl.styles import Font, PatternFill

from lib.contact.privacy import mask_phone
from lib.erasure import forget_number
from lib.errors import Refused
from lib.results import own_workbook
from lib.results.exports import results_file
from lib.results.own_workbook import FileForm, form_of_results
from lib.results.run import ADDED
from lib.run.arrivals import RowArrival, Withdrawal
from lib.store.schema import contact_row
from lib.words import LANGUAGES, t
from lib.workbook import process
from lib.workbook.beside import Unfit
from tests.core.kept_scenes import CANARY, HERE, OTHERS, draft, sent, submitted
from tests.core.people_scenes import ANNA, BO, store_of

TITLE = "春季回访名单"
COLUMNS = (
    "number_sent",
    "outcome",
    "reason",
    "batch_number",
    "arrival",
    "withdrawal",
    "time",
)


def book() -> bytes:
    """A merged title in row 1, a header in row 3, four people below it: a number, a text, two numbers in a cell, one too short."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "名单"
    sheet["A1"] = TITLE
    sheet.merge_cells("A1:E1")
    sheet.append([])
    for line in (
        ("姓名", "手机号", "余额", "登记", "内部"),
        ("张伟", int(CANARY), 12.5, dt.date(2024, 3, 1), "甲"),
        ("王芳", "1363456789", 8, dt.date(2024, 3, 2), "乙"),
        ("李娜", f"{OTHERS[1]}/{OTHERS[2]}", 9, dt.date(2024, 3, 3), "丙"),
        ("赵四", "1301212", 10, dt.date(2024, 3, 4), "丁"),
    ):
        sheet.append(line)
    sheet["C4"].number_format, sheet["D4"].number_format = '#,##0.00"元"', "yyyy年m月d日"
    sheet["A4"].fill, sheet["A3"].font = PatternFill("solid", fgColor="FFC000"), Font(bold=True, name="宋体")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["E"].hidden = 33, True
    sheet.row_dimensions[7].hidden = True
    other = made.create_sheet("报价")
    other["A1"], other["A2"] = 5, "=A1*2"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def run_from(store, *answers, data=None, name="客户.xlsx"):
    """A run of that list: one number corrected by hand, the two of a cell given a row each."""
    made = draft(store, book() if data is None else data, name)
    made.split_numbers(HERE)
    if data is None:
        made.edit([(5, "phone", OTHERS[0])], HERE)
    return store.runs.get(sent(store, submitted(store, made), *answers))


def given_back(store, run, lang="zh"):
    return openpyxl.load_workbook(
        io.BytesIO(results_file(store, run, lang, full=True, zone="Asia/Shanghai")), rich_text=True
    )


def mark(store, run, row, **facts):
    with store._db.write() as tx:
        tx.execute(
            contact_row.update()
            .where(contact_row.c.run_id == run.id, contact_row.c.row == row)
            .values(**{name: value.value for name, value in facts.items()})
        )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_persons_own_workbook_comes_back_with_the_results_beside_their_columns(store, lang):
    run = run_from(store)
    mark(store, run, 4, arrival=RowArrival.IMPORTED, withdrawal=Withdrawal.WITHDRAWN)
    made = given_back(store, run, lang)
    sheet = made["名单"]
    assert made.sheetnames == ["名单", "报价"]
    assert made["报价"]["A2"].value == "=A1*2"
    assert (sheet["A1"].value, [str(area) for area in sheet.merged_cells.ranges]) == (TITLE, ["A1:E1"])
    assert [sheet[f"{letter}4"].value for letter in "ABCDE"] == [
        "张伟",
        int(CANARY),
        12.5,
        dt.datetime(2024, 3, 1),
        "甲",
    ]
    assert sheet["B5"].value == "1363456789"
    assert (sheet["C4"].number_format, sheet["D4"].number_format) == ('#,##0.00"元"', "yyyy年m月d日")
    assert (sheet["A4"].fill.fgColor.rgb, sheet["A3"].font.name) == ("00FFC000", "宋体")
    assert sheet.column_dimensions["A"].width == 33
    assert sheet.column_dimensions["E"].hidden
    assert sheet.row_dimensions[7].hidden
    zone = "Asia/Shanghai"
    assert [cell.value for cell in sheet[3]][5:] == [
        t(f"results.column.{name}", lang, **({"zone": zone} if name == "time" else {})) for name in COLUMNS
    ]
    number, outcome, reason, batch, arrival, withdrawal, time = (cell.value for cell in sheet[4][5:])
    assert (number, outcome, reason) == (CANARY, t("results.outcome.accepted", lang), None)
    assert batch.startswith("unique-")
    assert (arrival, withdrawal) == (t("arrival.row.imported", lang), t("withdrawal.row.withdrawn", lang))
    assert dt.datetime.fromisoformat(time)
    assert sheet["G4"].fill.fgColor.rgb == "FFE2F0D9"
    assert all(cell.value is None for row in (1, 2) for cell in sheet[row][5:])


def test_a_corrected_number_stands_beside_what_the_file_says(store):
    sheet = given_back(store, run_from(store))["名单"]
    assert (sheet["B5"].value, sheet["F5"].value) == ("1363456789", OTHERS[0])
    assert (sheet["F7"].value, sheet["G7"].value) == (None, t("results.outcome.held_back", "zh"))
    assert sheet["H7"].value


@pytest.mark.parametrize(("full", "sent_as"), [(True, OTHERS[0]), (False, mask_phone(OTHERS[0]))])
def test_a_corrected_number_stands_in_a_new_workbook_too_hidden_where_the_file_is(store, full, sent_as):
    made = draft(store, "姓名,手机号\n张伟,1363456789\n王芳,1301212\n".encode(), "客户.csv")
    made.edit([(2, "phone", OTHERS[0])], HERE)
    run = store.runs.get(sent(store, submitted(store, made)))
    told = openpyxl.load_workbook(io.BytesIO(results_file(store, run, "zh", full=full)))
    header, corrected, kept = list(told.worksheets[0].values)
    assert header[2:] == tuple(t(f"results.column.{name}", "zh", zone="UTC") for name in ADDED)
    assert (corrected[2], kept[2]) == (sent_as, None)
    assert corrected[3] == t("results.outcome.accepted", "zh")
    assert corrected[-1]


def test_rows_made_from_one_cell_are_told_in_its_row(store):
    sheet = given_back(store, run_from(store))["名单"]
    assert sheet["B6"].value == f"{OTHERS[1]}/{OTHERS[2]}"
    assert sheet["F6"].value == "\n".join(
        t("structure.of_number", "zh", part=part, text=phone) for part, phone in enumerate(OTHERS[1:], 1)
    )
    assert sheet["G6"].value == t("results.outcome.accepted", "zh")


def test_sec20_what_the_platform_says_stays_text(store):
    said = "=HYPERLINK(1)&<x>"
    run = run_from(store, Refused("refused", message=said))
    cell = given_back(store, run)["名单"]["H4"]
    assert said in cell.value
    assert cell.data_type == "s"


@pytest.mark.long
def test_which_file_it_is_and_why(store, monkeypatch):
    run = run_from(store)
    assert form_of_results(store, run, full=True).form == FileForm.OWN
    assert form_of_results(store, run, full=False).form == FileForm.HIDDEN
    text = run_from(store, data="姓名,手机号\n张伟,13512345671\n".encode(), name="客户.csv")
    assert form_of_results(store, text, full=True).form == FileForm.KIND
    misnamed = run_from(store, data="姓名,手机号\n张伟,13512345672\n".encode(), name="客户.xlsx")
    assert form_of_results(store, misnamed, full=True).form == FileForm.KIND
    for unfit in Unfit:
        monkeypatch.setattr(own_workbook, "write_columns", lambda *_, unfit=unfit: unfit)
        assert form_of_results(store, run, full=True).form == unfit
        told = openpyxl.load_workbook(io.BytesIO(results_file(store, run, "zh", full=True)))
        assert told.sheetnames == ["名单", t("results.sheet.notes", "zh")]
        assert t(f"results.form.{unfit}", "zh") in [cell.value for cell in told.worksheets[1]["C"]]
    monkeypatch.undo()
    forget_number.forget(store, CANARY, block=False)
    assert form_of_results(store, run, full=True).form == FileForm.CUT
    store.drafts.delete(str(run.draft_id))
    assert form_of_results(store, run, full=True).form == FileForm.GONE


def test_a_process_that_dies_costs_the_looks_and_nothing_else(store, monkeypatch):
    run = run_from(store)
    monkeypatch.setattr(process, "run_beside", lambda *_: None)
    assert form_of_results(store, run, full=True).form == FileForm.ODD
    told = openpyxl.load_workbook(io.BytesIO(results_file(store, run, "zh", full=True)))
    assert [row[1].value for row in told.worksheets[0].iter_rows(min_row=2)][0] == CANARY
    assert store.journal.data_log().iloc[0]["facts"] == {"kind": "results", "rows": 4, "full": True}


def test_sec45_a_viewer_is_told_that_theirs_is_a_new_one_with_hidden_numbers(store):
    anna = store_of(store, ANNA)
    run = anna.runs.get(submitted(anna, draft(anna, book(), "客户.xlsx")))
    viewer = store_of(store, BO)
    assert form_of_results(viewer, run, full=False).form == FileForm.MASKED
    assert form_of_results(anna, run, full=False).form == FileForm.HIDDEN
    told = openpyxl.load_workbook(io.BytesIO(results_file(viewer, run, "zh")))
    cells = str([cell for row in told.worksheets[0].values for cell in row])
    assert CANARY not in cells
    assert TITLE not in cells
