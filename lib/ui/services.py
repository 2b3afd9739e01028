"""The services of this process as pages reach them: once for all visits, and never in a cache a visitor could empty."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from lib.access.administration import Administration
from lib.access.administration import administration as administration_of
from lib.errors import StoreUnavailable
from lib.host import DATA_FOLDER_VARIABLE, Administrator, Host, Services, Whole, assemble, data_folder
from lib.server import log_records
from lib.server.log_records import Recent

__all__ = [
    "DATA_FOLDER_VARIABLE",
    "Services",
    "Whole",
    "administration",
    "data_folder",
    "get",
    "recent",
    "reset",
    "running",
]

log = logging.getLogger(__name__)

#: The last records of every log, for whoever looks for what went wrong.
recent = Recent()

_TRUSTED = "server.trustedUserHeaders"


def administration() -> Administration:
    """What the administrator has written, as it is now."""
    known = administration_of(st.get_option("secrets.files"))
    if known.signs_in and st.get_option(_TRUSTED):  # Streamlit would believe a header more than the provider
        return replace(known, error_code="sign_in_incomplete", params={"key": _TRUSTED})
    return known


def _secret(name: str) -> Any:
    """What the administrator's file of secrets says under this name, None for nothing."""
    try:
        return st.secrets.get(name)
    except (
        FileNotFoundError
    ):  # also said of a file that is there and cannot be read: an administrator must notice that
        if any(Path(path).exists() for path in st.get_option("secrets.files")):
            raise
        return None


_host = Host(lambda: assemble(Administrator(administration, _secret), recent=recent, is_called_back=True))


def get() -> Whole:
    """The services of this process; raises StoreUnavailable where the database cannot be used."""
    return _host.get()


def reset() -> None:
    """End the services there are; the next one to ask gets others."""
    _host.close()


@contextmanager
def running() -> Iterator[None]:
    """Start the services with the app and end them with it: what is in flight is finished and recorded first.

    With a database that cannot be used the app starts all the same: its pages say why, and what to do. Numbers and
    tokens stay out of every log this process writes, whoever writes it.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # where they lie is asked for dozens of times in one run of a page, and Streamlit asks the disk each time
    st.config.set_option("secrets.files", st.get_option("secrets.files"))
    log_records.install(recent=recent)
    try:
        get()
    except StoreUnavailable as error:
        log.error("the database cannot be used (%s)", error.code)
    try:
        yield
    finally:
        reset()
        log_records.uninstall()
