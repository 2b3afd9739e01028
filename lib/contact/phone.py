"""What a phone cell holds: cleaned where it is certain, a named problem where it is not, never a guess.

Which shapes and ranges there are is `numbering`'s to say. What the platform accepts besides mobiles is not documented,
so whatever is not a person's mobile is warned about and never kept back for it (README.md here, "Why a landline is a warning").

No step of cleaning adds a digit or moves one; only a suggestion, which a person accepts, may put back the zero that +86
replaces. The number stays text throughout.
"""

import re
from typing import NamedTuple

from lib.contact.cleaning import (
    CleaningRule,
    Verdict,
    accepted,
    judge_ciphertext,
    tidy,
    without_decimal,
    without_thousands,
)
from lib.contact.fields import TEXT_LIMIT
from lib.contact.non_values import is_nothing
from lib.contact.numbering import EXAMPLE_RANGE, ORDINARY_MOBILE, NumberKind, kind_of
from lib.contact.problems import Change, ProblemCode

#: Characters of a cell that are searched for numbers; a cell can hold 32,767 and the search must stay quick.
SEARCHED = 200

_MOBILE = re.compile("1[3-9][0-9]{9}")

#: The warning that each kind of number carries; the other kinds carry none.
_WARNINGS: dict[NumberKind, ProblemCode] = {
    NumberKind.IOT: ProblemCode.PHONE_IOT,
    NumberKind.SATELLITE: ProblemCode.PHONE_SATELLITE,
    NumberKind.UNASSIGNED: ProblemCode.PHONE_UNASSIGNED,
    NumberKind.LANDLINE: ProblemCode.PHONE_LANDLINE,
    NumberKind.SERVICE: ProblemCode.PHONE_SERVICE_NUMBER,
    NumberKind.HONG_KONG: ProblemCode.PHONE_FOREIGN,
    NumberKind.MACAO: ProblemCode.PHONE_FOREIGN,
    NumberKind.TAIWAN: ProblemCode.PHONE_FOREIGN,
    NumberKind.FOREIGN: ProblemCode.PHONE_FOREIGN,
}

# Before reading, look-alikes become one character each: dashes -, brackets ( ), dots ., spaces other than line breaks " ".
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―⁃⁻−﹘﹣ー", "-"),
        **dict.fromkeys("[{【〔〖〈《「『", "("),
        **dict.fromkeys("]}】〕〗〉》」』", ")"),
        **dict.fromkeys("·•・‧∙", "."),
        **dict.fromkeys("\t\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))), " "),
    }
)
_EDGES = " ,;:.、。，；：=\"“”'‘’`´/\\|-\r\n"
_BETWEEN = " ().\\-/"  # may stand inside one number
# The usual spellings of a mobile in one pattern, because whole sheets are written in them.
_COMMON = re.compile(r"(?:(\+86|0086|86)[ \-]?)?(1[3-9][0-9])[ \-]?([0-9]{4})[ \-]?([0-9]{4})")
_READABLE = re.compile(f"[0-9+{_BETWEEN}]+")
# Stands between two numbers; a slash may also stand inside one.
_APART = re.compile(r"[,;、。，；&|/\\\r\n\v\f\x85\u2028\u2029]")
_WORDS = re.compile(rf"[^0-9+{_BETWEEN},;、。，；&|\\\r\n\v\f\x85\u2028\u2029]")
# 1301212121.1 is a fraction and 0755-1234567-8 an extension, not a number written in pieces.
_ODD_PIECE = re.compile(
    r"(?<![0-9])[0-9] *-|- *[0-9](?![0-9])|(?<![0-9])[0-9]{1,2} *[./]|[./] *[0-9]{1,2}(?![0-9])"
)
_COUNTRY = re.compile(rf"[ (]*(\+|00)?[ ()\-]*86([{_BETWEEN}]*)(?=[0-9])")
_FOREIGN = re.compile(r"[ (]*(\+|00)([0-9 ().\-]+)")
_FOREIGN_DIGITS = re.compile("(?!86)[1-9][0-9]{6,14}")
_SUFFIXED = re.compile(r"(.*[0-9)])(_[a-z0-9]+)")
_SCIENTIFIC = re.compile(r"([0-9]+)(?:[.,]([0-9]*))?[eE]\+?([0-9]{1,9})")
_MASKED = re.compile(r"[0-9][ \-]*(?:\*{2,}|[xX]{3,})")
_EXTENSION = re.compile(r"(.*?[0-9)])[ ,]*(?:(?:-|转|轉|分机|分機|ext|x|#)[ :.]*)+[0-9]{1,6}", re.IGNORECASE)
_NOT_A_DIGIT = re.compile("[^0-9]+")
_PUNCTUATION = re.compile("[()./-]")
_TOKEN = re.compile(r"\+?[ (]*[0-9]+")


#: Digits from which a piece of text was meant as a number, readable or not.
_MEANT_DIGITS = 7


class Number(NamedTuple):
    """One plausible number. code: the warning it carries, "" for a person's mobile."""

    digits: str
    code: str = ""
    changes: tuple[Change, ...] = ()


def judge_phone(text: str) -> Verdict:
    """Clean one cell and say what it holds."""
    if common := _COMMON.fullmatch(text):
        changes = [Change.COUNTRY_CODE] if common[1] else []
        digits = "".join(common.groups()[1:])
        return accepted(digits, [*changes, *_separators(text)], _warning(digits))
    return judge_with_care(text)


def _judge_practice_phone(text: str) -> Verdict:
    """As `judge_phone`; says nothing about the range of the app's own examples, which are there to be practised with."""
    verdict = judge_phone(text)
    example = verdict.code == ProblemCode.PHONE_UNASSIGNED and verdict.value.startswith(EXAMPLE_RANGE)
    return verdict._replace(code="") if example else verdict


def _warning(number: str) -> str:
    return _WARNINGS.get(kind_of(number), "")


def judge_with_care(text: str) -> Verdict:
    """As `judge_phone`, for every spelling; several times slower."""
    tidied, changes = tidy(text)
    if len(tidied) > SEARCHED:
        return _refused(text, tidied[:SEARCHED].rstrip("0123456789") or tidied[:SEARCHED])
    core = tidied.translate(_ALIKE)
    whole, more = _whole_number(core)
    if whole is None:
        return Verdict(text, code=ProblemCode.PHONE_LOST_DIGITS)
    if number := _read(whole) or _read_suffixed(whole):
        removed = [*changes, *more, *number.changes, *_separators(whole)]
        return accepted(number.digits, removed if number.digits != text else [], number.code)
    return _refused(text, whole)


PHONE = CleaningRule(ORDINARY_MOBILE, judge_phone)
PRACTICE_PHONE = CleaningRule(f"{ORDINARY_MOBILE}|{EXAMPLE_RANGE}[0-9]{{8}}", _judge_practice_phone)


def judge_encrypted_phone(text: str) -> Verdict:
    """A phone that may be ciphertext: trimmed and otherwise left alone."""
    verdict = judge_ciphertext(text)
    if not verdict.value:
        return Verdict(text, code=ProblemCode.PHONE_MISSING)
    if verdict.code:
        return verdict
    number = re.fullmatch(r"\+?[0-9]+", verdict.value)
    return verdict._replace(code="" if number else ProblemCode.PHONE_UNCHECKED)


ENCRYPTED_PHONE = CleaningRule(r"\+?[0-9]+", judge_encrypted_phone, TEXT_LIMIT)


def _whole_number(text: str) -> tuple[str | None, list[Change]]:
    """Undo what a spreadsheet does to a whole number: 1.3012121211E+10, 13012121211.0, 13,012,121,211.

    None where the digits are gone: 1.30E+10 shows three of eleven, and zeros in their place would be somebody else's
    number.
    """
    changes = []
    core = text.strip(_EDGES)
    if core != text:
        changes.append(Change.PUNCTUATION)
    if scientific := _SCIENTIFIC.fullmatch(core):
        before, after, exponent = scientific[1], scientific[2] or "", int(scientific[3])
        if exponent > len(after):
            return None, []
        if not after[exponent:].strip("0"):
            return (before + after[:exponent]).lstrip("0"), [*changes, Change.SCIENTIFIC]
    for change, step in ((Change.DECIMAL, without_decimal), (Change.PUNCTUATION, without_thousands)):
        stepped = step(core)
        if stepped != core:
            changes.append(change)
            core = stepped
    return core, changes


def _read(text: str) -> Number | None:
    """The one plausible number that a text of digits and separators spells, None where it spells none or more."""
    if not _READABLE.fullmatch(text):
        return None
    country = _COUNTRY.match(text)
    if (
        country
        and (number := _domestic(text[country.end() :]))
        and number.code != ProblemCode.PHONE_SERVICE_NUMBER
    ):
        return number._replace(changes=(Change.COUNTRY_CODE, *number.changes))
    return _domestic(text) or _foreign(text)


def _domestic(text: str) -> Number | None:
    if "+" in text or _ODD_PIECE.search(text):
        return None
    digits = _digits(text)
    if digits.startswith("0") and _MOBILE.fullmatch(digits[1:]):
        return Number(digits[1:], _warning(digits[1:]), (Change.TRUNK_ZERO,))
    return Number(digits, _warning(digits)) if kind_of(digits) != NumberKind.OTHER else None


def _foreign(text: str) -> Number | None:
    found = _FOREIGN.fullmatch(text)
    if not found or not _FOREIGN_DIGITS.fullmatch(digits := _digits(found[2])):
        return None
    changes = () if found[1] == "+" else (Change.COUNTRY_CODE,)
    return Number("+" + digits, _warning("+" + digits), changes)


def _read_suffixed(text: str) -> Number | None:
    """13012121211_x9k2: the platform's own way round its refusal of repeats."""
    parts = _SUFFIXED.fullmatch(text)
    base = _read(parts[1]) if parts else None
    return (
        base._replace(digits=base.digits + parts[2], code=ProblemCode.PHONE_SUFFIXED)
        if parts and base
        else None
    )


def _separators(text: str) -> list[Change]:
    changes = [Change.SPACES] if " " in text else []
    return [*changes, Change.PUNCTUATION] if _PUNCTUATION.search(text) else changes


def _digits(text: str) -> str:
    return _NOT_A_DIGIT.sub("", text)


def _refused(text: str, core: str) -> Verdict:
    """Why this is no number that can be sent, with the number that a person may have meant."""
    if not _digits(core):
        nothing = is_nothing(core) or not re.search(r"\w", core)
        return Verdict(text, code=ProblemCode.PHONE_MISSING if nothing else ProblemCode.PHONE_TEXT)
    extension = _EXTENSION.fullmatch(core)
    if extension and (number := _read(extension[1])):
        return Verdict(text, code=ProblemCode.PHONE_IMPLAUSIBLE, suggestion=number.digits)
    found = _numbers_in(core)
    first = found[0] if found else ""
    if len(found) > 1:
        return Verdict(text, code=ProblemCode.PHONE_SEVERAL, suggestion=first)
    if not found and _MASKED.search(core):
        return Verdict(text, code=ProblemCode.PHONE_LOST_DIGITS)
    if _WORDS.search(core):
        return Verdict(text, code=ProblemCode.PHONE_TEXT, suggestion=first)
    if _are_several(core, first):
        return Verdict(text, code=ProblemCode.PHONE_SEVERAL, suggestion=first)
    return (
        Verdict(text, code=ProblemCode.PHONE_IMPLAUSIBLE, suggestion=first)
        if first
        else _misshapen(text, core)
    )


def parts_of(text: str) -> list[str]:
    """The numbers of a cell with several, each as a text of its own, in order; the cell itself where it has one or none.

    What has seven digits and more and cannot be read is a part too: it was meant as a number and must not be lost. The
    same number twice is one part; words between the numbers belong to none.
    """
    core = tidy(text)[0].translate(_ALIKE)
    if len(core) > SEARCHED:
        return [text]
    placed = _placed_numbers(core)
    parts, end = [], 0
    for start, stop, number in [*placed, (len(core), len(core), "")]:
        between = (piece.strip(_EDGES) for piece in _APART.split(core[end:start]))
        parts += [piece for piece in between if len(_digits(piece)) >= _MEANT_DIGITS]
        parts += [number] if number else []
        end = stop
    distinct = list(dict.fromkeys(parts))
    return distinct if len(distinct) > 1 or len(placed) > 1 else [text]


def _numbers_in(text: str) -> list[str]:
    """Every number of ten digits or more that stands in a text, in order."""
    return [number for _, _, number in _placed_numbers(text)]


def _placed_numbers(text: str) -> list[tuple[int, int, str]]:
    """The numbers of a text with the place where each begins and ends.

    Numbers begin and end where digits do: eleven digits out of an identity card's eighteen are nobody's phone.
    """
    pieces = list(_TOKEN.finditer(text))
    found, at = [], 0
    while at < len(pieces):
        for end in _ends(pieces, at):
            start, stop = pieces[at].start(), pieces[end - 1].end()
            if number := _read(text[start:stop]):
                found.append((start, stop, number.digits))
                at = end - 1
                break
        at += 1
    return found


def _ends(pieces: list[re.Match[str]], at: int) -> list[int]:
    """Where a number that begins with this piece could end, the longest first: after 10 to 17 digits (00 and 15)."""
    ends, size = [], 0
    for end, piece in enumerate(pieces[at:], start=at + 1):
        size += len(_digits(piece[0]))
        if size > 17:
            break
        if size >= 10:
            ends.append(end)
    return ends[::-1]


def _are_several(text: str, first: str) -> bool:
    """Whether a text without words, of which at most one number could be read, was meant as two."""
    if first:
        return bool(_APART.search(text)) or len(_digits(text)) - len(first) >= _MEANT_DIGITS
    return sum(len(_digits(part)) >= _MEANT_DIGITS for part in _APART.split(text)) > 1


def _misshapen(text: str, core: str) -> Verdict:
    """Judge a single number by its length; +86 is not part of it."""
    country = _COUNTRY.match(core)
    if country and (country[1] or country[2]):
        digits = _digits(core[country.end() :])
        for guess in (digits, "0" + digits):
            if number := _domestic(guess):
                return Verdict(text, code=ProblemCode.PHONE_IMPLAUSIBLE, suggestion=number.digits)
    else:
        digits = _digits(core)
    if len(digits) < 11:
        return Verdict(text, code=ProblemCode.PHONE_TOO_SHORT)
    right_length = len(digits) == 11 or (len(digits) == 12 and digits.startswith("0"))
    return Verdict(text, code=ProblemCode.PHONE_IMPLAUSIBLE if right_length else ProblemCode.PHONE_TOO_LONG)
