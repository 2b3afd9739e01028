"""The platform's rules of its components as checks of our own: required, integer, date.

Rules beyond these, and `sometimes`, are shown and not checked: what they ask for is documented nowhere. The form a date
has to have is not documented either; years first, with hyphens, is the one nearly every time in the manual begins with.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache

from lib.contact.cleaning import (
    CleaningRule,
    Verdict,
    accepted,
    text_rule,
    tidy,
    without_decimal,
    without_thousands,
)
from lib.contact.fields import COMPONENT_SANE_LENGTH
from lib.contact.non_values import is_nothing
from lib.contact.problems import Change, ProblemCode

REQUIRED, INTEGER, DATE, SOMETIMES = "required", "integer", "date", "sometimes"

#: Rules whose meaning the manual gives.
KNOWN_RULES = (REQUIRED, INTEGER, DATE, SOMETIMES)

#: What a person may say of a component of which the platform names no type, and the rule it stands for.
RULE_OF_KIND = {"date": DATE, "number": INTEGER}

#: Digits of a whole number; ours: 18 fit into 64 bits.
_INTEGER = "-?[0-9]{1,18}"

#: Years a date may have.
_YEARS = range(1900, 2100)

#: Days since the zeroth of a spreadsheet's calendar that are taken for a date: 1954 to 2118.
_SERIALS = range(20_000, 80_000)
_SERIAL_ZERO = date(1899, 12, 30)

_TIME = r"(?:[T ]\s{0,9}(?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?))?"
_YEAR_FIRST = re.compile(
    r"(?P<y>[0-9]{4})\s{0,9}[-/.年]\s{0,9}(?P<m>[0-9]{1,2})\s{0,9}[-/.月]\s{0,9}(?P<d>[0-9]{1,2})\s{0,9}[日号]?\s{0,9}"
    + _TIME
)
_COMPACT = re.compile(r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_SHORT_YEAR = re.compile(r"(?P<y>[0-9]{2})年(?P<m>[0-9]{1,2})月(?P<d>[0-9]{1,2})[日号]?")
_MIDNIGHT = re.compile(r"0?0:00(?::00(?:\.0+)?)?")


def is_required(rules: Iterable[str]) -> bool:
    """Whether an empty cell would be refused; `sometimes` lifts it, since empty cells are not sent at all."""
    rules = set(rules)
    return REQUIRED in rules and SOMETIMES not in rules


@cache
def rule_of(rules: tuple[str, ...]) -> CleaningRule:
    """How the values of a component with these rules are judged."""
    if DATE in rules:
        return CleaningRule("(?:(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8]))?", judge_date)
    if INTEGER in rules:
        return CleaningRule("[0-9]{0,9}", judge_integer)
    return text_rule(COMPONENT_SANE_LENGTH)


def judge_integer(text: str) -> Verdict:
    """A whole number; a fraction or a word is a problem, never rounded."""
    value, changes = tidy(text)
    if is_nothing(value):
        return accepted("", [*changes, Change.PLACEHOLDER])
    steps: tuple[tuple[Change, Callable[[str], str]], ...] = (
        (Change.DECIMAL, without_decimal),
        (Change.PUNCTUATION, without_thousands),
    )
    for change, step in steps:
        after = step(value)
        if after != value:
            changes.append(change)
            value = after
    if not value or re.fullmatch(_INTEGER, value):
        return accepted(value, changes)
    return Verdict(text, code=ProblemCode.COMPONENT_NOT_INTEGER)


def judge_date(text: str) -> Verdict:
    """A day as YYYY-MM-DD. What has only one reading is rewritten; what has two, or says more than a day, is asked about."""
    value, changes = tidy(text)
    if not value or is_nothing(value):
        return accepted("", [*changes, Change.PLACEHOLDER] if value else changes)
    if found := _YEAR_FIRST.fullmatch(value) or _COMPACT.fullmatch(value):
        day = _day(found["y"], found["m"], found["d"])
        time = found.groupdict().get("time")
        if day and time and not _MIDNIGHT.fullmatch(time):
            return Verdict(text, code=ProblemCode.DATE_INVALID, suggestion=day)  # a time of day would be lost
        return _rewritten(text, value, day, changes)
    if found := _YEAR_LAST.fullmatch(value):
        first, second, year = found.groups()
        readings = {day for day in (_day(year, second, first), _day(year, first, second)) if day}
        if len(readings) == 2:
            return Verdict(text, code=ProblemCode.DATE_AMBIGUOUS)
        return _rewritten(text, value, next(iter(readings), ""), changes)
    return Verdict(text, code=ProblemCode.DATE_INVALID, suggestion=_guess(value))


def _rewritten(text: str, value: str, day: str, changes: list[Change]) -> Verdict:
    if not day:
        return Verdict(text, code=ProblemCode.DATE_INVALID)
    return accepted(day, changes if day == value else [*changes, Change.DATE])


def _guess(value: str) -> str:
    """What a text that is no date may have been, to be offered; "" where nothing speaks for anything."""
    if found := _SHORT_YEAR.fullmatch(value):
        return _day(f"20{found['y']}", found["m"], found["d"])
    if re.fullmatch(r"[0-9]{5}(?:\.[0-9]+)?", value) and int(value[:5]) in _SERIALS:
        return (
            _SERIAL_ZERO + timedelta(days=int(value[:5]))
        ).isoformat()  # a spreadsheet's day, shown as its number
    return ""


def _day(year: str, month: str, day: str) -> str:
    """YYYY-MM-DD, "" where the calendar has no such day."""
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return ""
    return found.isoformat() if found.year in _YEARS else ""
