"""One phone number found in texts, in every spelling a person or a spreadsheet gives it. Pure."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd

from lib.contact.keys import canonical_phone, phone_keys
from lib.contact.privacy import COUNTRY, DIGIT, GAP

#: Whether a text has to do with the number that is looked for.
Is = Callable[[str], bool]

_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]{1,20})?[eE]\+?[0-9]{1,2}")
_ANY_NUMBER = re.compile(rf"[+＋]?{DIGIT}(?:{GAP}{DIGIT}){{4,19}}(?:_[0-9A-Za-z]+)?")
_DIGITS = re.compile(r"\+?[0-9]{5,20}", re.ASCII)


class Sought:
    """Looks for one number. phone: in any spelling; a text that is no number (ciphertext) is found only as a whole."""

    def __init__(self, phone: str) -> None:
        self.phone = canonical_phone(phone)
        digits = self.phone.removeprefix("+")
        self._number = int(digits) if _DIGITS.fullmatch(self.phone) else None
        spaced = GAP.join(f"[{sign}{chr(ord(sign) + 0xFEE0)}]" for sign in digits)
        before = (
            COUNTRY + "[0０]?" if not self.phone.startswith(("+", "0")) else rf"(?:[+＋]|[0０]{{2}})?{GAP}"
        )
        self._spelled = re.compile(rf"(?<!{DIGIT}){before}{spaced}(?!{DIGIT})")

    def is_in(self, text: str) -> bool:
        """Whether the number stands in this text."""
        if self._number is None:
            return bool(self.phone) and text.strip() == self.phone
        if self._spelled.search(text):
            return True
        found = _SCIENTIFIC.fullmatch(text.strip())
        return found is not None and Decimal(found[0]) == self._number

    def rows(self, table: pd.DataFrame) -> pd.Index:
        """The rows of a table of texts with the number in one of their cells."""
        hit = pd.Series(False, index=table.index)
        for at in range(table.shape[1]):
            texts = table.iloc[:, at]
            may = (
                texts.str.contains(r"[0-9０-９]{2}|[eE]", regex=True)
                if self._number is not None
                else texts.ne("")
            )
            hit[may[may].index] |= texts[may].map(self.is_in).astype(bool)
        return table.index[hit]


def keyed(key: bytes, phone_key: int) -> Is:
    """Finds a number of which only the key is known: every number of a text is keyed and compared."""

    def is_in(text: str) -> bool:
        spelled = [text, *(found[0] for found in _ANY_NUMBER.finditer(text))]
        return phone_key in phone_keys(key, spelled)

    return is_in


def anywhere(value: Any, is_in: Is) -> bool:
    """Whether the number stands in any text of plain data, keys of objects included."""
    if isinstance(value, str):
        return is_in(value)
    if isinstance(value, dict):
        return any(anywhere(one, is_in) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(anywhere(one, is_in) for one in value)


def without(value: Any, is_in: Is) -> Any:
    """Plain data with every text emptied that holds the number, and every entry dropped whose key does."""
    if isinstance(value, str):
        return "" if is_in(value) else value
    if isinstance(value, dict):
        return {name: without(one, is_in) for name, one in value.items() if not is_in(name)}
    return [without(one, is_in) for one in value] if isinstance(value, list) else value
