"""What becomes of each column of the sheet, and what a person's choice for one column does to all the others.

A target is ("field", name), ("component", key of its row), ("listed", id of a component of the platform's that no row has
yet), or NOTHING. One column may feed several targets, and several columns one field (`Mapping.sources`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from lib.mapping import Mapping
from lib.mapping.components import ComponentRow, row_of
from lib.platform.directory import Component

Target = tuple[str, str]

NOTHING: Target = ("nothing", "")


@dataclass(frozen=True)
class Move:
    """Everything as it is after a choice, and what the choice did beside it.

    replaced: columns that fed the chosen target before, and no longer do. fixed: the value that every row had there instead.
    rest: columns that go on feeding what this column fed before. between: what stood between those that were replaced, None
    where they were no texts put together.
    """

    mapping: Mapping
    rows: tuple[ComponentRow, ...]
    replaced: tuple[str, ...] = ()
    fixed: str = ""
    rest: tuple[str, ...] = ()
    between: str | None = None


def by_column(mapping: Mapping, rows: Iterable[ComponentRow]) -> dict[str, tuple[Target, ...]]:
    """Column → what it feeds, fields before components; columns that feed nothing are not in it."""
    found: dict[str, tuple[Target, ...]] = {}
    for name in mapping.columns:
        for column in mapping.sources(name):
            found[column] = (*found.get(column, ()), ("field", name))
    for row in rows:
        if row.column:
            found[row.column] = (*found.get(row.column, ()), ("component", row.key))
    return found


def questions(mapping: Mapping, column: str) -> list[str]:
    """Fields for which this column is offered, alone or with others."""
    return [name for name in mapping.offers if column in mapping.sources(name)]


def passed_for(mapping: Mapping, column: str) -> list[str]:
    """Fields for which this column was looked at and not even offered."""
    return [name for name, passed in mapping.passed.items() if passed == column]


def moved(
    mapping: Mapping,
    rows: Iterable[ComponentRow],
    column: str,
    before: Target,
    after: Target,
    listed: Iterable[Component] = (),
) -> Move:
    """The person says that a column feeds `after` in place of `before`.

    What fed `after` until now gives way. Whatever was only asked or told about this column is answered by it. A component of
    the platform's list that has lost its column goes, for it is found in the list again; one that was typed by hand stays.

    mapping, rows: what feeds the fields and the components before the choice; left as they are
    column: of the sheet
    before: what it gives up, NOTHING for no target; what else it feeds stays
    after: what it feeds now, NOTHING for no target
    listed: the platform's components, the one that `after` may name among them; () where they are not known
    """
    known = tuple(listed)
    answered = (*questions(mapping, column), *passed_for(mapping, column))
    for name in answered:
        mapping = mapping.without(name)
    move = _left(Move(mapping, tuple(rows)), column, before, {one.id.lower() for one in known})
    return _taken(move, column, after, known)


def _left(move: Move, column: str, before: Target, listed: Collection[str]) -> Move:
    kind, name = before
    if kind == "field":
        rest = tuple(one for one in move.mapping.sources(name) if one != column)
        between = move.mapping.between.get(name) if len(rest) > 1 else None
        mapping = move.mapping.with_columns(name, rest, between) if rest else move.mapping.without(name)
        return replace(move, mapping=mapping, rest=rest)
    if kind == "component":
        kept = (row for row in move.rows if row.key != name or row.id.lower() not in listed)
        return replace(
            move, rows=tuple(replace(row, column="", value="") if row.key == name else row for row in kept)
        )
    return move


def _taken(move: Move, column: str, after: Target, listed: Iterable[Component]) -> Move:
    kind, name = after
    if kind == "field" and column not in (sources := move.mapping.sources(name)):
        fed = sources if name in move.mapping.columns else ()
        return replace(
            move,
            mapping=move.mapping.with_column(name, column),
            replaced=fed,
            fixed=move.mapping.constants.get(name, ""),
            between=move.mapping.between.get(name) if fed else None,
        )
    if kind == "component":
        row = next(row for row in move.rows if row.key == name)
        fed = (row.column,) if row.column and row.column != column else ()
        rows = (replace(one, column=column, gone="") if one is row else one for one in move.rows)
        return replace(move, rows=tuple(rows), replaced=fed, fixed="" if row.column else row.value)
    if kind == "listed":
        component = next(one for one in listed if one.id == name)
        return replace(move, rows=(*move.rows, row_of(component, column)))
    return move
