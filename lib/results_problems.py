"""The rows that need a person, as a sheet to fix and upload again: the row's number, its cells, what is wrong."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lib.fields import BY_NAME, component_id
from lib.i18n import t
from lib.problems import ProblemCode, Severity
from lib.results_run import free_names
from lib.results_xlsx import Page, Tone, texts_of, workbook
from lib.row_numbers import row_name

#: Cells that get a comment; more make Excel slow to open the file. The reason column has no such limit.
COMMENT_LIMIT = 2_000


def problems_workbook(
    source: pd.DataFrame, problems: pd.DataFrame, lang: str, columns: Mapping[str, str] | None = None
) -> bytes:
    """Only the rows with problems, as xlsx, every cell text: row number first, the person's columns, the reason last.

    source: text columns, index = spreadsheet row number. problems: row, field, code, severity, value, suggestion.
    columns: field name → column of the sheet; where known, the cell is coloured and carries a comment.
    """
    known = problems[problems["row"].isin(source.index)]
    table = source[source.index.isin(known["row"])]
    told = _told(known, dict(columns or {}), lang)
    own = [str(name) for name in table.columns]
    number, reason = free_names((t("results.column.row", lang), t("results.column.reason", lang)), own)
    page = Page(
        title=t("results.sheet.problems", lang),
        headers=(number, *own, reason),
        columns=(
            [row_name(row) for row in table.index],
            *(texts_of(table.iloc[:, at]) for at in range(table.shape[1])),
            _reasons(told, table.index),
        ),
        tones=_tones(told, table) | {len(own) + 1: [Tone.WRAPPED] * len(table)},
        comments=_comments(told, table),
    )
    return workbook((page, _notes(lang)), lang)


def _told(problems: pd.DataFrame, columns: dict[str, str], lang: str) -> pd.DataFrame:
    """The problems with their column of the sheet ("" unknown) and their sentence, errors before warnings."""
    told = problems.sort_values("severity", kind="stable").astype(object)  # texts may hold what `str` columns cannot
    told["column"] = pd.Series([columns.get(name, "") for name in told["field"]], told.index, dtype=object)
    repeated = told["code"].eq(ProblemCode.PHONE_REPEATED.value) & told["suggestion"].ne("")
    told.loc[repeated, "suggestion"] = told.loc[repeated, "suggestion"].map(row_name)
    facts = zip(*(told[name] for name in ("code", "field", "column", "value", "suggestion")), strict=True)
    said = [_sentence(code, field, column, value, hint, lang) for code, field, column, value, hint in facts]
    told["said"] = pd.Series(said, told.index, dtype=object)
    return told


def _sentence(code: str, field: str, column: str, value: Any, suggestion: Any, lang: str) -> str:
    label = column or field_label(field, lang)
    return t(f"problem.{code}", lang, value=str(value), suggestion=str(suggestion), field=label)


def field_label(name: str, lang: str) -> str:
    """What a field is called on screen; a component without a column is just a component."""
    known = name in BY_NAME and component_id(name) is None
    return t(f"field.{name}.label", lang) if known else t("field.component.label", lang)


def _tones(told: pd.DataFrame, table: pd.DataFrame) -> dict[int, list[Tone]]:
    tones: dict[int, list[Tone]] = {}
    for column, group in told[told["column"].isin(table.columns)].groupby("column"):
        worst = group.groupby("row")["severity"].min().reindex(table.index)  # "error" sorts before "warning"
        looks = {Severity.ERROR.value: Tone.BAD, Severity.WARNING.value: Tone.UNSURE}
        tones[table.columns.get_loc(column) + 1] = [looks.get(severity, Tone.PLAIN) for severity in worst]
    return tones


def _reasons(told: pd.DataFrame, order: pd.Index) -> list[str]:
    said: dict[int, list[str]] = {row: [] for row in order}
    for row, text in zip(told["row"], told["said"], strict=True):
        said[row].append(text)
    return ["\n".join(texts) for texts in said.values()]


def _comments(told: pd.DataFrame, table: pd.DataFrame) -> dict[tuple[int, int], str]:
    shown = told[told["column"].isin(table.columns)].sort_values("row", kind="stable")
    rows = {row: at for at, row in enumerate(table.index)}
    columns = {column: at for at, column in enumerate(table.columns, 1)}
    comments: dict[tuple[int, int], str] = {}
    for row, column, text in zip(shown["row"], shown["column"], shown["said"], strict=True):
        cell = rows[row], columns[column]
        if cell in comments:
            comments[cell] += "\n" + text
        elif len(comments) < COMMENT_LIMIT:
            comments[cell] = text
    return comments


def _notes(lang: str) -> Page:
    lines = [t(f"results.fixing.{step}", lang) for step in ("row", "cells", "upload")]
    return Page(
        title=t("results.sheet.notes", lang),
        headers=[t("results.column.meaning", lang)],
        columns=[lines],
        tones={0: [Tone.WRAPPED] * len(lines)},
    )
