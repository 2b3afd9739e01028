"""What a person does on the pages, as page tests do it: upload, press, read; and what the practice platform is told."""

import socket
from typing import Any

from streamlit.testing.v1 import AppTest

from lib.draft import Draft
from lib.run.records import RunRecord
from lib.ui import keys
from lib.ui.services import Services
from lib.words import t
from tests import practice_platform
from tests.e2e.server import AppServer
from tests.ui.conftest import visit
from tests.waiting import PATIENCE, until

CSV = "姓名,手机号,性别\n张伟,13012121211,男\n王芳,139 1234 5678,女\n李娜,1301212,女\n赵四,13012121211,男\n"


def texts(app: AppTest) -> str:
    """Everything on the page that is text."""
    kinds = (
        app.markdown,
        app.caption,
        app.text,
        app.error,
        app.warning,
        app.info,
        app.success,
        app.title,
        app.header,
    )
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def toasts(app: AppTest) -> list[str]:
    """What the toasts say."""
    return [str(one.value) for one in app.toast]


def button(app: AppTest, label: str):
    """The first button whose label holds this text."""
    return next(found for found in app.button if label in found.label)


def upload(app: AppTest, text: str = CSV, name: str = "客户.csv") -> AppTest:
    """Upload a file on the upload page."""
    visit(app, "upload")
    app.file_uploader[0].upload(name, text.encode("gb18030"))
    return app.run()


def column(app: AppTest, name: str):
    """On the columns page, what the column of this name is used as."""
    return next(box for box in app.selectbox if str(box.key).startswith("map.") and box.label == name)


def unfolded(app: AppTest, desk: Services, fold: str = "fields") -> AppTest:
    """The columns page with one of its folds open: "fields" that no column feeds, "columns.folded", "components.settled", "reading"."""
    app.session_state[keys.of(fold, draft_of(desk).id)] = True
    return app.run()


def unfold_receipt(app: AppTest) -> None:
    """The receipt of cleaning, at the next run of the review: the test runner does not keep what is unfolded, as a browser does."""
    app.session_state["receipt"] = True


def field(app: AppTest, name: str):
    """What feeds a field that no column feeds, on the columns page; the fold is open."""
    return next(
        box
        for box in app.selectbox
        if str(box.key).startswith("field.") and str(box.key).endswith(f".{name}")
    )


def draft_of(desk: Services) -> Draft:
    """The one saved draft, as another visit would find it."""
    (record,) = desk.store.drafts.latest()
    found = Draft.open(desk.store, record.id)
    assert found
    return found


def switch(desk: Services, **settings: Any) -> None:
    """Set switches of the practice platform."""
    practice_platform.control(desk.practice.url(), **settings)


def ledger(desk: Services) -> dict[str, int]:
    """How often the practice platform applied each number."""
    return practice_platform.ledger(desk.practice.url())["numbers"]


USER = "4d99d91c-f5d9-49da-88da-758977cc58a9"


TASK = "b15b7392-a83f-4e0e-9570-31dd2ec8f85c"


TOKEN = "canary-token-93846"


def fill(app: AppTest, **values: str) -> AppTest:
    """Open the form of a new connection, type the values, press save."""
    visit(app, "connection")
    app.radio[0].set_value("new").run()
    for name, value in values.items():
        key = f"connection.new.{name}" + (".0" if name == "token" else "")
        app.text_input(key=key).input(value)
    return button(app, "保存").click().run()


def submitted(app: AppTest, desk: Services, people: str = CSV) -> RunRecord:
    """A run of two numbers that were accepted."""
    upload(app, people)
    visit(app, "submit")
    return pressed(app, desk)


def pressed(app: AppTest, desk: Services) -> RunRecord:
    """On the submit page, the run of two numbers once it has ended."""
    button(app, t("plan.submit", "zh", count=2)).click().run()
    run = desk.store.runs.latest()[0]
    until(lambda: desk.store.runs.get(run.id).state == "finished", "the run never ended")
    return desk.store.runs.get(run.id)


def history(app: AppTest, run: RunRecord) -> AppTest:
    """The run's own history."""
    app.query_params["run"] = run.id
    return visit(app, "history")


def real(app: AppTest, url: str, task: str = TASK) -> AppTest:
    """A saved connection, its tasks listed."""
    fill(app, name="外呼", base_url=url, user_id=USER, task_id=task, token=TOKEN)
    return button(app, "列出平台上的任务").click().run()


THREE = "姓名,手机号\n张伟,13012121211\n王芳,13912345678\n李娜,13612345678\n"


def wait_for(desk: Services, state: str) -> str:
    """The one run, once it is in this state."""
    [run] = desk.store.runs.latest()
    until(lambda: desk.store.runs.get(run.id).state == state, lambda: str(desk.store.runs.get(run.id)))
    return run.id


def ask(
    app: AppServer, path: str = "/", *, method: str = "GET", host: str | None = None, **headers: str
) -> tuple[int, str]:
    """Status and text of an answer; `host` is the app's own where not given."""
    named = {"Host": f"127.0.0.1:{app.port}" if host is None else host, "Connection": "close"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = [
        f"{method} {path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in named.items() if value),
        "",
        "",
    ]
    with socket.create_connection(("127.0.0.1", app.port), timeout=PATIENCE) as line:
        line.sendall("\r\n".join(lines).encode())
        answer = b""
        while piece := line.recv(65_536):
            answer += piece
            if b" 101 " in answer[:20]:
                break
    head, _, body = answer.decode(errors="replace").partition("\r\n\r\n")
    return int(head.split()[1]), head + "\n\n" + body
