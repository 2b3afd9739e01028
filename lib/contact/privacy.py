"""Phone numbers and tokens kept out of sight: masks for people, keys for comparing, a filter for logs.

A key is the first 64 bits of HMAC-SHA256 under a key that never leaves this installation: numbers can be compared
without a second phone book, and an integer is smaller and faster to look up than text. Among ten million numbers the
chance that any two share a key is about 3 in a million.
"""

import re
import unicodedata
from collections.abc import Iterable

STARS = "****"


#: A digit, and what may stand between two of one number, as regular expressions.
DIGIT = "[0-9０-９]"
GAP = r"[\s\-.·_/()（）\u2010-\u2015－\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]{0,2}"

#: What stands for the mainland before a number, if anything.
COUNTRY = rf"(?:(?:[+＋]|[0０]{{2}})?{GAP}[8８][6６]{GAP})?"

_MOBILE_SPACED = rf"(?<!{DIGIT}){COUNTRY}[0０]?[1１]{GAP}[3-9３-９](?:{GAP}{DIGIT}){{9}}(?!{DIGIT})"
_LANDLINE = rf"(?<!{DIGIT}){COUNTRY}[0０]{DIGIT}{{2,3}}{GAP}{DIGIT}{{3,4}}{GAP}{DIGIT}{{4}}(?!{DIGIT})"
_ABROAD = rf"[+＋](?:{GAP}{DIGIT}){{8,15}}(?!{DIGIT})"

#: A phone number of any country in any spelling.
PHONES = f"{_MOBILE_SPACED}|{_LANDLINE}|{_ABROAD}"

_UUID = r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9A-Za-z])"
_IN_TEXT = re.compile(rf"(?P<uuid>{_UUID})|(?P<phone>{PHONES}|\+?{DIGIT}{{8,}})")

SUFFIXED = re.compile(r"(\+?[0-9]{5,20})(_[0-9A-Za-z]+)?", re.ASCII)
SEPARATORS = re.compile(r"[\s\-.·/()\u2010-\u2015\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
PLAIN_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)

_SECRETS = re.compile(
    r"(?i:bearer)[\s:=]+[^\s'\",;)\]}]+"  # however the header is written
    r"|eyJ[\w-]{5,}(?:\.[\w-]*){0,2}"  # a JSON web token on its own; also half of one
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")  # longer ones there are not (RFC 5321)


def mask_phone(phone: str) -> str:
    """A phone number as a person may see it: "13012121211" → "130****1211".

    A leading + and a suffix "_x9k2" stay, separators go. The shorter the number, the less of it is shown; a text that
    is no number (ciphertext, a word) keeps two characters at each end, or none where it is short.
    """
    if PLAIN_MOBILE.fullmatch(phone):
        return phone[:3] + STARS + phone[7:]
    found = SUFFIXED.fullmatch(SEPARATORS.sub("", unicodedata.normalize("NFKC", phone)))
    if found:
        return _mask_digits(found[1]) + (found[2] or "")
    bare = phone.strip()
    if len(bare) < 8:
        return STARS if bare else ""
    return mask_text(bare[:2]) + STARS + mask_text(bare[-2:])


def _mask_digits(number: str) -> str:
    digits = number.removeprefix("+")
    plus = number[: len(number) - len(digits)]
    head, tail = (min(len(digits) - 8, 5), 4) if len(digits) >= 11 else (2, 2) if len(digits) >= 7 else (1, 1)
    return plus + digits[:head] + STARS + digits[-tail:]


def mask_phones(phones: Iterable[str]) -> list[str]:
    """`mask_phone` of a whole column; "" stays ""."""
    plain = PLAIN_MOBILE.fullmatch
    return [phone[:3] + STARS + phone[7:] if plain(phone) else mask_phone(phone) for phone in phones]


def mask_text(text: str) -> str:
    """The same text with every number of eight or more digits masked, however it is spaced. UUIDs stay whole."""
    return _IN_TEXT.sub(lambda found: found["uuid"] or mask_phone(found["phone"]), text)


def mask_private(text: str) -> str:
    """`mask_text`, and no e-mail address either."""
    return mask_text(_EMAIL.sub("[e-mail]", text))


def redact(text: str, secrets_known: Iterable[str] = ()) -> str:
    """A text fit for a log: numbers masked, e-mail addresses and tokens gone, UUIDs cut to their first eight characters."""
    for secret in secrets_known:
        if secret:
            text = text.replace(secret, "[token]")
    text = _EMAIL.sub("[e-mail]", _SECRETS.sub("[token]", text))
    return _IN_TEXT.sub(
        lambda found: found["uuid"][:8] + "…" if found["uuid"] else mask_phone(found["phone"]), text
    )
