"""Rows of a worksheet as XML, every value as inline text: a value can never become a formula, a number or a link.

openpyxl writes the same at about 20 µs a cell, 30 s for 100,000 rows of 15 columns; joining whole columns takes a tenth.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from openpyxl.utils import get_column_letter

#: Longest text Excel holds in a cell, in UTF-16 code units.
CELL_LIMIT = 32_767

#: Rows joined at a time: keeps the memory small whatever the file's size.
CHUNK_ROWS = 5_000

#: First characters a spreadsheet program may take for the start of a formula or command (OWASP; SEC20).
RISKY_START = "=+-@\t\r\n\0＝＋－＠"

#: Not allowed in XML 1.0; a lone surrogate has no UTF-8 form.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: The start of a risky text where texts are joined by \x1f, which no text holds any more.
_RISKY_CELL = re.compile(f"\x1f[{re.escape(RISKY_START)}]")
_LINE_END = re.compile("\r\n?")
#: Excel reads _x0041_ in a cell as "A"; written as _x005F_x0041_ it stays what it was.
_ESCAPE_LOOKALIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def without_illegal(text: str) -> str:
    """The text without what XML cannot hold; line ends as LF, which is what a parser would make of them."""
    return _ILLEGAL.sub("", _LINE_END.sub("\n", text))


def _cut(text: str, mark: str) -> str:
    """The text within Excel's cell limit; where something was dropped it ends with `mark`."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * CELL_LIMIT:
        return text
    kept = units[: 2 * (CELL_LIMIT - len(mark.encode("utf-16-le")) // 2)]
    return kept.decode("utf-16-le", errors="ignore") + mark


def storable(texts: Sequence[str], cut_mark: str) -> list[str]:
    """Texts as a cell can hold them. Most columns need nothing, which one look at the joined column tells."""
    joined = "".join(texts)
    if "\r" in joined or _ILLEGAL.search(joined):
        texts = [without_illegal(text) for text in texts]
    if len(joined) > CELL_LIMIT // 2:
        texts = [_cut(text, cut_mark) if len(text) > CELL_LIMIT // 2 else text for text in texts]
    return list(texts)


def escaped(texts: list[str]) -> list[str]:
    """Texts as they stand between XML tags, so that Excel shows what they were."""
    joined = "".join(texts)
    if "_x" in joined:
        texts = [_ESCAPE_LOOKALIKE.sub("_x005F_", text) for text in texts]
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        if sign in joined:
            texts = [text.replace(sign, entity) for text in texts]
    return texts


def text_cells(
    column: int,
    first_row: int,
    texts: Sequence[str],
    styles: Iterable[int] | None,
    plain: tuple[int, int],
    cut_mark: str,
) -> list[str]:
    """The cells of one column, from row `first_row` down; "" where there is nothing to write.

    column: position, from 0
    first_row: number of the first of them in the worksheet, from 1
    texts: one for each row, not escaped yet; an empty one gets a cell only where it has a style of its own
    styles: a style for each row, 0 for none; None where no row has one of its own
    plain: the styles for the rest, (ordinary text, text with a risky start)
    cut_mark: end of a text that was longer than a cell can hold
    """
    letter = get_column_letter(column + 1)
    texts = storable(texts, cut_mark)
    ordinary, quoted = plain
    own: Iterable[int]
    if styles is None and not _RISKY_CELL.search("\x1f".join(("", *texts))):
        own = repeat(ordinary)
    else:
        wanted = repeat(0) if styles is None else styles
        own = [
            style or (quoted if text[:1] in RISKY_START else ordinary) if text else style
            for text, style in zip(texts, wanted, strict=False)
        ]
    return [
        f'<c r="{letter}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        if text
        else (f'<c r="{letter}{row}" s="{style}"/>' if styles is not None and style else "")
        for row, (text, style) in enumerate(zip(escaped(texts), own, strict=False), first_row)
    ]


def number_cell(column: int, row: int, digits: str, style: int) -> str:
    """A true number, for the sample file only. Raises ValueError where `digits` is not a plain whole number.

    column: position, from 0
    row: number in the worksheet, from 1
    digits: 1 to 15 of them, without a sign: what Excel holds exactly
    style: number of the look among those of the workbook
    """
    if not re.fullmatch("[0-9]{1,15}", digits):
        raise ValueError("not a plain whole number")
    return f'<c r="{get_column_letter(column + 1)}{row}" s="{style}"><v>{digits}</v></c>'


def row_chunks(count: int) -> Iterator[range]:
    """Row positions 0..count-1 in pieces of CHUNK_ROWS."""
    return (range(start, min(start + CHUNK_ROWS, count)) for start in range(0, count, CHUNK_ROWS))


def joined_rows(cells: Sequence[Sequence[str]], first_row: int) -> str:
    """Columns of cells as `<row>` elements; a row without any cell is left out, as blank rows are in a real file."""
    rows = ("".join(row) for row in zip(*cells, strict=True))
    return "".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(rows, first_row) if row)
