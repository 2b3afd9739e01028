"""What a person decides about sending: how to start, who is not called, which upload goes on."""

import time

from streamlit.testing.v1 import AppTest

from lib.ui.services import Services
from tests.ui.conftest import visit
from tests.ui.test_journey import button, draft_of, texts, upload

THREE = "姓名,手机号\n张伟,13012121211\n王芳,13912345678\n李娜,13612345678\n"

#: Seconds until the practice platform has answered, on a loaded machine.
PATIENCE = 30


def wait_for(desk: Services, state: str) -> str:
    """The one run, once it is in this state."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        [run] = desk.store.runs()
        if run.state == state:
            return run.id
        time.sleep(0.05)
    raise AssertionError(run)


def test_one_number_goes_first_and_the_rest_when_the_person_says_so(app: AppTest, desk: Services) -> None:
    upload(app, THREE)
    visit(app, "submit")
    app.radio[0].set_value("one").run()
    assert draft_of(desk).start == "one"
    assert "分 **2** 批" in texts(app)
    button(app, "提交 3 个号码").click().run()
    run_id = wait_for(desk, "paused")
    app.run()
    assert not app.exception
    [first, rest] = desk.store.batches(run_id).itertuples()
    assert (first.rows, first.state, rest.rows, rest.state) == (1, "accepted", 2, "planned")
    assert any("先发的 1 个号码，平台已接收" in box.value for box in app.success)
    button(app, "继续发送其余 2 个号码").click().run()
    wait_for(desk, "finished")
    assert desk.store.run(run_id).rows_by_state == {"accepted": 3}


def test_a_sheet_that_fits_into_one_batch_of_one_is_not_asked_how_to_start(app: AppTest) -> None:
    upload(app, "姓名,手机号\n张伟,13012121211\n")
    visit(app, "submit")
    assert not app.radio


def test_doubtful_rows_are_told_to_go_last(app: AppTest) -> None:
    upload(app, THREE + "座机,01088886666\n")
    visit(app, "submit")
    assert "最后 **1** 批放的是 **1** 行存疑的号码" in texts(app)
