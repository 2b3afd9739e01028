"""The overview: what waits for a person, what was sent, and a new upload by dropping its file."""

from streamlit.testing.v1 import AppTest

from lib.ui.services import Services
from lib.words import t
from tests.ui.conftest import figures_of, visit
from tests.ui.steps import CSV, draft_of, submitted, switch, texts


def word(key: str, **params: object) -> str:
    return t(key, "zh", **params)


def test_a_file_dropped_on_the_overview_is_read_and_shown_on_the_upload_page(
    app: AppTest, desk: Services
) -> None:
    app.file_uploader(key="overview.file").upload("客户.csv", CSV.encode("gb18030")).run()
    assert not app.exception
    assert app.title[0].value == word("page.upload.title")
    assert draft_of(desk).has_phone()


def test_a_dropped_file_that_cannot_be_read_is_told_there_and_the_open_upload_stays_open(
    app: AppTest, desk: Services
) -> None:
    app.file_uploader(key="overview.file").upload("客户.csv", CSV.encode()).run()
    opened = draft_of(desk).id
    visit(app, "overview")
    app.file_uploader(key="overview.file").upload("空.csv", b"").run()
    assert app.title[0].value == word("page.overview.title")
    assert len(app.error) == 1
    assert draft_of(desk).id == opened
    assert app.query_params["draft"] == opened


def test_the_figures_of_today_are_told_and_one_day_is_no_picture(app: AppTest, desk: Services) -> None:
    assert figures_of(app) == {}, "nothing was sent, so there is nothing to count"
    submitted(app, desk)
    visit(app, "overview")
    told = figures_of(app)
    assert (told[word("overview.sent_today")], told[word("overview.accepted_week")]) == ("2", "2")
    assert not app.get("vega_lite_chart")
    assert word("overview.needs") not in [header.value for header in app.header]


def test_what_the_platform_refused_waits_for_a_person(app: AppTest, desk: Services) -> None:
    switch(desk, faults=["422"])
    submitted(app, desk)
    switch(desk, faults=[])
    visit(app, "overview")
    assert word("overview.needs") in [header.value for header in app.header]
    assert "平台拒绝了 2 个号码" in texts(app)
    assert figures_of(app)[word("overview.accepted_today")] == "0"
