"""The practice platform as a child: what it is given of this process."""

from pathlib import Path

import pytest

from lib.platform import api, connection, practice_control
from lib.server.practice import TOKEN, Practice
from lib.workbook import process

CANARY = "variable-canary"


@pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="only here can be looked at what a process was given"
)
@pytest.mark.parametrize(
    "name",
    [
        "CONTACT_DESK_TOKEN_AB",
        "DATABASE_URL",
        "AWS_SECRET_ACCESS_KEY",
        "PGPASSWORD",
        "HTTPS_PROXY",
        "PYTHONSTARTUP",
        "HOME",
    ],
)
def test_sec47_a_child_is_given_what_python_needs_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, CANARY)
    monkeypatch.setenv("TMPDIR", "/tmp/of-this-user")
    practice = Practice()
    try:
        assert practice.url().startswith("http://127.0.0.1:")
        assert practice._process
        given = Path(f"/proc/{practice._process.pid}/environ").read_bytes()
    finally:
        practice.close()
    assert CANARY.encode() not in given
    assert b"TMPDIR=/tmp/of-this-user" in given
    reader = process._ForkServer()
    try:
        assert CANARY.encode() not in Path(f"/proc/{reader._popen.pid}/environ").read_bytes()
    finally:
        reader.end()


def test_what_it_holds_is_there_when_the_app_starts_again(tmp_path: Path) -> None:
    data, held = tmp_path / "practice.db", []
    for _ in range(2):
        of_this_start = Practice(data)
        try:
            here = connection.practice(of_this_start.url())
            if not held:
                with api.Platform() as platform:
                    platform.send(here, TOKEN, b'{"data":[{"phone":"13012121211","sort":0}]}', lambda: None)
            held.append(practice_control.holdings(here))
        finally:
            of_this_start.close()
    assert held == [practice_control.Holdings(1, 1, 1, 0)] * 2
