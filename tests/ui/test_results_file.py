"""Beside the button of the results stands which file it gives, the person's own or a new one, and why."""

import io

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from lib.draft import Draft
from lib.draft.plan import run_plan
from lib.platform.connection import practice
from lib.run.records import RunRecord
from lib.ui.services import Services
from lib.words import t
from tests.ui.steps import history, texts


def run_of(desk: Services, name: str, data: bytes) -> RunRecord:
    draft = Draft(desk.store)
    draft.load_sheet(data, name)
    return desk.store.runs.get(desk.store.runs.create(run_plan(draft, practice(""))))


def book() -> bytes:
    made, out = openpyxl.Workbook(), io.BytesIO()
    for line in (("姓名", "手机号"), ("张伟", "13012121211")):
        made.active.append(line)
    made.save(out)
    return out.getvalue()


def choose(app: AppTest, *, full: bool) -> str:
    app.radio(key="export.full").set_value(full).run()
    assert not app.exception
    return texts(app)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sentence_says_which_file_is_given(app: AppTest, desk: Services, lang: str) -> None:
    if lang == "en":
        app.segmented_control(key="lang").set_value("en").run()
    history(app, run_of(desk, "客户.xlsx", book()))
    assert t("results.form.hidden", lang) in texts(app)
    assert t("results.form.own", lang) in choose(app, full=True)
    assert t("results.form.hidden", lang) in choose(app, full=False)


def test_a_text_file_and_one_that_is_gone_come_back_as_a_new_sheet(app: AppTest, desk: Services) -> None:
    history(app, run_of(desk, "客户.csv", "姓名,手机号\n王芳,13912345678\n".encode()))
    assert t("results.form.kind", "zh") in choose(app, full=True)
    run = run_of(desk, "客户.xlsx", book())
    desk.store.drafts.delete(str(run.draft_id))
    history(app, run)
    assert t("results.form.gone", "zh") in choose(app, full=True)
