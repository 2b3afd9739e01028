"""Does this installation keep what the app promises? Facts are handed in; every check has a sentence for both endings.

A refused check undoes "local by default": then nothing of a person's data is served until it is mended (SEC30,
SEC31, SEC39). A told one is for the person who looks after this computer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from lib.server.hosts import is_loopback
from lib.server.licences import canonical

#: The first release without a known hole (CVE-2026-33682, and the ones before it).
OLDEST_STREAMLIT = Version("1.54.0")

#: Any unix socket of Streamlit begins so; it lies in the file system.
_SOCKET = "unix://"


class Level(StrEnum):
    """How bad it is."""

    FINE = "fine"
    TOLD = "told"
    REFUSED = "refused"


class CheckCode(StrEnum):
    """What is checked; the sentences are `check.<value>` where it is fine and `check.<value>.bad` where it is not."""

    ADDRESS = "address"
    FORGERY = "forgery"
    OTHER_PAGES = "other_pages"
    HOSTS = "hosts"
    STATISTICS = "statistics"
    ERROR_DETAILS = "error_details"
    STATIC_FILES = "static_files"
    REMOTE_CONTROL = "remote_control"
    STREAMLIT = "streamlit"
    FILE_WATCHER = "file_watcher"
    TRACE = "trace"
    XML = "xml"
    DATABASE = "database"
    SENDER = "sender"
    TOKENS = "tokens"
    FOLDER = "folder"
    SECRETS = "secrets"
    PACKAGES = "packages"


@dataclass(frozen=True)
class Finding:
    """How one check came out. params fill in its sentence."""

    code: CheckCode
    level: Level
    params: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class ServerFacts:
    """How Streamlit serves, as it is in force and not as a file says. address: "" for every address of this computer.

    sign_in: whether people have to sign in; only then may the server be reached from elsewhere.
    """

    address: str
    forgery_protection: bool
    other_pages_kept_out: bool
    statistics: bool
    error_details: str
    static_files: bool
    agent_api: bool
    developing: bool
    file_watcher: str
    streamlit: str
    allowed_hosts: tuple[str, ...] = ()
    sign_in: bool = False


@dataclass(frozen=True)
class MachineFacts:
    """What the rest of the app stands on.

    trace_events: whether the HTTP library tells when a request leaves. dtd_refused: whether a workbook with a DTD was
    refused just now; expat: the version of the XML parser. sqlite: its version, journal: as the database says, "" for a
    database that is no file; log_allowed: whether this version may write ahead. sole_sender: whether this process
    sends. tokens_last: whether none has to be typed again after a restart. readable: names in the data folder that other users of this
    computer can read, secrets: files of secrets that they can. outside: packages outside the versions this app was made for.
    """

    trace_events: bool
    dtd_refused: bool
    expat: str
    sqlite: str
    journal: str
    log_allowed: bool
    sole_sender: bool
    tokens_last: bool
    readable: tuple[str, ...]
    secrets: tuple[str, ...]
    outside: tuple[str, ...]


def server(facts: ServerFacts) -> list[Finding]:
    """How the server stands, each check once."""
    known = _version(facts.streamlit)
    checks = (
        (CheckCode.ADDRESS, facts.sign_in or _is_local(facts.address)),
        (CheckCode.FORGERY, facts.forgery_protection),
        (CheckCode.OTHER_PAGES, facts.other_pages_kept_out),
        (CheckCode.HOSTS, not any("*" in name for name in facts.allowed_hosts)),
        (CheckCode.STATISTICS, not facts.statistics),
        (CheckCode.ERROR_DETAILS, facts.error_details == "none"),
        (CheckCode.STATIC_FILES, not facts.static_files),
        (CheckCode.REMOTE_CONTROL, not (facts.agent_api or facts.developing)),
        (CheckCode.STREAMLIT, known is not None and known >= OLDEST_STREAMLIT),
    )
    found = [Finding(code, Level.FINE if is_fine else Level.REFUSED) for code, is_fine in checks]
    return [
        *found,
        Finding(CheckCode.FILE_WATCHER, Level.FINE if facts.file_watcher == "none" else Level.TOLD),
    ]


def refused(facts: ServerFacts) -> list[Finding]:
    """The checks for which nothing may be served."""
    return [finding for finding in server(facts) if finding.level == Level.REFUSED]


def machine(facts: MachineFacts) -> list[Finding]:
    """How the rest stands, each check once; none of it keeps the app from starting."""
    expected = ("wal",) if facts.log_allowed else ("delete", "truncate")
    return [
        _note(CheckCode.TRACE, facts.trace_events),
        _note(CheckCode.XML, facts.dtd_refused, version=facts.expat),
        _note(
            CheckCode.DATABASE,
            facts.journal in ("", *expected),
            version=facts.sqlite,
            journal=facts.journal or "-",
        ),
        _note(CheckCode.SENDER, facts.sole_sender),
        _note(CheckCode.TOKENS, facts.tokens_last),
        _note(CheckCode.FOLDER, not facts.readable, names=", ".join(facts.readable)),
        _note(CheckCode.SECRETS, not facts.secrets, names=", ".join(facts.secrets)),
        _note(CheckCode.PACKAGES, not facts.outside, names=", ".join(facts.outside)),
    ]


def _note(code: CheckCode, is_fine: bool, **params: str | int) -> Finding:
    return Finding(code, Level.FINE if is_fine else Level.TOLD, params)


def _is_local(address: str) -> bool:
    """Whether a server that listens on this address can be reached from this computer only."""
    bare = address.strip().strip("[]").lower()
    return bare == "localhost" or address.startswith(_SOCKET) or is_loopback(bare)


def outside(required: Iterable[str], installed: dict[str, str]) -> list[str]:
    """Packages missing, or of a version outside these lines of a requirements file, as "name version".

    installed: name as indexes spell it → version.
    """
    found = []
    for line in required:
        text = line.partition("#")[0].strip()
        if not text:
            continue
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        have = installed.get(canonical(wanted.name), "")
        known = _version(have)
        if known is None or not wanted.specifier.contains(known, prereleases=True):
            found.append(f"{wanted.name} {have}".strip())
    return found


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
