"""The independent look at a worksheet's XML says what a parser of trees says, however the rows are written."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib.errors import SheetRefused
from lib.sheet import NoteCode, read
from lib.workbook.columns import index_of, letter
from lib.workbook.limits import EXCEL_ROWS
from lib.workbook.scan import ScanFacts, scan
from lib.workbook.tags import UnusualError, rows_of
from tests.core.sheet_builder import MAIN, header, rows, text, workbook

#: How a cell may be written: {at} is its place, {p} the prefix.
USUAL = (
    '<{p}c r="{at}"><{p}v>1</{p}v></{p}c>',
    '<{p}c r="{at}" s="3" t="s"><{p}v>0</{p}v></{p}c>',
    '<{p}c r="{at}" t="str"><{p}f>A1</{p}f><{p}v>x</{p}v></{p}c>',
    '<{p}c r="{at}" t="inlineStr"><{p}is><{p}r><{p}rPr><{p}i/></{p}rPr><{p}t>a</{p}t></{p}r></{p}is></{p}c>',
    '<{p}c r="{at}" s="1"/>',
    '<{p}c r="{at}"><{p}f>A1</{p}f></{p}c>',
)
UNUSUAL = (
    '<{p}c s="3" r="{at}"><{p}v>1</{p}v></{p}c>',
    "<{p}c r='{at}'><{p}v>1</{p}v></{p}c>",
    '<{p}c r="{at}"><{p}v></{p}v></{p}c>',
    '<{p}c r="{at}"><{p}v/></{p}c>',
    '<{p}c\n r="{at}"/>',
)
ROW_HEADS = (
    'r="{n}"',
    'r="{n}" spans="1:9"',
    'r="{n}" hidden="1"',
    'spans="1:9" r="{n}"',
    'r="{n}" ht="15" hidden="true"',
    'r="{n}" hidden="0"',
)
AFTER = "<{p}pageMargins/><{p}rowBreaks><{p}brk/></{p}rowBreaks>"

Written = tuple[str, list[tuple[int, str]]]


def sheet(written: list[Written], prefix: str) -> bytes:
    """A worksheet of rows (head, [(column, cell)]), numbered from 1 on."""
    inside = ""
    for number, (head, cells) in enumerate(written, start=1):
        places = ((column, f"{letter(column)}{number}", cell) for column, cell in sorted(dict(cells).items()))
        row = "".join(cell.replace("{at}", place).replace("{p}", prefix) for _, place, cell in places)
        inside += f"<{prefix}row {head.replace('{n}', str(number))}>{row}</{prefix}row>"
    names = f'xmlns:{prefix[:-1]}="{MAIN}"' if prefix else f'xmlns="{MAIN}"'
    after = AFTER.replace("{p}", prefix)
    return f"<{prefix}worksheet {names}><{prefix}sheetData>{inside}</{prefix}sheetData>{after}</{prefix}worksheet>".encode()


def judged(xml: bytes) -> dict[str, object]:
    """The same facts from a tree."""
    found = list(ElementTree.fromstring(xml).iterfind("{*}sheetData/{*}row"))
    strict = [row for row in found if list(_used(row, strictly=True))]
    columns = {
        name: [at for row in found for at in _used(row, name == "strict")] for name in ("strict", "loose")
    }
    return {
        "rows": len(strict),
        "last_row": max((int(row.get("r", "")) for row in strict), default=0),
        "first": min(columns["strict"], default=None),
        "last": max(columns["strict"], default=None),
        "loose_first": min(columns["loose"], default=None),
        "loose_last": max(columns["loose"], default=None),
        "hidden_rows": [int(row.get("r", "")) for row in strict if row.get("hidden") in ("1", "true")],
    }


def _used(row: ElementTree.Element, strictly: bool) -> Iterator[int]:
    for cell in row.iterfind("{*}c"):
        value = cell.find("{*}v")
        if cell.find("{*}is") is not None or (value is not None and (value.text or not strictly)):
            yield index_of("".join(filter(str.isalpha, cell.get("r", ""))))


def facts_of(facts: ScanFacts, wanted: dict[str, object]) -> dict[str, object]:
    return {name: getattr(facts, name) for name in wanted}


def scanned(xml: bytes, size: int = 1 << 20) -> ScanFacts:
    return scan(xml[at : at + size] for at in range(0, len(xml), size))


def a_sheet(cells: tuple[str, ...], heads: tuple[str, ...]) -> st.SearchStrategy[list[Written]]:
    columns = st.integers(0, 30) | st.integers(0, 499)
    return st.lists(
        st.tuples(st.sampled_from(heads), st.lists(st.tuples(columns, st.sampled_from(cells)), max_size=6)),
        min_size=1,
        max_size=12,
    )


@given(
    written=a_sheet(USUAL + UNUSUAL, ROW_HEADS),
    prefix=st.sampled_from(["", "x:", "ss:"]),
    size=st.sampled_from([1 << 20, 300]),
)
def test_the_scan_says_what_a_tree_says(written: list[Written], prefix: str, size: int):
    xml = sheet(written, prefix)
    wanted = judged(xml)
    assert facts_of(scanned(xml, size), wanted) == wanted


@given(written=a_sheet(USUAL, ROW_HEADS[:3]), prefix=st.sampled_from(["", "x:"]))
@example(written=[(ROW_HEADS[0], [(701, USUAL[0]), (702, USUAL[0])])], prefix="")
def test_rows_written_as_usual_are_looked_at_all_at_once(written: list[Written], prefix: str):
    xml = sheet(written, prefix)
    found = rows_of(xml, prefix.encode()) if any(cells for _, cells in written) else None
    if found:
        assert len(found.numbers) == len(written)
        assert found.values == xml.count(f"</{prefix}v>".encode()) + xml.count(f"</{prefix}is>".encode())


@pytest.mark.parametrize(
    "inside",
    [
        '<row r="1"><c r="A1"><v>1</v></c><!-- <row r="2"><c r="A2"><v>1</v></c></row> --></row>',
        '<row r="1"><c><v>1</v></c></row>',
        '<row r="1"><v>1</v><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="1"><v>1</v></c></row>',
        '<row r="1"><c r="AAAA1"><v>1</v></c></row>',
        '<row r="1"><c r="$A$1"><v>1</v></c></row>',
        '<row r="1"><c r="a1"><v>1</v></c></row>',
        '<row r="1"><c r="A1:B2"><v>1</v></c></row>',
        '<row r="12345678"><c r="A1"><v>1</v></c></row>',
        '<row r="0"><c r="A1"><v>1</v></c></row>',
        f'<row r="{EXCEL_ROWS + 1}"><c r="A1"><v>1</v></c></row>',
        '<row r="-1"><c r="A1"><v>1</v></c></row>',
        '<row r=""><c r="A1"><v>1</v></c></row>',
        '<row><c r="A1"><v>1</v></c></row>',
        '<row\tr="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v xml:space="preserve">1</v></c></row>',
        '<row r="1"><c r="A1"><v></v></c></row>',
        '<row r="1"></row>',
        "<sheetPr/>",
    ],
)
def test_what_is_written_in_an_unusual_way_is_left_to_the_look_at_every_row(inside: str):
    with pytest.raises(UnusualError):
        rows_of(f"<worksheet><sheetData>{inside}</sheetData></worksheet>".encode(), b"")


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_sheet_that_breaks_off_is_no_accident_of_ours(cut: int):
    xml = sheet([(ROW_HEADS[2], [(0, USUAL[0]), (1, USUAL[3])])] * 2, "")[:-cut]
    for end in (b"", b"<row", b"<ro", b"<c", b"<c r=", b'<row r="3"><c r="A', b"<v>", b"</v"):
        with suppress(SheetRefused):
            assert scanned(xml + end).last_row <= 3


@pytest.mark.parametrize(
    ("inside", "each_once"),
    [
        (
            '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>',
            True,
        ),
        ('<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>', False),
        ('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>', False),
        (
            '<row r="1"><c r="A1"><v>1</v></c><c r="B2"><v>2</v></c></row><row r="2"><c r="B2"><v>1</v></c></row>',
            False,
        ),
        ('<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>', False),
        ('<row r="1" spans="1:1"/><row r="2"><c r="A2"><v>1</v></c></row><row r="3"/>', True),
    ],
)
def test_it_is_known_where_every_cell_is_written_once(inside: str, each_once: bool):
    assert scanned(f"<worksheet><sheetData>{inside}</sheetData></worksheet>".encode()).each_once == each_once


def test_rows_out_of_order_are_noticed_within_a_block_and_between_two():
    xml = b'<worksheet><sheetData><row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>'
    assert not scanned(xml).ordered
    assert not scanned(xml, 30).ordered
    with pytest.raises(SheetRefused, match="rows_repeated"):
        scanned(xml.replace(b'r="1"', b'r="2"'))


def test_merged_cells_are_seen_before_page_breaks_set_by_hand():
    merged = '<mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>'
    breaks = '<rowBreaks count="1" manualBreakCount="1"><brk id="2" max="16383" man="1"/></rowBreaks>'
    body = rows(
        header(),
        (2, text("A2", "13012121211") + text("B2", "张伟")),
        (3, text("A3", "13012121212")),
        after=merged + breaks,
    )
    found = read(workbook(body), "x")
    assert found.table["姓名"].tolist() == ["张伟", "张伟"]
    assert NoteCode.MERGED_CELLS in {note.code for note in found.notes}
