"""The components a person types in: rows of a table, complete or not yet, and what is wrong with them.

A component needs an id (from the platform's template call) and a column or a fixed value. Incomplete rows are kept, told,
and keep the submission from starting, but for one whose column an earlier file had and this one lacks: that is left out, and told.
"""

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from lib.contact.component_rules import RULE_OF_KIND, is_required
from lib.contact.fields import component_column
from lib.contact.header_names import header_key
from lib.mapping import Mapping
from lib.platform.connection import compact, is_uuid
from lib.platform.directory import Component


@dataclass(frozen=True)
class ComponentRow:
    """One row of the components table. key: stable while the row lives; column wins over value.

    type, rules: as the platform's own list had them for this id, empty where the list is not known. kind: what the person
    says it holds, a key of RULE_OF_KIND or "" for text; it counts only where the list says nothing (`is_typed`). gone: the
    column that fed it in an earlier file, where the sheet has none of that name.
    """

    key: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    id: str = ""
    label: str = ""
    column: str = ""
    value: str = ""
    type: str = ""
    rules: tuple[str, ...] = ()
    kind: str = ""
    gone: str = ""

    @property
    def is_left_out(self) -> bool:
        """Whether nothing feeds it because the sheet lacks the column an earlier file had."""
        return bool(self.gone) and not (self.column or self.value)

    def for_columns(self, columns: Iterable[str]) -> "ComponentRow":
        """The row for a sheet of these columns: without the one that is gone, with it once it is back."""
        if self.column and self.column not in columns:
            return replace(self, column="", gone=self.column)
        return replace(self, column=self.gone, gone="") if self.is_left_out and self.gone in columns else self

    @property
    def is_typed(self) -> bool:
        """Whether the platform's list says what it holds."""
        return bool(self.type) or not set(self.rules).isdisjoint(RULE_OF_KIND.values())

    @property
    def checks(self) -> tuple[str, ...]:
        """The rules its values are judged by: the platform's, and what the person says of it where they leave that open."""
        chosen = None if self.is_typed else RULE_OF_KIND.get(self.kind)
        return (*self.rules, chosen) if chosen else self.rules

    @property
    def is_blank(self) -> bool:
        """Whether nothing has been typed into it yet."""
        return not (self.id or self.label or self.column or self.value)

    def changed(self, **changes: str) -> "ComponentRow":
        """With some cells typed anew; an id is cleaned of pasted spaces."""
        cells: dict[str, Any] = changes | ({"id": compact(changes["id"])} if "id" in changes else {})
        return replace(self, **cells)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the store."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ComponentRow":
        """The reverse of `as_dict`; names of a later version are left out."""
        known = {item.name: data[item.name] for item in fields(cls) if item.name in data}
        return cls(**known | {"rules": tuple(data.get("rules", ()))})


def mistakes(rows: Iterable[ComponentRow]) -> dict[str, str]:
    """Row key → error code of what keeps this row from being sent; blank rows and those left out are no mistake."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for row in rows:
        if row.is_blank or row.is_left_out:
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
    complete = _complete(rows)
    fixed = {component_column(row.id): row.value for row in complete if not row.column}
    return replace(
        mapping,
        components={row.id: row.column for row in complete if row.column},
        labels={row.id: row.label for row in complete},
        constants={k: v for k, v in mapping.constants.items() if not k.startswith(component_column(""))}
        | fixed,
    )


def rules(rows: Iterable[ComponentRow]) -> dict[str, tuple[str, ...]]:
    """Contacts column → the rules its values are judged by, of the complete rows that have any."""
    return {component_column(row.id): row.checks for row in _complete(rows) if row.checks}


def _complete(rows: Iterable[ComponentRow]) -> list[ComponentRow]:
    rows = tuple(rows)
    wrong = mistakes(rows)
    return [row for row in rows if not (row.is_blank or row.is_left_out or row.key in wrong)]


def of_kind(rows: Iterable[ComponentRow], kind: str) -> list[str]:
    """Contacts columns that are judged as this kind (of RULE_OF_KIND), whoever says so."""
    return [column for column, checks in rules(rows).items() if RULE_OF_KIND[kind] in checks]


def informed(rows: Iterable[ComponentRow], known: Iterable[Component]) -> tuple[ComponentRow, ...]:
    """The rows with type and rules as the platform's list has them; a name of the person's own stays."""
    by_id = {component.id.lower(): component for component in known}
    return tuple(_informed(row, by_id.get(row.id.lower())) for row in rows)


def _informed(row: ComponentRow, component: Component | None) -> ComponentRow:
    if component is None:
        return replace(row, type="", rules=())
    return replace(row, label=row.label or component.name, type=component.type, rules=component.rules)


def named_alike(
    known: Iterable[Component], columns: Iterable[str], rows: Iterable[ComponentRow]
) -> list[ComponentRow]:
    """Rows for the components that no row has yet and whose name is the header of a column.

    known: the platform's list, whose order the rows take
    columns: of the sheet, in their order: of several that are called alike the first is taken
    rows: those there are; a component whose id stands in one gets no other, fed or not
    """
    headers = {header_key(column): column for column in reversed(tuple(columns))}
    unused = _unused(known, rows)
    return [
        row_of(one, headers[header_key(one.name)])
        for one in unused
        if one.name and header_key(one.name) in headers
    ]


def row_of(component: Component, column: str = "") -> ComponentRow:
    """A row for a component of the platform's list."""
    return ComponentRow(
        id=component.id, label=component.name, column=column, type=component.type, rules=component.rules
    )


def still_required(known: Iterable[Component], rows: Iterable[ComponentRow]) -> list[Component]:
    """Components the platform asks for in every contact, and that nothing feeds."""
    fed = [row for row in rows if row.column or row.value]
    return [component for component in _unused(known, fed) if is_required(component.rules)]


def _unused(known: Iterable[Component], rows: Iterable[ComponentRow]) -> list[Component]:
    used = {row.id.lower() for row in rows}
    return [component for component in known if component.id.lower() not in used]
