"""A mapping that was remembered, for a sheet whose columns are mostly called the same: by their names, wherever they stand."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from typing import Any

from lib.mapping import Mapping, Sureness, refitted
from lib.mapping.candidates import AGREE_SHARE
from lib.mapping.suggestion import values_of
from lib.sheet import Sheet

#: Share of all names of two headers that both must have.
_ALIKE = 0.5

#: Names from which on a header that is found whole in a longer one is the same list, with columns added.
_WHOLE = 3


def most_alike(kept: Iterable[dict[str, Any]], columns: Iterable[str]) -> dict[str, Any] | None:
    """The remembered mapping whose header is most like this one, the first of several; None where none is like it."""
    names = set(columns)
    found = [(_likeness(set(_header_of(one)), names), one) for one in kept]
    likeness, best = max(found, key=lambda one: one[0], default=(0.0, None))
    return best if likeness else None


def _header_of(kept: dict[str, Any]) -> list[str]:
    """The columns of the sheet a mapping was made for; of an earlier version's only those it used are known."""
    return list(kept.get("header") or columns_used(kept))


def columns_used(kept: dict[str, Any]) -> list[str]:
    """The columns a kept mapping takes something from, components included."""
    mapping = Mapping.from_dict(kept.get("mapping", {}))
    of_fields = chain.from_iterable(map(mapping.sources, mapping.columns))
    of_components = (row["column"] for row in kept.get("components", ()))
    return list(dict.fromkeys(filter(None, (*of_fields, *mapping.components.values(), *of_components))))


def _likeness(header: set[str], names: set[str]) -> float:
    if not header:
        return 0.0
    shared = len(header & names) / len(header | names)
    return shared if shared >= _ALIKE or (header <= names and len(header) >= _WHOLE) else 0.0


def recalled(kept: dict[str, Any], sheet: Sheet, suggested: Mapping) -> Mapping:
    """A remembered mapping for this sheet; what nothing feeds may be fed by a column that the sheet before did not have.

    kept: as the store keeps it: `mapping` as plain data, and `header`, the columns of the sheet before
    sheet: with columns that are mostly called the same (`most_alike`)
    suggested: what headers and values say; the phone is fed by it where the remembered column holds no numbers
    """
    found = Mapping.from_dict(kept["mapping"])
    mapping = replace(
        found,
        extra_seed=suggested.extra_seed if found.extra_seed else "",
        offers={},
        passed={},
        reasons={},
        sureness=dict.fromkeys((*found.columns, *found.constants), Sureness.REMEMBERED.value),
    )
    mapping = refitted(mapping, _header_of(kept), sheet)
    return mapping if _may_be_called(mapping, sheet) else mapping.with_sources_of(suggested, ["phone"])


def _may_be_called(mapping: Mapping, sheet: Sheet) -> bool:
    column = mapping.columns.get("phone")
    seen = values_of(sheet, column) if column else None
    return seen is None or not seen.texts or seen.numbers >= AGREE_SHARE
