"""Where the header stands and what the columns are called."""

import re
from collections import Counter

from lib.contact.header_names import COLUMN_NAME_CHARACTERS, header_key, is_known
from lib.contact.person_names import is_chinese_name
from lib.workbook.cell_kinds import holds_number, kind_of, shows_number
from lib.workbook.limits import HEADER_SEARCH_ROWS
from lib.workbook.typed_lines import is_speaker

_SPACES = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

#: First cells of a line that adds up and is no contact.
_TOTALS = {"合计", "总计", "小计", "共计", "汇总", "总数", "total", "subtotal", "grandtotal", "sum"}

#: Digits that stand in a spoilt number and in no name of a column.
_DIGITS = re.compile(r"\d{6}")

#: Characters of a text that may name a group of columns.
GROUP_CHARACTERS = 16

#: How the name of a column ends, and what people write where a number is missing does not.
_HEAD = re.compile(
    r"(?:手机|电话|号码?|联系方式|姓名|名称|地址|日期|时间|phone|mobile|tel|name|e-?mail|date|address)\s?\d?\s*$",
    re.IGNORECASE,
)

#: Share of the cells of a column that must be like one of them for it to be no header.
_ALIKE = 0.5

#: Score from which a row may be a header.
_LIKELY = 1.0


#: How the name of a number ends that is no column's; nobody is called so.
_LABEL_ENDS = (":", "：", "热线", "电话", "手机", "专线", "咨询", "投诉")

#: Who makes a list, in a cell of its own or before a colon; in a row of a list only the latter is told from a person's role.
MAKERS = "(?:填表|制表|填报|报表|统计|经办|审核|录入|报送|上报|采集|登记)(?:人员?|者)?(?:签[字名])?|业务员"
_MADE_BY = re.compile(rf"\s*(?:{MAKERS}|(?:负责|提交|对接|联系)人)\s*(?:[:：]|$)")


def find_header(rows: list[list[str]]) -> int | None:
    """Index of the header among the rows that are looked at for it (`header_place`), None when the data begin at once.

    A header stands above the first phone number, is as wide as what follows, names things in different words, and
    often uses a word of the catalogue; a row that holds a number is none. In doubt the row nearest to the data wins
    among the first rows, and the first rows before those further down.
    """
    kinds = [[kind_of(cell) for cell in row] for row in rows]
    first_data = next(
        (index for index, row in enumerate(rows) if _is_contact(row, kinds[index])),
        None,
    )
    near = first_data is not None and first_data < HEADER_SEARCH_ROWS
    best, best_score = None, _LIKELY
    number_above = False
    for index in range(len(rows) if first_data is None else first_data):
        if is_speaker(rows[index]):
            continue
        if any(map(holds_number, rows[index])):
            number_above = number_above or not _is_narrow(kinds, index)
            continue
        if (number_above or index >= HEADER_SEARCH_ROWS) and not _known(rows[index]):
            continue  # most probably a contact: below another one, or far down
        score = _score(rows, kinds, index)
        # without phone numbers the first good row is the header, with them the last one before the data
        if score > best_score or (score == best_score and near):
            best, best_score = index, score
    return best


def _is_contact(row: list[str], kinds: list[str]) -> bool:
    """Whether a row has a number that nothing on its left names, as 咨询电话：, 客服热线 or 填表人：李四 do above a table."""
    for column, kind in enumerate(kinds):
        if kind == "phone":
            left = next((cell.strip() for cell in reversed(row[:column]) if cell.strip()), "")
            told = is_known(left) or left.endswith(_LABEL_ENDS) or any(map(_MADE_BY.match, row[:column]))
            if not told:
                return True
    return False


def _is_narrow(kinds: list[list[str]], index: int) -> bool:
    """Whether a row fills at most half of what those below it do, as a title with a number in it does."""
    filled, *below = (sum(kind != "empty" for kind in row) for row in kinds[index:])
    return filled * 2 <= max(below, default=0)


def _known(row: list[str]) -> int:
    return sum(map(is_known, row))


def _score(rows: list[list[str]], kinds: list[list[str]], index: int) -> float:
    cells = [cell.strip() for cell in rows[index] if cell.strip()]
    below = kinds[index + 1 :]
    width = max((sum(kind != "empty" for kind in row) for row in below), default=len(cells))
    if not cells:
        return 0.0
    known = _known(rows[index])
    texts = sum(kind == "text" for kind in kinds[index])
    differs = sum(
        kind == "text" and any(row[column] in {"phone", "number", "email"} for row in below)
        for column, kind in enumerate(kinds[index])
    )
    filled = min(len(cells) / width, 1.0) if width else 1.0
    if not known and (filled < 0.5 or _is_contact_too(rows, kinds, index)):
        return 0.0
    sentence = sum(len(cell) > 30 for cell in cells) / len(cells)
    share = texts / len(cells) * len(set(cells)) / len(cells)
    return (
        filled + share + 2.0 * known / len(cells) + 0.5 * min(known, 2) + differs / max(width, 1) - sentence
    )


def _is_contact_too(rows: list[list[str]], kinds: list[list[str]], index: int) -> bool:
    """Whether a row without a known name is a contact: its number is missing or spoilt, or others have the same words."""
    row = [cell.strip() for cell in rows[index]]
    if any(
        is_known(name) and value.strip() and not is_known(value) for name, _, value in map(_labelled, row)
    ):
        return True  # 姓名：张伟 in one cell, and not Contact: Mobile
    if _is_like_the_others(rows, index):
        return True
    numbers, words = Counter[int](), Counter[int]()
    for below, kind in zip(rows[index + 1 :], kinds[index + 1 :], strict=True):
        numbers.update(at for at, one in enumerate(kind) if one == "phone")
        words.update(at for at, one in enumerate(kind) if one == "text" and not holds_number(below[at]))
    telling = {at for at, count in numbers.items() if words[at] * 2 < count}
    if telling and not any(kinds[index][at] == "text" and not _is_spoilt(row[at]) for at in telling):
        return True
    if numbers and not telling and sum(map(bool, row)) == 1:
        return True  # names above their numbers in one column
    others = [[cell.strip() for cell in one] for at, one in enumerate(rows) if at != index]
    same = sum(bool(cell) and any(one[at] == cell for one in others) for at, cell in enumerate(row))
    return same * 3 >= sum(map(bool, row)) and row not in others


def _is_like_the_others(rows: list[list[str]], index: int) -> bool:
    """Whether a cell is a person's name, or holds a number without its code (88888888), as most in its column do."""
    if any(map(ends_like_a_name, rows[index])):
        return False  # 管家 beside 业主电话: it may be a name and names a column
    for at, cell in enumerate(map(str.strip, rows[index])):
        others = [row[at].strip() for row in rows[:index] + rows[index + 1 :] if row[at].strip()]
        for is_alike in (is_chinese_name, _is_spoilt):
            if is_alike(cell) and sum(map(is_alike, others)) > _ALIKE * len(others):
                return True
    return False


def ends_like_a_name(cell: str) -> bool:
    """Whether a cell ends as the names of columns do."""
    return _HEAD.search(cell[-GROUP_CHARACTERS:]) is not None


def _labelled(cell: str) -> tuple[str, str, str]:
    return cell[:COLUMN_NAME_CHARACTERS].replace("：", ":").partition(":")


def _is_spoilt(cell: str) -> bool:
    return _DIGITS.search(cell) is not None and not shows_number(cell)


def is_group_row(above: list[str], header: list[str], spans: list[tuple[int, int]]) -> bool:
    """Whether the row above a header groups its columns, as 联系信息 over 手机 and 邮箱 does.

    Where no cell is merged, a text with empty cells on its right stands for them too; a title or a remark is no group.

    above, header: cells of the two rows, one for each column of the grid
    spans: first and last column, from 0, of the merged cells that begin in the row above
    """
    filled = [column for column, cell in enumerate(above) if cell.strip()]
    used = [column for column, cell in enumerate(header) if cell.strip()]
    if not filled or not used or not all(may_name(above[column], GROUP_CHARACTERS) for column in filled):
        return False
    wide = [(left, right) for left, right in spans if right > left]
    if wide:
        first, last = min(filled + used), max(filled + used)
        return not any(left <= first and right >= last for left, right in wide)
    return len(filled) > 1 and any(not above[column].strip() for column in used if column > filled[0])


def is_sub_row(header: list[str], below: list[str], spans: list[tuple[int, int]]) -> bool:
    """Whether the row below a header tells its columns apart and is no contact yet.

    It names things, some of them where the header is empty; they are known names, or stand under one merged cell.

    header, below: cells of the two rows, one for each column of the grid
    spans: first and last column, from 0, of the merged cells that begin in the header's row
    """
    used = [column for column, cell in enumerate(below) if cell.strip()]
    if not used or not all(may_name(below[column], GROUP_CHARACTERS) for column in used):
        return False
    named = {column for column, cell in enumerate(header) if cell.strip()}
    if named.issuperset(used):
        return False
    merged = {column for left, right in spans if right > left for column in range(left, right + 1)}
    if merged.issuperset(used):
        return True
    # under a name with another one right behind it, which nothing groups: 张伟 under 姓名 | 手机
    beside = {column for column in used if {column, column + 1} <= named}
    known = sum(is_known(below[column]) for column in used)
    return not beside - merged and known * 2 > len(used)


def may_name(cell: str, limit: int) -> bool:
    """Whether a cell may name a column or a group of them: short text without digits or a remark's colon."""
    text = cell.strip()
    return len(text) <= limit and kind_of(text) == "text" and not re.search(r"[:：]|\d{3}", text)


def joined(groups: list[str], header: list[str], spread: bool) -> list[str]:
    """Names of the columns under two rows of header; not unique yet, "" where neither row has one.

    groups, header: cells of the upper and of the lower row as they stand, one for each column
    spread: an empty group takes the one on its left, as where nothing is merged
    """
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
    return len(first) < 20 and header_key(first) in _TOTALS and "phone" not in map(kind_of, cells)
