"""No log of this process holds a number or a token, whoever writes it; what is kept for support holds no sentence of others."""

import io
import logging
import threading
from collections.abc import Iterator

import pytest

from lib.contact.privacy import mask_phone
from lib.server import log_records
from lib.server.log_records import Recent

TOKEN, PHONE, NAME, MAIL = "k3y-canary", "13012121211", "张伟canary", "canary@example.cn"
TASK = "b15b7392-a83f-4e0e-9570-31dd2ec8f85c"


@pytest.fixture
def recent() -> Iterator[Recent]:
    """Every record of this test is redacted and kept."""
    kept = Recent()
    log_records.install(lambda: [TOKEN], kept)
    yield kept
    log_records.uninstall()


def written(name: str) -> tuple[logging.Logger, io.StringIO]:
    """A logger with a handler of its own that hands nothing on, as Streamlit makes them."""
    logger, out = logging.getLogger(name), io.StringIO()
    logger.handlers, logger.propagate = [logging.StreamHandler(out)], False
    return logger, out


def boom() -> None:
    """What a bug in a page would raise."""
    try:
        raise KeyError(NAME)
    except KeyError as error:
        raise ValueError(f"{PHONE} {MAIL} Bearer abcdef {TOKEN} {TASK}") from error


def test_sec25_a_record_of_any_logger_is_harmless_with_its_arguments_and_its_traceback(
    recent: Recent,
) -> None:
    """SEC25: also of a logger that was made before, has its own handler and passes nothing on."""
    logger, out = written("streamlit.error_util")
    try:
        boom()
    except ValueError:
        logger.exception("number %s in %s", PHONE, {"k": TOKEN})
    text = out.getvalue()
    assert mask_phone(PHONE) in text
    assert "Traceback" in text
    assert [secret for secret in (PHONE, TOKEN, "abcdef", MAIL, TASK) if secret in text] == []


def test_a_record_whose_arguments_do_not_fit_is_still_written(recent: Recent) -> None:
    logger, out = written("desk.odd")
    logger.warning("%d 13012121211", "13012121212")
    logger.warning("%(a)s", {"b": "13012121212"})
    assert "1301212121" not in out.getvalue()
    assert mask_phone(PHONE) in out.getvalue()


def test_sec25_what_is_kept_for_support_holds_no_text_of_others(recent: Recent) -> None:
    """SEC25, SEC39: of an exception its class and place; of another program's record only where it was written."""
    ours, theirs = written("desk")[0], written("streamlit.runtime")[0]
    for logger in (ours, theirs):
        try:
            boom()
        except ValueError:
            logger.exception("reference 1a2b3c4d")
    theirs.warning("%s of %s", NAME, PHONE)
    ours.info("not worth keeping")
    told = recent.lines()
    assert len(told) == 3
    assert [
        secret for secret in (PHONE, TOKEN, NAME, MAIL, TASK, "abcdef") if secret in "\n".join(told)
    ] == []
    assert "reference 1a2b3c4d" in told[0]
    assert "reference" not in told[1]
    for line in told[:2]:
        assert "ValueError at core/server/test_log_records.py:" in line
        assert "from KeyError" in line
    assert all("core/server/test_log_records.py" in line for line in told)


def test_only_the_last_records_are_kept(recent: Recent) -> None:
    few = Recent(kept=2)
    log_records.install(recent=few)
    for word in ("one", "two", "three"):
        written("desk")[0].warning(word)
    assert [line.rpartition(" | ")[2] for line in few.lines()] == ["two", "three"]


def test_sec25_what_a_thread_dies_of_is_a_record_too(recent: Recent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python itself would print it with everything in it."""
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    log_records.install(lambda: [TOKEN], recent)
    _, out = written("desk")
    thread = threading.Thread(target=boom)
    thread.start()
    thread.join()
    assert "a thread ended by an error" in out.getvalue()
    assert PHONE not in out.getvalue()
    log_records.uninstall()
    assert threading.excepthook is threading.__excepthook__


def test_the_hook_of_a_test_runner_is_left_alone(recent: Recent, monkeypatch: pytest.MonkeyPatch) -> None:
    def theirs(_: threading.ExceptHookArgs) -> None:
        """Somebody else's."""

    monkeypatch.setattr(threading, "excepthook", theirs)
    log_records.install(recent=recent)
    assert threading.excepthook is theirs
