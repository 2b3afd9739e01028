"""What the practice platform keeps over a restart, and that what is deleted leaves no byte behind."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lib import sandbox
from lib.sandbox import world
from lib.sandbox.kept import KEPT_DAYS
from tests.core.sandbox.scenes import TASK, TOKEN, Desk, row

PHONE = "13012121211"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "practice.db"


@contextmanager
def started(file: Path) -> Iterator[Desk]:
    with sandbox.running(token=TOKEN, scenario="normal", data=file) as url:
        desk = Desk(url)
        yield desk
        desk.http.close()


def everything(desk: Desk) -> tuple[object, ...]:
    ledger = desk.ledger()
    listed = desk.get(f"{TASK}/number", page=1, per_page=100)["data"]
    return ledger["batches"], ledger["numbers"], listed


def test_batches_numbers_and_deletions_are_there_after_a_restart(file: Path) -> None:
    with started(file) as desk:
        desk.send(row(), row("13012121212", name="张伟"))
        desk.send(row("13012121213"))
        desk.http.request(
            "DELETE", f"{TASK}/number-batch-delete", json={"customer_info_list": [{"phone": PHONE}]}
        )
        desk.control(scenario="repeated")
        desk.send(row("13012121214"))
        before = everything(desk)
    with started(file) as desk:
        assert everything(desk) == before
        assert [one["phone"] for one in before[2]] == ["13012121214", "13012121213", "13012121212"]  # type: ignore[index, attr-defined]
        desk.send(row("13012121213"))
        assert desk.ledger()["numbers"]["13012121213"] == 1, "it is known to be there already"
        assert desk.send(row("13012121214")).status_code == 422, "and so is the one of somebody else"
        [batch] = [one for one in desk.ledger()["batches"] if len(one["rows"]) == 2]
        found = desk.get(f"/agent-api/user/{sandbox.USER_ID}/identification/{batch['unique_id']}")
        assert found["code"] == 200


def test_a_reset_leaves_nothing(file: Path) -> None:
    with started(file) as desk:
        desk.send(row())
        desk.control(reset=True)
        desk.send(row("13012121212"))
    assert PHONE.encode() not in file.read_bytes()
    with started(file) as desk:
        assert desk.ledger()["numbers"] == {"13012121212": 1}


def test_a_number_that_is_forgotten_leaves_no_byte(file: Path) -> None:
    with started(file) as desk:
        desk.send(row(), row("13012121212"))
        desk.send(row())
        assert desk.control(forget=PHONE).status_code == 200
        assert PHONE not in str(everything(desk))
        assert PHONE not in str(desk.ledger())
    assert PHONE.encode() not in file.read_bytes()
    with started(file) as desk:
        assert desk.ledger()["numbers"] == {"13012121212": 1}


def test_what_was_kept_long_enough_goes(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = (datetime.now() - timedelta(days=KEPT_DAYS + 1)).strftime("%Y-%m-%d %H:%M:%S")
    monkeypatch.setattr(world, "now_text", lambda: long_ago)
    with started(file) as desk:
        desk.send(row())
        monkeypatch.undo()
        desk.send(row("13012121212"))
        assert desk.ledger()["numbers"] == {"13012121212": 1}
    assert PHONE.encode() not in file.read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_the_file_is_for_its_user_only(file: Path) -> None:
    with started(file) as desk:
        desk.send(row())
        assert {one.stat().st_mode & 0o077 for one in (file, *file.parent.iterdir())} == {0}


def test_a_second_one_begins_empty_and_leaves_the_file_to_the_first(file: Path) -> None:
    with started(file) as first, started(file) as second:
        first.send(row())
        assert second.ledger()["numbers"] == {}
        second.send(row("13012121212"))
    with started(file) as desk:
        assert desk.ledger()["numbers"] == {PHONE: 1}


def test_a_damaged_file_is_begun_anew(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"no database at all" * 100)
    with started(file) as desk:
        desk.send(row())
    with started(file) as desk:
        assert desk.ledger()["numbers"] == {PHONE: 1}
