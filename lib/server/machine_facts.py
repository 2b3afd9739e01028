"""What this installation stands on, looked at now: for the self-check and for whoever is asked for help."""

import io
import os
import platform
import sqlite3
import ssl
import stat
import zipfile
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from xml.parsers import expat

from lib.errors import SheetRefused
from lib.platform.transport import trace_works
from lib.server import self_check
from lib.server.licences import InstalledPackage, canonical, installed
from lib.server.self_check import MachineFacts
from lib.store.sqlite import wal_is_safe
from lib.workbook.package import Package as Workbook

_ROOT = Path(__file__).resolve().parents[2]

#: Packages whose versions are told first.
TOLD = (
    "streamlit",
    "pandas",
    "httpx",
    "sqlalchemy",
    "openpyxl",
    "fastexcel",
    "pyarrow",
    "numpy",
    "starlette",
    "uvicorn",
)


def look(
    folder: Path, journal: str, *, sole_sender: bool, tokens_last: bool, secrets: Iterable[str | Path] = ()
) -> MachineFacts:
    """The facts of now.

    folder: of the data; looked into for what other users of this computer can read
    journal: of the database, "" for one that is no file
    sole_sender: whether this process sends, and does not stand by
    tokens_last: whether none has to be typed again after a restart
    secrets: the files of secrets, as many as there may be; told is which of them other users of this computer can read
    """
    return MachineFacts(
        trace_events=trace_works(),
        dtd_refused=_refuses_dtd(),
        expat=expat.EXPAT_VERSION.removeprefix("expat_"),
        sqlite=sqlite3.sqlite_version,
        journal=journal,
        log_allowed=wal_is_safe(),
        sole_sender=sole_sender,
        tokens_last=tokens_last,
        readable=tuple(readable(folder)),
        secrets=tuple("/".join(file.parts[-2:]) for file in map(Path, secrets) if others_read(file)),
        outside=tuple(
            self_check.outside(_required(), {canonical(one.name): one.version for one in packages()})
        ),
    )


def _required() -> list[str]:
    """The lines of the requirements file that lies beside the app."""
    return (_ROOT / "requirements.txt").read_text("utf-8").splitlines()


@cache
def packages() -> tuple[InstalledPackage, ...]:
    """Every installed package the app stands on, with its licence; looked up once, a tenth of a second, as they stay while it runs."""
    return tuple(installed(_required()))


def versions() -> dict[str, str]:
    """What runs here, by name; neither the computer's nor anybody's name is among it."""
    told = {
        "Python": platform.python_version(),
        "System": f"{platform.system()} {platform.release()} {platform.machine()}",
        "SQLite": sqlite3.sqlite_version,
        "OpenSSL": ssl.OPENSSL_VERSION,
        "expat": expat.EXPAT_VERSION.removeprefix("expat_"),
    }
    return told | {name: metadata.version(name) for name in TOLD}


def _refuses_dtd() -> bool:
    """Whether a workbook whose parts define entities is refused before a parser sees them."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as parts:
        for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
            parts.writestr(name, '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    try:
        Workbook(made.getvalue()).sweep(but="")
    except SheetRefused as refused:
        return refused.code == "workbook_dtd"
    return False


def readable(folder: Path) -> list[str]:
    """Names in the folder, "." for itself, that other users of this computer can read. Windows has other rights: none."""
    if os.name == "nt" or not folder.is_dir():
        return []
    closed = not stat.S_IMODE(folder.stat().st_mode) & 0o077
    entries = [] if closed else [folder, *sorted(folder.iterdir())]
    return [
        "." if entry == folder else entry.name
        for entry in entries
        if stat.S_IMODE(entry.stat().st_mode) & 0o077
    ]


def others_read(file: Path) -> bool:
    """Whether other users of this computer can read it. By its group too where it is this user's own: else the group is how this user does."""
    if os.name == "nt" or not file.is_file():
        return False
    said = file.stat()
    bits = 0o044 if said.st_uid == os.geteuid() else 0o004
    return bool(said.st_mode & bits) and all(one.stat().st_mode & 0o011 for one in file.resolve().parents)
