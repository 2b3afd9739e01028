"""Workbooks changed in their structure, by seed; each is read or refused in words, and no row is lost without a note.

A mutant goes through the whole of `lib.sheet.read`. Starting a process for each would cost more than reading it, so the
parsing runs in one long-lived process with the same limit of memory, which is started again whenever a mutant kills it.
"""

import io
import multiprocessing
import random
import re
import string
import time
import xml.etree.ElementTree as ElementTree
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lib.workbook import child, process
from lib.workbook.limits import CHILD_CPU_MAX_SECONDS
from lib.errors import SheetRefused
from lib.sheet import NoteCode, read
from tests.core.sheet_builder import MAIN, pack
from tests.files.golden import CORPUS, files

#: Seconds one parsing may take here; honest mutants need milliseconds.
PATIENCE_SECONDS = 20
MEMORY_BYTES = 2 << 30

_NUMBERS = (
    "-1",
    "0",
    "1",
    "2",
    "7",
    "255",
    "501",
    "16384",
    "16385",
    "65536",
    "1048576",
    "1048577",
    "99999999",
    str(2**31),
    str(2**63),
    "1e309",
    "x",
    "",
)
_SAYS_LOSS = {NoteCode.COUNT_DISAGREES, NoteCode.COUNTED_ONCE, NoteCode.ERROR_CELLS, NoteCode.FORMULA_WITHOUT_VALUE}
_TAG = re.compile(r"<[^>]*>|[^<]+")
_ATTRIBUTE = re.compile(r'(\s[\w:]+=")([^"]*)(")')
_MUTABLE = (".xml", ".rels")
Parts = dict[str, bytes]


@dataclass
class Tally:
    """What became of the mutants: codes of refusals, how many were read, deaths of the process, and seeds that went wrong."""

    read: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    deaths: int = 0
    slowest_seconds: float = 0.0
    wrong: list[tuple[int, str]] = field(default_factory=list)


def _sources() -> list[tuple[str, Parts]]:
    """The workbooks of the corpus that are zips and small."""
    found = []
    for path in files():
        data = path.read_bytes()
        if data[:4] == b"PK\x03\x04" and zipfile.is_zipfile(path) and len(data) < 30_000:
            with zipfile.ZipFile(path) as package:
                found.append((path.name, {name: package.read(name) for name in package.namelist()}))
    return found


SOURCES = _sources()


def mutant(seed: int) -> bytes:
    """A workbook of the corpus with one to four changes."""
    dice = random.Random(seed)
    _, source = dice.choice(SOURCES)
    parts = dict(source)
    for _ in range(dice.choice((1, 1, 2, 4))):
        dice.choice(_CHANGES)(dice, parts)
    data = pack(parts)  # type: ignore[arg-type]
    match dice.randrange(25):
        case 0:
            return data[: dice.randrange(len(data))]
        case 1:
            at = dice.randrange(len(data))
            return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]
    return data


def _part(dice: random.Random, parts: Parts) -> str | None:
    names = [name for name in parts if name.endswith(_MUTABLE)]
    sheets = [name for name in names if "worksheets/sheet" in name or name == "content.xml" or "sharedStrings" in name]
    return dice.choice(sheets) if sheets and dice.random() < 0.7 else dice.choice(names) if names else None


def _rewrite(dice: random.Random, parts: Parts, change: Callable[[list[str]], None]) -> None:
    name = _part(dice, parts)
    if name is None:
        return
    pieces = _TAG.findall(parts[name].decode("utf-8", errors="replace"))
    if pieces:
        change(pieces)
        parts[name] = "".join(pieces).encode("utf-8", errors="replace")


def _drop(dice: random.Random, parts: Parts) -> None:
    def change(pieces: list[str]) -> None:
        at = dice.randrange(len(pieces))
        del pieces[at : at + dice.choice((1, 1, 3, 20))]

    _rewrite(dice, parts, change)


def _double(dice: random.Random, parts: Parts) -> None:
    def change(pieces: list[str]) -> None:
        at, length = dice.randrange(len(pieces)), dice.choice((1, 2, 5, 30))
        to = dice.choice((at, dice.randrange(len(pieces))))
        pieces[to:to] = pieces[at : at + length]

    _rewrite(dice, parts, change)


def _swap(dice: random.Random, parts: Parts) -> None:
    def change(pieces: list[str]) -> None:
        one, two = dice.randrange(len(pieces)), dice.randrange(len(pieces))
        pieces[one], pieces[two] = pieces[two], pieces[one]

    _rewrite(dice, parts, change)


def _attribute(dice: random.Random, parts: Parts) -> None:
    def change(pieces: list[str]) -> None:
        tags = [at for at, piece in enumerate(pieces) if _ATTRIBUTE.search(piece)]
        if tags:
            at = dice.choice(tags)
            value = dice.choice(
                (
                    *_NUMBERS,
                    "A1",
                    "XFD1048576",
                    "ZZZZ9",
                    "s",
                    "b",
                    "e",
                    "d",
                    "n",
                    "inlineStr",
                    "A1:XFD1048576",
                    "veryHidden",
                )
            )
            found = dice.choice(list(_ATTRIBUTE.finditer(pieces[at])))
            new = "" if dice.random() < 0.2 else found[1] + value + found[3]
            pieces[at] = pieces[at][: found.start()] + new + pieces[at][found.end() :]

    _rewrite(dice, parts, change)


def _value(dice: random.Random, parts: Parts) -> None:
    def change(pieces: list[str]) -> None:
        texts = [at for at, piece in enumerate(pieces) if not piece.startswith("<") and piece.strip()]
        if texts:
            pieces[dice.choice(texts)] = dice.choice(
                (*_NUMBERS, "#REF!", "&amp;", "&#0;", "&lol;", "13012121211", "1" * 400, "]]>")
            )

    _rewrite(dice, parts, change)


def _character(dice: random.Random, parts: Parts) -> None:
    def change(pieces: list[str]) -> None:
        at = dice.randrange(len(pieces))
        where = dice.randrange(len(pieces[at]))
        pieces[at] = pieces[at][:where] + dice.choice(string.printable[:95]) + pieces[at][where + 1 :]

    _rewrite(dice, parts, change)


def _nest(dice: random.Random, parts: Parts) -> None:
    def change(pieces: list[str]) -> None:
        depth = dice.choice((10, 1_000, 30_000))
        closed = dice.random() < 0.7
        pieces.insert(dice.randrange(len(pieces)), "<a>" * depth + "</a>" * (depth if closed else 0))

    _rewrite(dice, parts, change)


def _dimension(dice: random.Random, parts: Parts) -> None:
    reference = dice.choice(("A1", "A1:B2", "A1:XFD1048576", "B2:A1", "", "A0:A0", "ZZZZ1:A1"))
    for name in parts:
        if "worksheets/sheet" in name:
            old = re.sub(rb"<dimension[^>]*/>", b"", parts[name])
            parts[name] = old.replace(b"<sheetData", f'<dimension ref="{reference}"/><sheetData'.encode(), 1)


def _rows(dice: random.Random, parts: Parts) -> None:
    """Whole rows moved, doubled, or robbed of their numbers."""
    for name in parts:
        if "worksheets/sheet" not in name:
            continue
        found = re.findall(rb"<row\b.*?</row>", parts[name], re.DOTALL)
        if found:
            row = dice.choice(found)
            new = dice.choice(
                (row + row, b"", re.sub(rb'\sr="[^"]*"', b"", row), re.sub(rb'(<row[^>]*)\sr="\d+"', rb'\1 r="3"', row))
            )
            parts[name] = parts[name].replace(row, new, 1)


def _remove_part(dice: random.Random, parts: Parts) -> None:
    if len(parts) > 1:
        del parts[dice.choice(list(parts))]


def _exchange_parts(dice: random.Random, parts: Parts) -> None:
    one, two = dice.choice(list(parts)), dice.choice(list(parts))
    parts[one], parts[two] = parts[two], parts[one]


def _cut_part(dice: random.Random, parts: Parts) -> None:
    name = dice.choice(list(parts))
    parts[name] = parts[name][: dice.randrange(len(parts[name]) + 1)]


_CHANGES = [
    _drop,
    _double,
    _swap,
    _attribute,
    _attribute,
    _attribute,
    _value,
    _value,
    _character,
    _nest,
    _dimension,
    _rows,
    _rows,
    _remove_part,
    _exchange_parts,
    _cut_part,
]


def _serve(pipe: Any) -> None:
    """The long-lived parsing process: takes (data, sheet, engine), gives the bytes the real one would print."""
    child.limit(MEMORY_BYTES, CHILD_CPU_MAX_SECONDS)
    while True:
        data, sheet, engine = pipe.recv()
        out = io.BytesIO()
        try:
            table, facts = child.parse(data, engine, sheet)
        except SheetRefused as refused:
            table, facts = child.pa.table({}), {"refused": refused.code, "params": refused.params}
        except Exception:
            pipe.send(
                None
            )  # the real process would have ended with a traceback; a panic of an engine ends this one too
            continue
        child.answer(out, table, facts)
        pipe.send(out.getvalue())


class Parser:
    """Stands in for the processes of `lib.workbook.process`; a death is answered like one and the process replaced."""

    def __init__(self) -> None:
        self.deaths = 0
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other,), daemon=True)
        self._process.start()
        other.close()

    def run(self, data: bytes, sheet: str | None, engine: str, person: str, encoding: str | None = None) -> bytes | None:
        """As `lib.workbook.process.run`."""
        try:
            self._pipe.send((data, sheet, engine))
            if self._pipe.poll(PATIENCE_SECONDS):
                return self._pipe.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._restart()
            return None  # it died: an answer too
        self._restart()
        raise SheetRefused("workbook_too_slow", seconds=PATIENCE_SECONDS)

    def _restart(self) -> None:
        self.close()
        self.deaths += 1
        self._start()

    def kill(self) -> None:
        """Kills the process, as a crash of an engine does."""
        self._process.kill()
        self._process.join()

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


@contextmanager
def parser() -> Iterator[Parser]:
    """Puts the long-lived process in the place of one for each file."""
    real, stand_in = process.run, Parser()
    process.run = stand_in.run
    try:
        yield stand_in
    finally:
        process.run = real
        stand_in.close()


def rows_judged(data: bytes, sheet: str) -> int | None:
    """How many rows with a plain value a worksheet has, by a parser of trees that shares nothing with the app.

    None where the file is no well-formed .xlsx to it: then there is nothing to compare.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            part = _part_of(package, sheet)
            tree = ElementTree.fromstring(package.read(part)) if part else None
            strings = (
                package.read("xl/sharedStrings.xml")
                if "xl/sharedStrings.xml" in package.namelist()
                else f'<sst xmlns="{MAIN}"/>'
            )
            shared = ["".join(item.itertext()) for item in ElementTree.fromstring(strings)]
    except (
        ElementTree.ParseError,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        LookupError,
        RecursionError,
        zipfile.zlib.error,
    ):  # type: ignore[attr-defined]
        return None
    return None if tree is None else _rows_of(tree, shared)


def _rows_of(tree: ElementTree.Element, shared: list[str]) -> int:
    rows = (row for data in tree.findall("{*}sheetData") for row in data.findall("{*}row"))
    return sum(any(_has_value(cell, shared) for cell in row.findall("{*}c")) for row in rows)


def _has_value(cell: ElementTree.Element, shared: list[str]) -> bool:
    kind = cell.get("t", "n")
    value = (cell.findtext("{*}v") or "").strip()
    if kind == "s":
        return value.isascii() and value.isdigit() and int(value) < len(shared) and bool(shared[int(value)].strip())
    if kind == "inlineStr":
        inside = cell.find("{*}is")
        return inside is not None and bool(
            "".join(text.text or "" for text in inside.iter() if text.tag.endswith("}t")).strip()
        )
    return kind in ("n", "str", "b") and bool(value)


def _part_of(package: zipfile.ZipFile, sheet: str) -> str | None:
    book = ElementTree.fromstring(package.read("xl/workbook.xml"))
    relations = {
        each.get("Id"): each.get("Target", "")
        for each in ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    }
    for element in book.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            identity = next((value for key, value in element.attrib.items() if key.endswith("}id")), None)
            target = relations.get(identity, "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def verdict(data: bytes) -> str:
    """ "" for a mutant that was read whole; "refused <code>"; or what is wrong with the reading, beginning with "wrong"."""
    try:
        sheet = read(data, "mutant.xlsx", filtered_rows=True)
    except SheetRefused as refused:
        return f"refused {refused.code}"
    if not sheet.table.columns.is_unique or sheet.table.isna().any().any() or not sheet.table.index.is_unique:
        return "wrong: table is not clean"
    if sheet.kind not in ("xlsx", "xlsm") or sheet.sheet is None or _SAYS_LOSS & {note.code for note in sheet.notes}:
        return ""
    judged = rows_judged(data, sheet.sheet)
    titles = next((note.params["count"] for note in sheet.notes if note.code == NoteCode.TITLE_ROWS), 0)
    # counted, not compared by number: a row may say 3 while its cells say A1, and readers differ on which to believe
    lost = (judged or 0) - len(sheet.table) - titles - (sheet.header_row is not None)
    return f"wrong: {lost} rows are missing without a note" if lost > 0 else ""


def survey(seeds: range, each: Callable[[int, str], None] = lambda seed, found: None) -> Tally:
    """Reads the mutants of these seeds."""
    tally = Tally()
    with parser() as stand_in:
        for seed in seeds:
            begun = time.monotonic()
            found = verdict(mutant(seed))
            tally.slowest_seconds = max(tally.slowest_seconds, time.monotonic() - begun)
            each(seed, found)
            if found.startswith("refused"):
                tally.refused[found.removeprefix("refused ")] += 1
            elif found:
                tally.wrong.append((seed, found))
            else:
                tally.read += 1
        tally.deaths = stand_in.deaths
    return tally
