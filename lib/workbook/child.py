"""The process that parses a workbook: `python -m lib.workbook.child`, or one that `fork_server` forked.

On standard input comes one line of JSON, {"memory": bytes, "seconds": of the processor, "wall": seconds of the clock, "engine": fast
or careful, "sheet": name or null, "encoding": of old texts or null}, for several worksheets "sheets": their names in place of "sheet",
for a text "text": its encoding and delimiter, or "beside": what `beside.write_beside` is to write; then the workbook or text. The
answer leaves on standard output as an Arrow IPC stream whose schema metadata carries the facts as JSON, for several worksheets one stream behind the other. A refusal is an answer without columns.
A death, whatever its cause, is the server's business: that is what this process is for. It connects to nobody, starts nothing,
writes no file (`fence`), and finds no token in its environment.
"""

import gc
import importlib
import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from lib.errors import SheetRefused
from lib.workbook.beside import UnfitError, write_beside
from lib.workbook.biff import as_workbook
from lib.workbook.cells import written_twice
from lib.workbook.default_password import decrypted, is_encrypted
from lib.workbook.engines import (
    Loading,
    ParsedSheet,
    UnfitForFastError,
    careful,
    count_first,
    fast,
    rows_counted,
)
from lib.workbook.html import read_html, read_mhtml
from lib.workbook.kind import form_of, start_of
from lib.workbook.limits import (
    LOAD_AHEAD_BYTES,
    MAX_TABLE_BYTES,
    MEGABYTE,
)
from lib.workbook.mended import mended
from lib.workbook.notes import NoteCode
from lib.workbook.ods import CONTENT, Grid, read_ods
from lib.workbook.package import Package, Worksheet
from lib.workbook.scan import ScanFacts, has_values, scan
from lib.workbook.second_reader import read_again
from lib.workbook.spreadsheet_xml import read_spreadsheet_xml
from lib.workbook.styles import styles_of
from lib.workbook.text import parse_text
from lib.workbook.vcard import read_vcard
from lib.workbook.watch import Watch
from lib.workbook.xls import has_macros, read_xls

#: Key of the schema metadata that holds the facts.
FACTS_KEY = b"facts"

#: Tables that are written in characters, of which the reader gives the rows and what there is to tell of the characters.
_WRITTEN = {
    "html": ("html", read_html),
    "mhtml": ("mht", read_mhtml),
    "xml_table": ("xml", read_spreadsheet_xml),
    "vcard": ("vcf", read_vcard),
}


class _WithoutPandas:
    """An importer that has no pandas: Arrow looks for it before its first conversion, and loading it takes 0.2 s a file."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """As `importlib.abc.MetaPathFinder`."""
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """Limits this process where the system can: address space, processor time, no file. Windows has none; the wall clock stands."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for kind, amount in limits.items():
        _, hard = resource.getrlimit(kind)
        wanted = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        if (
            sys.platform != "darwin" or kind != resource.RLIMIT_AS
        ):  # macOS answers EINVAL for the address space
            resource.setrlimit(kind, (wanted, wanted))


def end_after(seconds: float) -> None:
    """Ends this process then, whatever it is at. Windows has no such clock: there the server ends it."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


#: What Python announces before it talks to anybody or starts a program.
_FENCED = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
)


def fence() -> None:
    """From here on Python itself refuses connections, programs and files to write, whatever a workbook makes a library do."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        writes = (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if writes or event.startswith(_FENCED):
            raise PermissionError(event)

    sys.addaudithook(refuse)


def parse(
    data: bytes, engine: str, name: str | None, encoding: str | None = None
) -> tuple[pa.Table, dict[str, Any]]:
    """The worksheet as an Arrow table (`row`, then columns by letters) and what there is to tell about it. Raises SheetRefused.

    data: a workbook, a table as a page or as XML, or a phone book
    engine: "fast", which may give up, or "careful"; of an .xls and an .ods the fast one counts the rows beside
    name: of the worksheet, None for the first visible one with rows, of a page for the table with the contacts
    encoding: of an old .xls whose texts are bytes, None to find it; no other form asks for it
    """
    form = form_of(data)
    if form in _WRITTEN:
        kind, reader = _WRITTEN[form]
        grid, written = reader(data, name)
        table, told = _told(grid, kind, False, grid.reading.table.num_rows)
        return table, told | {"notes": [*told["notes"], *written.notes(table)]}
    data = data[start_of(data) :]
    if form != "zip":
        return _parse_old(as_workbook(data) if form == "biff" else data, engine, name, encoding)
    package = _opened(data)
    if package.kind == "ods":
        return _whole(_read_ods(package, name), "ods", package.has_macros, data, engine)
    return _parse_package(data, package, engine, name)


@lru_cache(maxsize=1)
def _opened(data: bytes) -> Package:
    """The package, looked through once, however many of its worksheets are wanted."""
    return Package(data)


def _parse_several(
    data: bytes, engine: str, names: Iterable[str], encoding: str | None
) -> Iterator[tuple[pa.Table, dict[str, Any]]]:
    """Each of these worksheets as by `parse`, a refusal in its place; all of them together hold no more than one may."""
    held = 0
    for name in names:
        try:
            table, facts = parse(data, engine, name, encoding)
            held += table.nbytes
            if held > MAX_TABLE_BYTES:
                raise SheetRefused("table_too_large", limit=MAX_TABLE_BYTES // MEGABYTE)
        except SheetRefused as refused:
            table, facts = _refusal(refused)
        yield table, facts


def _refusal(refused: SheetRefused) -> tuple[pa.Table, dict[str, Any]]:
    return pa.table({}), {"refused": refused.code, "params": refused.params}


def _parse_old(
    data: bytes, engine: str, name: str | None, encoding: str | None
) -> tuple[pa.Table, dict[str, Any]]:
    """A workbook of BIFF, or a newer one that is encrypted."""
    if is_encrypted(data):
        data = decrypted(data)
        if form_of(data) == "zip":
            return parse(data, engine, name)
    try:
        return _whole(read_xls(data, name, encoding), "xls", has_macros(data), data, engine)
    except SheetRefused as refused:
        if refused.code == "workbook_password":
            data = decrypted(data)
            return _whole(read_xls(data, name, encoding), "xls", has_macros(data), data, engine)
        if refused.code != "workbook_damaged" or engine != "fast":
            raise
        grid = read_again(data, name)
        table, told = _told(grid, "xls", has_macros(data), grid.reading.table.num_rows)
        note = (NoteCode.READ_AROUND_DAMAGE, {"count": told["read"]})
        return table, told | {"notes": [*told["notes"], note]}


def _parse_package(
    data: bytes, package: Package, engine: str, name: str | None
) -> tuple[pa.Table, dict[str, Any]]:
    sheets = package.worksheets()
    chosen = _choose(package, sheets, name)
    told = _described(package.kind, chosen.name, sheets, package.has_macros)
    written = (package, chosen)  # one that is mended holds no tables
    if not package.is_plain:
        package.sweep(but=chosen.part)
        data = mended(package, chosen)
        package = Package(data)
        (chosen,) = package.worksheets()
    loading = None
    if engine == "fast" and package.size(chosen.part) > LOAD_AHEAD_BYTES:
        loading = Loading(data, chosen.name)
        loading.start()
    package.sweep(but=chosen.part)
    watch = Watch(styles_of(package))
    facts = scan(package.stream(chosen.part), watch)
    facts.filtered = facts.filtered or bool(facts.hidden_rows and _filters_table(*written))
    if not facts.rows:
        return pa.table({"row": pa.array([], pa.int64())}), told | {
            "seen": 0,
            "read": 0,
            "merges": [],
            "notes": [],
        }
    try:
        reading = (
            fast(data, package, chosen, facts, watch, loading)
            if engine == "fast"
            else careful(data, package, chosen, facts, watch)
        )
    except UnfitForFastError:
        return pa.table({}), {"gave_up": True}
    read = _drop_blank(reading)
    notes = _notes(facts, reading)
    if (
        not facts.each_once
        and facts.values > _values(reading)
        and (twice := written_twice(package.stream(chosen.part)))
    ):
        notes.append((NoteCode.CELLS_TWICE, {"count": len(twice), "cell": twice[0]}))
    return reading.table, told | {
        "seen": facts.rows,
        "read": read,
        "merges": facts.merges,
        "notes": notes,
    }


def _parse_text(data: bytes, encoding: str | None, delimiter: str | None) -> tuple[pa.Table, dict[str, Any]]:
    read = parse_text(data, encoding, delimiter)
    return read.table, read.facts()


def _written(data: bytes, wanted: dict[str, Any]) -> tuple[pa.Table, dict[str, Any]]:
    """The workbook with more columns, in the one cell of a table; or why not."""
    try:
        book, lost = write_beside(data, wanted)
    except UnfitError as unfit:
        return pa.table({}), {"unfit": unfit.why.value}
    return pa.table({"book": pa.array([book], pa.large_binary())}), {"lost": [one.value for one in lost]}


def _described(kind: str, sheet: str, sheets: list[Worksheet], macros: bool) -> dict[str, Any]:
    return {
        "kind": kind,
        "sheet": sheet,
        "sheets": [[each.name, each.visible] for each in sheets],
        "macros": macros,
    }


def _read_ods(package: Package, name: str | None) -> Grid:
    package.sweep(but=CONTENT)
    grid = read_ods(package.stream(CONTENT), name)
    return grid if grid.sheet else read_ods(package.stream(CONTENT), name, hidden_too=True)


def _whole(grid: Grid, kind: str, macros: bool, data: bytes, engine: str) -> tuple[pa.Table, dict[str, Any]]:
    """A worksheet whose own reader gives values and facts in one go; the fast engine only counts its rows, as the judge.

    `seen` is None where that engine did not count. It does not see rows of nothing but errors, so less than read is no loss.
    """
    read = grid.reading.table.num_rows
    counted = rows_counted(data, grid.sheet, grid.facts) if engine == "fast" and read else None
    return _told(grid, kind, macros, read if not read else None if counted is None else max(counted, read))


def _told(grid: Grid, kind: str, macros: bool, seen: int | None) -> tuple[pa.Table, dict[str, Any]]:
    read = grid.reading.table.num_rows
    _drop_blank(grid.reading)
    return grid.reading.table, _described(kind, grid.sheet, grid.sheets, macros) | {
        "seen": seen,
        "read": read,
        "merges": grid.facts.merges,
        "notes": [*_notes(grid.facts, grid.reading), *grid.notes],
        "encoding": grid.encoding,
        "rival_encoding": grid.rival_encoding,
    }


def _choose(package: Package, sheets: list[Worksheet], name: str | None) -> Worksheet:
    if not sheets:
        raise SheetRefused("workbook_without_sheets")
    if name is not None:
        for sheet in sheets:
            if sheet.name == name:
                return sheet
        raise SheetRefused("sheet_missing", sheet=name)
    visible = [sheet for sheet in sheets if sheet.visible] or sheets
    return next(
        (sheet for sheet in visible if has_values(package.stream(sheet.part))),
        visible[0],
    )


def _filters_table(package: Package, sheet: Worksheet) -> bool:
    """Whether a table of the sheet is filtered: its filter stands in a part of its own, and nearly every table has one at rest."""
    tables = package.related(sheet.part, "table")
    return any(b"filterColumn" in b"".join(package.stream(part)) for part in tables)


def _drop_blank(reading: ParsedSheet) -> int:
    """Keeps the rows with something in them; returns how many rows were read, those with nothing but error cells included."""
    table = reading.table
    if not table.num_rows:
        return 0
    used = None
    for name in table.column_names[1:]:
        filled = pc.not_equal(table[name], "")
        used = filled if used is None else pc.or_(used, filled)
        if pc.all(used).as_py():
            break
    else:
        reading.table = table if used is None else table.filter(used)
    kept = set(reading.table["row"].to_pylist()) if reading.error_cells else set()
    return int(reading.table.num_rows) + len({row for row, _ in reading.error_cells} - kept)


def _values(reading: ParsedSheet) -> int:
    """How many cells were read that are not empty, error cells included."""
    filled = (pc.sum(pc.not_equal(column, "")).as_py() or 0 for column in reading.table.columns[1:])
    return sum(filled) + len(reading.error_cells)


def _notes(facts: ScanFacts, reading: ParsedSheet) -> list[tuple[str, dict[str, Any]]]:
    notes: list[tuple[str, dict[str, Any]]] = []
    if facts.hidden_rows:
        code = NoteCode.FILTERED_ROWS if facts.filtered else NoteCode.HIDDEN_ROWS
        notes.append((code, {"count": len(facts.hidden_rows), "rows": facts.hidden_rows}))
    hidden = _hidden_columns(facts)
    if hidden:
        notes.append((NoteCode.HIDDEN_COLUMNS, {"columns": hidden}))
    if reading.error_cells:
        notes.append((NoteCode.ERROR_CELLS, count_first(reading.error_cells)))
    if facts.formulas_without_value:
        notes.append(
            (
                NoteCode.FORMULA_WITHOUT_VALUE,
                {"count": facts.formulas_without_value, "cell": facts.formula_cell},
            )
        )
    for code, cells in (
        (NoteCode.DATE_PHONE, reading.date_phones),
        (NoteCode.PARTIAL_DATES, reading.partial_dates),
        (NoteCode.LONG_NUMBERS, reading.long_numbers),
    ):
        if cells:
            notes.append((code, count_first(cells)))
    if facts.merges_left:
        notes.append((NoteCode.MERGED_NOT_FILLED, {"count": facts.merges_left}))
    return notes


def _hidden_columns(facts: ScanFacts) -> list[int]:
    """Zero-based hidden columns inside the used ones."""
    if facts.first is None or facts.last is None:
        return []
    used = range(facts.first, facts.last + 1)
    return [column for column in used if any(low <= column <= high for low, high in facts.hidden_columns)]


def _affordable(table: pa.Table, facts: dict[str, Any]) -> tuple[pa.Table, dict[str, Any]]:
    """The same. Raises SheetRefused where it is more than the server should hold: it does so as long as a person has it open."""
    if table.nbytes > MAX_TABLE_BYTES:
        raise SheetRefused("table_too_large", limit=MAX_TABLE_BYTES // MEGABYTE)
    return table, facts


def answer(out: BinaryIO, table: pa.Table, facts: dict[str, Any]) -> None:
    """Writes table and facts as one Arrow IPC stream.

    out: stays open, so that a further stream may follow
    table: without columns where it was refused, or its engine gave up
    facts: what JSON can hold; goes in front of the table, under `FACTS_KEY`
    """
    described = table.replace_schema_metadata({FACTS_KEY: json.dumps(facts).encode()})
    with pa.ipc.new_stream(out, described.schema) as writer:
        writer.write_table(described)


def load() -> None:
    """What every file takes, before there is one."""
    gc.disable()  # one file and it ends: what is left behind is little, looking for it is a sixth of the careful engine's time
    sys.meta_path.insert(0, _WithoutPandas)
    importlib.import_module("fastexcel")


def read_one() -> None:
    """Reads standard input, answers on standard output."""
    # whatever a library prints must not land in the answer
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    line = sys.stdin.buffer.readline()
    if not line:  # the server has ended
        return
    wanted = json.loads(line)
    limit(wanted["memory"], wanted["seconds"])
    end_after(wanted["wall"] + 1)  # the server stops listening first
    data = sys.stdin.buffer.read()
    fence()
    engine = wanted["engine"]
    if "sheets" in wanted:
        with out:
            for table, facts in _parse_several(data, engine, wanted["sheets"], wanted["encoding"]):
                answer(out, table, facts)
        return
    try:
        if "text" in wanted:
            table, facts = _affordable(*_parse_text(data, **wanted["text"]))
        elif "beside" in wanted:
            table, facts = _written(data, wanted["beside"])
        else:
            table, facts = _affordable(*parse(data, engine, wanted["sheet"], wanted.get("encoding")))
    except SheetRefused as refused:
        table, facts = _refusal(refused)
    with out:
        answer(out, table, facts)


if __name__ == "__main__":
    load()
    read_one()
    os._exit(0)  # everything is said; giving back the memory piece by piece would keep the server waiting
