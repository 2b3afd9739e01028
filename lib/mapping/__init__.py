"""Which columns feed which field: suggested from headers and values, changed by the person, applied to the sheet.

A column that its values contradict, or that may be somebody else's, is an offer (`offers`) or passed over (`passed`), never a fact.
"""

import unicodedata
import uuid
from collections.abc import Container, Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from itertools import chain
from typing import Any, TypeVar

import pandas as pd

from lib.contact.fields import BY_NAME, component_column
from lib.contact.header_names import header_key
from lib.contact.non_values import PLACEHOLDERS
from lib.mapping.combine import combined
from lib.mapping.name_parts import name_parts
from lib.mapping.suggestion import SAMPLE_ROWS, spare_phones, suggestion
from lib.sheet import Sheet

#: Digits that may be a number to call.
_NUMBER = r"\d{7}|\d{3,4}[ -]\d{3,4}"


class Sureness(StrEnum):
    """How sure a suggestion is; shown beside it."""

    CERTAIN = "certain"  # the header is one of the known names
    LIKELY = "likely"  # the words of the header say so, or the values
    CHOSEN = "chosen"  # by the person
    REMEMBERED = "remembered"  # from the last file with columns of these names


@dataclass(frozen=True)
class Mapping:
    """What feeds each field.

    columns: field name → column name, the first where several feed it. components: component id → column name.
    constants: field name or `component:<id>` → one value for every row. values: field name → {what the sheet says →
    what is sent}. labels: component id → the person's own name for it. offers: field name → column name, waiting for
    a click. passed: field name → column name that was not even offered. reasons: field name → why it is only offered, or
    was passed over (`candidates.Reason`). sureness: field name → how sure. extra_seed: where set, and nothing feeds
    `extra`, each row gets a UUID made from it and the row number, so that a preview shows what will be sent.
    more: field name → the columns behind the first (of `columns`, or of `offers`). Each is taken where those before it
    are empty, but where `between` names the field: there all are put together, with this text between two of them.
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
    more: dict[str, tuple[str, ...]] = field(default_factory=dict)
    between: dict[str, str] = field(default_factory=dict)

    @property
    def is_doubtful(self) -> bool:
        """Whether a column is only likely, only offered, or was passed over."""
        return bool(self.offers or self.passed) or Sureness.LIKELY in self.sureness.values()

    def with_column(self, name: str, column: str) -> "Mapping":
        """The person's choice of a column for a field."""
        return self.with_columns(name, (column,))

    def with_columns(self, name: str, columns: Sequence[str], between: str | None = None) -> "Mapping":
        """The person's choice of several columns for a field; whatever fed the field before goes.

        name: of the field
        columns: of the sheet, in their order; one at least
        between: the text between two of them where all are put together; None for the first that is filled
        """
        first, *others = columns
        fed = self.without(name)._with_more(name, others, between)
        return replace(
            fed,
            columns=fed.columns | {name: first},
            sureness=fed.sureness | {name: Sureness.CHOSEN.value},
        )

    def _with_offer(
        self, name: str, columns: Sequence[str], between: str | None, sureness: Sureness
    ) -> "Mapping":
        """Nothing feeds the field, and some columns wait for a click. columns, between: as for `with_columns`."""
        first, *others = columns
        open_ = self.without(name)._with_more(name, others, between)
        return replace(
            open_,
            offers=open_.offers | {name: first},
            sureness=open_.sureness | {name: sureness.value},
        )

    def with_offer_taken(self, name: str) -> "Mapping":
        """What was offered for a field feeds it now, by the person's choice."""
        return self.with_columns(name, self.sources(name), self.between.get(name))

    def _with_more(self, name: str, others: Sequence[str], between: str | None) -> "Mapping":
        if not others:
            return self
        parts = {} if between is None else {name: between}
        return replace(self, more=self.more | {name: tuple(others)}, between=self.between | parts)

    def sources(self, name: str) -> tuple[str, ...]:
        """Every column that feeds a field, or is offered for it, in their order; none where none does."""
        first = self.columns.get(name, self.offers.get(name))
        return () if first is None else (first, *self.more.get(name, ()))

    @property
    def every_column(self) -> set[str]:
        """Every column that feeds or is offered for anything."""
        fields_ = chain.from_iterable(self.sources(name) for name in (*self.columns, *self.offers))
        return {*fields_, *self.components.values()}

    def within(self, known: Container[str]) -> "Mapping":
        """What holds where only these columns are known: a field whose first column is gone, or one of those put together, is fed by nothing."""
        mapping = self
        for name in (*self.columns, *self.offers):
            first, *others = self.sources(name)
            left = [column for column in others if column in known]
            if first not in known or (name in self.between and len(left) < len(others)):
                mapping = mapping.without(name)
            elif len(left) < len(others):
                mapping = replace(mapping, more=_except(mapping.more, name))._with_more(name, left, None)
        for name, column in self.passed.items():
            if column not in known and name in mapping.passed:
                mapping = mapping.without(name)
        here = {of: column for of, column in self.components.items() if column in known}
        return replace(mapping, components=here)

    def with_sources_of(self, other: "Mapping", names: Iterable[str]) -> "Mapping":
        """These fields fed, or offered, as in another mapping."""
        mapping = self
        for name in names:
            clear = mapping.without(name)
            mapping = replace(
                clear,
                columns=clear.columns | _only(other.columns, name),
                offers=clear.offers | _only(other.offers, name),
                passed=clear.passed | _only(other.passed, name),
                reasons=clear.reasons | _only(other.reasons, name),
                sureness=clear.sureness | _only(other.sureness, name),
                more=clear.more | _only(other.more, name),
                between=clear.between | _only(other.between, name),
            )
        return mapping

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
            more=_except(self.more, name),
            between=_except(self.between, name),
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
        more = {name: tuple(columns) for name, columns in data.get("more", {}).items()}
        return cls(**{name: value for name, value in data.items() if name in known} | {"more": more})


Value = TypeVar("Value")


def _except(values: dict[str, Value], name: str) -> dict[str, Value]:
    return {key: value for key, value in values.items() if key != name}


def _only(values: dict[str, Value], name: str) -> dict[str, Value]:
    return {key: value for key, value in values.items() if key == name}


def folded(word: str) -> str:
    """A word as compared in value mappings: no case, width or outer space."""
    return unicodedata.normalize("NFKC", word).strip().casefold()


def suggest(sheet: Sheet) -> Mapping:
    """What most probably feeds each field (`suggestion`), as the mapping to begin with.

    The column that names the worksheets or files of one list feeds nothing unless a person says so: they are called as
    somebody's own order wants it, after a colleague or an address.
    """
    if sheet.parts:
        sheet = replace(sheet, table=sheet.table.iloc[:, :-1])
    found = suggestion(sheet)
    sure = {
        name: Sureness.CERTAIN if name in found.certain else Sureness.LIKELY
        for name in (*found.columns, *found.offers)
    }
    mapping = Mapping(
        columns=found.columns,
        offers=found.offers,
        passed=found.passed,
        reasons=found.reasons,
        sureness={name: one.value for name, one in sure.items()},
        extra_seed=uuid.uuid4().hex,
    )
    return _with_whole_name(mapping, sheet.table.head(SAMPLE_ROWS))


def _with_whole_name(mapping: Mapping, sample: pd.DataFrame) -> Mapping:
    """A name in two columns is offered whole where no column holds all of it; half of one is never taken."""
    heads = {str(column): _group_and_head(str(column)) for column in sample.columns}
    parts = name_parts(sample, heads)
    if parts is None or mapping.columns.get("name") not in (None, *parts.columns):
        return mapping
    return mapping._with_offer("name", parts.columns, parts.between, Sureness.LIKELY)


def _group_and_head(column: str) -> tuple[str, str]:
    """The name of a column's group ("" for none) and its own, both comparable: "联系信息 / 姓" is 姓."""
    group, _, own = column.rpartition(" / ")
    return header_key(group), header_key(own)


def refitted(mapping: Mapping, before: Iterable[str], sheet: Sheet) -> Mapping:
    """The mapping after columns of the same file were let in or out: nothing else of it changes.

    A field whose column is gone is fed by nothing (`Mapping.within`); one that nothing feeds may take a column that came back.

    mapping: as it was for the columns before
    before: the columns there were; one of the sheet's that is not among them came back
    sheet: with the columns as they are now
    """
    mapping = mapping.within(sheet.table.columns)
    back = set(sheet.table.columns) - set(before)
    fresh = suggest(sheet) if back else Mapping()
    suggested = (*fresh.columns, *fresh.offers)
    new = [name for name in suggested if back & {*fresh.sources(name)} and not mapping.is_fed(name)]
    return mapping.with_sources_of(fresh, new)


def apply(sheet: Sheet, mapping: Mapping) -> pd.DataFrame:
    """The sheet as contacts: one text column per fed field and component, index = spreadsheet row number."""
    table = sheet.table
    contacts: dict[str, pd.Series] = {}
    for name in BY_NAME:
        texts = source(table, mapping, name)
        if texts is not None:
            contacts[name] = translated(texts, mapping.values.get(name))
    if "extra" not in contacts and mapping.extra_seed:
        contacts["extra"] = _row_tokens(table.index, mapping.extra_seed)
    for component in dict.fromkeys((*mapping.labels, *mapping.components, *_constant_components(mapping))):
        key = component_column(component)
        texts = _one_source(table, mapping.components.get(component), mapping.constants.get(key))
        if texts is not None:
            contacts[key] = texts
    return pd.DataFrame(contacts, index=table.index, dtype="str")


def _constant_components(mapping: Mapping) -> list[str]:
    prefix = component_column("")
    return [key.removeprefix(prefix) for key in mapping.constants if key.startswith(prefix)]


def source(table: pd.DataFrame, mapping: Mapping, name: str) -> pd.Series | None:
    """What the sheet says for a field, before any word is translated; None where nothing feeds it.

    table: of a sheet, any of its rows; a column of the mapping that it lacks counts as gone
    mapping: says which columns or which fixed value feed the field; what is only offered feeds nothing
    name: of the field, no component's
    """
    known = mapping.within(table.columns)
    if name in known.columns and name in known.more:
        return combined(table, known.sources(name), known.between.get(name), name)
    return _one_source(table, known.columns.get(name), mapping.constants.get(name))


def spare_phone(sheet: Sheet, mapping: Mapping) -> tuple[str, int] | None:
    """The other column of numbers that could stand in for the phone in most rows where it is empty, and in how many; None where none could."""
    fed = source(sheet.table, mapping, "phone") if "phone" in mapping.columns else None
    if fed is None or not (empty := fed.str.strip().isin(("", *PLACEHOLDERS))).any():
        return None
    others = [name for name in spare_phones(sheet) if name not in mapping.every_column]
    counts = {name: int(sheet.table.loc[empty, name].str.contains(_NUMBER).sum()) for name in others}
    best = max(counts, key=counts.__getitem__, default=None)
    return (best, counts[best]) if best is not None and counts[best] else None


def _one_source(table: pd.DataFrame, column: str | None, constant: str | None) -> pd.Series | None:
    if column is not None and column in table.columns:
        return table[column]
    return pd.Series(constant, index=table.index, dtype="str") if constant else None


def translated(texts: pd.Series, words: dict[str, str] | None) -> pd.Series:
    """A column with the person's own words replaced by what they mean."""
    if not words:
        return texts
    distinct = {value: words[folded(value)] for value in texts.unique() if folded(value) in words}
    return texts.replace(distinct) if distinct else texts


def _row_tokens(rows: pd.Index, seed: str) -> pd.Series:
    space = uuid.UUID(hex=seed)
    return pd.Series([str(uuid.uuid5(space, str(row))) for row in rows], index=rows, dtype="str")
