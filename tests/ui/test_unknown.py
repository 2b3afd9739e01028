"""A batch whose outcome is unknown: told as such, never called a failure, decided by a person with evidence in view."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.draft import Draft
from lib.platform.connection import practice
from lib.ui.services import Services
from lib.words import LANGUAGES, t
from tests.ui.conftest import figures_of, visit
from tests.ui.steps import button, history, ledger, switch, texts, toasts, upload
from tests.waiting import until

#: Words that would make a person send again what may have arrived.
FORBIDDEN = {"zh": ("失败", "重试", "重发"), "en": ("failed", "failure", "retry")}


def unknown_run(app: AppTest, desk: Services, fault: str) -> str:
    """Submit two numbers of which no clear answer comes back; the run's id."""
    switch(desk, faults=[fault])
    upload(app)
    visit(app, "submit")
    button(app, t("plan.submit", app_language(app), count=2)).click().run()
    (run,) = desk.store.runs.latest()
    until(lambda: desk.store.runs.get(run.id).batches.get("unknown"), "the batch never became unknown")
    switch(desk, faults=[])
    app.run()
    return run.id


def run_without_list(app: AppTest, desk: Services, *faults: str) -> str:
    """A run whose one batch waits for a person, because the platform shows no list; its id."""
    switch(desk, faults=[*(faults or ("drop_after@1",)), "list_missing"])
    upload(app)
    visit(app, "submit")
    button(app, t("plan.submit", "zh", count=2)).click().run()
    (run,) = desk.store.runs.latest()
    until(lambda: desk.store.runs.get(run.id).batches.get("held"), "nobody was asked")
    app.run()
    return run.id


def app_language(app: AppTest) -> str:
    """The language on screen."""
    return "en" if app.segmented_control(key="lang").value == "en" else "zh"


@pytest.mark.parametrize(
    ("fault", "lang"),
    [
        ("apply_drop@1", "zh"),
        ("drop_after@1", "en"),
        *(
            pytest.param(fault, lang, marks=pytest.mark.long)
            for fault in ("apply_drop@1", "drop_after@1", "500@1", "login_page@1")
            for lang in LANGUAGES
            if (fault, lang) not in {("apply_drop@1", "zh"), ("drop_after@1", "en")}
        ),
    ],
)
def test_an_unknown_outcome_is_told_without_the_words_that_make_people_send_twice(
    app: AppTest, desk: Services, fault: str, lang: str
) -> None:
    app.segmented_control(key="lang").set_value(lang).run()
    unknown_run(app, desk, fault)
    assert not app.exception
    shown = texts(app).lower()
    assert t("unknown.title", lang).lower() in shown
    assert [
        word
        for word in FORBIDDEN[lang]
        if word in shown.replace("不会自己重发", "").replace("不会自动重发", "")
    ] == []
    assert not any(word in button.label.lower() for button in app.button for word in FORBIDDEN[lang])
    assert button(app, t("unknown.check_again", lang))


def test_looking_again_finds_what_had_arrived(app: AppTest, desk: Services) -> None:
    """The platform took the batch, its answer was lost: a look finds every number and nothing is sent again."""
    run = unknown_run(app, desk, "apply_drop@1")
    button(app, "再核对一次").click().run()
    until(lambda: desk.store.runs.get(run).batches.get("accepted") == 1, "the look never found the numbers")
    app.run()
    assert set(ledger(desk).values()) == {1}
    assert "等待查清的批次" not in texts(app)


def test_where_no_list_is_shown_the_person_is_asked_at_once_and_may_look_again_later(
    app: AppTest, desk: Services
) -> None:
    run = run_without_list(app, desk)
    assert all(
        t(name, "zh") in texts(app) for name in ("held.no_evidence", "scan.list_missing", "run.rows.held")
    )
    assert button(app, t("unknown.leave_out_yes", "zh"))
    switch(desk, faults=[])
    button(app, "再核对一次").click().run()
    until(lambda: desk.store.decisions.evidence(run)[0].complete_scans == 1, "nobody looked")
    assert desk.store.runs.get(run).batches == {"unknown": 1}


def test_a_person_who_looked_where_no_list_is_shown_has_it_sent_again(app: AppTest, desk: Services) -> None:
    run = run_without_list(app, desk)
    batch = desk.store.decisions.evidence(run)[0].batch_id
    app.text_input(key=f"count.{batch}").input("2").run()
    assert app.button(key=f"resend_yes.{batch}").disabled  # how they looked is not said yet
    app.text_input(key=f"absent.{batch}").input("逐个搜索过").run()
    switch(desk, faults=[])
    app.button(key=f"resend_yes.{batch}").click().run()
    assert not app.exception
    assert toasts(app) == [t("unknown.resend_done", "zh", seq=1, count=2)]
    until(lambda: desk.store.runs.get(run).batches.get("accepted") == 1, "it was not sent again")
    assert list(ledger(desk).values()) == [1, 1]


@pytest.mark.long
def test_on_a_platform_that_only_takes_numbers_every_one_of_them_is_accounted_for(
    app: AppTest, desk: Services
) -> None:
    """Every look-up is 404. Of three batches one is lost, of another the answer: two decisions, and nothing is open."""
    switch(desk, variants=["lookups_missing"], faults=["drop_after@1", "apply_drop@2"])
    upload(app, "手机号\n" + "".join(f"{13012120000 + row}\n" for row in range(2, 452)))
    visit(app, "submit")
    button(app, t("plan.submit", "zh", count=450)).click().run()
    (run,) = desk.store.runs.latest()
    said: list[str] = []

    def rests() -> bool:
        """Either all is sent, or it waits for a person: whether one or both are in doubt by then is a matter of speed."""
        now = desk.store.runs.get(run.id)
        return now.rows_by_state.get("accepted") == 450 or (
            bool(now.batches.get("held")) and not now.batches.keys() & {"sending", "unknown"}
        )

    while desk.store.runs.get(run.id).rows_by_state.get("accepted") != 450:
        until(rests, lambda: str(desk.store.runs.get(run.id)))
        app.run()
        for batch in desk.store.decisions.evidence(run.id):
            there = str(13012120000 + batch.first_row) in ledger(desk)
            said.append("seen" if there else "absent")
            if not there:
                app.text_input(key=f"count.{batch.batch_id}").input(str(batch.rows)).run()
            app.text_input(key=f"{said[-1]}.{batch.batch_id}").input("在平台上逐个查过").run()
            yes = "seen_yes" if there else "resend_yes"
            app.button(key=f"{yes}.{batch.batch_id}").click().run()
            assert not app.exception
    assert sorted(said) == ["absent", "seen"]
    assert list(ledger(desk).values()) == [1] * 450
    assert "共 450 行 = 已接收 450" in texts(history(app, run))
    figures = figures_of(app)
    assert (figures["平台已接收"], figures.get("结果未知")) == ("450", None), "what is none is not drawn"
    assert "未经核对" not in texts(app).replace(
        "一批未经核对就再次发送", ""
    )  # the log of events says it of the list


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])
def test_a_refusal_as_repeated_that_the_list_does_not_confirm_says_why_and_what_to_do(
    app: AppTest, desk: Services, lang: str
) -> None:
    app.segmented_control(key="lang").set_value(lang).run()
    unknown_run(app, desk, "422_repeated@1")
    assert t("error.refused_repeated", lang) in texts(app)


@pytest.mark.long
def test_what_is_left_out_after_a_refusal_that_no_list_confirmed_can_be_cut_in_halves(
    app: AppTest, desk: Services
) -> None:
    """It was turned away before, so its own numbers may be there: the way to the others leads past the review."""
    run = run_without_list(app, desk, "429@1", "422_repeated@2")
    assert not [one for one in app.button if one.key == f"again.refused.{run}"]
    button(app, t("unknown.leave_out_yes", "zh")).click().run()
    assert toasts(app) == [t("unknown.leave_out_done", "zh", seq=1, count=2)]
    visit(app, "submit")
    assert t("again.halves", "zh", size=1) in texts(app)
    app.button(key=f"again.refused.{run}").click().run()
    assert not app.exception
    made = Draft.open(desk.store, next(one.id for one in desk.store.drafts.latest() if not one.run_id))
    assert made
    assert set(made.contacts.index) - made.left_out == {2, 3}
    assert not made.review(practice("")).sendable.any(), "nothing goes again before a person says so"


def test_a_press_on_a_batch_that_was_settled_meanwhile_is_answered_in_words(
    app: AppTest, desk: Services
) -> None:
    """The page was drawn for ever: a fragment above the cards had the whole page drawn to tell what only the cards tell."""
    run = unknown_run(app, desk, "apply_drop@1")
    batch = desk.store.decisions.evidence(run)[0].batch_id
    desk.store.decisions.confirm_arrived(batch, "在平台上查到")
    button(app, "再核对一次").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert toasts(app) == [], "nothing came of it"
    assert desk.store.runs.get(run).batches == {"accepted": 1}


def test_what_there_was_of_an_answer_is_shown_on_demand(app: AppTest, desk: Services) -> None:
    unknown_run(app, desk, "502@1")
    [answer] = app.code
    assert "<html>" in answer.value


def test_a_look_that_finds_nothing_sends_nothing(app: AppTest, desk: Services) -> None:
    run = unknown_run(app, desk, "drop_after@1")
    button(app, "再核对一次").click().run()
    until(lambda: desk.store.decisions.evidence(run)[0].complete_scans >= 1, "nobody looked")
    app.run()
    assert ledger(desk) == {}
    assert "找到 0 / 2" in texts(app)
    assert desk.store.runs.get(run).batches == {"unknown": 1}


def test_a_person_who_saw_the_numbers_on_the_platform_says_so(app: AppTest, desk: Services) -> None:
    run = unknown_run(app, desk, "apply_drop@1")
    batch = desk.store.decisions.evidence(run)[0].batch_id
    app.text_input(key=f"seen.{batch}").input("在任务的号码列表里查到").run()
    app.button(key=f"seen_yes.{batch}").click().run()
    assert not app.exception
    assert toasts(app) == [t("unknown.seen_done", "zh", seq=1, count=2)], "its card has gone with the press"
    assert desk.store.runs.get(run).batches == {"accepted": 1}
    assert any(
        "在任务的号码列表里查到" in event.code or event.who == "person"
        for event in desk.store.run_log.events(run)
    )


def test_the_speed_can_be_changed_while_sending(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "submit")
    app.slider(key="pace.flight").set_value(8).run()
    app.selectbox(key="pace.rate").select(2.0).run()
    app.number_input(key="pace.answer").set_value(300).run()
    settings = desk.store.settings.get()
    assert (settings.concurrency, settings.requests_per_second, settings.answer_seconds) == (8, 2.0, 300)
