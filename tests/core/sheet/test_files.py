"""Several files kept as one upload and read as one list; whatever is wrong with one of them is told, and nothing is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.draft import Draft
from lib.erasure import forget_number
from lib.errors import SheetRefused
from lib.results.exports import results_file
from lib.results.own_workbook import FileForm, form_of_results
from lib.sheet import Sheet, files, read, read_files
from lib.sheet.row_numbers import row_name, row_of_sheet
from lib.sheet.together import WORKSHEETS
from lib.store import Store
from tests.core.kept_scenes import HERE, data_folder, sent, submitted
from tests.core.traces import traces
from tests.files.cities import workbook_of

HEADER = ("姓名", "手机号")
BEIJING = workbook_of(
    {"名单": [HEADER, ("张伟", "13012121211"), ("王芳", "13912345678")], "别的": [("x",), ("15912345678",)]}
)
SHANGHAI = "手机号,姓名\n13612345678,李娜\n13712345678,赵四\n".encode("gb18030")
GUANGZHOU = "名单\n\n姓名,手机号\n钱五,13812345678\n".encode()
FILES = [("北京.xlsx", BEIJING), ("上海.csv", SHANGHAI), ("广州.csv", GUANGZHOU)]


def one_list(several: list[files.File], *, alike: bool = True, **wanted: bool) -> Sheet:
    return read_files(files.as_upload(several), "三个文件", sheet_column="文件", alike=alike, **wanted)


def loaded(store: Store, several: list[files.File] | None = None) -> Draft:
    made = Draft(store)
    made.choose_connection(HERE.id)
    made.load_files(several or FILES, "北京.xlsx 等 3 个文件", "文件")
    return made


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=8))
def test_files_come_out_as_they_went_in(contents: list[bytes]) -> None:
    several = [(f"{at}.csv", content) for at, content in enumerate(contents)]
    upload = files.as_upload(several)
    assert files.are_several(upload)
    assert files.files_of(upload) == several


def test_files_of_different_kinds_with_the_same_columns_are_one_list() -> None:
    whole = one_list(FILES)
    assert [*map(row_name, whole.table.index)] == ["1·2", "1·3", "2·2", "2·3", "3·4"]
    assert whole.table["文件"].tolist() == ["北京.xlsx"] * 2 + ["上海.csv"] * 2 + ["广州.csv"]
    assert whole.table["手机号"].tolist() == [
        "13012121211",
        "13912345678",
        "13612345678",
        "13712345678",
        "13812345678",
    ]
    assert whole.table["姓名"].tolist() == ["张伟", "王芳", "李娜", "赵四", "钱五"]
    assert (whole.name, whole.sheet, whole.sheets, whole.encoding) == ("三个文件", None, (), None)
    assert [(part.name, part.place, part.rows) for part in whole.parts] == [
        ("北京.xlsx", 1, 2),
        ("上海.csv", 2, 2),
        ("广州.csv", 3, 1),
    ]
    told = {str(note.code): note.params[WORKSHEETS] for note in whole.notes}
    assert told["more_sheets"] == ["北京.xlsx"]
    assert told["title_rows"] == ["广州.csv"]


def test_rows_of_one_name_stay_apart() -> None:
    whole = one_list([("名单.csv", SHANGHAI), ("名单.csv", SHANGHAI)])
    assert whole.table["文件"].tolist() == ["名单.csv"] * 4
    assert whole.table.index.is_unique


@pytest.mark.parametrize(
    ("other", "code", "params"),
    [
        (("深圳.csv", "姓名,电话\n孙六,13512345678\n".encode()), "files_differ", {"ours": "手机号", "theirs": "电话"}),
        (("深圳.csv", "孙六,13512345678\n周七,13512345679\n".encode()), "files_differ", {}),
        (("图.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(40)), "files_one_refused", {"file": "图.xlsx"}),
        (("压缩.zip", b"PK\x03\x04" + bytes(40)), "files_one_refused", {"file": "压缩.zip"}),
        (("空.csv", b""), "files_one_refused", {"file": "空.csv"}),
    ],
    ids=["another name", "no header", "picture", "archive", "empty"],
)  # fmt: skip
def test_a_file_that_does_not_fit_is_named_and_nothing_is_taken(
    store: Store, other: files.File, code: str, params: dict[str, str]
) -> None:
    made = loaded(store)
    before = made.sheet
    with pytest.raises(SheetRefused, match=code) as refused:
        made.load_files([*FILES, other], "x", "文件")
    assert refused.value.params.items() >= params.items()
    assert made.sheet is before
    assert len(store.drafts.latest()) == 1


def test_an_archive_made_of_such_an_upload_is_no_file_of_it() -> None:
    with pytest.raises(SheetRefused, match="files_one_refused"):
        one_list([("a.csv", SHANGHAI), ("b.zip", b"PK\x05\x06" + bytes(18))])


def test_nobody_brings_such_an_upload_as_a_file(store: Store) -> None:
    with pytest.raises(SheetRefused, match="workbook_damaged"):
        Draft(store).load_sheet(files.as_upload(FILES), "x.csv")


def test_too_many_files_and_too_much_of_them_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SheetRefused, match="files_too_many"):
        files.as_upload([("x.csv", b"")] * 61)
    monkeypatch.setattr(files, "MAX_FILES_BYTES", 100)
    with pytest.raises(SheetRefused, match="files_too_large"):
        files.as_upload(FILES)


def test_a_number_in_the_name_of_a_file_is_masked() -> None:
    whole = one_list([("13912345678.csv", SHANGHAI), ("b.csv", GUANGZHOU)])
    assert whole.table["文件"].tolist()[0] == "139****5678.csv"


def test_a_draft_of_several_files_is_one_upload_and_the_same_after_a_restart(store: Store) -> None:
    made = loaded(store)
    made.edit([(row_of_sheet(3, 2), "name", "改了")], HERE)
    found = Draft.open(store, str(made.id))
    assert found
    assert found.sheet.table.equals(made.sheet.table)
    assert found.contacts.at[row_of_sheet(3, 2), "name"] == "改了"
    assert found.mapping.columns == {"phone": "手机号", "name": "姓名"}
    found.reread(total_lines=True)
    assert found.contacts.at[row_of_sheet(3, 2), "name"] == "改了"
    assert found.alike == ()


def test_its_results_come_in_a_new_workbook_that_names_the_files(store: Store) -> None:
    run_id = sent(store, submitted(store, loaded(store)))
    run = store.runs.get(run_id)
    assert run.rows_total == 5
    assert form_of_results(store, run, full=True).form == FileForm.FILES
    table = read(results_file(store, run, "zh", full=True), "x.xlsx").table
    assert table["文件"].tolist() == ["北京.xlsx"] * 2 + ["上海.csv"] * 2 + ["广州.csv"]
    assert table["实际发送的号码"].tolist() == table["手机号"].tolist()


@pytest.mark.parametrize(("phone", "rows"), [("13712345678", 1), ("13812345678", 1), ("15912345678", 0)])
def test_sec27_a_number_is_found_in_every_file_and_in_worksheets_that_are_not_read(
    store: Store, phone: str, rows: int
) -> None:
    made = loaded(store)
    found = forget_number.forget(store, phone, block=False)
    assert (found.counts["drafts"], found.counts["file_rows"]) == (1, rows)
    assert traces(data_folder(store), phone) == set()
    left = Draft.open(store, str(made.id))
    assert left
    assert len(left.sheet.table) == 5 - rows
    assert phone not in left.sheet.table["手机号"].tolist()
