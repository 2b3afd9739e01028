"""The opening of a script with names in braces, filled from a row of contacts, as the call will read it.

Names are those a person knows: the labels of the fields in every language, components, columns of the sheet. Nothing else is
taken for one: a name that nobody knows is shown as it stands, for the platform would not fill it either.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from lib.contact.fields import BY_NAME, component_column
from lib.contact.header_names import header_key
from lib.mapping.components import ComponentRow
from lib.words import LANGUAGES, t

#: Characters of an opening that are kept.
LONGEST = 1_000

_NAME = re.compile(r"[$#]?[{｛]{1,2}\s{0,9}([^{}｛｝\n]{1,60}?)\s{0,9}[}｝]{1,2}")


class Reads(StrEnum):
    """What becomes of a piece of the script."""

    TEXT = "text"  # stands as it is
    FILLED = "filled"
    BLANK = "blank"  # this row has nothing there
    UNFED = "unfed"  # the name is known, and nothing is sent for it
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Piece:
    """A piece of the script. name: as it stands in the braces, "" for words; column: the contacts column it is read from."""

    reads: Reads
    text: str
    name: str = ""
    column: str = ""


@dataclass(frozen=True)
class Names:
    """What can stand in braces: a name made comparable → the contacts column it is read from, "" where nothing is sent."""

    columns: Mapping[str, str]

    def of(self, name: str) -> str | None:
        """The contacts column of a name, "" where nothing is sent for it; None where nobody knows it."""
        return self.columns.get(header_key(name))


def names(
    columns: Iterable[str],
    feeds: Mapping[str, Iterable[str]],
    rows: Iterable[ComponentRow],
    fed: Iterable[str],
) -> Names:
    """The names there are. A field comes before a component of the same name, and that before a column of the sheet.

    columns: of the sheet, those that feed nothing too: their names are known and nothing is sent for them
    feeds: contacts column → columns of the sheet that feed it; where one feeds several, it stands for the first
    rows: of the components, named by their labels and ids
    fed: contacts columns there are; for any other name that is known nothing is sent
    """
    there = set(fed)
    found: dict[str, str] = {}
    for name in BY_NAME:
        for label in (name, *(t(f"field.{name}.label", language) for language in LANGUAGES)):
            found.setdefault(header_key(label), name if name in there else "")
    for row in rows:
        column = component_column(row.id)
        for label in filter(None, (row.label, row.id)):
            found.setdefault(header_key(label), column if column in there else "")
    sent = {source: name for name, sources in reversed(list(feeds.items())) for source in sources}
    for column in columns:
        found.setdefault(header_key(column), sent.get(column, ""))
    found.pop("", None)
    return Names(found)


def pieces(script: str, known: Names) -> list[Piece]:
    """The script cut at its names, in its order; a name that is known and sent is not filled yet (`filled`)."""
    found: list[Piece] = []
    end = 0
    for match in _NAME.finditer(script):
        if match.start() > end:
            found.append(Piece(Reads.TEXT, script[end : match.start()]))
        column = known.of(match[1])
        reads = Reads.UNKNOWN if column is None else Reads.FILLED if column else Reads.UNFED
        found.append(Piece(reads, match[0], match[1], column or ""))
        end = match.end()
    return [*found, Piece(Reads.TEXT, script[end:])] if end < len(script) else found


def filled(cut: Iterable[Piece], row: Mapping[str, str]) -> list[Piece]:
    """The pieces for one row of contacts: its text in place of each name, or that it has none."""
    return [_filled(piece, row) if piece.reads == Reads.FILLED else piece for piece in cut]


def _filled(piece: Piece, row: Mapping[str, str]) -> Piece:
    text = row[piece.column].strip()
    return Piece(Reads.FILLED if text else Reads.BLANK, text, piece.name, piece.column)


def blanks(cut: Iterable[Piece], contacts: pd.DataFrame) -> pd.Series:
    """By row of contacts, whether a name of the script has nothing to read there."""
    blank = pd.Series(False, index=contacts.index)
    for column in dict.fromkeys(piece.column for piece in cut if piece.reads == Reads.FILLED):
        blank |= contacts[column].str.strip().eq("")
    return blank
