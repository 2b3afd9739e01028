"""Hostile text on its way from a file to the platform and back: it arrives as it was, and nothing on the way believes it."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest

from lib import payload, results, sandbox
from lib.draft import Draft
from lib.draft.plan import run_plan, source_table
from lib.errors import Refused
from lib.platform.api import Platform
from lib.platform.connection import create, practice
from lib.platform.directory_source import Directory
from lib.sheet import read
from lib.store import Store
from lib.workbook.kind import label
from tests.core.sheet_builder import header, rows, text, workbook
from tests.hostile import FILE_NAMES, LONG, TEXTS

TOKEN = "canary-token-5512"
PHONES = [f"1301212{at:04d}" for at in range(len(TEXTS))]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "desk.db")) as opened:
        yield opened


def as_csv() -> bytes:
    lines = io.StringIO()
    csv.writer(lines).writerows([["手机号", "姓名", "公司"], *zip(PHONES, TEXTS, TEXTS, strict=True)])
    return lines.getvalue().encode()


def as_xlsx() -> bytes:
    cells = [
        (row, text(f"A{row}", phone) + text(f"B{row}", escape(one)) + text(f"C{row}", escape(one)))
        for row, (phone, one) in enumerate(zip(PHONES, TEXTS, strict=True), 2)
    ]
    return workbook(rows(header(1, "手机号", "姓名", "公司"), *cells))


def draft_of(store: Store, data: bytes, name: str = "x.csv") -> Draft:
    draft = Draft(store)
    draft.load_sheet(data, name)
    draft.change_mapping(
        draft.mapping.with_column("phone", "手机号")
        .with_column("name", "姓名")
        .with_column("company", "公司")
    )
    return draft


@pytest.mark.parametrize("data", [as_csv(), as_xlsx()], ids=["csv", "xlsx"])
def test_sec35_a_cell_is_read_as_it_is(data: bytes) -> None:
    """X16: every text of the corpus, letter by letter."""
    assert read(data, "x").table["姓名"].tolist() == list(TEXTS)


def test_sec35_what_is_sent_and_given_back_is_the_text_itself(store: Store) -> None:
    """X16: in the JSON a value and never a part of it; in the person's own sheet the text that stood there, no formula."""
    draft = draft_of(store, as_csv())
    connection = practice("")
    review = draft.review(connection)
    bodies = [
        json.loads(payload.encoded(payload.body(batch)))
        for batch in payload.batches(review, connection.options)
    ]
    sent = {entry["phone"]: entry["company"] for body in bodies for entry in body["data"]}
    expected = dict(zip(PHONES, review.contacts["company"], strict=True))
    assert sent == {phone: expected[phone] for phone in sent}
    assert len(sent) == len(TEXTS)
    assert all(
        "".join(said.split()) in "".join(one.split()) for said, one in zip(sent.values(), TEXTS, strict=True)
    )
    run_id = store.runs.create(run_plan(draft, connection))
    table = source_table(store.runs.source(run_id))
    back = openpyxl.load_workbook(
        io.BytesIO(results.run_workbook(table, store.runs.rows(run_id), "zh"))
    ).worksheets[0]
    column = [cell.value for cell in back["B"]][1 : len(TEXTS) + 1]
    assert column == list(TEXTS)
    assert {cell.data_type for line in back.iter_rows() for cell in line} <= {"s", "n"}
    assert all(cell.hyperlink is None for line in back.iter_rows() for cell in line)


def test_sec37_names_that_are_sql_stay_names(store: Store) -> None:
    """SEC37: every text as a connection, an upload, a source of a list and a search; the tables are all there afterwards."""
    for at, one in enumerate(TEXTS):
        store.connections.save(
            create("x", "https://ai.api.longlonglong.cn", *_ids(at), connection_id=f"{one}{at}")
        )
        assert store.uploads.read(store.uploads.save(one, b"x")) == (one, b"x")
        store.do_not_call.add([str(13_700_000_000 + at)], one)
        assert store.batches.table(search=one).empty
        store.mappings.remember(one, {"columns": {one: one}})
        assert store.mappings.recall(one) == {"columns": {one: one}}
        store.directory.keep(one, one, {"name": one})
        assert store.directory.get(one, one) == {"name": one}
    assert {connection.id for connection in store.connections.all()} == {
        f"{one}{at}" for at, one in enumerate(TEXTS)
    }
    for at, one in enumerate(TEXTS):
        store.connections.delete(f"{one}{at}")
    assert store.connections.all() == []
    assert len(store.do_not_call.additions()) == len(TEXTS)


@pytest.mark.parametrize(
    "name",
    [*FILE_NAMES, *TEXTS, "C:\\x", "..", "\0", "x" * 5_000 + ".csv", "/" * 5_000],
    ids=range(len(FILE_NAMES) + len(TEXTS) + 5),
)
def test_sec18_a_label_is_short_and_neither_climbs_nor_turns(name: str) -> None:
    """SEC18."""
    made = label(name)
    assert 0 < len(made) <= 120
    assert not set(made) & set("/\\\0\n\r\u202e\u2066")
    assert made not in (".", "..")


def test_sec35_five_thousand_characters_are_a_problem_and_no_trouble(store: Store) -> None:
    """X16: a text that is too long for the platform is a row with a problem."""
    draft = draft_of(store, f"手机号,姓名,公司\n13012121211,{LONG},甲\n".encode())
    problems = draft.review(practice("")).problems
    assert problems["field"].tolist() == ["name"]


@pytest.mark.parametrize("half", ["_xD800_", "a_xDC00_b", "_x0000_"])
def test_half_a_character_in_a_workbook_can_still_be_shown(half: str) -> None:
    """X16: Excel writes what XML cannot hold as _xHHHH_; what comes of it can be shown and sent."""
    data = workbook(rows(header(), (2, text("A2", "13012121211") + text("B2", half))))
    [found] = read(data, "x.xlsx").table["姓名"].tolist()
    found.encode()


def test_sec35_whatever_the_platform_says_can_be_shown_and_stored(store: Store) -> None:
    """A27: its messages and names, each ending in half a character that UTF-8 does not know."""
    with sandbox.running(token=TOKEN, words=TEXTS, half_characters=True) as url, Platform() as platform:
        connection = create("外呼", url, sandbox.USER_ID, sandbox.TASK_ID)
        names = Directory(store.directory, platform)
        tasks = names.fetch_tasks(connection, TOKEN)
        template = names.fetch_template(connection, TOKEN)
        receipt = platform.send(
            connection, TOKEN, b'{"data": [{"phone": "13012121211", "sort": 0}]}', lambda: None
        )
        with pytest.raises(Refused) as refused:
            platform.send(connection, TOKEN, b'{"data": []}', lambda: None)
    told = [task.name for task in tasks.tasks] + [one.name for one in template.components]
    assert len(template.components) == len(TEXTS)
    for said in [*told, receipt.message, refused.value.message or ""]:
        said.encode()
        assert said
        assert "\n" not in said
    assert names.template(connection) == template


def _ids(at: int) -> tuple[str, str]:
    return f"4d99d91c-f5d9-49da-88da-7589770000{at:02d}", f"b15b7392-a83f-4e0e-9570-31dd2e0000{at:02d}"
