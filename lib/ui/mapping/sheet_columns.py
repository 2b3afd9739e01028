"""Columns of the person's sheet as they are called and shown on the mapping page."""

from collections.abc import Iterable
from itertools import islice

import pandas as pd

from lib.draft import Draft
from lib.mapping.combine import combined
from lib.ui.parts import numbers

#: Example values shown beside a choice.
EXAMPLES = 3

#: Characters of an example.
_LONGEST = 24

#: Rows in which examples are looked for.
_LOOKED_AT = 200


def name_of(draft: Draft, column: str) -> str:
    """What a column of the sheet is called on screen, each differently."""
    assert draft.sheet
    if (seen := numbers.text(draft, column)) == column or column not in draft.sheet.table.columns:
        return seen
    columns = draft.sheet.table.columns
    return dict(zip(columns, numbers.heads(draft, columns), strict=True))[column]


def names_of(draft: Draft, columns: tuple[str, ...], sign: str) -> str:
    """Several of them in a row, each cut where it is long; not yet harmless in Markdown.

    draft: whose columns they are; numbers in their names are hidden unless its switch shows them
    columns: as the sheet names them, in the order they are to stand
    sign: what stands between two, with the spaces around it
    """
    return sign.join(_short(name_of(draft, column)) for column in columns)


def examples(draft: Draft, name: str) -> str:
    """The first few different texts that the columns of a field, or those offered for it, would give it."""
    assert draft.sheet
    columns = draft.mapping.sources(name)
    texts = combined(draft.sheet.table.head(_LOOKED_AT), columns, draft.mapping.between.get(name), name)
    first = _first(texts)
    return _joined(
        numbers.cells(draft, name, first) if len(columns) > 1 else numbers.of_column(draft, columns[0], first)
    )


def of_column(draft: Draft, column: str) -> str:
    """The first few different texts of a column as they may be seen, "" where it seems empty."""
    assert draft.sheet
    first = _first(draft.sheet.table[column].head(_LOOKED_AT))
    return _joined(numbers.of_column(draft, column, first))


def _first(texts: pd.Series) -> list[str]:
    return list(islice(dict.fromkeys(text for text in texts.tolist() if text.strip()), EXAMPLES))


def _joined(shown: Iterable[str]) -> str:
    return " · ".join(_short(text.strip()) for text in shown)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
