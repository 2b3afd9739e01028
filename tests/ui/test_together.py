"""Worksheets with the same columns: said and offered, one list after one press, and one worksheet again after another."""

import io

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from lib.sheet.row_numbers import row_name
from lib.ui.services import Services
from lib.words import t
from tests.files.cities import CITIES, cities, workbook_of
from tests.ui.conftest import visit
from tests.ui.steps import draft_of, texts

EVERY = sum(map(len, CITIES.values()))


@pytest.fixture
def offered(app: AppTest) -> AppTest:
    visit(app, "upload")
    app.file_uploader[0].upload("各城市.xlsx", cities())
    return app.run()


def press(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception


def test_it_is_said_and_offered_and_nothing_is_joined_by_itself(offered: AppTest, desk: Services) -> None:
    assert t("together.found", "zh", count=3) in texts(offered)
    (box,) = offered.multiselect
    assert box.value == [*CITIES]
    assert offered.button(key="together.read").label == t("together.read", "zh", count=EVERY)
    assert len(draft_of(desk).sheet.table) == len(CITIES["北京"])


def test_one_press_makes_one_list_that_is_there_after_a_restart(offered: AppTest, desk: Services) -> None:
    press(offered, "together.read")
    draft = draft_of(desk)
    assert draft.sheet.table["工作表"].tolist() == [city for city, some in CITIES.items() for _ in some]
    assert draft.mapping.columns["phone"] == "手机号"
    assert "工作表" not in draft.mapping.columns.values()
    shown = offered.dataframe[-1].value
    assert [*shown.index] == ["1·2", "1·3", "2·2", "2·3", "2·4", "3·3", "3·4"]
    said = texts(offered)
    assert "北京、上海、广州" in said
    assert t("together.others", "zh", sheets="汇总") in said
    assert t("together.header_rows", "zh") in said
    assert t("upload.otherwise", "zh") not in [fold.label for fold in offered.expander]


def test_the_mapping_page_names_rows_as_every_other_page(offered: AppTest, desk: Services) -> None:
    press(offered, "together.read")
    shown = visit(offered, "mapping").dataframe[-1].value
    assert [*shown.index] == ["1·2", "1·3", "2·2", "2·3", "2·4"]


def test_another_press_leads_back_to_the_one_worksheet(offered: AppTest, desk: Services) -> None:
    before = draft_of(desk).sheet.table
    press(offered, "together.read")
    press(offered, "together.back")
    assert draft_of(desk).sheet.table.equals(before)
    assert offered.button(key="together.read").label == t("together.read", "zh", count=EVERY)


def test_a_person_chooses_which(offered: AppTest, desk: Services) -> None:
    offered.multiselect[0].set_value(["广州"]).run()
    assert offered.button(key="together.read").disabled
    offered.multiselect[0].set_value(["广州", "北京"]).run()
    press(offered, "together.read")
    assert draft_of(desk).sheet.table["工作表"].unique().tolist() == ["北京", "广州"]


def test_a_worksheet_that_speaks_against_calling_is_offered_and_not_chosen(
    app: AppTest, desk: Services
) -> None:
    lines = [("姓名", "手机号"), ("张伟", "13012121211"), ("王芳", "13912345678")]
    visit(app, "upload")
    app.file_uploader[0].upload("x.xlsx", workbook_of({"甲": lines, "乙": lines, "黑名单": lines}))
    app.run()
    assert app.multiselect[0].value == ["甲", "乙"]
    assert t("together.not_meant", "zh", sheets="黑名单") in texts(app)


def test_hidden_rows_of_two_worksheets_are_one_choice(app: AppTest, desk: Services) -> None:
    book = openpyxl.load_workbook(io.BytesIO(cities()))
    for city in ("北京", "上海"):
        book[city].row_dimensions[3].hidden = True
    out = io.BytesIO()
    book.save(out)
    visit(app, "upload")
    app.file_uploader[0].upload("x.xlsx", out.getvalue())
    app.run()
    press(app, "together.read")
    (choice,) = [radio for radio in app.radio if str(radio.key).startswith("structure.hidden_rows")]
    assert "北京、上海" in choice.label
    choice.set_value(False).run()
    assert [*map(row_name, draft_of(desk).sheet.table.index)] == ["1·2", "2·2", "2·4", "3·3", "3·4"]


SHANGHAI = "姓名,手机号\n李娜,13612345678\n".encode("gb18030")


def bring(app: AppTest, *files: tuple[str, bytes]) -> None:
    visit(app, "upload")
    app.file_uploader[0].set_value([(name, data, "") for name, data in files])
    app.run()
    assert not app.exception


def test_files_with_the_same_columns_are_one_list(app: AppTest, desk: Services) -> None:
    bring(app, ("北京.xlsx", cities()), ("上海.csv", SHANGHAI))
    draft = draft_of(desk)
    assert draft.sheet.table["文件"].tolist() == ["北京.xlsx", "北京.xlsx", "上海.csv"]
    assert [*app.dataframe[-1].value.index] == ["1·2", "1·3", "2·2"]
    said = texts(app)
    assert "北京\\.xlsx、上海\\.csv" in said
    assert t("together.files_from", "zh", count=2) in said
    assert "换一种读法" in t("together.files_otherwise", "zh")
    assert t("together.files_otherwise", "zh") in said, "a note points to what is not offered here"
    assert app.header[0].value == "北京\\.xlsx 等 2 个文件"
    assert not app.file_uploader[0].value
    assert not app.multiselect
    assert [one for one in app.button if one.key == "together.back"] == []


def test_a_file_that_does_not_fit_is_told_once_and_the_earlier_upload_stays(
    app: AppTest, desk: Services
) -> None:
    bring(app, ("上海.csv", SHANGHAI))
    bring(app, ("上海.csv", SHANGHAI), ("广州.csv", SHANGHAI.replace("姓名".encode("gb18030"), b"X")))
    (error,) = app.error
    assert "广州" in error.value
    assert draft_of(desk).sheet.name == "上海.csv"
    assert not app.file_uploader[0].value, "the next file comes alone"
    bring(app, ("广州.csv", SHANGHAI))
    assert not app.error
    assert {one.state["file_name"] for one in desk.store.drafts.latest()} == {"上海.csv", "广州.csv"}


def test_what_was_pasted_and_cannot_be_read_stays_in_its_box(app: AppTest) -> None:
    visit(app, "upload")
    app.text_area[0].set_value('[{"phone": "13012121211"}]')
    press(app, "upload.paste")
    assert len(app.error) == 1
    assert app.text_area[0].value == '[{"phone": "13012121211"}]'
