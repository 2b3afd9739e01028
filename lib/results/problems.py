"""The rows that need a person, as a sheet to fix and upload again: the row's number, its cells, what is wrong."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from lib.results import marks
from lib.results.run import free_names
from lib.results.xlsx import Page, Tone, texts_of, workbook
from lib.sheet.row_numbers import row_name
from lib.words import t

#: Width of the column of tokens, which nobody reads, in characters.
TOKEN_WIDTH = 18


def problems_workbook(
    source: pd.DataFrame,
    problems: pd.DataFrame,
    lang: str,
    columns: Mapping[str, Sequence[str]] | None = None,
    tokens: Callable[[pd.DataFrame], pd.Series] | None = None,
) -> bytes:
    """Only the rows with problems, as xlsx, every cell text: row number first, the person's columns, the reason last.

    source: text columns, index = spreadsheet row number; those without a problem are not written
    problems: row, field, code, severity, value, suggestion; of a row that `source` does not have nothing is told
    lang: of the headings, reasons and notes
    columns: field name → columns of the sheet; where known, the cell is coloured and carries a comment
    tokens: makes the token by which each row of a table finds its way back; the last column, where it is given
    """
    known = problems[problems["row"].isin(source.index)]
    table = source[source.index.isin(known["row"])]
    told = marks.describe_problems(known, table, columns or {}, lang)
    own = [str(name) for name in table.columns]
    number, reason, token = added_names(own, lang)
    last = len(own) + 2
    page = Page(
        title=t("results.sheet.problems", lang),
        headers=(number, *own, reason, *([token] if tokens else [])),
        columns=(
            [row_name(row) for row in table.index],
            *(texts_of(table.iloc[:, at]) for at in range(table.shape[1])),
            _reasons(told, table.index),
            *([texts_of(tokens(table))] if tokens else []),
        ),
        tones=marks.tones(told, table, shift=1)
        | {len(own) + 1: [Tone.WRAPPED] * len(table)}
        | ({last: [Tone.QUIET] * len(table)} if tokens else {}),
        comments=marks.comments(told, table, shift=1),
        widths={last: TOKEN_WIDTH} if tokens else {},
    )
    return workbook((page, _notes(lang, "upload" if tokens is None else "merge")), lang)


def added_names(own: Sequence[str], lang: str) -> list[str]:
    """Headers of the row number, the reason and the token beside a person's own columns."""
    return free_names((t(f"results.column.{name}", lang) for name in ("row", "reason", "token")), own)


def _reasons(told: pd.DataFrame, order: pd.Index) -> list[str]:
    said: dict[int, list[str]] = {row: [] for row in order}
    for row, text in zip(told["row"], told["said"], strict=True):
        said[row].append(text)
    return ["\n".join(texts) for texts in said.values()]


def _notes(lang: str, way_back: str) -> Page:
    lines = [t(f"results.fixing.{step}", lang) for step in ("row", "cells", way_back)]
    return Page(
        title=t("results.sheet.notes", lang),
        headers=[t("results.column.meaning", lang)],
        columns=[lines],
        tones={0: [Tone.WRAPPED] * len(lines)},
    )
