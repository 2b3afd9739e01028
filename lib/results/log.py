"""The log of batches and their unique_ids as a file; as CSV with every cell harmless in a spreadsheet program."""

import csv
import io
import re
from collections.abc import Iterator

import pandas as pd

from lib.results.clock import local_times, zone_of
from lib.results.run import TONES, outcome_of
from lib.results.xlsx import Page, texts_of, workbook
from lib.results.xml import RISKY_START
from lib.run.states import called
from lib.words import t

#: Columns of the log in order, and what each may be called in `batches`.
COLUMNS: dict[str, tuple[str, ...]] = {
    "run": ("run", "run_id"),
    "batch": ("batch", "seq"),
    "time": ("time", "sent_at"),
    "destination": ("destination", "connection_name"),
    "file": ("file", "file_name"),
    "rows": ("rows",),
    "state": ("state", "batch_state"),
    "batch_number": ("unique_id",),
    "message": ("message",),
}

#: Kept from a text that a spreadsheet program would run; apostrophes before it count, or undoing would not be exact.
_RISKY = re.compile(f"'*[{re.escape(RISKY_START)}]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def log_csv(batches: pd.DataFrame, lang: str, zone: str = "UTC") -> bytes:
    """One line per batch, as CSV: UTF-8 with BOM for Excel and WPS, CRLF, quoted per RFC 4180.

    batches: columns named as in COLUMNS, `state` at least, and held_as where there is one; times as UTC ISO text
    lang: of the header and of the words for the states; the platform's own text stays as it is
    zone: IANA name for the times, which the header names; one that this computer does not know counts as UTC
    """
    table = _table(batches, lang, zone)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(harmless(name) for name in table)
    writer.writerows(zip(*([harmless(cell) for cell in cells] for cells in table.values()), strict=True))
    return _SURROGATE.sub("\ufffd", text.getvalue()).encode("utf-8-sig")


def log_workbook(batches: pd.DataFrame, lang: str, zone: str = "UTC") -> bytes:
    """The same lines as `log_csv` as xlsx, every cell text, the outcome coloured.

    batches: as for `log_csv`, in the order in which they are written
    lang: of the header, the name of the worksheet and the words for the states
    zone: as for `log_csv`
    """
    table = _table(batches, lang, zone)
    coloured = [TONES[outcome_of("to_send", *one)] for one in _states(batches)]
    page = Page(
        title=t("results.sheet.log", lang),
        headers=list(table),
        columns=list(table.values()),
        tones={list(table).index(t("results.column.state", lang)): coloured},
    )
    return workbook((page,), lang)


def harmless(cell: str) -> str:
    """The cell for a CSV file: an apostrophe first where a program may take it for a formula (SEC20)."""
    return "'" + cell if _RISKY.match(cell) else cell


def read_back(cell: str) -> str:
    """What `harmless` was given, exactly."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell


def _table(batches: pd.DataFrame, lang: str, zone: str) -> dict[str, list[str]]:
    """Header → texts, in the order of the log, of what `batches` has."""
    chosen, shown = zone_of(zone)
    columns = {name: texts_of(batches[found]) for name in COLUMNS if (found := _found(batches, name))}
    if "time" in columns:
        columns["time"] = local_times(columns["time"], chosen)
    columns["state"] = [t(f"batch.state.{called(*one)}", lang) for one in _states(batches)]
    return {t(f"results.column.{name}", lang, zone=shown): texts for name, texts in columns.items()}


def _states(batches: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """State and held_as of each batch."""
    states = texts_of(batches[_found(batches, "state")])
    held = texts_of(batches["held_as"]) if "held_as" in batches.columns else [""] * len(states)
    return zip(states, held, strict=True)


def _found(batches: pd.DataFrame, name: str) -> str | None:
    return next((other for other in COLUMNS[name] if other in batches.columns), None)
