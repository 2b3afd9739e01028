"""No log of this process holds a number or a token, whoever writes it; what is kept for support holds no sentence of others."""

import io
import logging
import threading
import time
from collections.abc import Iterator

import pytest

from lib.contact.privacy import mask_phone
from lib.server import log_records
from lib.server.log_records import LONGEST, Recent

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


#: Each is repeated to a megabyte: what patterns for addresses, tokens and numbers would look at again and again.
HOSTILE = (
    *(
        "1",
        "1 ",
        "13 ",
        "86 ",
        "+",
        "+ 1",
        "0",
        "-",
        "a",
        "a.",
        "a@",
        "aaaaaaaa-",
        "eyJ",
        "eyJaaaaa.",
        "bearer ",
        " ",
    ),
    *("a1b2c3d4", "13000000000", "1\u200b\u200b", "\n", "\x1b[2J"),
)


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_sec41_a_megabyte_of_hostile_text_costs_little(recent: Recent, piece: str) -> None:
    """SEC41: in a message, in its arguments and in what is raised; processor time, whatever else this machine does."""
    text = piece * (1_000_000 // len(piece))
    logger, out = written("desk.hostile")
    for say, seconds in (
        (lambda: logger.error(text), 0.05),
        (lambda: logger.error("%s", text), 0.05),
        (
            lambda: logger.error("raised", exc_info=ValueError(text)),
            0.2,
        ),  # Python itself indents every line of it
    ):
        began = time.thread_time()
        say()
        assert time.thread_time() - began < seconds
    assert len(out.getvalue()) < 3 * 10 * LONGEST, "an escaped character has a few"


@pytest.mark.long
def test_sec41_nothing_of_a_number_an_address_or_a_token_is_left_beside_a_cut(recent: Recent) -> None:
    logger, out = written("desk.cut")
    logger.warning("end")
    for secret in (PHONE, MAIL, TOKEN, "Bearer " + "abcdefgh" * 400, "eyJhbGci" * 300):
        first, last = LONGEST // 2 - len(secret) - 2, LONGEST // 2 + 2
        # each place at both ends; between them what repeats every eight characters is met at each of its own
        edges = {*range(first, min(first + 40, last)), *range(max(first, last - 40), last)}
        for before in sorted({*edges, *range(first, last, 37)}):
            logger.warning("%s %s %s", "x" * before, secret, "y" * LONGEST)
            logger.warning("%s %s %send", "x" * LONGEST, secret, "y" * (before - 1))
    text = out.getvalue()
    assert [left for left in ("1301", "1211", "anary", "cdef", "hbGc") if left in text] == []
    assert text.count("end\n") > 100, "both ends of a long record are told"


def test_sec41_no_line_can_be_forged(recent: Recent) -> None:
    """SEC41: not by a message, an argument, or what is raised; nothing moves the cursor, and what cannot be written is."""
    logger, out = written("desk")
    forged = "2026-11-29 12:00:00 ERROR desk: forged"
    breaks = (
        "\n",
        "\r",
        "\r\n",
        "\x0b",
        "\x0c",
        "\x1b[1A\x1b[2K",
        "\x85",
        "\u2028",
        "\u202e",
        "\ud800",
        "\x00",
    )
    for one in breaks:
        logger.error(f"a{one}{forged}")  # noqa: G004 - as others write it
        logger.error("%s", "a" + one + forged)
        logger.error("raised", exc_info=ValueError("a" + one + forged), stack_info=True)
    lines = out.getvalue().split("\n")
    assert [line for line in lines if line.startswith(("20", "\r"))] == []
    assert all(line.isprintable() for line in lines)
    out.getvalue().encode()
    assert len(recent.lines()) == 3 * len(breaks)
    assert all(line.isprintable() for line in recent.lines())
