"""The self-check: what it refuses, what it tells, and that every ending has its words."""

import os
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from lib.server import machine_facts, self_check
from lib.server.self_check import CheckCode, Level, MachineFacts, ServerFacts
from lib.words import LANGUAGES, words

ROOT = Path(__file__).resolve().parents[3]

GOOD = ServerFacts(
    address="127.0.0.1",
    forgery_protection=True,
    other_pages_kept_out=True,
    statistics=False,
    error_details="none",
    static_files=False,
    agent_api=False,
    developing=False,
    file_watcher="none",
    streamlit="1.67.0",
)

FINE = MachineFacts(
    trace_events=True,
    dtd_refused=True,
    expat="2.5.0",
    sqlite="3.40.1",
    journal="delete",
    log_allowed=False,
    sole_sender=True,
    tokens_last=True,
    readable=(),
    secrets=(),
    outside=(),
)


def test_sec31_the_app_as_it_comes_passes() -> None:
    found = self_check.server(GOOD)
    assert {finding.level for finding in found} == {Level.FINE}
    assert self_check.refused(GOOD) == []


def test_sec31_the_settings_that_come_with_the_app_are_the_safe_ones() -> None:
    """SEC19 and SEC31: what the file says; that it is in force is what `tests/ui/test_served.py` asks a server."""
    said = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert said["server"] == said["server"] | {
        "address": "127.0.0.1",
        "enableXsrfProtection": True,
        "enableCORS": True,
        "fileWatcherType": "none",
        "maxUploadSize": 50,
        "maxMessageSize": 20,
    }
    assert said["browser"] == {"gatherUsageStats": False}
    assert said["client"] == {
        "toolbarMode": "minimal",
        "showErrorDetails": "none",
        "showErrorLinks": False,
        "disableDataExport": True,
    }
    assert not {"enableStaticServing", "runOnSave", "enableAgentApi"} & said["server"].keys()
    assert "fontFaces" not in said["theme"]  # SEC28: a font of another host


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"address": ""}, CheckCode.ADDRESS),
        ({"address": "0.0.0.0"}, CheckCode.ADDRESS),
        ({"address": "::"}, CheckCode.ADDRESS),
        ({"address": "192.168.1.5"}, CheckCode.ADDRESS),
        ({"address": "desk.local"}, CheckCode.ADDRESS),
        ({"forgery_protection": False}, CheckCode.FORGERY),
        ({"other_pages_kept_out": False}, CheckCode.OTHER_PAGES),
        ({"allowed_hosts": ("desk.example.cn", "*")}, CheckCode.HOSTS),
        ({"allowed_hosts": ("*.example.cn",)}, CheckCode.HOSTS),
        ({"statistics": True}, CheckCode.STATISTICS),
        ({"error_details": "full"}, CheckCode.ERROR_DETAILS),
        ({"error_details": "type"}, CheckCode.ERROR_DETAILS),
        ({"static_files": True}, CheckCode.STATIC_FILES),
        ({"agent_api": True}, CheckCode.REMOTE_CONTROL),
        ({"developing": True}, CheckCode.REMOTE_CONTROL),
        ({"streamlit": "1.53.1"}, CheckCode.STREAMLIT),
        ({"streamlit": "1.54.0rc1"}, CheckCode.STREAMLIT),
        ({"streamlit": "?"}, CheckCode.STREAMLIT),
    ],
)
def test_sec31_whatever_undoes_local_by_default_is_refused(changes: dict, code: CheckCode) -> None:
    """SEC30 and SEC31: one thing wrong is one refusal, and the others stay what they are."""
    assert [finding.code for finding in self_check.refused(replace(GOOD, **changes))] == [code]


@pytest.mark.parametrize(
    "address", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]", "unix:///run/desk.sock"]
)
def test_sec31_every_spelling_of_this_computer_is_local(address: str) -> None:
    assert self_check.refused(replace(GOOD, address=address)) == []


def test_sec31_elsewhere_is_allowed_only_where_people_sign_in() -> None:
    assert self_check.refused(replace(GOOD, address="0.0.0.0", sign_in=True)) == []


def test_sec31_a_file_watcher_is_only_told() -> None:
    facts = replace(GOOD, file_watcher="auto")
    assert self_check.refused(facts) == []
    assert [finding.code for finding in self_check.server(facts) if finding.level == Level.TOLD] == [
        CheckCode.FILE_WATCHER
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"trace_events": False}, CheckCode.TRACE),
        ({"dtd_refused": False}, CheckCode.XML),
        ({"journal": "wal"}, CheckCode.DATABASE),
        ({"journal": "delete", "log_allowed": True}, CheckCode.DATABASE),
        ({"sole_sender": False}, CheckCode.SENDER),
        ({"tokens_last": False}, CheckCode.TOKENS),
        ({"readable": ("desk.db",)}, CheckCode.FOLDER),
        ({"secrets": (".streamlit/secrets.toml",)}, CheckCode.SECRETS),
        ({"outside": ("httpx 1.0",)}, CheckCode.PACKAGES),
    ],
)
def test_sec39_what_the_rest_stands_on_is_told(changes: dict, code: CheckCode) -> None:
    assert {finding.level for finding in self_check.machine(FINE)} == {Level.FINE}
    found = self_check.machine(replace(FINE, **changes))
    assert [finding.code for finding in found if finding.level != Level.FINE] == [code]


def test_sec39_a_database_that_is_no_file_has_no_rule_of_sqlite() -> None:
    assert {finding.level for finding in self_check.machine(replace(FINE, journal=""))} == {Level.FINE}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_check_has_its_words_for_both_endings(lang: str) -> None:
    every = self_check.server(GOOD) + self_check.machine(FINE)
    assert {finding.code for finding in every} == set(CheckCode)
    for finding in every:
        for key in (f"check.{finding.code}", f"check.{finding.code}.bad"):
            sentence = words(lang)[key]
            assert isinstance(sentence, str)
            assert sentence.format(**finding.params)


def test_sec39_packages_outside_the_versions_that_were_tried_are_named() -> None:
    lines = [
        "# a remark",
        "",
        "one>=1,<2",
        "two==0.28.1  # pinned",
        "three>=1,<2",
        'four>=1; python_version < "3"',
        "Five>=1,<2",
    ]
    installed = {"one": "2.0", "two": "0.28.1", "five": "1.9"}
    assert self_check.outside(lines, installed) == ["one 2.0", "three"]
    assert self_check.outside(["one>=1,<2"], {"one": "no version"}) == ["one no version"]


@pytest.mark.skipif(os.name == "nt", reason="other rights there")
@pytest.mark.parametrize(
    ("mode", "is_told"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True), (0o644, True)]
)
def test_sec49_a_file_of_secrets_that_others_can_read_is_told(
    tmp_path: Path, mode: int, is_told: bool
) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o077:
            folder.chmod(0o755)  # as far as others come by themselves
    file = tmp_path / "secrets.toml"
    file.write_text("")
    file.chmod(mode)
    told = machine_facts.look(tmp_path, "", sole_sender=True, tokens_last=False, secrets=[str(file)])
    assert told.secrets == ((f"{tmp_path.name}/secrets.toml",) if is_told else ())
    tmp_path.chmod(0o700)
    assert not machine_facts.others_read(file), "nobody else comes so far"
    assert not machine_facts.others_read(tmp_path / "none.toml")


@pytest.mark.skipif(os.name == "nt", reason="other rights there")
def test_a_file_of_roots_that_only_this_users_group_reads_is_as_it_should_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text("")
    file.chmod(0o640)
    monkeypatch.setattr(os, "geteuid", lambda: file.stat().st_uid + 1)
    assert not machine_facts.others_read(file)
