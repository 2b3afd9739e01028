"""Keys: phone numbers compared without being kept. Pure."""

import hmac
import unicodedata
from collections.abc import Iterable

from lib.contact.privacy import PLAIN_MOBILE, SEPARATORS, SUFFIXED


def canonical_phone(phone: str) -> str:
    """The number two spellings share: no separators, no +86 or 0086 before a mobile, no import suffix "_x9k2".

    The platform may give a number back with a suffix, and it is still the same person.
    Text that is no number (ciphertext) stays as it is.
    """
    if PLAIN_MOBILE.fullmatch(phone):
        return phone
    found = SUFFIXED.fullmatch(SEPARATORS.sub("", unicodedata.normalize("NFKC", phone)))
    if not found:
        return phone.strip()
    for prefix in ("+86", "0086", "86"):
        if found[1].startswith(prefix) and PLAIN_MOBILE.fullmatch(found[1][len(prefix) :]):
            return found[1][len(prefix) :]
    return found[1]


def phone_keys(key: bytes, phones: Iterable[str]) -> list[int]:
    """One signed 64-bit integer for each number; the same for every spelling of it."""
    digest, plain = hmac.digest, PLAIN_MOBILE.fullmatch
    return [
        int.from_bytes(
            digest(
                key,
                (phone if plain(phone) else canonical_phone(phone)).encode("utf-8", "surrogatepass"),
                "sha256",
            )[:8],
            "big",
            signed=True,
        )
        for phone in phones
    ]


def mark_digests(key: bytes, marks: Iterable[str]) -> list[str]:
    """What may be kept of row marks after a person's own text must go: enough to know the same mark again."""
    return [
        f"#{hmac.digest(key, b'mark:' + mark.encode('utf-8', 'surrogatepass'), 'sha256').hex()[:20]}"
        for mark in marks
    ]


def fingerprint(key: bytes, phone: str) -> str:
    """What a log may keep of a number: the same for every spelling of it, and of use only with this installation's key."""
    return f"{phone_keys(key, [phone])[0] & (2**64 - 1):016x}"
