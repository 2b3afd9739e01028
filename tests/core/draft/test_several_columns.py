"""Where several columns feed a field, everything that asks where a text came from finds the right cell."""

import io
import json
from dataclasses import replace

import openpyxl
import pytest

from lib.contact.number_search import Sought
from lib.draft import Draft
from lib.draft.plan import masked_source, run_plan, source_table, source_texts, source_told, source_without
from lib.erasure import forget_number
from lib.platform.connection import ConnectionKind, practice
from lib.results import corrections, problems_workbook, run_workbook
from lib.results.run import hidden_numbers
from lib.sheet.row_numbers import row_name
from lib.sheet.split import file_table
from lib.store import Store

HERE = practice("")
A, B, C, D = "13012121211", "13912345678", "13612345678", "13712345678"
CSV = (
    "名,姓,手机,备用电话,备注\n"
    f"伟,张,{A}/{B},,x\n"
    f"娜,李,,{C}/{D},y\n"
    "芳,王,,1391212,z\n"
    "强,赵,1301212,13512345678,w\n"
)  # fmt: skip


@pytest.fixture
def draft(store: Store) -> Draft:
    made = Draft(store)
    made.load_sheet(CSV.encode(), "名单.csv")
    mapping = made.mapping.with_columns("phone", ["手机", "备用电话"])
    made.change_mapping(mapping.with_columns("name", ["姓", "名"], ""))
    return made


def again(store: Store, draft: Draft) -> Draft:
    found = Draft.open(store, str(draft.id))
    assert found
    return found


def test_a_draft_with_several_columns_is_found_again(store: Store, draft: Draft) -> None:
    assert again(store, draft).mapping == draft.mapping
    assert again(store, draft).contacts.equals(draft.contacts)
    assert draft.contacts["name"].tolist() == ["张伟", "李娜", "王芳", "赵强"]
    assert draft.contacts.loc[[3, 4], "phone"].tolist() == [f"{C}/{D}", "1391212"]


def test_cells_with_several_numbers_are_split_in_the_column_they_stand_in(store: Store, draft: Draft) -> None:
    assert draft.split_numbers(HERE) == 2
    found = again(store, draft)
    phones = {row_name(row): phone for row, phone in found.contacts["phone"].items()}
    assert phones == {"2": A, "3": C, "4": "1391212", "5": "1301212", "2 (2)": B, "3 (2)": D}
    assert file_table(found.sheet)["手机"].tolist() == [f"{A}/{B}", "", "", "1301212"]
    assert file_table(found.sheet)["备用电话"].tolist() == ["", f"{C}/{D}", "1391212", "13512345678"]
    found.join_numbers()
    assert found.rows_made == 0


def test_splitting_again_after_the_columns_changed_places_makes_each_row_once(draft: Draft) -> None:
    both = [f"{A}/{B}", f"{C}/{D}"]
    draft.load_sheet(f"手机,备用\n{both[0]},{both[1]}\n".encode(), "a.csv")
    draft.change_mapping(draft.mapping.with_columns("phone", ["手机", "备用"]))
    draft.split_numbers(HERE)
    draft.change_mapping(draft.mapping.with_columns("phone", ["备用", "手机"]))
    draft.split_numbers(HERE)
    assert draft.contacts.index.is_unique
    assert draft.contacts["phone"].tolist() == [C, D]


def taken(draft: Draft) -> openpyxl.Workbook:
    data = problems_workbook(
        corrections.given_out(draft),
        draft.review(HERE).problems,
        "zh",
        columns=draft.columns,
        tokens=lambda table: corrections.tokens(draft, table, "zh"),
    )
    return openpyxl.load_workbook(io.BytesIO(data))


def back(draft: Draft, book: openpyxl.Workbook) -> corrections.Corrections:
    data = io.BytesIO()
    book.save(data)
    return corrections.read_back(data.getvalue(), "改好.xlsx", draft)


def test_the_wrong_cell_is_marked_in_the_column_it_stands_in(draft: Draft) -> None:
    sheet = taken(draft).worksheets[0]
    commented = {cell.coordinate for row in sheet.iter_rows(min_row=2) for cell in row if cell.comment}
    assert [cell.value for cell in sheet[1]][:6] == ["行号", "名", "姓", "手机", "备用电话", "备注"]
    assert commented == {"D2", "E3", "E4", "D5"}


def test_a_correction_finds_the_field_through_any_of_its_columns(draft: Draft) -> None:
    book = taken(draft)
    sheet = book.worksheets[0]
    sheet["E4"], sheet["D3"], sheet["B5"] = "13512345679", D, "强强"
    found = back(draft, book)
    assert set(found.cells) == {(4, "phone", "13512345679"), (3, "phone", D), (5, "name", "赵强强")}
    assert (found.rows, found.unused) == (3, ())


def test_a_number_put_in_where_another_already_counts_changes_nothing(draft: Draft) -> None:
    book = taken(draft)
    book.worksheets[0]["E5"] = B
    assert back(draft, book).cells == ()


def test_what_was_typed_here_is_given_out_in_the_cell_it_came_from(draft: Draft) -> None:
    draft.edit([(4, "phone", B), (5, "name", "赵小强"), (2, "phone", A)], HERE)
    table = corrections.given_out(draft)
    assert table.loc[4, ["手机", "备用电话"]].tolist() == ["", B]
    assert table.loc[2, ["手机", "备用电话"]].tolist() == [A, ""]
    assert table.loc[5, ["姓", "名"]].tolist() == ["赵小强", ""]
    assert back(draft, taken(draft)) == corrections.Corrections()


def test_a_run_keeps_every_column_that_fed_a_field_and_no_other(store: Store, draft: Draft) -> None:
    run_id = store.runs.create(run_plan(draft, HERE))
    source = store.runs.source(run_id)
    assert list(source_table(source).columns) == ["名", "姓", "手机", "备用电话"]
    assert source_told(source).columns["phone"] == ("手机", "备用电话")
    assert source_texts(source, "name").to_dict() == {2: "张伟", 3: "李娜", 4: "王芳", 5: "赵强"}
    assert source_texts(source, "company").empty
    kept = source_without(source, Sought(C))[1]
    assert kept
    assert source_texts(kept, "name").to_dict() == {2: "张伟", 4: "王芳", 5: "赵强"}


def test_the_results_mark_and_hide_the_numbers_of_every_column(store: Store, draft: Draft) -> None:
    run_id = store.runs.create(run_plan(draft, HERE))
    source = store.runs.source(run_id)
    told = source_told(source)
    data = run_workbook(
        source_table(source), store.runs.rows(run_id), "zh", problems=told.problems, columns=told.columns
    )
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment} == {
        "C2",
        "D3",
        "D4",
        "C5",
    }
    hidden = hidden_numbers(source_table(source), told.columns)
    masked = source_table(masked_source(source))
    for table in (hidden, masked):
        shown = "".join(table[["手机", "备用电话"]].to_numpy().ravel().tolist())
        assert not any(number in shown for number in (A, B, C, D))


def test_a_column_called_like_a_deleted_number_takes_half_a_name_with_it(store: Store, draft: Draft) -> None:
    draft.load_sheet(f"姓,{A},手机,备用 {A}\n张,伟,{B},{C}\n".encode(), "a.csv")
    draft.reread(header_row=1)
    columns = list(draft.sheet.table.columns)
    mapping = draft.mapping.with_columns("name", columns[:2], "").with_columns("phone", columns[2:])
    draft.change_mapping(mapping)
    forget_number.forget(store, A, block=False)
    left = again(store, draft).mapping
    assert left.sources("phone") == ("手机",)
    assert left.sources("name") == ()
    assert A not in json.dumps(left.as_dict())


# --- words for numbers --------------------------------------------------------------------------------------

LEADS = f"姓名,手机号,来源\n张伟,{A},抖音\n李娜,{B},百度\n王芳,{C},抖音\n"


def leads(store: Store) -> Draft:
    made = Draft(store)
    made.load_sheet(LEADS.encode(), "线索.csv")
    made.change_mapping(made.mapping.with_column("source_id", "来源"))
    return made


def sources(draft: Draft) -> list[str]:
    return list(draft.review(HERE).contacts["source_id"])


def test_a_word_is_told_once_and_known_in_the_next_list_of_the_account(store: Store) -> None:
    draft = leads(store)
    assert draft.tally(HERE).to_send == 0
    draft.say_word("source_id", "抖音", "7", HERE)
    assert sources(draft) == ["7", "百度", "7"]
    draft.say_word("source_id", "百度", "8", HERE)
    assert draft.tally(HERE).to_send == 3
    assert sources(again(store, draft)) == ["7", "8", "7"]
    assert sources(leads(store)) == ["7", "8", "7"]
    draft.suggest_again()
    draft.change_mapping(draft.mapping.with_column("source_id", "来源"))
    assert sources(draft) == ["7", "8", "7"]


def test_a_word_taken_back_is_unknown_again_here_and_later(store: Store) -> None:
    draft = leads(store)
    draft.say_word("source_id", "抖音", "7", HERE)
    draft.say_word("source_id", "抖音", "", HERE)
    assert sources(draft) == sources(leads(store)) == ["抖音", "百度", "抖音"]


def test_another_account_gets_its_own_numbers_and_never_these(store: Store) -> None:
    draft = leads(store)
    draft.say_word("source_id", "抖音", "7", HERE)
    draft.remember_mapping()
    there = replace(HERE, id="other", kind=ConnectionKind.REAL, base_url="https://a.example")
    assert draft.review(there).contacts["source_id"].tolist() == ["抖音", "百度", "抖音"]
    draft.say_word("source_id", "抖音", "99", there)
    assert draft.review(there).contacts["source_id"].tolist() == ["99", "百度", "99"]
    assert sources(draft) == ["7", "百度", "7"]


def test_a_column_that_is_not_used_holds_nothing_back(store: Store) -> None:
    draft = leads(store)
    draft.change_mapping(draft.mapping.without("source_id"))
    assert draft.tally(HERE).to_send == 3


def test_a_number_of_a_person_is_not_remembered_as_a_word(store: Store) -> None:
    store.meanings.remember("account", "source_id", f"微信 {A}", "7")
    store.meanings.remember("account", "source_id", "其他", A)
    store.meanings.remember("account", "source_id", "分机 10086", "8")
    assert store.meanings.recall("account") == {"source_id": {"分机 10086": "8"}}
    assert forget_number.forget(store, "10086", block=False).counts["mappings"] == 1
    assert store.meanings.recall("account") == {}


def test_a_number_in_a_script_is_masked_and_goes_where_it_has_to_be_forgotten(store: Store) -> None:
    store.scripts.remember("task", f"您好 {{姓名}}，请回电 {A}，分机 10086")
    assert store.scripts.recall("task") == "您好 {姓名}，请回电 130****1211，分机 10086"
    assert store.scripts.recall("another") == ""
    assert forget_number.forget(store, "10086", block=False).counts["mappings"] == 1
    assert store.scripts.recall("task") == ""
