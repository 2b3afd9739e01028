"""A draft of several worksheets: its rows keep their numbers through edits, restarts, runs, results and deletions."""

import io

import openpyxl
import pytest

from lib.contact.problems import ProblemCode
from lib.draft import Draft
from lib.draft.plan import run_plan
from lib.erasure import forget_number
from lib.errors import Refused, SheetRefused
from lib.results import corrections, problems_workbook
from lib.results.exports import results_file
from lib.results.own_workbook import FileForm, form_of_results
from lib.sheet.row_numbers import row_name, row_of_sheet
from lib.store import Store
from lib.words import t
from tests.core.kept_scenes import HERE, data_folder, draft, sent, submitted
from tests.core.traces import traces
from tests.files.cities import CITIES, cities, workbook_of

NAMES = [*CITIES]
PHONES = [phone for phones in CITIES.values() for phone in phones]
HEADER = ("姓名", "手机号")


def together(store: Store, data: bytes | None = None, *names: str) -> Draft:
    made = draft(store, cities() if data is None else data, "各城市.xlsx")
    made.read_together(names or NAMES, "工作表")
    return made


def again(store: Store, made: Draft) -> Draft:
    found = Draft.open(store, str(made.id))
    assert found
    return found


def given_back(store: Store, run_id: str, *, full: bool) -> openpyxl.Workbook:
    run = store.runs.get(run_id)
    return openpyxl.load_workbook(io.BytesIO(results_file(store, run, "zh", full=full)))


def lines_of(sheet: object) -> list[list[object]]:
    return [[*line] for line in sheet.iter_rows(values_only=True)]  # type: ignore[attr-defined]


def test_it_is_the_same_after_a_restart_with_every_edit_in_its_row(store: Store) -> None:
    made = together(store)
    second, third = row_of_sheet(3, 2), row_of_sheet(4, 3)
    made.edit([(second, "phone", "15012345678"), (third, "name", "王芳")], HERE)
    made.leave_out([row_of_sheet(2, 1)])
    found = again(store, made)
    assert found.sheet.table.equals(made.sheet.table)
    assert (found.contacts.at[second, "phone"], found.contacts.at[third, "name"]) == ("15012345678", "王芳")
    assert [row_name(row) for row in found.left_out] == ["1·2"]
    found.reread(total_lines=True)
    assert found.contacts.at[second, "phone"] == "15012345678"
    assert found.tally(HERE).rows == len(PHONES)


def test_the_offer_is_kept_and_follows_what_is_read(store: Store) -> None:
    made = draft(store, cities(), "各城市.xlsx")
    every = tuple((name, len(phones)) for name, phones in CITIES.items())
    assert made.alike == again(store, made).alike == every
    made.reread(sheet="汇总")
    assert made.alike == ()
    made.reread(sheet="上海")
    made.read_together(["上海", "广州"], "工作表")
    assert (made.alike, len(made.sheet.parts)) == (every, 2)
    made.read_alone()
    assert (made.sheet.sheet, made.sheet.parts, made.alike) == ("上海", (), every)
    made.read_together(NAMES, "工作表")
    made.reread(sheet="北京")
    assert (made.sheet.parts, made.sheet.sheet) == ((), "北京")


def test_what_cannot_be_read_loses_nothing(store: Store) -> None:
    made = together(store)
    before = made.sheet
    with pytest.raises(SheetRefused, match="sheet_missing"):
        made.read_together(["北京", "天津"], "工作表")
    assert made.sheet is before
    assert again(store, made).sheet.table.equals(before.table)


def test_a_number_of_two_worksheets_is_called_once_and_its_first_row_is_named(store: Store) -> None:
    lines = [HEADER, ("张伟", "13012121211"), ("王芳", "13912345678")]
    made = together(store, workbook_of({"甲": lines, "乙": lines}), "甲", "乙")
    problems = made.review(HERE).problems
    repeated = problems[problems["code"].eq(ProblemCode.PHONE_REPEATED.value)]
    told = [
        (row_name(row), row_name(first))
        for row, first in zip(repeated["row"], repeated["suggestion"], strict=True)
    ]
    assert told == [("2·2", "1·2"), ("2·3", "1·3")]
    assert made.tally(HERE).to_send == 2


def test_cells_with_several_numbers_get_rows_right_in_their_worksheet(store: Store) -> None:
    lines = [HEADER, ("张伟", "13012121211/13912345678"), ("王芳", "13612345678")]
    others = [HEADER, ("李娜", "13712345678"), ("赵四", "13812345678/13512345678")]
    made = together(store, workbook_of({"甲": lines, "乙": others}), "甲", "乙")
    assert made.split_numbers(HERE) == 2
    assert [*map(row_name, made.contacts.index)] == ["1·2", "1·3", "1·2 (2)", "2·2", "2·3", "2·3 (2)"]
    assert again(store, made).contacts.equals(made.contacts)
    run_id = sent(store, submitted(store, made))
    sheet = given_back(store, run_id, full=True)["乙"]
    numbered = [
        t("structure.of_number", "zh", part=at, text=phone)
        for at, phone in ((1, "13812345678"), (2, "13512345678"))
    ]
    assert sheet["C3"].value == "\n".join(numbered)
    assert sheet["D3"].value == t("results.outcome.accepted", "zh")


def test_every_row_goes_out_once_and_the_persons_own_workbook_tells_it_in_each_worksheet(
    store: Store,
) -> None:
    made = together(store)
    plan = run_plan(made, HERE)
    assert plan.sheet_name == "北京、上海、广州"
    assert plan.rows.index.tolist() == made.sheet.table.index.tolist()
    made.choose_batch_size(3)
    run_id = sent(store, submitted(store, made), Refused("refused", message="不行"))
    rows = store.runs.rows(run_id)
    assert [row_name(row) for row in rows["row"]] == ["1·2", "1·3", "2·2", "2·3", "2·4", "3·3", "3·4"]
    run = store.runs.get(run_id)
    assert form_of_results(store, run, full=True).form == FileForm.OWN
    book = given_back(store, run_id, full=True)
    assert book.sheetnames == [*NAMES, "汇总"]
    refused, accepted = (t(f"results.outcome.{one}", "zh") for one in ("rejected", "accepted"))
    told = {name: [line[2:4] for line in lines_of(book[name])] for name in NAMES}
    titles = [t(f"results.column.{name}", "zh") for name in ("number_sent", "outcome")]
    assert told == {
        "北京": [titles, *([phone, refused] for phone in CITIES["北京"])],
        "上海": [titles, *zip_lists(CITIES["上海"], [refused, accepted, accepted])],
        "广州": [[None, None], titles, *([phone, accepted] for phone in CITIES["广州"])],
    }
    assert lines_of(book["汇总"]) == [["城市", "人数"], ["北京", "2"], ["上海", "3"]]


def zip_lists(first: list[str], second: list[str]) -> list[list[str]]:
    return [[*pair] for pair in zip(first, second, strict=True)]


def test_a_new_results_file_names_the_worksheet_of_every_row(store: Store) -> None:
    run_id = sent(store, submitted(store, together(store)))
    header, *lines = lines_of(given_back(store, run_id, full=False).worksheets[0])
    column = header.index("工作表")
    assert [line[column] for line in lines] == [name for name, phones in CITIES.items() for _ in phones]


def test_rows_name_their_worksheet_when_the_file_is_gone_too(store: Store) -> None:
    made = together(store)
    run_id = sent(store, submitted(store, made))
    store.drafts.delete(str(made.id))
    header, *lines = lines_of(given_back(store, run_id, full=False).worksheets[0])
    assert header[:3] == ["姓名", "手机号", "工作表"]
    assert [line[2] for line in lines] == [name for name, phones in CITIES.items() for _ in phones]


def test_a_run_of_many_worksheets_names_the_first_few(store: Store) -> None:
    lines = [HEADER, ("张伟", "13012121211"), ("王芳", "13612345678")]
    names = [f"{day}日" for day in range(1, 8)]
    made = together(store, workbook_of(dict.fromkeys(names, lines)), *names)
    assert run_plan(made, HERE).sheet_name == "1日、2日、3日、4日、5日 … (7)"


@pytest.mark.parametrize("names", [("男", "女"), ("张伟", "王芳"), ("a@b.com", "c@d.com")])
def test_what_worksheets_are_called_feeds_nothing_by_itself(store: Store, names: tuple[str, str]) -> None:
    lines = [("手机号",), *((f"1301212{at:04}",) for at in range(30))]
    made = together(store, workbook_of(dict.fromkeys(names, lines)), *names)
    assert made.mapping.columns == {"phone": "手机号"}
    assert not made.mapping.is_doubtful


def test_the_column_of_worksheets_may_feed_a_component(store: Store) -> None:
    made = together(store)
    made.change_mapping(made.mapping.with_column("company", "工作表"))
    assert made.contacts["company"].unique().tolist() == NAMES


def test_corrections_find_their_rows_in_every_worksheet(store: Store) -> None:
    lines = [HEADER, ("张伟", "1301212"), ("王芳", "13612345678")]
    made = together(store, workbook_of({"甲": lines, "乙": lines, "丙": lines}), "甲", "丙")
    table = corrections.given_out(made)
    data = problems_workbook(
        table,
        made.review(HERE).problems,
        "zh",
        columns=made.columns,
        tokens=lambda some: corrections.tokens(made, some, "zh"),
    )
    book = openpyxl.load_workbook(io.BytesIO(data))
    named = {str(line[0].value): line for line in book.worksheets[0].iter_rows(min_row=2)}
    named["3·2"][2].value = "13712345678"
    out = io.BytesIO()
    book.save(out)
    found = corrections.read_back(out.getvalue(), "改好.xlsx", made)
    assert found.cells == ((row_of_sheet(2, 3), "phone", "13712345678"),)
    assert (found.unknown, found.untold, found.twice) == ((), (), ())


@pytest.mark.parametrize("phone", ["13912345678", "13812345678", "13312345678"])
def test_sec27_a_deleted_number_is_found_in_every_worksheet(store: Store, phone: str) -> None:
    made = together(store)
    made.edit([(row_of_sheet(2, 2), "name", "王芳")], HERE)
    found = forget_number.forget(store, phone, block=False)
    assert (found.counts["drafts"], found.counts["file_rows"]) == (1, 1)
    assert traces(data_folder(store), phone) == set()
    left = again(store, made)
    assert left.sheet.table["手机号"].tolist() == [one for one in PHONES if one != phone]
    assert left.contacts.at[row_of_sheet(2, 2), "name"] == "王芳"
    assert [part.name for part in left.sheet.parts] == NAMES


def test_sec27_a_number_in_the_name_of_a_worksheet_goes_and_its_people_stay(store: Store) -> None:
    phone = "15912345678"
    lines = [HEADER, ("张伟", "13012121211"), ("王芳", "13612345678")]
    made = together(store, workbook_of({"甲": lines, phone: lines}), "甲", phone)
    forget_number.forget(store, phone, block=False)
    assert traces(data_folder(store), phone) == set()
    assert len(again(store, made).sheet.table) == 4


def test_a_hidden_column_called_like_the_one_of_the_worksheets_keeps_its_name_to_itself(store: Store) -> None:
    lines = [("姓名", "手机号", "工作表"), ("张伟", "13012121211", "晨光"), ("李娜", "13712345678", "四方")]
    book = openpyxl.load_workbook(io.BytesIO(workbook_of({"甲": lines, "乙": lines})))
    for sheet in book:
        sheet.column_dimensions["C"].hidden = True
    out = io.BytesIO()
    book.save(out)
    made = together(store, out.getvalue(), "甲", "乙")
    made.change_mapping(made.mapping.with_column("company", "工作表"))
    made.reread(hidden_columns=False)
    assert made.sheet
    assert made.sheet.table.columns.tolist() == ["姓名", "手机号", "工作表 (2)"]
    assert "company" not in made.contacts.columns, "nobody's company is the name of a worksheet"
