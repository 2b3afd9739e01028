"""Fixes of many cells at once. Each is one step of undo, and none reads or writes more than the cells it names.

Everywhere, rows are spreadsheet row numbers, and the connection is the one whose review says what is wrong with them.
"""

from collections.abc import Iterable

import pandas as pd

from lib.contact.fields import BY_NAME, SEX_VALUES, Kind
from lib.contact.problems import ProblemCode
from lib.draft import Draft
from lib.platform.connection import Connection
from lib.sheet.row_numbers import reading_order
from lib.validation import NOT_A_VALUE

#: Values of the kinds of field that allow no others.
CLOSED: dict[Kind, tuple[str, ...]] = {Kind.SEX: SEX_VALUES}

#: Problems of a value that is none of a closed set.
UNKNOWN_WORD = frozenset({ProblemCode.SEX_UNKNOWN_WORD, ProblemCode.INTEGER_INVALID})


def closed_values(name: str) -> tuple[str, ...]:
    """The values a contacts column allows; () where it allows any text."""
    return CLOSED.get(BY_NAME[name].kind, ()) if name in BY_NAME else ()


def set_value(draft: Draft, rows: Iterable[int], name: str, text: str, connection: Connection) -> int:
    """The same text into one column of these rows; how many cells changed.

    draft: saved at once, as by `Draft.edit`, with its errors
    rows: those that the sheet lacks are passed over
    name: contacts column
    text: as the person would type it; "" empties the cells
    connection: cells that hold the text in its review already are not counted
    """
    return draft.edit(((row, name, text) for row in rows), connection)


def fill_down(draft: Draft, rows: Iterable[int], name: str, connection: Connection) -> int:
    """Each empty cell of these rows takes the nearest filled one above it among them; how many cells changed.

    draft: saved at once, as by `Draft.edit`, with its errors
    rows: taken as the grid shows them, made ones right below their own, however they are given; what stands in others is not taken
    name: contacts column
    connection: whose review says what a cell holds: what cleaning has emptied is empty
    """
    every = reading_order(draft.contacts.index)
    texts = draft.shown(name, every[every.isin(list(rows))], connection)
    filled = texts.mask(texts.eq("")).ffill().fillna("")
    found = filled[texts.eq("")]
    return draft.edit(((row, name, text) for row, text in zip(found.index, found, strict=True)), connection)


def suggestions(draft: Draft, rows: Iterable[int], connection: Connection) -> pd.DataFrame:
    """What is proposed for cells of these rows: row, field, suggestion.

    draft: nothing of it is changed
    rows: of which proposals are wanted
    connection: whose review proposes
    """
    problems = draft.review(connection).problems
    return _offered(problems[problems["row"].isin(list(rows))])


def _offered(problems: pd.DataFrame) -> pd.DataFrame:
    """Of these problems what is proposed: row, field, suggestion."""
    is_value = ~problems["code"].isin([code.value for code in NOT_A_VALUE])
    return problems.loc[problems["suggestion"].ne("") & is_value, ["row", "field", "suggestion"]]


def accept(draft: Draft, rows: Iterable[int], connection: Connection) -> int:
    """Put the proposed value into every cell of these rows that has one; how many cells changed.

    draft: saved at once, as by `Draft.edit`, with its errors
    rows: those without a proposal stay as they are
    connection: whose review proposes
    """
    offered = suggestions(draft, rows, connection)
    return draft.edit(offered.itertuples(index=False, name=None), connection)


def accept_all(draft: Draft, code: str, name: str, connection: Connection) -> int:
    """Put the proposed value into every cell of this column with this problem; how many cells.

    draft: saved at once, as by `Draft.edit`, with its errors
    code: of the problem (`ProblemCode`)
    name: contacts column it was found in
    connection: whose review found it and proposes
    """
    offered = _offered(_of_kind(draft, code, name, connection))
    return draft.edit(offered.itertuples(index=False, name=None), connection)


def clear(draft: Draft, code: str, name: str, connection: Connection) -> int:
    """Empty every cell of an optional column with this problem, so that it no longer keeps its row back; how many cells.

    draft: saved at once, as by `Draft.edit`, with its errors
    code: of the problem (`ProblemCode`)
    name: contacts column it was found in; that it is optional is for the caller to know
    connection: whose review found it
    """
    return set_value(draft, _of_kind(draft, code, name, connection)["row"], name, "", connection)


def leave_out(draft: Draft, code: str, name: str, connection: Connection) -> None:
    """Do not send the rows with this problem in this column.

    draft: saved at once, as by `Draft.leave_out`
    code: of the problem (`ProblemCode`)
    name: contacts column it was found in
    connection: whose review found it
    """
    draft.leave_out(_of_kind(draft, code, name, connection)["row"].tolist())


def _of_kind(draft: Draft, code: str, name: str, connection: Connection) -> pd.DataFrame:
    problems = draft.review(connection).problems
    return problems[problems["code"].eq(code) & problems["field"].eq(name)]


def unknown_words(draft: Draft, name: str, connection: Connection) -> pd.Series:
    """How often each value that the closed set of this column does not know stands in it, most frequent first.

    draft: nothing of it is changed
    name: contacts column with `closed_values`, or one of whole numbers
    connection: whose review found them
    """
    problems = draft.review(connection).problems
    strange = problems["field"].eq(name) & problems["code"].isin([code.value for code in UNKNOWN_WORD])
    return problems.loc[strange, "value"].value_counts()


def replacements(
    draft: Draft, name: str, find: str, put: str, connection: Connection, *, whole_cell: bool = False
) -> pd.Series:
    """By row, what the cells of this column become when the text `find` in them becomes `put`; only those that change.

    Plain text, upper and lower case told apart.

    draft: nothing of it is changed
    name: contacts column
    find: as it stands in the cleaned cells; "" finds nothing
    put: what stands there instead; "" takes the text away
    connection: whose review says what a cell holds
    whole_cell: only cells that hold nothing else
    """
    if not find or find == put:
        return pd.Series(dtype="str")
    texts = draft.shown(name, draft.contacts.index, connection)
    hits = texts[texts.eq(find) if whole_cell else texts.str.contains(find, regex=False)]
    return hits.str.replace(find, put, regex=False)


def replace(
    draft: Draft, name: str, find: str, put: str, connection: Connection, *, whole_cell: bool = False
) -> int:
    """Make the `replacements`; how many cells changed.

    draft: saved at once, as by `Draft.edit`, with its errors
    name, find, put, connection, whole_cell: as there
    """
    found = replacements(draft, name, find, put, connection, whole_cell=whole_cell)
    return draft.edit(((row, name, text) for row, text in zip(found.index, found, strict=True)), connection)
