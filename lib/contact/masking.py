"""Phone numbers as they stand on screen and in files for others: the middle digits hidden, everything else as it is.

The shape stays ("+86 130-****-1211"), so that a person still sees what cleaning has changed and knows a number again.
Logs are another matter: `privacy` hides every long number there, a phone or not.
"""

import re
from collections.abc import Iterable

from lib.contact.phone import judge_phone
from lib.contact.privacy import DIGIT, GAP, PHONES
from lib.contact.problems import SEVERITY, ProblemCode, Severity

STAR = "*"

_ID = (
    r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32})(?![0-9A-Za-z])"
)
_NUMBER = re.compile(rf"(?P<id>{_ID})|(?P<phone>{PHONES})")

_PLAIN_MOBILE = re.compile("1[3-9][0-9]{9}", re.ASCII)

#: What may hold a number at all; most cells do not.
_MAY_HOLD = re.compile(rf"{DIGIT}(?:[\s\S]{{0,2}}{DIGIT}){{7}}")

_MASK = re.compile(rf"{DIGIT}{GAP}[*＊](?:{GAP}[*＊]){{2,}}{GAP}{DIGIT}")
_STARS = re.compile("[*＊]")


def mask_seen(text: str) -> str:
    """The same text with every phone number in it hidden by its shape; ids, dates and other numbers stay."""
    return _NUMBER.sub(lambda found: found["id"] or _hidden(found["phone"]), text)


def mask_number(text: str) -> str:
    """A cell of the column of phone numbers. What is no number that could be called stands in full: it has to be mended.

    Numbers that can be called are hidden in there all the same. A service number (95588) is nobody's, and stays.
    """
    if _PLAIN_MOBILE.fullmatch(text):
        return text[:3] + 4 * STAR + text[7:]
    seen = mask_seen(text)
    return _hidden(text) if seen == text and _is_somebodys(text) else seen


def _is_somebodys(text: str) -> bool:
    code = judge_phone(text).code
    is_dialable = code == "" or SEVERITY[ProblemCode(code)] == Severity.WARNING
    return is_dialable and code != ProblemCode.PHONE_SERVICE_NUMBER


def _hidden(number: str) -> str:
    """A number with its middle digits as stars: "+86 130-1212-1211" → "+86 130-****-1211". The shorter, the less is shown."""
    places = [at for at, sign in enumerate(number) if sign.isdigit()]
    count = len(places)
    head, tail = (min(count - 8, 5), 4) if count >= 11 else (2, 2) if count >= 7 else (1, 1)
    signs = list(number)
    for at in places[head : count - tail]:
        signs[at] = STAR
    return "".join(signs)


def mask_column(texts: Iterable[str], *, is_phone: bool) -> list[str]:
    """A column of cells, a sheet's worth of them quickly. is_phone: whether it is the one of the contacts' numbers."""
    if is_phone:
        plain = _PLAIN_MOBILE.fullmatch
        return [text[:3] + 4 * STAR + text[7:] if plain(text) else mask_number(text) for text in texts]
    may_hold = _MAY_HOLD.search
    return [mask_seen(text) if may_hold(text) else text for text in texts]


def holds_mask(text: str) -> bool:
    """Whether a number with hidden digits stands in a text; such a thing must never be taken for a number."""
    return ("*" in text or "＊" in text) and _MASK.search(text) is not None


def mask_pattern(text: str) -> str:
    """A regular expression for the numbers that a text with a mask in it may stand for: each star is one character."""
    return "".join("." if _STARS.fullmatch(sign) else re.escape(sign) for sign in text)
