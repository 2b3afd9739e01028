"""What most probably feeds each field: read from the headers, held against the values.

A header is evidence, no proof. Where the values contradict it, or it speaks of somebody else, the column is not taken; where something speaks
for it all the same it is offered with the reason, and otherwise only the reason is told (`passed`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lib.contact.header_names import header_key
from lib.contact.non_values import PLACEHOLDERS
from lib.mapping.candidates import Candidate, Column, Reason, Table, keys_of
from lib.mapping.column_values import ColumnValues
from lib.mapping.header_words import COUNTERPARTS, Word
from lib.mapping.headings import Heading, heading
from lib.mapping.number_columns import own_ids, whole_numbers
from lib.mapping.person_columns import companies, emails, names, sexes
from lib.mapping.phone_columns import phones
from lib.sheet import Sheet

#: Rows looked at to judge a column by its values, spread over the sheet.
SAMPLE_ROWS = 300

#: A column filled as much as this share of the best one is its rival.
_RIVAL_FILLED = 0.75

#: Names, firms and addresses that weigh so much alike are not chosen between.
_RIVAL_WEIGHT = 3.0

#: Fields in which a wrong column matters enough to ask, the phone aside.
_ASKED = ("name", "company", "email")


@dataclass(frozen=True)
class Suggestion:
    """Field name → column: taken, offered, passed over; field name → reason of the latter two; taken by their very name."""

    columns: dict[str, str] = field(default_factory=dict)
    offers: dict[str, str] = field(default_factory=dict)
    passed: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    certain: frozenset[str] = frozenset()


def suggestion(sheet: Sheet) -> Suggestion:
    """Judges every column for every field; each column is used once."""
    table = Table(_columns(sheet))
    found = _Choice()
    phone = found.choose("phone", phones(table))
    found.choose("control_select_robot", _scripts(table))
    found.choose("email", emails(table))
    found.choose("sex", sexes(table, phone))
    found.choose("company", companies(table))
    named = found.choose("name", names(table, found.columns.get("phone")))
    if phone and named and _are_two_people(phone.heading, named.heading):
        found.offer("phone", Reason.TWO_PEOPLE)
    if phone and named and _are_side_by_side(table, phone, named):
        of_one = phone.heading.whose in (Word.GUARDIAN, Word.PARENT, Word.CONTACT)  # two parents of one child
        found.offer("phone", Reason.RIVAL if of_one else Reason.SIDE_BY_SIDE)
    for name in ("sort", "source_id", "industry_id", "grade_id"):
        found.choose(name, whole_numbers(table, name))
    found.choose("extra", own_ids(table))
    return found.made()


def spare_phones(sheet: Sheet) -> list[str]:
    """The columns that may hold another number of the person who is called: a second mobile, a number at home, no relative's."""
    found = phones(Table(_columns(sheet)))
    return [
        one.column.name
        for one in found
        if one.possible and one.reason != Reason.NOT_LIKE and not one.column.seen.masked
    ]


def _columns(sheet: Sheet) -> list[Column]:
    return [Column(str(name), heading(str(name)), values_of(sheet, name)) for name in sheet.table.columns]


def values_of(sheet: Sheet, column: str) -> ColumnValues:
    """What a column holds, in rows spread over the sheet; 无 and the like are no values."""
    step = max(1, len(sheet.table) // SAMPLE_ROWS)
    sample = sheet.table[column].iloc[::step].head(SAMPLE_ROWS).tolist()
    texts = (text for text in sample if text.strip() and text.strip().casefold() not in PLACEHOLDERS)
    return ColumnValues(tuple(texts), len(sample))


def _scripts(table: Table) -> list[Candidate]:
    """A script is chosen by a column of exactly that name; the bare word may as well name what was said."""
    return [
        Candidate(
            one, 100.0 if (sure := header_key(one.name) != "话术") else 50.0, None if sure else Reason.UNCLEAR
        )
        for one in table.columns
        if header_key(one.name) in keys_of("control_select_robot") and (one.seen.texts or not one.seen.rows)
    ]


class _Choice:
    """What was chosen so far, field by field."""

    def __init__(self) -> None:
        self.columns: dict[str, Column] = {}
        self.offers: dict[str, Column] = {}
        self.passed: dict[str, Column] = {}
        self.reasons: dict[str, str] = {}

    def choose(self, name: str, candidates: Iterable[Candidate]) -> Column | None:
        """The column taken or offered for a field, None where there is none."""
        used = [*self.columns.values(), *self.offers.values()]
        free = [one for one in candidates if one.column not in used]
        possible = sorted((one for one in free if one.possible), key=lambda one: -one.weight)
        if not possible:
            if free:
                self.passed[name], self.reasons[name] = free[0].column, _reason(free[0])
            return None
        best = possible[0]
        if best.reason is None and not any(_is_rival(name, best, other) for other in possible[1:]):
            self.columns[name] = best.column
            return best.column
        self.offers[name], self.reasons[name] = best.column, (best.reason or Reason.RIVAL).value
        return best.column

    def offer(self, name: str, reason: Reason) -> None:
        """What was taken for this field is only offered, and why."""
        if name in self.columns:
            self.offers[name] = self.columns.pop(name)
        self.reasons[name] = reason.value

    def made(self) -> Suggestion:
        """All of it, by the names of the columns."""
        certain = {name for name, column in self.columns.items() if _is_certain(name, column)}
        return Suggestion(
            _named(self.columns),
            _named(self.offers),
            _named(self.passed),
            self.reasons,
            frozenset(certain),
        )


def _are_side_by_side(table: Table, phone: Column, name: Column) -> bool:
    """Whether a second list stands beside the first: 姓名, 手机号, 姓名, 手机号, or names and numbers twice without a header.

    A second contact of the same row (联系人2, 电话2) is none.
    """
    if not table.has_header:
        seen = [one.seen for one in table.columns]
        return min(sum(one.people > 0.5 for one in seen), sum(one.mobiles > 0.5 for one in seen)) > 1
    return name.heading.head == Word.NAME and all(
        any(
            other.number > one.heading.number
            and (other.head, other.text) == (one.heading.head, one.heading.text)
            for other in (column.heading for column in table.columns)
        )
        for one in (phone, name)
    )


def _are_two_people(one: Heading, other: Heading) -> bool:
    """Whether the two headers name people who are never the same: 被保险人 and 投保人手机号."""
    mine, theirs = ({heading.text, *(text for _, text in heading.about)} for heading in (one, other))
    return any(
        (mine & first and theirs & second) or (mine & second and theirs & first)
        for first, second in COUNTERPARTS
    )


def _is_certain(name: str, column: Column) -> bool:
    """Whether its own name, without its group's, is the field's; a phone is not taken where its header leaves a question."""
    return name == "phone" or header_key(column.name.rpartition(" / ")[2]) in keys_of(name)


def _named(columns: dict[str, Column]) -> dict[str, str]:
    return {name: column.name for name, column in columns.items()}


def _reason(candidate: Candidate) -> str:
    return (candidate.reason or Reason.UNCLEAR).value


def _is_rival(name: str, best: Candidate, other: Candidate) -> bool:
    """Whether another column may be the one as well, so that a person has to say."""
    if other.reason is not None:
        return False
    if name == "phone":
        if other.column.seen.masked > best.column.seen.masked:
            return False  # the same numbers, hidden
        return other.column.seen.filled >= _RIVAL_FILLED * best.column.seen.filled
    return name in _ASKED and best.weight - other.weight < _RIVAL_WEIGHT
