"""Problems as marks in a person's own sheet: a sentence, a colour and a comment for each cell they stand in."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lib.contact.fields import BY_NAME, component_id
from lib.contact.masking import mask_number, mask_seen
from lib.contact.problems import ProblemCode, Severity
from lib.mapping.combine import origins
from lib.results.xlsx import Tone
from lib.sheet.row_numbers import row_name
from lib.validation import words
from lib.words import t

#: Cells of a file that get a comment; more make Excel slow to open it. Colours and reasons have no such limit.
COMMENT_LIMIT = 20_000


def describe_problems(
    problems: pd.DataFrame,
    table: pd.DataFrame,
    columns: Mapping[str, Sequence[str]],
    lang: str,
    *,
    hidden: bool = False,
) -> pd.DataFrame:
    """The problems with their `column` of the sheet ("" unknown) and their sentence `said`, errors before warnings.

    problems: row, field, code, severity, value, suggestion, a line for each problem of a row
    table: the person's sheet; every row with a problem is in it
    columns: field name → columns of the sheet that feed it: the problem stands in the one that the value came from
    lang: of the sentences
    hidden: phone numbers in the sentences without their middle digits
    """
    worded = problems.sort_values("severity", kind="stable").astype(
        object
    )  # texts may hold what `str` columns cannot
    worded["column"] = pd.Series(_columns_of(worded, table, columns), worded.index, dtype=object)
    facts = zip(*(worded[name] for name in ("code", "field", "column", "value", "suggestion")), strict=True)
    said = [
        _sentence(code, field, column, value, hint, lang, hidden)
        for code, field, column, value, hint in facts
    ]
    worded["said"] = pd.Series(said, worded.index, dtype=object)
    return worded


def _columns_of(
    problems: pd.DataFrame, table: pd.DataFrame, columns: Mapping[str, Sequence[str]]
) -> list[str]:
    found = [next(iter(columns.get(name, ())), "") for name in problems["field"]]
    places: dict[tuple[str, int], str] = {}
    for name, every in columns.items():
        if len(every) > 1 and {*every} <= {*table.columns}:
            rows = table.index.intersection(problems.loc[problems["field"].eq(name), "row"].tolist())
            from_ = origins(table.loc[rows], every, name)
            places |= {(name, int(row)): column for row, column in zip(rows, from_, strict=True)}
    cells = zip(problems["field"], problems["row"], found, strict=True)
    return [places.get((name, int(row)), first) for name, row, first in cells]


def _shown(code: str, suggestion: Any) -> str:
    """A suggestion as people read it: that of a repeated number is a row."""
    return row_name(suggestion) if code == ProblemCode.PHONE_REPEATED and suggestion else str(suggestion)


def _sentence(
    code: str, field: str, column: str, value: Any, suggestion: Any, lang: str, hidden: bool
) -> str:
    label = column or _field_label(field, lang)
    shown = (mask_number if field == "phone" else mask_seen) if hidden else str
    hint = _shown(code, suggestion)
    return words.sentence(code, lang, value=str(value), suggestion=hint, field=label, shown=shown)


def _field_label(name: str, lang: str) -> str:
    """What a field is called on screen; a component without a column is just a component."""
    known = name in BY_NAME and component_id(name) is None
    return t(f"field.{name}.label", lang) if known else t("field.component.label", lang)


def tones(worded: pd.DataFrame, table: pd.DataFrame, *, shift: int = 0) -> dict[int, list[Tone]]:
    """Column position + shift → tone of each row of `table`.

    worded: of `describe_problems`; a problem whose column `table` does not have colours nothing
    table: the rows and columns that are written, index = spreadsheet row number
    shift: columns of ours that stand before those of `table`
    """
    found: dict[int, list[Tone]] = {}
    places = {name: place for place, name in enumerate(table.columns, shift)}
    looks = {Severity.ERROR.value: Tone.BAD, Severity.WARNING.value: Tone.UNSURE}
    for column, group in worded[worded["column"].isin(table.columns)].groupby("column"):
        worst = group.groupby("row")["severity"].min().reindex(table.index)  # "error" sorts before "warning"
        found[places[str(column)]] = [looks.get(severity, Tone.PLAIN) for severity in worst]
    return found


def comments(worded: pd.DataFrame, table: pd.DataFrame, *, shift: int = 0) -> dict[tuple[int, int], str]:
    """(Row position, column position + shift) → everything said about the cell, in the order of the rows.

    worded: of `describe_problems`; beyond COMMENT_LIMIT cells no further one gets a comment
    table: the rows and columns that are written, index = spreadsheet row number; every row of `worded` is in it
    shift: columns of ours that stand before those of `table`
    """
    shown = worded[worded["column"].isin(table.columns)].sort_values("row", kind="stable")
    rows = {row: at for at, row in enumerate(table.index)}
    columns = {column: at for at, column in enumerate(table.columns, shift)}
    found: dict[tuple[int, int], str] = {}
    for row, column, text in zip(shown["row"], shown["column"], shown["said"], strict=True):
        cell = rows[row], columns[column]
        if cell in found:
            found[cell] += "\n" + text
        elif len(found) < COMMENT_LIMIT:
            found[cell] = text
    return found
