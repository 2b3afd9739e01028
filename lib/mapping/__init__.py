"""Which column feeds which field: suggested from headers and values, changed by the person, applied to the sheet.

A suggestion that is not certain is an offer (`offers`), never a fact, for the fields where a mistake calls the wrong
people: `phone` and `control_select_robot`.
"""

import re
import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from functools import cache
from typing import Any

import pandas as pd

from lib.contact.fields import BY_NAME, FIELDS, component_column
from lib.sheet import Sheet
from lib.words import LANGUAGES, t

#: Rows looked at to judge a column by its values.
SAMPLE_ROWS = 300

#: Share of a column's values that must be digits before a header that says "phone" is believed.
DIGITS_SHARE = 0.5

#: Share of a column's values that must look like a field before the values alone are believed.
VALUES_SHARE = 0.8

_MOBILE = re.compile(r"(?:\+?0{0,2}86)?1[3-9][0-9]{9}(?:\.0)?")
#: Digits as spreadsheets spoil them, 1.30E+10 included; two numbers in one cell too.
_DIGITS = re.compile(r"['’+]?[0-9.eE+/、,;]{5,40}")
_SET_ASIDE = re.compile(r"[\s\-()]+")
_SEX = re.compile(r"^(?:男|女|男性|女性|先生|女士|小姐|未知|male|female|m|f)$", re.IGNORECASE)
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


class Sureness(StrEnum):
    """How sure a suggestion is; shown beside it."""

    CERTAIN = "certain"  # the header is one of the known names
    LIKELY = "likely"  # the header contains a known name, or the values speak for it
    CHOSEN = "chosen"  # by the person
    REMEMBERED = "remembered"  # from the last file with this header row


@dataclass(frozen=True)
class Mapping:
    """What feeds each field.

    columns: field name → column name. components: component id → column name.
    constants: field name or `component:<id>` → one value for every row. values: field name → {what the sheet says →
    what is sent}. labels: component id → the person's own name for it. offers: field name → column name, waiting for
    a click. sureness: field name → how sure. extra_seed: where set, and nothing feeds `extra`, each row gets a UUID
    made from it and the row number, so that a preview shows what will be sent.
    """

    columns: dict[str, str] = field(default_factory=dict)
    components: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    offers: dict[str, str] = field(default_factory=dict)
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


def header_key(text: str) -> str:
    """A header as compared: without case, width, notes in brackets, spaces and punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = re.sub(r"[(\[【〔][^)\]】〕]*[)\]】〕]", "", plain) or plain
    return "".join(sign for sign in plain if sign.isalnum())


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    """Field name → comparable aliases; the labels of our own template are aliases in every language."""
    return {
        item.name: tuple(
            dict.fromkeys(
                header_key(alias)
                for alias in (
                    item.name,
                    *item.aliases,
                    *(t(f"field.{item.name}.label", lang) for lang in LANGUAGES),
                )
            )
        )
        for item in FIELDS
    }


def suggest(sheet: Sheet) -> Mapping:
    """What most probably feeds each field. Each column is used once; weak guesses for risky fields are only offered."""
    sample = sheet.table.head(SAMPLE_ROWS)
    filled = {column: [text for text in sample[column].tolist() if text] for column in sample.columns}
    scores = sorted(
        (-_score(name, column, texts), order, at, name, column)
        for order, name in enumerate(BY_NAME)
        for at, (column, texts) in enumerate(filled.items())
    )
    columns: dict[str, str] = {}
    offers: dict[str, str] = {}
    sureness: dict[str, str] = {}
    for negative, _, _, name, column in scores:
        if (
            not negative
            or name in columns
            or name in offers
            or column in columns.values()
            or column in offers.values()
        ):
            continue
        certain = -negative >= 2
        rival = any(other == name and at != column and score == negative for score, _, _, other, at in scores)
        if BY_NAME[name].exact_only and (not certain or rival):
            offers[name] = column
        else:
            columns[name] = column
        sureness[name] = (Sureness.CERTAIN if certain else Sureness.LIKELY).value
    return Mapping(columns=columns, offers=offers, sureness=sureness, extra_seed=uuid.uuid4().hex)


def _score(name: str, column: str, texts: list[str]) -> float:
    """2 and more: the header says so; between 0 and 2: likely; 0: no sign of it. texts: what is filled of the column."""
    header = _header_score(name, header_key(column))
    evidence = _evidence(name, texts)
    if name == "phone" and header and texts and _share(texts, _DIGITS) < DIGITS_SHARE:
        return 0.5
    if name == "email" and header and texts and evidence == 0:
        return 0.5
    return header or (1.0 if evidence > VALUES_SHARE else 0.0)


def refitted(mapping: Mapping, before: Iterable[str], sheet: Sheet) -> Mapping:
    """The mapping after columns of the same file were let in or out: nothing else of it changes.

    before: the columns there were. A field whose column is gone is fed by nothing; one that nothing feeds may take a
    column that came back.
    """
    gone = [
        name
        for name, column in (mapping.columns | mapping.offers).items()
        if column not in sheet.table.columns
    ]
    for name in gone:
        mapping = mapping.without(name)
    back = set(sheet.table.columns) - set(before)
    fresh = suggest(sheet) if back else Mapping()
    taken = {name: col for name, col in fresh.columns.items() if col in back and not mapping.is_fed(name)}
    offered = {name: col for name, col in fresh.offers.items() if col in back and not mapping.is_fed(name)}
    return replace(
        mapping,
        columns=mapping.columns | taken,
        offers=mapping.offers | offered,
        sureness=mapping.sureness | {name: fresh.sureness[name] for name in (*taken, *offered)},
    )


def _header_score(name: str, key: str) -> float:
    aliases = _aliases()[name]
    if key in aliases:
        return 2.0
    inside = [alias for alias in aliases if len(alias) >= (4 if alias.isascii() else 2) and alias in key]
    return 1.0 if inside and BY_NAME[name].name not in ("extra", "sort") else 0.0


def _evidence(name: str, texts: list[str]) -> float:
    """Share of the texts that look like this field; 0 where looks say nothing."""
    if name == "phone":
        return _share(texts, _MOBILE)
    pattern = {"sex": _SEX, "email": _EMAIL}.get(name)
    if pattern is None or not texts:
        return 0.0
    return sum(bool(pattern.match(text.strip())) for text in texts) / len(texts)


def _share(texts: list[str], pattern: re.Pattern[str]) -> float:
    """Share of the texts that match when width, spaces, dashes and brackets are set aside."""
    bare = [_SET_ASIDE.sub("", unicodedata.normalize("NFKC", text)) for text in texts]
    return sum(bool(pattern.fullmatch(text)) for text in bare) / len(bare) if bare else 0.0


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
