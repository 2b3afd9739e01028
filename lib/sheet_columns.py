"""Column letters, and cells as text."""

from decimal import Decimal


def letter(index: int) -> str:
    """Column letters of a zero-based index: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def index_of(letters: str | bytes) -> int:
    """Zero-based index of column letters: A → 0."""
    text = letters.decode("ascii") if isinstance(letters, bytes) else letters
    index = 0
    for char in text.upper():
        index = index * 26 + ord(char) - 64
    return index - 1


def number_text(value: float | str) -> str:
    """A spreadsheet number as people read it: no exponent, no trailing ".0"; digits are never rounded here."""
    text = format(Decimal(str(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
