"""The rows that need a person, as a sheet to fix and upload again: the row's number, its cells, what is wrong."""

from collections.abc import Mapping

import pandas as pd

from lib import results_marks
from lib.i18n import t
from lib.results_run import free_names
from lib.results_xlsx import Page, Tone, texts_of, workbook


def problems_workbook(
    source: pd.DataFrame, problems: pd.DataFrame, lang: str, columns: Mapping[str, str] | None = None
) -> bytes:
    """Only the rows with problems, as xlsx, every cell text: row number first, the person's columns, the reason last.

    source: text columns, index = spreadsheet row number. problems: row, field, code, severity, value, suggestion.
    columns: field name → column of the sheet; where known, the cell is coloured and carries a comment.
    """
    known = problems[problems["row"].isin(source.index)]
    table = source[source.index.isin(known["row"])]
    told = results_marks.told(known, columns or {}, lang)
    own = [str(name) for name in table.columns]
    number, reason = free_names((t("results.column.row", lang), t("results.column.reason", lang)), own)
    page = Page(
        title=t("results.sheet.problems", lang),
        headers=(number, *own, reason),
        columns=(
            [str(row) for row in table.index],
            *(texts_of(table.iloc[:, at]) for at in range(table.shape[1])),
            _reasons(told, table.index),
        ),
        tones=results_marks.tones(told, table, shift=1) | {len(own) + 1: [Tone.WRAPPED] * len(table)},
        comments=results_marks.comments(told, table, shift=1),
    )
    return workbook((page, _notes(lang)), lang)


def _reasons(told: pd.DataFrame, order: pd.Index) -> list[str]:
    said: dict[int, list[str]] = {row: [] for row in order}
    for row, text in zip(told["row"], told["said"], strict=True):
        said[row].append(text)
    return ["\n".join(texts) for texts in said.values()]


def _notes(lang: str) -> Page:
    lines = [t(f"results.fixing.{step}", lang) for step in ("row", "cells", "upload")]
    return Page(
        title=t("results.sheet.notes", lang),
        headers=[t("results.column.meaning", lang)],
        columns=[lines],
        tones={0: [Tone.WRAPPED] * len(lines)},
    )
