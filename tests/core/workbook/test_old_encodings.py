"""Old .xls whose texts are bytes: the code page is missing, wrong or unknown."""

from pathlib import Path

import pytest

from lib.errors import SheetRefused
from lib.sheet import Sheet, read
from tests.core.old_xls import old_workbook

GOOD_XLS = (Path(__file__).resolve().parents[2] / "files" / "corpus" / "calc_types.xls").read_bytes()

CELLS = [["手机号", "姓名"], ["13012121211", "张三"], ["13012121212", "李四"]]


def notes_of(sheet: Sheet) -> dict[str, dict]:
    return {str(note.code): note.params for note in sheet.notes}


@pytest.mark.parametrize(
    ("page", "charsets", "guessed"),
    [
        (936, (134,), False),
        (936, (), False),
        (None, (134, 0, 134), True),
        (None, (), True),
        (1252, (), True),
        (1252, (0,), True),
        (1251, (), True),
        (10008, (), True),
        (21010, (), True),
    ],
)
def test_chinese_texts_are_read_whatever_the_code_page_says(page, charsets, guessed):
    sheet = read(old_workbook(CELLS, "gbk", page=page, charsets=charsets), "old.xls")
    assert (sheet.sheet, sheet.table.columns.tolist()) == ("名单", CELLS[0])
    assert sheet.table.to_numpy().tolist() == CELLS[1:]
    assert notes_of(sheet).get("encoding_guess") == ({"encoding": "GB18030"} if guessed else None)


@pytest.mark.parametrize(
    ("encoding", "page", "charsets", "name", "told"),
    [
        ("big5", None, (136,), "陳偉明", "BIG5"),
        ("big5", 1252, (), "陳偉明", "BIG5"),
        ("big5", 950, (), "陳偉明", None),
        ("cp932", 932, (), "山田太郎", None),
        ("cp932", None, (), "山田太郎", "SHIFT_JIS"),
        ("cp949", 949, (), "김민준", None),
        ("cp1252", 1252, (), "José Müller", None),
        ("cp1252", None, (), "José Müller", "WINDOWS-1252"),
        ("cp1251", 1251, (), "Иван Петров", None),
        ("cp1251", None, (204,), "Иван Петров", "CP1251"),
    ],
)
def test_other_scripts_are_read_by_the_code_page_the_fonts_or_what_they_spell(
    encoding, page, charsets, name, told
):
    data = old_workbook(
        [["phone", "name"], ["13012121211", name]], encoding, name="list", page=page, charsets=charsets
    )
    sheet = read(data, "old.xls")
    assert sheet.table["name"].tolist() == [name]
    assert notes_of(sheet).get("encoding_guess") == (told and {"encoding": told})


def test_a_damaged_byte_does_not_lock_an_old_workbook_out():
    cells = [*CELLS, ["13012121213", "王\udcff"]]
    sheet = read(old_workbook(cells, "gbk", page=936), "old.xls")
    assert sheet.table["姓名"].tolist() == ["张三", "李四", "王\ufffd"]


#: Bytes that make no likely text in any encoding there is.
RIDDLE = [
    ["a", "b"],
    ["13012121211", "\udc91\udcf0\udc8e\udce5"],
    ["13012121212", "\udc9d\udcfb\udc8d\udce0"],
]


def test_texts_that_look_like_no_language_are_asked_about_with_both_readings():
    data = old_workbook(RIDDLE, "gbk", name="list", page=1252)
    sheet = read(data, "old.xls")
    assert sheet.rival
    assert (sheet.rival.option, sheet.rival.needed, sheet.encoding) == ("encoding", True, "windows-1252")
    assert sheet.rival.value != sheet.encoding
    assert sheet.rival.own[1][0] == sheet.rival.rows[1][0] == "13012121211"
    assert sheet.rival.own[1][1] != sheet.rival.rows[1][1]


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "shift_jis", "windows-1252"])
def test_a_person_says_what_an_old_workbook_is_in(encoding):
    data = old_workbook([["phone", "name"], ["13012121211", "陳偉明"]], "big5", name="list", page=950)
    sheet = read(data, "old.xls", encoding=encoding)
    assert (sheet.encoding, sheet.rival, notes_of(sheet).get("encoding_guess")) == (encoding, None, None)
    assert (sheet.table["name"].tolist() == ["陳偉明"]) == (encoding == "big5")


def test_a_newer_workbook_has_no_encoding_to_choose():
    assert read(GOOD_XLS, "new.xls").encoding is None


@pytest.mark.parametrize(
    ("encoding", "page", "name"), [("gbk", 1252, "名单"), ("cp1251", None, "Лист"), ("gb18030", None, "龘")]
)
def test_a_doubt_about_a_workbook_whose_sheet_has_a_foreign_name_refuses_nothing(encoding, page, name):
    """Both readings are of the same worksheet, whatever each calls it."""
    sheet = read(old_workbook(RIDDLE, encoding, name=name, page=page), "old.xls")
    assert sheet.table.iloc[:, 0].tolist() == ["13012121211", "13012121212"]
    assert sheet.rival
    assert sheet.rival.rows[1][0] == "13012121211"


@pytest.mark.parametrize(("sheet", "encoding"), [("名单", "big5"), ("Ãûµ¥", "gb18030")])
def test_a_worksheet_chosen_under_one_encoding_is_the_same_under_another(sheet, encoding):
    found = read(old_workbook(CELLS, "gbk", page=936), "old.xls", sheet=sheet, encoding=encoding)
    assert found.table.iloc[:, 0].tolist() == ["13012121211", "13012121212"]


@pytest.mark.parametrize(
    ("encoding", "code"), [("nonsense", "encoding_unknown"), ("utf-16-le", "encoding_wrong")]
)
def test_an_encoding_that_old_texts_cannot_be_in_is_refused_by_its_name(encoding, code):
    with pytest.raises(SheetRefused, match=code):
        read(old_workbook(CELLS, "gbk", page=936), "old.xls", encoding=encoding)
