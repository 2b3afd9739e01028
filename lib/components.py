"""The components a person types in: rows of a table, complete or not yet, and what is wrong with them.

A component needs an id (from the platform's template call) and a column or a fixed value. Source: api-contract.md,
sections 2 and 6. Incomplete rows are kept, told, and keep the submission from starting; nothing is dropped silently.
"""

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from lib.connection import compact, is_uuid
from lib.fields import component_column
from lib.mapping import Mapping


@dataclass(frozen=True)
class ComponentRow:
    """One row of the components table. key: stable while the row lives; column wins over value."""

    key: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    id: str = ""
    label: str = ""
    column: str = ""
    value: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing has been typed into it yet."""
        return not (self.id or self.label or self.column or self.value)

    def changed(self, **changes: str) -> "ComponentRow":
        """With some cells typed anew; an id is cleaned of pasted spaces."""
        if "id" in changes:
            changes["id"] = compact(changes["id"])
        return replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the store."""
        return asdict(self)


def mistakes(rows: Iterable[ComponentRow]) -> dict[str, str]:
    """Row key → error code of what keeps this row from being sent; blank rows are no mistake."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for row in rows:
        if row.is_blank:
            continue
        if not is_uuid(row.id):
            found[row.key] = "component_id_invalid" if row.id else "component_id_missing"
        elif row.id.lower() in seen:
            found[row.key] = "component_id_twice"
        elif not (row.column or row.value):
            found[row.key] = "component_not_fed"
        seen.add(row.id.lower())
    return found


def merged(mapping: Mapping, rows: Iterable[ComponentRow]) -> Mapping:
    """The mapping with the complete rows as its components."""
    rows = tuple(rows)
    wrong = mistakes(rows)
    complete = [row for row in rows if not row.is_blank and row.key not in wrong]
    fixed = {component_column(row.id): row.value for row in complete if not row.column}
    return replace(
        mapping,
        components={row.id: row.column for row in complete if row.column},
        labels={row.id: row.label for row in complete},
        constants={k: v for k, v in mapping.constants.items() if not k.startswith(component_column(""))} | fixed,
    )
