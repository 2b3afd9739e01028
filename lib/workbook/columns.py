"""Column letters, cells as text, and blocks of rows as one table."""

from decimal import Decimal

import pyarrow as pa

#: How a column of cells is held: offsets of 64 bits, so that a large sheet fits.
TEXT = pa.large_string()


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


def concatenated(tables: list[pa.Table]) -> pa.Table:
    """Blocks of rows of one sheet, one below the other; what a narrower block lacks on the right is empty."""
    widest = max((table.column_names for table in tables), key=len)
    padded = []
    for table in tables:
        for name in widest[table.num_columns :]:
            table = table.append_column(name, pa.array([""] * table.num_rows, TEXT))
        padded.append(table)
    return pa.concat_tables(padded)
