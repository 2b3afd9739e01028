"""Several columns of a sheet as one text: another one where the first is empty, or all of them put together. Vectorised.

Nothing is lost on the way: `origins` tells which cell a text came from, so that a correction finds it again.
"""

from collections.abc import Sequence

import pandas as pd

from lib.contact.fields import BY_NAME, Kind
from lib.contact.non_values import PLACEHOLDERS


def first_filled(table: pd.DataFrame, columns: Sequence[str], name: str) -> pd.Series:
    """By row, the text of the first of these columns that holds one; the first column's own where none does.

    table: of a sheet, the rows that are asked about
    columns: in the order in which they are tried; one at least, all in the table
    name: the field it is for; a word for nothing (暂无, N/A) is as empty as a blank cell, except where somebody may be
        called so
    """
    texts = table[columns[0]]
    open_rows = ~_is_filled(texts, name)
    for column in columns[1:]:
        if not open_rows.any():
            break
        takes = open_rows & _is_filled(table[column], name)
        texts, open_rows = texts.mask(takes, table[column]), open_rows & ~takes
    return texts


def origins(table: pd.DataFrame, columns: Sequence[str], name: str) -> pd.Series:
    """By row, the name of the column that `first_filled` takes its text from.

    table, columns, name: as there
    """
    found = pd.Series(columns[0], index=table.index, dtype=object)
    if len(columns) == 1:  # of a component, too, for which nothing says what counts as filled
        return found
    open_rows = ~_is_filled(table[columns[0]], name)
    for column in columns[1:]:
        takes = open_rows & _is_filled(table[column], name)
        found[takes], open_rows = column, open_rows & ~takes
    return found


def joined(table: pd.DataFrame, columns: Sequence[str], between: str) -> pd.Series:
    """By row, the texts of these columns without outer space, one after the other.

    table: of a sheet, the rows that are asked about
    columns: in the order in which they are put together; one at least, all in the table
    between: stands between two that are filled, as it is; "" for nothing
    """
    texts = table[columns[0]].str.strip()
    for column in columns[1:]:
        more = table[column].str.strip()
        both = texts.ne("") & more.ne("")
        texts = texts + pd.Series("", index=table.index, dtype="str").mask(both, between) + more
    return texts


def combined(table: pd.DataFrame, columns: Sequence[str], between: str | None, name: str) -> pd.Series:
    """By row, the text that these columns give a field; one alone gives its own, untouched.

    table: of a sheet, the rows that are asked about
    columns: in their order; one at least, all in the table
    between: what stands between two where all are put together; None for the first that is filled
    name: the field it is for, which says what counts as filled (`first_filled`)
    """
    if len(columns) == 1:
        return table[columns[0]]
    return first_filled(table, columns, name) if between is None else joined(table, columns, between)


def _is_filled(texts: pd.Series, name: str) -> pd.Series:
    bare = texts.str.strip()
    filled = bare.ne("")
    if BY_NAME[name].kind != Kind.TEXT:
        filled &= ~bare.str.lower().isin(PLACEHOLDERS)
    return filled
