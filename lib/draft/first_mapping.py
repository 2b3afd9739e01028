"""What feeds each field of a sheet that was just taken: as remembered for columns called like its own, else as suggested."""

from collections.abc import Iterable
from typing import Any

from lib.mapping import Mapping, memory, suggest
from lib.mapping.components import ComponentRow
from lib.sheet import Sheet, fingerprint
from lib.store import AnyStore


def first_mapping(store: AnyStore, sheet: Sheet) -> tuple[Mapping, tuple[ComponentRow, ...]]:
    """The mapping and the components to begin with."""
    remembered = _remembered(store, sheet)
    return of_kept(remembered, sheet) if remembered else (suggest(sheet), ())


def of_kept(kept: dict[str, Any], sheet: Sheet) -> tuple[Mapping, tuple[ComponentRow, ...]]:
    """A mapping that was kept, and its components, for the columns of this sheet."""
    rows = with_columns_of(sheet, map(ComponentRow.from_dict, kept["components"]))
    return memory.recalled(kept, sheet, suggest(sheet)), rows


def with_columns_of(sheet: Sheet, rows: Iterable[ComponentRow]) -> tuple[ComponentRow, ...]:
    """The rows, those fed from a column that is gone left out."""
    return tuple(row.for_columns(sheet.table.columns) for row in rows)


def _remembered(store: AnyStore, sheet: Sheet) -> dict[str, Any] | None:
    """What was remembered for these columns, or for ones called mostly the same; letters are nobody's names."""
    same = store.mappings.recall(fingerprint(sheet.table.columns))
    if same or sheet.header_row is None:
        return same
    return memory.most_alike(store.mappings.latest(), sheet.table.columns)
