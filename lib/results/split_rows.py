"""What became of rows made from a cell with several numbers, told in the person's own row."""

from collections.abc import Callable, Sequence
from typing import cast

import pandas as pd

from lib.results.xlsx import Tone
from lib.sheet.row_numbers import is_made, row_of_file
from lib.words import t

#: What catches the eye first where the numbers of one row fared differently.
_WORST_FIRST = (Tone.BAD, Tone.UNSURE, Tone.QUIET, Tone.GOOD, Tone.PLAIN)


def per_file_row(rows: pd.Index, columns: Sequence[list[str]], lang: str) -> list[list[str]]:
    """The columns with one text for each row of the file.

    rows: those of the file first, then made ones, whose rows of the file are all among them
    columns: each a text for each of `rows`, in their order; they are not changed
    lang: of the words that say which number of a cell a text is about, where not all say the same
    """
    together = _together(rows)
    own = len(rows) - int(is_made(rows).sum())
    told = []
    for column in columns:
        texts = column[:own]
        for places in together.values():
            texts[places[0]] = _numbered([column[place] for place in places], lang)
        told.append(texts)
    return told


def worst_per_file_row(rows: pd.Index, tones: Sequence[Tone]) -> list[Tone]:
    """The tone of each row of the file."""
    worst = list(tones)
    for places in _together(rows).values():
        worst[places[0]] = min((tones[place] for place in places), key=_WORST_FIRST.index)
    return worst[: len(rows) - int(is_made(rows).sum())]


def _together(rows: pd.Index) -> dict[int, list[int]]:
    """Row of the file → places of its rows, for those with more than one."""
    made = rows[is_made(rows).to_numpy()]
    place = cast(Callable[[int], int], rows.get_loc)  # no row number stands there twice
    places: dict[int, list[int]] = {row: [place(row)] for row in dict.fromkeys(map(row_of_file, made))}
    for row in made.sort_values():
        places[row_of_file(row)].append(place(row))
    return places


def _numbered(texts: list[str], lang: str) -> str:
    """One text where all say the same, else one line for each number that has something to say."""
    if len(set(texts)) == 1:
        return texts[0]
    return "\n".join(
        t("structure.of_number", lang, part=part, text=text) for part, text in enumerate(texts, 1) if text
    )
