"""Numbers out of what a person pastes or uploads for the do-not-call list: one a line, or a column of a sheet."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from lib.contact.cleaning import clean
from lib.contact.phone import PHONE
from lib.contact.problems import SEVERITY, ProblemCode, Severity
from lib.mapping import suggest
from lib.sheet import Sheet

_ERRORS = [code.value for code in ProblemCode if SEVERITY[code] == Severity.ERROR]

_LINES = re.compile(r"[\r\n\v\f\u2028\u2029]+")

#: What stands between several numbers of one line. No space: people put spaces into a number.
_BETWEEN = re.compile(r"[\t,;|/、，；]+")


@dataclass(frozen=True)
class Numbers:
    """What a text holds. phones: cleaned, each once, in order; unread: entries that are no number, as they stand."""

    phones: tuple[str, ...]
    unread: tuple[str, ...]


def of_text(text: str) -> Numbers:
    """The numbers of a pasted text."""
    return of_cells(_LINES.split(text))


def of_cells(cells: Iterable[str]) -> Numbers:
    """The numbers of lines or cells; a cell that is no number may hold several. Blank ones are passed over."""
    whole = pd.Series([cell for cell in cells if cell.strip()], dtype="str")
    values, is_bad = _cleaned(whole)
    parts = pd.Series(
        [part for cell in whole[is_bad] for part in _BETWEEN.split(cell) if part.strip()], dtype="str"
    )
    more, is_unread = _cleaned(parts)
    phones = dict.fromkeys([*values[~is_bad], *more[~is_unread]])
    return Numbers(tuple(phones), tuple(parts[is_unread]))


def _cleaned(texts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The texts as numbers, and whether one is none."""
    cleaned = clean(texts, PHONE)
    is_bad = pd.Series(False, index=texts.index)
    if cleaned.told is not None:
        is_bad[cleaned.told.index[cleaned.told["code"].isin(_ERRORS)]] = True
    return cleaned.values, is_bad


def likely_column(sheet: Sheet) -> str:
    """The column that holds the numbers, as far as names and values tell; the first where nothing tells."""
    found = suggest(sheet)
    return found.columns.get("phone") or found.offers.get("phone") or str(sheet.table.columns[0])
