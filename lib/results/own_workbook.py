"""The workbook a person uploaded, with what became of every row beside their columns; or why it has to be a new one.

Nothing of theirs is written anew, formulas and links included: `lib.workbook.beside` cuts our columns into the XML, in the
limited process that reads uploads, for the file is hostile input.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from lib.draft.reading import is_of_files
from lib.errors import Conflict, NotAllowed, SheetRefused
from lib.results.run import ADDED, rows_told
from lib.results.run_sheet import kept_draft, table_of
from lib.results.xlsx import COLOURS, Tone, column_width
from lib.results.xml import RISKY_START, escaped, storable
from lib.run.records import RunRecord
from lib.sheet import Sheet
from lib.sheet.row_numbers import place_of, row_in_sheet
from lib.sheet.table import Part
from lib.store import AnyStore
from lib.words import t
from lib.workbook.beside import Lost, Unfit
from lib.workbook.reader import write_columns

#: What may follow the last point of the name of a workbook that can come back. The content decides; this saves a question.
ENDINGS = (".xlsx", ".xlsm", ".xltx", ".xltm")


class FileForm(StrEnum):
    """Which file the results come in, and why it is not the person's own; the sentence is `results.form.<value>`."""

    OWN = "own"
    HIDDEN = "hidden"  # the person's own holds whole numbers
    MASKED = "masked"  # and this person may not see them
    GONE = "gone"
    CUT = "cut"  # rows of it had to go
    KIND = "kind"
    FILES = "files"  # several files that are one list
    LARGE = "large"
    ODD = "odd"


@dataclass(frozen=True)
class OwnFile:
    """The form, and what the person's own workbook leaves out. data: b"" for another form, or where it was only asked."""

    form: FileForm
    lost: tuple[Lost, ...] = ()
    data: bytes = b""

    def sentences(self, lang: str) -> list[str]:
        """What there is to say about it."""
        return [t(f"results.form.{self.form}", lang), *(t(f"results.lost.{one}", lang) for one in self.lost)]


_LOOKS = (*Tone, "quoted")


def form_of_results(store: AnyStore, run: RunRecord, *, full: bool) -> OwnFile:
    """Which file the results would come in now. It takes a look at the upload in the limited process, no longer than reading it.

    store: as the person may use it: one that keeps the whole file from them makes it MASKED
    run: names its file, worksheet and draft
    full: whole numbers are asked for; without that their own workbook is HIDDEN, where nothing else stands against it
    """
    if found := _form(store, run, full=full):
        return found
    record = kept_draft(store, run)
    together = record.state.get("reading", {}).get("sheets") if record else None
    return _written(store, run, {"sheets": [{"sheet": name} for name in together or [run.sheet_name]]})


def own_workbook(
    store: AnyStore,
    run: RunRecord,
    sheet: Sheet | None,
    rows: pd.DataFrame,
    numbers: Mapping[int, str],
    lang: str,
    zone: str,
) -> OwnFile:
    """The person's own workbook with the results in whole numbers, where it can be had.

    store: as the person may use it; the upload is read from it
    run: names its file, worksheet and draft
    sheet: `run_sheet.own_sheet`; None, where it cannot be read any more, gives no workbook
    rows: `store.runs.rows`
    numbers: `store.runs.sent_numbers`, not masked; a row without one gets an empty cell
    lang: of the titles and texts that are written in
    zone: IANA name for the times; one that this computer does not know counts as UTC
    """
    if found := _form(store, run, full=True):
        return found
    if sheet is None or sheet.sheet is None:
        return OwnFile(FileForm.KIND if sheet else FileForm.ODD)
    return _written(store, run, _wanted(sheet, rows, numbers, lang, zone))


def _form(store: AnyStore, run: RunRecord, *, full: bool) -> OwnFile | None:
    """Why it is not the person's own workbook, without a look at it; None where it may be."""
    record = kept_draft(store, run)
    if not run.file_name.lower().endswith(ENDINGS):
        return OwnFile(FileForm.FILES if record and is_of_files(record.state) else FileForm.KIND)
    if record is None or not record.upload_id:
        return OwnFile(FileForm.GONE)
    try:
        is_cut = store.uploads.remains(record.upload_id) is not None
    except NotAllowed:
        return OwnFile(FileForm.MASKED)
    if is_cut:
        return OwnFile(FileForm.CUT)
    return None if full else OwnFile(FileForm.HIDDEN)


def _written(store: AnyStore, run: RunRecord, wanted: dict[str, Any]) -> OwnFile:
    record = kept_draft(store, run)
    if record is None or not record.upload_id:
        return OwnFile(FileForm.GONE)
    try:
        _, data = store.uploads.read(record.upload_id)
        found = write_columns(data, wanted, store.person_id)
    except Conflict:
        return OwnFile(FileForm.GONE)
    except SheetRefused:
        return OwnFile(FileForm.ODD)
    if isinstance(found, Unfit):
        return OwnFile(FileForm(found.value))
    return OwnFile(FileForm.OWN, found.lost, found.data)


def _wanted(
    sheet: Sheet, rows: pd.DataFrame, numbers: Mapping[int, str], lang: str, zone: str
) -> dict[str, Any]:
    """What `beside.write_beside` is to write: in each worksheet a title in the row of the header, where there is one, and a text for each row."""
    table = table_of(sheet)
    told = rows_told(table.index, rows, lang)
    titles = told.titles(zone, map(str, table.columns))
    texts, tones = told.columns(numbers, zone), told.tones()
    parts = sheet.parts or (Part(str(sheet.sheet), 0, sheet.header_row, len(table)),)
    places: dict[int, list[int]] = {part.place: [] for part in parts}
    for at, row in enumerate(table.index):
        places[place_of(row)].append(at)
    return {
        "sheets": [
            {"sheet": part.name, "rows": _rows_written(part, table.index[places[part.place]])}
            | {"columns": _columns(part, places[part.place], titles, texts, tones, lang)}
            for part in parts
        ],
        "looks": [_look(one) for one in _LOOKS],
    }


def _rows_written(part: Part, rows: pd.Index) -> list[int]:
    """The numbers that its header and these rows have in the worksheet."""
    return [*([part.header_row] if part.header_row else []), *map(row_in_sheet, map(int, rows))]


def _columns(
    part: Part,
    places: Sequence[int],
    titles: Sequence[str],
    columns: Sequence[Sequence[str]],
    tones: Sequence[Tone],
    lang: str,
) -> list[dict[str, Any]]:
    """What is written in one worksheet. places: of its rows among all, for which `columns` and `tones` are."""
    return [
        _column(
            title,
            [texts[at] for at in places],
            [tones[at] for at in places] if name == "outcome" else None,
            lang,
            titled=bool(part.header_row),
        )
        for name, title, texts in zip(ADDED, titles, columns, strict=True)
    ]


def _column(
    title: str, texts: Sequence[str], tones: Sequence[Tone] | None, lang: str, *, titled: bool
) -> dict[str, Any]:
    texts = storable(texts, t("results.cut", lang))
    looks: list[str] = ["quoted" if text[:1] in RISKY_START else Tone.PLAIN for text in texts]
    if tones is not None:
        looks = list(tones)
    if titled:
        texts, looks = [title, *texts], [Tone.HEADER, *looks]
    return {
        "width": column_width(title, texts),
        "texts": escaped(list(texts)),
        "looks": [_LOOKS.index(one) for one in looks],
    }


def _look(name: str) -> dict[str, Any]:
    ground, ink = COLOURS[Tone(name)] if name in COLOURS else ("", "")
    return {"ground": ground, "ink": ink, "bold": name == Tone.HEADER, "quoted": name == "quoted"}
