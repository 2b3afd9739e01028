"""Bad input gives one clear sentence in the person's language, and nothing already done is lost."""

import io
import zipfile

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from lib import sandbox
from lib.ui.services import Services
from lib.words import words
from tests.ui.conftest import visit
from tests.ui.steps import TASK, USER, button, draft_of, fill, texts, upload
from tests.waiting import until

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64

#: The head of an OLE2 file; Office writes password-protected workbooks into one, with this stream name.
PROTECTED = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1016 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512
)


def _workbook() -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["手机号"])
    book.save(buffer)
    return buffer.getvalue()


def _other_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return buffer.getvalue()


FILES = {
    "空.xlsx": b"",
    "图片.xlsx": PNG,
    "截断.xlsx": _workbook()[:900],
    "加密.xlsx": PROTECTED,
    "压缩包.xlsx": _other_zip(),
    "网页.xlsx": b"<html><body><form>login</form></body></html>",
    "数据.csv": b'[{"phone": "13012121211"}]',
    "文档.csv": b"%PDF-1.7 ...",
}


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])
def test_a_file_that_is_no_contact_sheet_gets_one_sentence(app: AppTest, desk: Services, lang: str) -> None:
    app.segmented_control(key="lang").set_value(lang).run()
    upload(app)
    sentences = {
        form.replace("\\", "")
        for key, form in words(lang).items()
        if key.startswith("error.") and isinstance(form, str)
    }
    for name, content in FILES.items():
        app.file_uploader[0].upload(name, content)
        app.run()
        assert not app.exception, name
        assert [error.value.replace("\\", "") in sentences for error in app.error] == [True], name
        assert draft_of(desk).sheet.name == "客户.csv", name


def test_a_sheet_with_only_a_header_cannot_go_on(app: AppTest) -> None:
    upload(app, "姓名,手机号\n")
    assert not app.exception
    assert "表头下面没有数据" in app.warning[0].value
    assert button(app, "下一步").disabled


def test_a_platform_that_is_down_pauses_the_run_and_keeps_every_number(app: AppTest, desk: Services) -> None:
    fill(app, name="a", base_url="http://127.0.0.1:9", user_id=USER, task_id=TASK, token="some-token-1")
    upload(app)
    visit(app, "submit")
    button(app, "提交 2 个号码").click().run()
    (run,) = desk.store.runs.latest()
    assert run.rows_by_state == {"planned": 2} or run.rows_by_state == {"sending": 2}
    assert "结果未知" not in "".join(warning.value for warning in app.warning)


def test_a_wrong_token_pauses_the_run_and_a_new_one_goes_on_where_it_stopped(
    app: AppTest, desk: Services
) -> None:
    with sandbox.running(token="right-token") as url:
        fill(app, name="a", base_url=url, user_id=USER, task_id=TASK, token="wrong-token")
        upload(app)
        visit(app, "submit")
        button(app, "提交 2 个号码").click().run()
        _until(desk, "paused")
        app.run()
        assert any("令牌" in warning.value for warning in app.warning)
        (saved,) = desk.store.connections.all()
        desk.tokens.set(saved.id, "right-token")
        button(app, "继续发送").click().run()
        _until(desk, "finished")
    (run,) = desk.store.runs.latest()
    assert run.rows_by_state == {"accepted": 2}


def _until(desk: Services, state: str) -> None:
    until(lambda: desk.store.runs.latest()[0].state == state, lambda: str(desk.store.runs.latest()[0]))


def test_a_submitted_run_with_a_wrong_token_can_get_its_new_token(app: AppTest, desk: Services) -> None:
    """The connection page stays open for a run that waits for a token, although its upload can no longer change."""
    with sandbox.running(token="right-token") as url:
        fill(app, name="a", base_url=url, user_id=USER, task_id=TASK, token="wrong-token")
        upload(app)
        visit(app, "submit")
        button(app, "提交 2 个号码").click().run()
        _until(desk, "paused")
        visit(app, "connection")
        (saved,) = desk.store.connections.all()
        app.text_input(key=next(box.key for box in app.text_input if ".token." in box.key)).input(
            "right-token"
        )
        button(app, "保存").click().run()
        assert desk.tokens.get(saved.id) == "right-token"
        visit(app, "submit")
        button(app, "继续发送").click().run()
        _until(desk, "finished")
    assert texts(app)
