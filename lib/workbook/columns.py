"""Column letters, cells as text, and blocks of rows as one table."""

from decimal import Decimal, InvalidOperation

import pyarrow as pa

#: How a column of cells is held: offsets of 64 bits, so that a large sheet fits.
TEXT = pa.large_string()

#: Decimals of a number with a fraction; fastexcel keeps as many, so both engines agree.
_DECIMALS = 9
#: Up to here every whole number has a floating-point number of its own; of larger ones Excel keeps fifteen digits.
_EXACT = 2**53
KEPT_DIGITS = 15
#: Digits of a number that is written out; the largest floating-point number has 309.
_MOST_DIGITS = 400


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
    """A spreadsheet number as people read it: no exponent, no trailing ".0", at most nine digits behind the point.

    Excel itself shows no more of those in a cell. Whole numbers keep every digit that is written out or exact; of one with a
    fraction (99999999.99, which Excel saves as 99999999.989999995), and of one that was rounded before it was written, as
    4.40106199001012E+17 is, the fifteen digits that Excel shows, and zeros.
    """
    written = str(value)
    try:
        number = Decimal(written)
    except InvalidOperation:
        return written
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return written
    if number != number.to_integral_value():
        number = Decimal(format(float(number), f".{KEPT_DIGITS}g"))
        text = f"{number:.{_DECIMALS}f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    if abs(number) > _EXACT and "E" in written.upper():
        number = Decimal(format(float(number), f".{KEPT_DIGITS}g"))
    return f"{number.to_integral_value():f}"


def concatenated(tables: list[pa.Table]) -> pa.Table:
    """Blocks of rows of one sheet, one below the other; what a narrower block lacks on the right is empty."""
    widest = max((table.column_names for table in tables), key=len)
    padded = []
    for table in tables:
        for name in widest[table.num_columns :]:
            table = table.append_column(name, pa.array([""] * table.num_rows, TEXT))
        padded.append(table)
    return pa.concat_tables(padded)
