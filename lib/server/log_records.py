"""Every record of every log of this process: harmless from the moment it is made; the last ones kept for support.

A filter on a handler is not enough: Streamlit gives each of its loggers a handler of its own, and one of them prints
whatever a page raised before anybody of ours is asked. So the records themselves are made harmless (SEC25), and short,
and of one line each (SEC41): what they quote may come from whoever opens a connection.
"""

import logging
import re
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from lib.contact.privacy import redact

#: Records kept in memory, from a warning on.
KEPT = 300

#: Characters of a record, or of its traceback, that are searched and kept: half from either end. Patterns see no more.
LONGEST = 4_000

#: Characters beside a cut that are not told: half of a number or an address is not known for what it is.
_BESIDE_CUT = 150

#: What would begin a line, move a terminal's cursor or turn the order of what follows, or cannot be written at all.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

#: Steps of a traceback that are told, from where it was raised.
_STEPS = 8

#: Loggers whose sentences are ours: they hold codes, counts and references, and never a value.
_OURS = ("lib.", "desk")


class Recent:
    """The last records, in a form that may leave this computer: no sentence of other programs, no text of an exception.

    Such texts may hold anything, a person's name too, which no pattern finds. Where in the code it happened says as much.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._lines: deque[str] = deque(maxlen=kept)

    def note(self, record: logging.LogRecord) -> None:
        """Keep it; a record below a warning is not."""
        if record.levelno >= logging.WARNING:
            self._lines.append(_line(record))

    def lines(self) -> list[str]:
        """Oldest first."""
        return list(self._lines)


def _line(record: logging.LogRecord) -> str:
    when = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    said = redact(record.getMessage()) if record.name.startswith(_OURS) else ""
    parts = [
        f"{when} {record.levelname} {record.name} {_place(record.pathname, record.lineno)}",
        said,
        _raised(record),
    ]
    return " | ".join(filter(None, parts)).replace("\n", " ")


def _raised(record: logging.LogRecord) -> str:
    """Class and place of an exception and of what it came from."""
    told: list[str] = []
    error = record.exc_info[1] if record.exc_info else None
    while error is not None and len(told) < _STEPS:
        steps = traceback.extract_tb(error.__traceback__)[-_STEPS:]
        told.append(
            f"{type(error).__qualname__} at "
            + " < ".join(_place(step.filename, step.lineno) for step in reversed(steps))
        )
        error = error.__cause__ or error.__context__
    return "; from ".join(told)


def _place(path: str, line: int | None) -> str:
    """The file with its last two folders: the ones above name the person who uses this computer."""
    return "/".join(PurePath(path).parts[-3:]) + f":{line}"


def install(secrets_known: Callable[[], Iterable[str]] = tuple, recent: Recent | None = None) -> None:
    """From here on every record is redacted when it is made; what another thread dies of is a record too. Idempotent.

    secrets_known: called for each record; the tokens in memory, which may look like anything.
    """

    def made(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = logging.LogRecord(*arguments, **named)
        _make_harmless(record, tuple(secrets_known()))
        if recent is not None:
            recent.note(record)
        return record

    logging.setLogRecordFactory(made)
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _thread_died


def uninstall() -> None:
    """As Python has it."""
    logging.setLogRecordFactory(logging.LogRecord)
    if threading.excepthook is _thread_died:
        threading.excepthook = threading.__excepthook__


def _thread_died(died: threading.ExceptHookArgs) -> None:
    if died.exc_value is not None and not isinstance(died.exc_value, SystemExit):
        logging.getLogger("desk").error("a thread ended by an error", exc_info=died.exc_value)


def _make_harmless(record: logging.LogRecord, known: tuple[str, ...]) -> None:
    """Takes numbers and tokens out of a record before a handler sees it, the traceback included."""
    record.msg, record.args = _escaped(_harmless(_message(record), known)), ()
    if record.exc_info and not record.exc_text:
        record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
    if record.exc_text:
        record.exc_text = _indented(_harmless(record.exc_text, known))
    if record.stack_info:
        record.stack_info = _indented(_harmless(record.stack_info, known))


def _harmless(text: str, known: tuple[str, ...]) -> str:
    """No longer than `LONGEST`, and without what no log may hold."""
    for secret in filter(None, known):  # in all of it: a cut through one would leave a part
        text = text.replace(secret, "[token]")
    if len(text) <= LONGEST:
        return redact(text)
    start, end = redact(text[: LONGEST // 2]), redact(text[-LONGEST // 2 :])
    return f"{start[:-_BESIDE_CUT]} … {end[_BESIDE_CUT:].partition(' ')[2]}"  # from the next word on


def _escaped(text: str) -> str:
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _indented(text: str) -> str:
    """Lines, none of which reads as the beginning of a record."""
    return "\n".join(f"    {_escaped(line)}" for line in text.split("\n"))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (
        TypeError,
        ValueError,
        KeyError,
    ):  # arguments that do not fit the text: keep the text, lose the arguments
        return str(record.msg)
