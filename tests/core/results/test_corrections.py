"""Rows corrected elsewhere come back to their own rows; whatever cannot be placed is told and not applied."""

import io

import openpyxl
import pytest

from lib.draft import Draft
from lib.errors import SheetRefused
from lib.mapping.components import ComponentRow
from lib.platform.connection import practice
from lib.results import corrections, problems_workbook
from lib.store import Store

HERE = practice("")
ID = "2a87347c-6dd5-4e22-97fe-9b8001dbcd17"
SHEET = (
    '姓名,手机号,性别,备注\n张伟,13012121211,男,好\n王芳,1391212,女,=1+1\n 李娜 ,13812121,女,"一行\n二行"\n'
    "𠮷田👨‍👩‍👧,,男,_x0041_\n赵四,13012121211,男, <b>&amp; \n"
)


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "desk.db")
    yield opened
    opened.close()


@pytest.fixture
def draft(store):
    return loaded(store)


def loaded(store, text=SHEET):
    made = Draft(store)
    made.load_sheet(text.encode(), "客户.csv")
    return made


def taken(draft, lang="zh"):
    """The workbook as the person downloads it."""
    problems = draft.review(HERE).problems

    def tokens(table):
        return corrections.tokens(draft, table, lang)

    data = problems_workbook(
        corrections.given_out(draft), problems, lang, columns=draft.columns, tokens=tokens
    )
    return openpyxl.load_workbook(io.BytesIO(data))


def back(draft, book, name="改好.xlsx"):
    data = io.BytesIO()
    book.save(data)
    return corrections.read_back(data.getvalue(), name, draft)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_file_that_was_only_saved_again_corrects_nothing(draft, lang):
    assert back(draft, taken(draft, lang)) == corrections.Corrections()


def test_corrected_cells_go_into_their_own_rows_whatever_the_order(draft):
    book = taken(draft)
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == [
        "行号",
        "姓名",
        "手机号",
        "性别",
        "备注",
        "原因",
        "行标记，请勿改动",
    ]
    sheet["C2"], sheet["B3"] = "13912121211", "李丽"
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for at, row in enumerate(reversed(rows), start=2):
        for column, value in enumerate(row, start=1):
            sheet.cell(at, column).value = value
            sheet.cell(at, column).data_type = "s"  # openpyxl would make a formula of =1+1
    found = back(draft, book)
    assert sorted(found.cells) == [(3, "phone", "13912121211"), (4, "name", "李丽")]
    assert found == corrections.Corrections(cells=found.cells, rows=2)
    draft.edit(found.cells, HERE)
    cleaned = draft.review(HERE).contacts
    assert cleaned.loc[[2, 3, 4], ["name", "phone"]].to_numpy().tolist() == [
        ["张伟", "13012121211"], ["王芳", "13912121211"], ["李丽", "13812121"],
    ]  # fmt: skip
    assert draft.undo() == 2
    assert draft.contacts.at[3, "phone"] == "1391212"


def test_what_was_edited_here_meanwhile_is_left_alone_unless_it_was_corrected_there_too(draft):
    book = taken(draft)
    book.worksheets[0]["C3"] = "13612121211"
    draft.edit([(3, "phone", "13512121211"), (4, "phone", "13712121211")], HERE)
    assert back(draft, book).cells == ((4, "phone", "13612121211"),)


def test_edits_made_here_are_given_out_and_do_not_come_back_as_corrections(draft):
    draft.edit([(3, "phone", "13912")], HERE)
    book = taken(draft)
    assert book.worksheets[0]["C2"].value == "13912"
    draft.undo()
    assert back(draft, book).cells == ()


def test_a_cell_can_be_emptied_and_filled(draft):
    book = taken(draft)
    sheet = book.worksheets[0]
    sheet["D2"], sheet["C4"] = None, 13912121211  # typed as a number
    assert sorted(back(draft, book).cells) == [(3, "sex", ""), (5, "phone", "13912121211")]


def test_a_row_of_another_list_is_told_and_not_applied(store, draft):
    other = loaded(store, SHEET.replace("张伟", "张三"))
    book = taken(other)
    book.worksheets[0]["C2"] = "13912121211"
    found = back(draft, book)
    assert (found.cells, found.unknown) == ((), (2, 3, 4, 5))


def test_the_same_file_uploaded_a_second_time_is_another_list(store, draft):
    book = taken(draft)
    assert back(loaded(store), book).unknown == (2, 3, 4, 5)


def test_a_token_that_was_tampered_with_is_unknown(draft):
    book = taken(draft)
    sheet = book.worksheets[0]
    token = sheet["G2"].value
    sheet["G2"], sheet["C2"] = "2" + token[1:], "13912121211"  # another row's number, this row's proof
    sheet["G3"] = token[:-6]
    sheet["G4"] = "99999-" + token.split("-", 1)[1]
    found = back(draft, book)
    assert (found.cells, found.unknown) == ((), (2, 3, 4))


def test_rows_without_a_token_and_copied_rows_are_told(draft):
    book = taken(draft)
    sheet = book.worksheets[0]
    sheet["C4"] = "13712121211"
    sheet.append(["", "新人", "13612121211"])
    sheet.append([cell.value for cell in sheet[4]])  # the same row twice says the same
    copied = [cell.value for cell in sheet[3]]
    sheet.append([*copied[:2], "13912121211", *copied[3:]])
    found = back(draft, book)
    assert (found.cells, found.untold, found.twice) == (((5, "phone", "13712121211"),), (6,), (3, 8))


def test_a_filter_that_is_on_when_the_file_is_saved_hides_no_correction(draft):
    book = taken(draft)
    sheet = book.worksheets[0]
    sheet["C2"], sheet["C3"] = "13912121211", "13812121211"
    sheet.auto_filter.add_filter_column(2, ["13812121211"])
    sheet.row_dimensions[2].hidden = True
    assert back(draft, book).cells == ((3, "phone", "13912121211"), (4, "phone", "13812121211"))


def test_a_row_whose_reason_says_what_to_fill_in_is_no_instruction(store):
    draft = loaded(store, "姓名,手机号,备注\n张伟,1391212,\n李娜,13612121211,好\n")
    draft.change_components([ComponentRow(id=ID, column="备注", rules=("required",))])
    book = taken(draft)
    book.worksheets[0]["D2"] = "好"
    assert back(draft, book).cells == ((2, f"component:{ID}", "好"),)


def test_columns_that_are_gone_or_new_or_feed_nothing_are_told(draft):
    book = taken(draft)
    sheet = book.worksheets[0]
    sheet["E2"], sheet["H1"], sheet["H2"] = "改过", "新列", "x"
    sheet["B1"] = "名字"
    found = back(draft, book)
    assert found.cells == ()
    assert (found.missing, found.extra, found.unused) == (("姓名",), ("名字", "新列"), ("备注",))


def test_a_column_that_feeds_a_component_too_corrects_both(draft):
    draft.change_components([ComponentRow(id=ID, label="昵称", column="姓名")])
    book = taken(draft)
    book.worksheets[0]["B2"] = "王方"
    assert set(back(draft, book).cells) == {(3, "name", "王方"), (3, f"component:{ID}", "王方")}


def test_what_was_typed_into_a_component_is_given_out_and_corrected(draft):
    draft.change_components([ComponentRow(id=ID, column="备注")])
    draft.edit([(3, f"component:{ID}", "好的")], HERE)
    book = taken(draft)
    assert book.worksheets[0]["E2"].value == "好的"
    book.worksheets[0]["E2"] = "很好"
    assert back(draft, book).cells == ((3, f"component:{ID}", "很好"),)


def test_a_person_s_column_called_like_ours_stays_theirs(store):
    draft = loaded(store, "行号,原因,手机号\n7,旧,1391212\n8,旧,13912121211\n")
    book = taken(draft)
    assert [cell.value for cell in book.worksheets[0][1]][:5] == [
        "行号 (2)",
        "行号",
        "原因",
        "手机号",
        "原因 (2)",
    ]
    book.worksheets[0]["D2"] = "13812121211"
    found = back(draft, book)
    assert (found.cells, found.extra) == (((2, "phone", "13812121211"),), ())


@pytest.mark.parametrize("text", ["姓名,手机号\n张伟,1391212\n", "行标记，请勿改动,手机号\nx,1391212\n"])
def test_a_file_without_tokens_is_refused(draft, text):
    with pytest.raises(SheetRefused, match="not_corrections"):
        corrections.read_back(text.encode(), "x.csv", draft)


def test_a_title_put_above_the_table_does_no_harm(draft):
    book = taken(draft)
    sheet = book.worksheets[0]
    sheet["C2"] = "13912121211"
    sheet.insert_rows(1)
    sheet["A1"] = "请各位核对"
    assert back(draft, book).cells == ((3, "phone", "13912121211"),)


def test_a_text_longer_than_a_cell_is_not_taken_back_cut(store):
    draft = loaded(store, "手机号,姓名\n1391212,甲\n13912121211,乙\n")
    draft.edit([(2, "name", "长" * 40_000)], HERE)
    assert back(draft, taken(draft)).cells == ()


def test_every_row_of_a_longer_list_finds_its_place(store):
    lines = "".join(f"人{at},139{at:05d}\n" for at in range(200))
    draft = loaded(store, "姓名,手机号\n" + lines)
    book = taken(draft)
    for row in range(2, 202):
        book.worksheets[0].cell(row, 3).value = f"139121{row:05d}"
    assert back(draft, book).rows == 200
