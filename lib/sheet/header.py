"""Where the header stands and what the columns are called."""

import re
import unicodedata

from lib.contact.fields import FIELDS
from lib.workbook.limits import COLUMN_NAME_CHARACTERS, HEADER_SEARCH_ROWS

_NOT_WORD = re.compile(r"[\W_]+")
_SPACES = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

#: A number somebody could be called on, with the marks people put into it.
_PHONE = re.compile(r"(?:\+|00)?(?:86)?(?:1[3-9]\d{9}|0\d{9,11}|400\d{7}|[48]00\d{7})(?:\.0)?")
_PHONE_MARKS = re.compile(r"[\s()\-'’`·]+")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?1\d")
_NUMBER_OR_DATE = re.compile(r"[-+]?[\d.,/:%\s年月日時时分-]+")
_EMAIL = re.compile(r"\S+@\S+\.\S+")

#: First cells of a line that adds up and is no contact.
_TOTALS = {"合计", "总计", "小计", "共计", "汇总", "总数", "total", "subtotal", "grandtotal", "sum"}

#: Characters of a text that may name a group of columns.
_GROUP_CHARACTERS = 16

#: Score from which a row may be a header.
_LIKELY = 1.0


def plain(text: str) -> str:
    """A header text as it is compared: without case, width, spaces and punctuation."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).lower())


_ALIASES = frozenset(plain(alias) for field in FIELDS for alias in (field.name, *field.aliases))


def kind_of(cell: str) -> str:
    """empty, phone, number, email or text."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if not text:
        return "empty"
    if _PHONE.fullmatch(_PHONE_MARKS.sub("", text)) or _SCIENTIFIC.fullmatch(text):
        return "phone"
    if _NUMBER_OR_DATE.fullmatch(text):
        return "number"
    return "email" if _EMAIL.fullmatch(text) else "text"


def find_header(rows: list[list[str]]) -> int | None:
    """Index of the header among the first non-blank rows, None when the data begin at once.

    A header stands above the first phone number, is as wide as what follows, names things in different words, and
    often uses a word of the catalogue. In doubt the row nearest to the data wins.
    """
    rows = rows[:HEADER_SEARCH_ROWS]
    kinds = [[kind_of(cell) for cell in row] for row in rows]
    first_data = next((index for index, row in enumerate(kinds) if "phone" in row), None)
    candidates = range(len(rows) if first_data is None else first_data)
    best, best_score = None, _LIKELY
    for index in candidates:
        score = _score(rows, kinds, index)
        # without phone numbers the first good row is the header, with them the last one before the data
        if score > best_score or (score == best_score and first_data is not None):
            best, best_score = index, score
    return best


def _score(rows: list[list[str]], kinds: list[list[str]], index: int) -> float:
    cells = [cell.strip() for cell in rows[index] if cell.strip()]
    below = kinds[index + 1 :]
    width = max((sum(kind != "empty" for kind in row) for row in below), default=len(cells))
    if not cells:
        return 0.0
    known = sum(plain(cell) in _ALIASES for cell in cells)
    texts = sum(kind == "text" for kind in kinds[index])
    differs = sum(
        kind == "text" and any(row[column] in {"phone", "number", "email"} for row in below)
        for column, kind in enumerate(kinds[index])
    )
    filled = min(len(cells) / width, 1.0) if width else 1.0
    if not known and (filled < 0.5 or _is_like_below(rows[index], kinds, index)):
        return 0.0
    sentence = sum(len(cell) > 30 for cell in cells) / len(cells)
    share = texts / len(cells) * len(set(cells)) / len(cells)
    return (
        filled + share + 2.0 * known / len(cells) + 0.5 * min(known, 2) + differs / max(width, 1) - sentence
    )


def _is_like_below(row: list[str], kinds: list[list[str]], index: int) -> bool:
    """Whether a row without a known name is a contact whose number is missing or spoilt."""
    phones = {column for below in kinds[index + 1 :] for column, kind in enumerate(below) if kind == "phone"}
    return bool(phones) and not any(kinds[index][column] == "text" for column in phones)


def is_group_row(above: list[str], header: list[str], spans: list[tuple[int, int]]) -> bool:
    """Whether the row above a header groups its columns, as 联系信息 over 手机 and 邮箱 does.

    spans: first and last column of the merged cells that begin in the row above. Where none is merged, a text with
    empty cells on its right stands for them too; a title or a remark is no group.
    """
    filled = [column for column, cell in enumerate(above) if cell.strip()]
    used = [column for column, cell in enumerate(header) if cell.strip()]
    if not filled or not used or not all(_names(above[column], _GROUP_CHARACTERS) for column in filled):
        return False
    wide = [(left, right) for left, right in spans if right > left]
    if wide:
        first, last = min(filled + used), max(filled + used)
        return not any(left <= first and right >= last for left, right in wide)
    return len(filled) > 1 and any(not above[column].strip() for column in used if column > filled[0])


def is_sub_row(header: list[str], below: list[str], spans: list[tuple[int, int]]) -> bool:
    """Whether the row below a header tells its columns apart and is no contact yet.

    It names things, some of them where the header is empty; they are known names, or stand under one merged cell.
    """
    used = [column for column, cell in enumerate(below) if cell.strip()]
    if not used or not all(_names(below[column], _GROUP_CHARACTERS) for column in used):
        return False
    if all(header[column].strip() for column in used):
        return False
    under = all(any(left <= column <= right and right > left for left, right in spans) for column in used)
    known = sum(plain(below[column]) in _ALIASES for column in used)
    return under or known * 2 >= len(used)


def _names(cell: str, limit: int) -> bool:
    """Whether a cell may name something: short text without digits or a remark's colon."""
    text = cell.strip()
    return len(text) <= limit and kind_of(text) == "text" and not re.search(r"[:：]|\d{3}", text)


def joined(groups: list[str], header: list[str], spread: bool) -> list[str]:
    """Names of the columns under two rows of header. spread: an empty group takes the one on its left."""
    names, group = [], ""
    for above, below in zip(
        (clean_name(cell) for cell in groups), (clean_name(cell) for cell in header), strict=True
    ):
        group = above or (group if spread and below else "")
        names.append(f"{group} / {below}" if group and below and group != below else below or group)
    return names


def clean_name(text: str) -> str:
    """A header cell as a column name: one line, trimmed, no invisible characters."""
    return _SPACES.sub(
        " ", _CONTROL.sub("", text.replace("\n", " ").replace("\r", " ").replace("\t", " "))
    ).strip()[:COLUMN_NAME_CHARACTERS]


def name_columns(cells: list[str], letters: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Unique non-empty names, the header texts that were repeated, the letters of the columns without a header."""
    cleaned = [clean_name(cell) for cell in cells]
    taken = {name for name in cleaned if name}
    used: set[str] = set()
    names: list[str] = []
    repeated: list[str] = []
    nameless: list[str] = []
    for text, column in zip(cleaned, letters, strict=True):
        wanted = text or column
        if not text:
            nameless.append(column)
        name, number = wanted, 2
        while name in used or (name != text and name in taken):
            name, number = f"{wanted} ({number})", number + 1
        if text and name != text:
            repeated.append(text)
        used.add(name)
        names.append(name)
    return names, repeated, nameless


def is_total(cells: list[str]) -> bool:
    """Whether a row adds up the ones above it: it begins by saying so, and nobody could be called on it."""
    first = next((cell for cell in cells if cell.strip()), "")
    return len(first) < 20 and plain(first) in _TOTALS and "phone" not in map(kind_of, cells)
