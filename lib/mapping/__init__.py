"""Which column feeds which field: suggested from headers and values, changed by the person, applied to the sheet.

A column that its values contradict, or that may be somebody else's, is an offer (`offers`) or passed over (`passed`), never a fact.
"""

import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

import pandas as pd

from lib.contact.fields import BY_NAME, component_column
from lib.mapping.suggestion import suggestion
from lib.sheet import Sheet


class Sureness(StrEnum):
    """How sure a suggestion is; shown beside it."""

    CERTAIN = "certain"  # the header is one of the known names
    LIKELY = "likely"  # the words of the header say so, or the values
    CHOSEN = "chosen"  # by the person
    REMEMBERED = "remembered"  # from the last file with columns of these names


@dataclass(frozen=True)
class Mapping:
    """What feeds each field.

    columns: field name → column name. components: component id → column name.
    constants: field name or `component:<id>` → one value for every row. values: field name → {what the sheet says →
    what is sent}. labels: component id → the person's own name for it. offers: field name → column name, waiting for
    a click. passed: field name → column name that was not even offered. reasons: field name → why it is only offered, or
    was passed over (`candidates.Reason`). sureness: field name → how sure. extra_seed: where set, and nothing feeds
    `extra`, each row gets a UUID made from it and the row number, so that a preview shows what will be sent.
    """

    columns: dict[str, str] = field(default_factory=dict)
    components: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    offers: dict[str, str] = field(default_factory=dict)
    passed: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    sureness: dict[str, str] = field(default_factory=dict)
    extra_seed: str = ""

    def with_column(self, name: str, column: str) -> "Mapping":
        """The person's choice of a column for a field."""
        cleared = self.without(name)
        return replace(
            cleared,
            columns=cleared.columns | {name: column},
            sureness=cleared.sureness | {name: Sureness.CHOSEN.value},
        )

    def with_constant(self, name: str, value: str) -> "Mapping":
        """One value for every row; an empty one is kept, so that the choice stays while it is being typed."""
        cleared = self.without(name)
        return replace(cleared, constants=cleared.constants | {name: value})

    def without(self, name: str) -> "Mapping":
        """Nothing feeds this field."""
        return replace(
            self,
            columns=_except(self.columns, name),
            constants=_except(self.constants, name),
            offers=_except(self.offers, name),
            passed=_except(self.passed, name),
            reasons=_except(self.reasons, name),
            sureness=_except(self.sureness, name),
        )

    def with_row_tokens(self, wanted: bool) -> "Mapping":
        """Whether each row gets a UUID of its own in `extra`, where nothing else feeds it."""
        return replace(self, extra_seed=(self.extra_seed or uuid.uuid4().hex) if wanted else "")

    def with_values(self, name: str, words: dict[str, str]) -> "Mapping":
        """The person's own words of a field with a closed set of values."""
        return replace(self, values=self.values | {name: {folded(word): to for word, to in words.items()}})

    def is_fed(self, name: str) -> bool:
        """Whether a column or a fixed value feeds this field."""
        return name in self.columns or bool(self.constants.get(name))

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the store."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Mapping":
        """The reverse of `as_dict`; names of a later version are left out."""
        known = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})


def _except(values: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if key != name}


def folded(word: str) -> str:
    """A word as compared in value mappings: no case, width or outer space."""
    return unicodedata.normalize("NFKC", word).strip().casefold()


def suggest(sheet: Sheet) -> Mapping:
    """What most probably feeds each field (`suggestion`), as the mapping to begin with."""
    found = suggestion(sheet)
    sure = {
        name: Sureness.CERTAIN if name in found.certain else Sureness.LIKELY
        for name in (*found.columns, *found.offers)
    }
    return Mapping(
        columns=found.columns,
        offers=found.offers,
        passed=found.passed,
        reasons=found.reasons,
        sureness={name: one.value for name, one in sure.items()},
        extra_seed=uuid.uuid4().hex,
    )


def refitted(mapping: Mapping, before: Iterable[str], sheet: Sheet) -> Mapping:
    """The mapping after columns of the same file were let in or out: nothing else of it changes.

    before: the columns there were. A field whose column is gone is fed by nothing; one that nothing feeds may take a
    column that came back.
    """
    gone = [
        name
        for name, column in (mapping.passed | mapping.offers | mapping.columns).items()
        if column not in sheet.table.columns
    ]
    for name in gone:
        mapping = mapping.without(name)
    back = set(sheet.table.columns) - set(before)
    fresh = suggest(sheet) if back else Mapping()
    free = [name for name in BY_NAME if not mapping.is_fed(name)]
    taken = {name: col for name, col in fresh.columns.items() if col in back and name in free}
    offered = {name: col for name, col in fresh.offers.items() if col in back and name in free}
    return replace(
        mapping,
        columns=mapping.columns | taken,
        offers=mapping.offers | offered,
        reasons=mapping.reasons | {name: fresh.reasons[name] for name in offered},
        sureness=mapping.sureness | {name: fresh.sureness[name] for name in (*taken, *offered)},
    )


def apply(sheet: Sheet, mapping: Mapping) -> pd.DataFrame:
    """The sheet as contacts: one text column per fed field and component, index = spreadsheet row number."""
    table = sheet.table
    contacts: dict[str, pd.Series] = {}
    for name in BY_NAME:
        source = _source(table, mapping.columns.get(name), mapping.constants.get(name))
        if source is not None:
            contacts[name] = translated(source, mapping.values.get(name))
    if "extra" not in contacts and mapping.extra_seed:
        contacts["extra"] = _row_tokens(table.index, mapping.extra_seed)
    for component in dict.fromkeys((*mapping.labels, *mapping.components, *_constant_components(mapping))):
        key = component_column(component)
        source = _source(table, mapping.components.get(component), mapping.constants.get(key))
        if source is not None:
            contacts[key] = source
    return pd.DataFrame(contacts, index=table.index, dtype="str")


def _constant_components(mapping: Mapping) -> list[str]:
    prefix = component_column("")
    return [key.removeprefix(prefix) for key in mapping.constants if key.startswith(prefix)]


def _source(table: pd.DataFrame, column: str | None, constant: str | None) -> pd.Series | None:
    if column is not None and column in table.columns:
        return table[column]
    return pd.Series(constant, index=table.index, dtype="str") if constant else None


def translated(source: pd.Series, words: dict[str, str] | None) -> pd.Series:
    """A column with the person's own words replaced by what they mean."""
    if not words:
        return source
    distinct = {value: words[folded(value)] for value in source.unique() if folded(value) in words}
    return source.replace(distinct) if distinct else source


def _row_tokens(rows: pd.Index, seed: str) -> pd.Series:
    space = uuid.UUID(hex=seed)
    return pd.Series([str(uuid.uuid5(space, str(row))) for row in rows], index=rows, dtype="str")
