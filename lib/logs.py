"""The logs of a process of ours: no number, no token, whoever writes them, and nothing of what a client library says about requests."""

import logging
from collections.abc import Callable, Iterable

from lib.privacy import install_redaction

#: Loggers with handlers of their own, which the root's do not see.
_OWN_HANDLERS = ("", "streamlit", "uvicorn")

#: Loggers that tell every address, with account and task in it.
_TALKATIVE = ("httpx", "httpcore")


def redact(secrets_known: Callable[[], Iterable[str]] = tuple) -> None:
    """Make every log of this process harmless. secrets_known: called for each line; the tokens in memory."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in _OWN_HANDLERS:
        install_redaction(logging.getLogger(name), secrets_known)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
