"""The request of a batch as a person copies it: it is the one the desk sends, and it arrives whatever stands in it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lib import sandbox
from lib.errors import NotSent
from lib.platform import api, batch_request
from lib.platform.batch_request import FORMS, TOKEN_SHOWN, as_curl, as_head, as_json, as_python
from lib.platform.connection import create, practice
from lib.server.practice import TOKEN
from tests import practice_platform
from tests.hostile import TEXTS
from tests.waiting import PATIENCE

#: What a shell could take for something else, beside the corpus.
SHELL = [
    "'; touch OWNED; '",
    "$(touch OWNED)",
    "`touch OWNED`",
    "!!",
    "\\",
    "\n",
    "END_OF_BODY\nrm",
    "@/etc/passwd",
    "%s",
    "'\"'",
    "😀",
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with sandbox.running(token=TOKEN, repeats="accept") as address:
        yield address


def body(*names: str) -> bytes:
    rows = [{"name": name, "phone": f"130{at:08}", "sort": 0} for at, name in enumerate(names)]
    return json.dumps({"data": rows}, ensure_ascii=False, separators=(",", ":")).encode()


def ran(command: list[str], folder: Path, given: str) -> dict[str, object]:
    done = subprocess.run(
        command, input=given, capture_output=True, encoding="utf-8", cwd=folder, timeout=PATIENCE, check=True
    )
    assert done.stderr == ""
    return json.loads(done.stdout[done.stdout.index("{") :])


def names_taken(url: str, answer: dict[str, object]) -> list[str]:
    assert answer["code"] == 200, answer
    ledger = practice_platform.ledger(url)
    [batch] = [one for one in ledger["batches"] if one["unique_id"] == answer["data"]["unique_id"]]  # type: ignore[index]
    return [row["name"] for row in batch["rows"]]


HOSTILE = [*SHELL, *(text for text in TEXTS if text.isprintable())][:150]
LONG = ["名" * 300] * 150


@pytest.mark.parametrize("names", [["张伟"], HOSTILE, LONG], ids=["plain", "hostile", "long"])
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_copied_command_is_accepted_with_the_token_put_in_and_nothing_in_it_is_run(
    url: str, tmp_path: Path, names: list[str], shell: str
) -> None:
    command = as_curl(batch_request.batch_request(practice(url), TOKEN_SHOWN, body(*names)))
    answer = ran([shell, "-s"], tmp_path, command.replace(TOKEN_SHOWN, TOKEN) + "\n")
    assert names_taken(url, answer) == names
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("names", [["张伟"], HOSTILE, LONG], ids=["plain", "hostile", "long"])
def test_the_copied_script_is_accepted_with_the_token_put_in(
    url: str, tmp_path: Path, names: list[str]
) -> None:
    script = as_python(batch_request.batch_request(practice(url), TOKEN_SHOWN, body(*names)))
    answer = ran([sys.executable, "-"], tmp_path, script.replace(TOKEN_SHOWN, TOKEN))
    assert names_taken(url, answer) == names


def test_what_is_copied_is_what_the_desk_sends(url: str) -> None:
    """Byte for byte, header for header; the library adds length and host."""
    came: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        came.append(request)
        return httpx.Response(500)

    to = create("外呼", url, sandbox.USER_ID, sandbox.TASK_ID)
    with api.Platform(over=httpx.MockTransport(answer)) as platform, pytest.raises(api.PlatformError):
        platform.send(to, TOKEN, body("张伟"), lambda: None)
    [sent] = came
    shown = batch_request.batch_request(to, TOKEN, body("张伟"))
    assert (sent.method, str(sent.url), sent.read()) == (shown.method, shown.url, shown.body)
    added = {"host", "content-length"}
    assert {name: sent.headers[name] for name in sent.headers if name not in added} == {
        name.lower(): value for name, value in shown.headers.items()
    }


def test_the_command_is_refused_with_what_stands_in_place_of_the_token(url: str, tmp_path: Path) -> None:
    command = as_curl(batch_request.batch_request(practice(url), TOKEN_SHOWN, body("张伟")))
    assert ran(["sh", "-s"], tmp_path, command)["code"] == 401


def test_the_body_is_shown_as_it_means(url: str) -> None:
    request = batch_request.batch_request(practice(url), TOKEN_SHOWN, body("张伟"))
    assert json.loads(as_json(request)) == json.loads(request.body)
    assert as_head(request).splitlines()[0] == f"POST {request.url}"
    assert all(form(request) for form in FORMS.values())


def test_an_id_that_is_none_makes_no_request() -> None:
    broken = practice("http://127.0.0.1:9")
    object.__setattr__(broken, "task_id", "..")
    with pytest.raises(NotSent):
        batch_request.batch_request(broken, TOKEN_SHOWN, b"{}")


def test_a_body_that_breaks_off_is_kept_as_far_as_it_came() -> None:
    with (
        sandbox.running(token=TOKEN, faults=("truncated",)) as url,
        api.Platform() as platform,
        pytest.raises(api.OutcomeUnknown) as caught,
    ):
        platform.send(
            create("外呼", url, sandbox.USER_ID, sandbox.TASK_ID), TOKEN, body("张伟"), lambda: None
        )
    assert '"code"' in caught.value.raw
