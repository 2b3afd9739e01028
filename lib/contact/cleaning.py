"""Cleaning of cell texts, a whole column at a time; phones are in `phone`.

A value is judged by a function `str -> Verdict`. Most values of a real sheet need no thought, so a `CleaningRule` carries a
pattern for those too, and `clean` calls the function once per distinct value of the rest only.

A value that cannot be accepted stays exactly as it stands: half a repair would hide what the person has to find.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import pandas as pd

from lib.contact.fields import SEX_WORDS, TEXT_LIMIT
from lib.contact.non_values import (
    BROKEN,
    LEADING_MARKS,
    SUSPECT,
    is_nothing,
    is_peoples_word,
    is_self,
    is_written_by_program,
    may_be_nothing,
    misread,
    without_marks,
)
from lib.contact.problems import Change, ProblemCode

#: Largest value of an integer field. None is documented; a signed 32-bit column is what such ids are kept in.
INTEGER_LIMIT = 2_147_483_647

#: Longest address that mail can deliver to (RFC 5321, 4.5.3.1.3).
EMAIL_LIMIT = 254

# Spelled out, not \s: Python's \s and RE2's \s (which pandas uses on Arrow columns) differ.
_WHITESPACE = "\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_WHITESPACE_CHARACTERS = "".join(filter(re.compile(f"[{_WHITESPACE}]").match, map(chr, range(0x3001))))
_CONTROL = "\x00-\x1f"
_REPLACEMENT = "\ufffd"
_CONTROLS = re.compile(f"[{_CONTROL}]")
_BREAKS = re.compile(r"[\t\r\n\v\f]+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_LEADING_APOSTROPHES = re.compile(f"\\A[{LEADING_MARKS}][{_WHITESPACE}{LEADING_MARKS}]*")
_TO_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}

_EMAIL = (
    r"[A-Za-z0-9_%+'&/=?^~!#$*{}|`-]+(?:\.[A-Za-z0-9_%+'&/=?^~!#$*{}|`-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+(?:[A-Za-z]{2,}|xn--[A-Za-z0-9]+)"
)
_DECIMAL = re.compile(r"(\+?[0-9]+(?:[, ][0-9]{3})*)\.0+")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+")


class Verdict(NamedTuple):
    """What a cell becomes. changes: `Change` codes joined by "+"; code: a `ProblemCode`; "" where there is none."""

    value: str
    changes: str = ""
    code: str = ""
    suggestion: str = ""


@dataclass(frozen=True)
class CleaningRule:
    """How the values of one column are judged.

    plain: RE2 pattern; a value that matches it in full, is not longer than `longest` and does not hold `suspect` (RE2,
    searched for) is accepted unchanged. Those must be a subset of what `judge` accepts unchanged.
    """

    plain: str
    judge: Callable[[str], Verdict]
    longest: int | None = None
    suspect: str = ""


class Cleaned(NamedTuple):
    """A column after cleaning. told: before, after, kind, code, suggestion of every value that took thought, by row."""

    values: pd.Series
    told: pd.DataFrame | None


def clean(values: pd.Series, rule: CleaningRule) -> Cleaned:
    """Judge a column of text. The result keeps the index."""
    odd = ~values.str.fullmatch(rule.plain)
    if rule.longest is not None:
        odd |= values.str.len() > rule.longest
    if rule.suspect:
        odd |= values.str.contains(rule.suspect)
    if not odd.any():
        return Cleaned(values, None)
    before = values[odd]
    places, distinct = pd.factorize(before, use_na_sentinel=False)
    columns = zip(*map(rule.judge, distinct.to_numpy()), strict=True)
    verdicts = pd.DataFrame(
        dict(zip(("after", "kind", "code", "suggestion"), columns, strict=True)), dtype="str"
    )
    told = verdicts.take(places).set_index(before.index)
    told.insert(0, "before", before)
    cleaned = values.copy()
    cleaned[odd] = told["after"]
    return Cleaned(cleaned, told)


def _trim(text: str) -> str:
    """Without outer whitespace of any kind; what stands inside is not touched."""
    return text.strip(_WHITESPACE_CHARACTERS)


def _half_width(text: str) -> str:
    """Full-width forms (U+FF01 to U+FF5E) as the ASCII characters they stand for."""
    return text if text.isascii() else text.translate(_TO_HALF_WIDTH)


_TIDYING: tuple[tuple[Change, Callable[[str], str]], ...] = (
    (Change.INVISIBLE, lambda text: _INVISIBLE.sub("", text)),
    (Change.FULL_WIDTH, _half_width),
    (Change.SPACES, _trim),
    (Change.APOSTROPHE, lambda text: _LEADING_APOSTROPHES.sub("", text)),
)


def tidy(text: str) -> tuple[str, list[Change]]:
    """The text without what nobody typed on purpose, and what was taken away.

    For phones, emails, sex and integers only; names and components keep every character inside.
    """
    changes: list[Change] = []
    if text.isascii() and text.isprintable() and text == text.strip(" '`"):
        return text, changes
    for change, step in _TIDYING:
        after = step(text)
        if after != text:
            changes.append(change)
            text = after
    return text, changes


def accepted(value: str, changes: list[Change], code: str = "") -> Verdict:
    """The verdict that takes a value as it was cleaned, with nothing suggested in its place.

    value: the text of the cell after all cleaning
    changes: what was done to it, in its order; a kind that stands twice is told once
    code: `ProblemCode` of what is told about it all the same, "" for nothing
    """
    return Verdict(value, "+".join(dict.fromkeys(changes)), code)


#: A word for nothing that is a family name as well.
_A_NAME_TOO = "无"


class Absence(StrEnum):
    """What becomes of a text that stands for nothing."""

    WARNED_OF = "warned_of"  # a name: somebody may be called so
    LEFT_OUT = "left_out"  # where a program wrote it; what people write, such as 无, may be meant
    WORDS_TOO = "words_too"  # left out in any case


def text_rule(sane_length: int, absence: Absence = Absence.LEFT_OUT) -> CleaningRule:
    """Names, companies, components, identifiers: outer whitespace, C0 control characters and marks before digits go."""
    inside, edge = f"[^{_CONTROL}{_REPLACEMENT}]", f"[^{_WHITESPACE}{_REPLACEMENT}]"
    return CleaningRule(
        f"(?:{edge}(?:{inside}*{edge})?)?",
        lambda text: _judge_text(text, sane_length, absence),
        sane_length,
        SUSPECT,
    )


def _judge_text(text: str, sane_length: int, absence: Absence) -> Verdict:
    if len(text) <= TEXT_LIMIT and (meant := misread(text)):
        return Verdict(text, code=ProblemCode.TEXT_MISREAD, suggestion=_trim(meant))
    trimmed = _trim(text)
    value = _CONTROLS.sub("", _BREAKS.sub(" ", trimmed))  # a line break inside a cell still parts two words
    changes = [Change.SPACES] if trimmed != text else []
    if value != trimmed:
        changes.append(Change.INVISIBLE)
    if (unmarked := without_marks(value)) != value:
        value = unmarked
        changes.append(Change.APOSTROPHE)
    if is_written_by_program(value) or (absence != Absence.LEFT_OUT and is_peoples_word(value)):
        if absence != Absence.WARNED_OF:
            return accepted("", [*changes, Change.PLACEHOLDER])
        return accepted(value, changes, "" if value == _A_NAME_TOO else ProblemCode.TEXT_NOTHING)
    code = ProblemCode.TEXT_BROKEN if BROKEN in value else _text_problem(value, sane_length)
    nothing = may_be_nothing(value) or (absence == Absence.WARNED_OF and is_self(value))
    return accepted(value, changes, code or (ProblemCode.TEXT_NOTHING if nothing else ""))


def _text_problem(value: str, sane_length: int) -> str:
    """Code of what is wrong with a text, "" where nothing is. Lengths in characters (code points)."""
    if _REPLACEMENT in value:
        return ProblemCode.TEXT_BROKEN
    if len(value) > TEXT_LIMIT:
        return ProblemCode.TEXT_TOO_LONG
    return ProblemCode.TEXT_LONG if len(value) > sane_length else ""


def judge_ciphertext(text: str) -> Verdict:
    """A value that may be encrypted: only outer whitespace goes, nothing about it can be checked but its length."""
    value = _trim(text)
    return accepted(value, [Change.SPACES] if value != text else [], _text_problem(value, TEXT_LIMIT))


CIPHERTEXT = CleaningRule(text_rule(TEXT_LIMIT).plain, judge_ciphertext, TEXT_LIMIT)


def _judge_email(text: str) -> Verdict:
    """One address with a plausible domain, in ASCII; the common slips are proposed, never applied."""
    value, changes = tidy(text)
    if is_nothing(value):
        return accepted("", [*changes, Change.PLACEHOLDER])
    if not value or _is_email(value):
        return accepted(value, changes)
    repaired = _repair_email(value[: EMAIL_LIMIT + 16])
    return Verdict(text, code=ProblemCode.EMAIL_INVALID, suggestion=repaired if _is_email(repaired) else "")


def _is_email(text: str) -> bool:
    """Whether this is one plausible address."""
    return len(text) <= EMAIL_LIMIT and re.fullmatch(_EMAIL, text) is not None


def _repair_email(text: str) -> str:
    edges = " .,;:。，；：、!<>()[]\"'"
    dotted = re.sub("[,。、]", ".", text.strip(edges))
    return re.sub(r"\s*([@.])\s*", r"\1", dotted)


EMAIL = CleaningRule(f"(?:{_EMAIL})?", _judge_email, EMAIL_LIMIT)


def _judge_sex(text: str) -> Verdict:
    """0 unknown, 1 male, 2 female, or a word for one of them (`fields.SEX_WORDS`)."""
    value, changes = tidy(text)
    word = re.sub(f"[{_WHITESPACE}]", "", value).lower()
    if decimal := _DECIMAL.fullmatch(word):
        changes.append(Change.DECIMAL)
        value = word = decimal[1]
    if word in SEX_WORDS:
        return accepted(SEX_WORDS[word], [*changes, Change.WORD] if SEX_WORDS[word] != value else changes)
    if is_nothing(word):
        return accepted("", [*changes, Change.PLACEHOLDER])
    return Verdict(text, code=ProblemCode.SEX_UNKNOWN_WORD) if word else accepted("", changes)


SEX = CleaningRule("[012]?", _judge_sex)


def _judge_integer(text: str) -> Verdict:
    """A whole number from 0 to `INTEGER_LIMIT`; a fraction, a sign or a word is a problem, never rounded."""
    value, changes = tidy(text)
    if is_nothing(value):
        return accepted("", [*changes, Change.PLACEHOLDER])
    for change, step in _INTEGER_STEPS:
        after = step(value)
        if after != value:
            changes.append(change)
            value = after
    if not value or (re.fullmatch("[0-9]{1,32}", value) and int(value) <= INTEGER_LIMIT):
        return accepted(value, changes)
    return Verdict(text, code=ProblemCode.INTEGER_INVALID)


def without_decimal(text: str) -> str:
    """13012121211.0, as spreadsheets export whole numbers, without its .0."""
    decimal = _DECIMAL.fullmatch(text)
    return decimal[1] if decimal else text


def without_thousands(text: str) -> str:
    """1,200 or 1 200 without its separator; any other comma or space stands between two values and stays."""
    return re.sub("[, ]", "", text) if _THOUSANDS.fullmatch(text) else text


_INTEGER_STEPS: tuple[tuple[Change, Callable[[str], str]], ...] = (
    (Change.DECIMAL, without_decimal),
    (Change.PUNCTUATION, without_thousands),
)

INTEGER = CleaningRule("[0-9]{0,9}", _judge_integer)
