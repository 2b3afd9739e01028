"""What stands around every page: the path of an upload, the tabs of the settings, and help."""

from streamlit.testing.v1 import AppTest

from lib.ui.about.help import ASKED
from lib.ui.navigation import STEPS, TABS
from lib.ui.services import Services
from lib.words import t
from tests.e2e.line import Line
from tests.e2e.server import AppServer
from tests.ui.conftest import visit
from tests.ui.steps import CSV, submitted, texts, upload


def path_of(app: AppTest) -> dict[str, str]:
    """What the path says of each step; the rest of the page may hold links too."""
    links = {element.proto.page: element for element in app.get("page_link") if element.proto.help}
    return {name: links[name].proto.help for name in STEPS if name in links}


def states(**of: str) -> dict[str, str]:
    return {step: t(f"step.{of.get(step, 'open')}", "zh") for step in STEPS}


def test_the_path_says_what_is_done_from_the_file_to_what_came_of_it(app: AppTest, desk: Services) -> None:
    assert path_of(app) == {}, "no upload is under way on the overview"
    visit(app, "upload")
    assert path_of(app) == states()
    upload(app, CSV)
    assert path_of(app) == states(upload="done", mapping="done")
    visit(app, "review")
    assert path_of(app) == states(upload="done", mapping="done", review="done")
    run = submitted(app, desk)
    visit(app, "submit")
    assert path_of(app) == dict.fromkeys(STEPS, t("step.done", "zh"))
    [last] = [link for link in app.get("page_link") if link.proto.page == "history" and link.proto.help]
    assert last.proto.query_string == f"run={run.id}", "the last step is this upload's own run"


def test_a_link_leads_to_a_tab_of_the_settings_and_only_that_one_is_drawn(app: AppTest) -> None:
    for tab, own in (("privacy", "kept.periods"), ("do_not_call", "dnc.add"), ("about", "about.checks")):
        app.query_params["tab"] = tab
        visit(app, "settings")
        assert not app.exception
        heads = [header.value for header in app.header]
        others = {"kept.periods", "dnc.add", "about.checks"} - {own}
        assert t(own, "zh") in heads
        assert not {t(key, "zh") for key in others} & set(heads)


def test_a_tab_that_is_chosen_stands_in_the_address(app: AppTest) -> None:
    visit(app, "settings")
    app.radio(key="settings.tab").set_value("pace").run()
    assert app.query_params["tab"] == "pace"
    assert t("pace.in_flight", "zh") in [slider.label for slider in app.slider]


def test_the_menu_has_the_pages_of_an_upload_and_two_below(served: AppServer) -> None:
    with Line(served.url) as line:
        told = [message.navigation for message in line.open("") if message.HasField("navigation")]
    shown = [page.url_pathname for page in told[-1].app_pages if not page.is_hidden]
    assert shown == ["", *STEPS, "connection", "settings"]


def test_the_addresses_of_pages_that_became_tabs_lead_there(served: AppServer) -> None:
    with Line(served.url) as line:
        for name, own in (("do_not_call", "dnc.add"), ("privacy", "kept.periods"), ("about", "about.checks")):
            heads = [message.delta.new_element.heading.body for message in line.open(name)]
            assert t(own, "zh") in heads, name


def test_an_address_that_names_no_tab_shows_the_first(app: AppTest) -> None:
    app.query_params["tab"] = "nowhere"
    visit(app, "settings")
    assert app.radio(key="settings.tab").value == next(iter(TABS))


def test_every_page_says_what_it_is_for_and_leads_to_the_whole_help(app: AppTest) -> None:
    for page in ASKED:
        visit(app, page)
        assert t(f"help.how.{page}", "zh") in texts(app), page
        assert t("help.all", "zh") in [link.label for link in app.get("page_link")], page
    visit(app, "help")
    assert t("help.all", "zh") not in [link.label for link in app.get("page_link")]
