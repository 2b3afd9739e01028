"""Real drafts that become real runs, with one person's number wherever a number can lie."""

import io
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

import openpyxl
from sqlalchemy import select

from lib.draft import Draft
from lib.draft.plan import run_plan
from lib.platform.connection import Connection, practice
from lib.store import Store
from lib.store.schema import METADATA
from tests.core import store_scenes

#: The one whose number must go, and others who stay.
CANARY, OTHERS = "13917654321", ("13612345678", "13712345679", "13812345670")

DAY = 86_400.0

HERE = practice("http://127.0.0.1:9")

HEADER = ("姓名", "手机号", "备注")


def rows(*phones: str, note: str = "老客户") -> list[tuple[str, str, str]]:
    """The lines of a list, the header first."""
    return [HEADER, *((f"客户{at}", phone, note) for at, phone in enumerate(phones))]


def csv(*phones: str, encoding: str = "utf-8", note: str = "老客户") -> bytes:
    """A list as a text file."""
    return "\n".join(",".join(line) for line in rows(*phones, note=note)).encode(encoding)


def workbook(*phones: str, second: str = "") -> bytes:
    """A list as a workbook. second: what stands in another worksheet, which is not read."""
    book = openpyxl.Workbook()
    for line in rows(*phones):
        book.active.append(line)
    if second:
        book.create_sheet("旧").append([second])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def draft(store: Store, data: bytes, name: str = "客户.csv") -> Draft:
    """A draft as after an upload."""
    made = Draft(store)
    made.choose_connection(HERE.id)
    made.load_sheet(data, name)
    return made


def submitted(store: Store, made: Draft, connection: Connection = HERE) -> str:
    """The run a draft becomes."""
    return store.runs.create(run_plan(made, connection))


def sent(store: Store, run_id: str, *answers: object) -> str:
    """The same run once every batch was sent; the platform answers by script, then accepts."""
    batches = store.runs.get(run_id).batches["planned"]
    store_scenes.steps(store_scenes.engine(store, store_scenes.Scripted(*answers)), batches + 1)
    return run_id


def data_folder(store: Store) -> Path:
    """Where the store's files lie, by the conftest's fixture; of a server, what is in its rows now."""
    return _written_out(store) if store.is_on_server else Path(store._db._path).parent


def _written_out(store: Store) -> Path:
    """Every value of every row, in a folder that goes with the store."""
    folder = Path(tempfile.mkdtemp(prefix="rows-"))
    weakref.finalize(store, shutil.rmtree, folder)
    with store._db.read() as tx:
        for table in METADATA.sorted_tables:
            values = (value for row in tx.execute(select(table)) for value in row)
            parts = (value if isinstance(value, bytes) else str(value).encode() for value in values)
            (folder / table.name).write_bytes(b"\0".join(parts))
    return folder


def everywhere(store):
    """One number in every place that keeps numbers: files, edits, rows, requests, sheets. Ends with everything sent."""
    made = draft(store, csv(CANARY, *OTHERS))
    made.edit([(3, "phone", CANARY[:-1] + "0")], HERE)
    made.undo()
    made.edit([(3, "name", f"电话 {CANARY}")], HERE)
    first = sent(store, submitted(store, made))
    second = sent(
        store,
        submitted(
            store, draft(store, workbook(f"+86 {CANARY}", "13512345671")), practice("http://127.0.0.1:8")
        ),
    )
    draft(store, csv(CANARY, encoding="utf-16"), f"{CANARY}.csv")
    return first, second


def rows_by_table(store: Store) -> dict[str, list[Any]]:
    """Every row there is, but for what only tells that something was done, or who sends."""
    with store._db.read() as tx:
        return {
            table.name: sorted(map(str, tx.execute(select(table)).all()))
            for table in METADATA.sorted_tables
            if table.name not in ("meta", "data_log", "lease", "sender")
        }
