"""Lines as people type them in a chat or in a text editor: a name and a number, apart by whatever mark was at hand.

Only lines with a phone number are judged: what stands beside it may be a name, and where none has a number nothing says
that a line is more than one thing.
"""

import re
from collections import Counter

from lib.contact.header_names import is_known, names_phone
from lib.workbook.cell_kinds import HELD, kind_of
from lib.workbook.delimited import NONE

#: The marks, in the order in which they are tried. Blanks are one or more of any kind, between two Latin words two or more.
MARKS = ("，", "、", "；", "：", ":")
BLANKS = " "

#: Parted before and behind the number, for lines in which no one mark does it.
NUMBER = "number"

DELIMITERS = (*MARKS, BLANKS, NUMBER)

#: Stands between the fields of `parted`.
SEPARATOR = NONE

#: Lines that are judged, and characters from which one is no entry of a list.
_JUDGED_LINES = 1_000
_LONGEST = 200

#: Characters from which a line is not parted: it would be a title of hundreds of columns.
_LONGEST_PARTED = 900

#: Digits from which something was meant as a number.
_MEANT_DIGITS = 5

#: Share of the lines that must have a number, and of those that must be parted alike.
_WITH_NUMBER = 0.5
_ALIKE = 0.9
#: Share of the lines that must begin with a number that counts them, or with a time of day.
_LED = 0.6

_CLOCK = (
    r"(?:(?:\d{2,4}[-/.年])?\d{1,2}[-/.月]\d{1,2}日?(?:[-/.年]\d{2,4})?,?|[今昨前]天|(?:星期|周)[一二三四五六日天])?\s{0,3}(?:凌晨|早上|上午|中午|下午|晚上)?\s{0,3}"
    r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:\s?[AaPp][Mm])?"
)
#: A line of a copied chat that says who spoke, and when; for Arrow too.
SPEAKER = rf"^\s{{0,9}}(?:[^\n]{{1,30}}[\s\]】)）])?[\[【(（]?{_CLOCK}[\]】)）]?\s{{0,9}}$"
_SPEAKER = re.compile(SPEAKER)

_LINE_END = re.compile(r"\r\n|\r|\n")
_BLANK = re.compile(r"[ \t\u3000\xa0]{2,}|[\t\u3000\xa0]|(?<![A-Za-z.,]) | (?![A-Za-z])")
_WORD = re.compile(r"[^\W\d_]")
_COLON = r"(?<!\d):|:(?!\d)"  # not that of a clock
_ANY_MARK = re.compile(rf"(?:[\s，,、；;：|/]|{_COLON})+")
_TIME = re.compile(
    rf"\s{{0,9}}[\[【(（]?({_CLOCK})(?:[\]】)）]\s{{0,9}}|\s{{0,9}}-\s{{1,9}}|\s{{1,9}})(?=\S)"
)
_ORDINAL = re.compile(r"\s{0,9}[(（【\[]?(\d{1,5})\s?[.．、,，:：)）】\]]{1,2}\s{0,9}(?=\D|1[3-9]\d)(?=\S)")
_EDGES = " \t\u3000\xa0，,、；;：:|/-—－_=+"
_BEFORE = re.compile(
    r"^(?:姓名|名字|联系人|客户|称呼|full name|name|contact)\s?[:：]\s{0,9}",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"(?:(?:的|联系)?(?:本人|微信同号|微信号|微信|手机号码|手机号|手机|电话号码|电话|号码|联系方式"
    r"|(?<![a-z])(?:wechat|whatsapp|mobile|phone|tel|cell|no))[\s/、+]{0,3}){1,3}[.:：是为]?\s{0,9}$",
    re.IGNORECASE,
)


def delimiter_of(text: str) -> str | None:
    """What parts the lines of a text without quotes, one of `DELIMITERS`; None where a line is one thing."""
    lines = [line.strip() for line in _LINE_END.split(text, _JUDGED_LINES)[:_JUDGED_LINES]]
    lines = [line for line in lines if line and not is_speaker([line])]
    if '"' in text or not lines:
        return None
    lead = _lead_of(lines)
    entries = [_without(lead, line)[1] for line in lines if len(line) <= _LONGEST]
    entries = [entry for entry in entries if HELD.search(entry)]
    if len(entries) < max(_WITH_NUMBER * len(lines), 1):
        return None
    for mark in (*MARKS, BLANKS):
        if _parts(entries, mark):
            return mark
    worded = sum(_WORD.search("".join(_around(entry)[::2])) is not None for entry in entries)
    return NUMBER if lead or worded * 2 >= len(entries) else None


def is_speaker(cells: list[str]) -> bool:
    """Whether a row is one line of a chat that says who spoke, and when, and holds no number."""
    line = cells[0][:_LONGEST] if cells else ""
    return bool(_SPEAKER.match(line)) and not any(map(str.strip, cells[1:])) and not HELD.search(line)


def _parts(entries: list[str], mark: str) -> bool:
    """Whether the mark makes the same columns of nearly all entries, with the number alone in one of them."""
    shapes: Counter[tuple[int, int]] = Counter()
    for entry in entries:
        fields = _fields(entry, mark)
        at = next((at for at, field in enumerate(fields) if _is_number(field)), -1)
        # 姓名：张伟 电话：130… and 张伟 - 130…: the mark stands inside of what it should part
        inside = any(is_known(field) or not any(map(str.isalnum, field)) for field in fields)
        if len(fields) > 1 and at >= 0 and not inside:
            shapes[len(fields), at] += 1
    return bool(shapes) and shapes.most_common(1)[0][1] >= _ALIKE * len(entries)


def _fields(line: str, mark: str) -> list[str]:
    if len(line) > _LONGEST_PARTED:
        return [line]
    if mark != BLANKS:
        return re.split(_COLON, line) if mark == ":" else line.split(mark)
    words = line.split(None, _LONGEST)
    return words if words and all(map(is_known, words)) else _BLANK.split(line.strip())


def _is_number(field: str) -> bool:
    return kind_of(field) == "phone" or HELD.fullmatch(field.strip()) is not None


def parted(text: str, delimiter: str) -> str:
    """The text with `SEPARATOR` between the fields of a line; a number that counts the lines, or a time before them, is a field of its own."""
    lines = _LINE_END.split(text)
    if lines and not lines[-1]:
        lines.pop()
    lead = _lead_of([line for line in lines[:_JUDGED_LINES] if line.strip()])
    split = [_without(lead, line) for line in lines]
    if delimiter == NUMBER:
        rows = _around_number(["" if is_speaker([rest]) else rest for _, rest in split])
    else:
        rows = [[field.strip() for field in _fields(rest, delimiter)] for _, rest in split]
    if lead:
        rows = [[before, *row] if any(row) else row for (before, _), row in zip(split, rows, strict=True)]
    width = max(map(len, rows), default=1)
    spoken = [is_speaker([line]) for line in lines]
    rows = [
        [line, *[""] * (width - 1)] if who else row
        for line, row, who in zip(lines, rows, spoken, strict=True)
    ]
    return "".join(SEPARATOR.join(row) + "\n" for row in rows)


def _lead_of(lines: list[str]) -> re.Pattern[str] | None:
    """What stands before most lines and belongs to none of their fields."""
    if _are_numbered(lines):
        return _ORDINAL
    return _TIME if lines and sum(map(bool, map(_TIME.match, lines))) >= _LED * len(lines) else None


def _are_numbered(lines: list[str]) -> bool:
    """Whether most lines begin with a number, nearly each as much higher than the one before as there are lines between, or one higher."""
    found = [_ORDINAL.match(line) for line in lines]
    counts = [(at, int(one[1])) for at, one in enumerate(found) if one]
    pairs = zip(counts, counts[1:], strict=False)
    steps = sum(after - before in (1, at - above) for (above, before), (at, after) in pairs)
    return bool(counts) and len(counts) >= _LED * (len(lines) - 1) and steps + 1 >= _ALIKE * len(counts)


def _without(lead: re.Pattern[str] | None, line: str) -> tuple[str, str]:
    """What leads the line, and the rest of it."""
    found = lead.match(line) if lead else None
    return (found[1], line[found.end() :]) if found else ("", line)


def _around_number(lines: list[str]) -> list[list[str]]:
    """Text, number, and where a line has text on both sides the text behind it."""
    rows = [_around(line) for line in lines]
    if any(before and behind for before, _, behind in rows):
        return [list(row) for row in rows]
    return [[before or behind, number] for before, number, behind in rows]


def _around(line: str) -> tuple[str, str, str]:
    """Text before the number, the number, text behind it, without the marks and labels between them."""
    found = HELD.search(line[:_LONGEST])
    if found is None:
        return _without_number(line.strip())
    start, end = found.span()
    others = [one.end() for one in HELD.finditer(line[:_LONGEST], end)]
    if others:  # whose each of them is stands between them: one cell, which is asked about
        first = _ANY_MARK.search(line, len(line) - len(line.lstrip()), start)
        start, end = first.end() if first else start, others[-1]
    before, behind = line[:start].strip(_EDGES), line[end:].strip(_EDGES)
    if before.endswith(("(", "（")) and behind.startswith((")", "）")):
        before, behind = before[:-1].strip(_EDGES), behind[1:].strip(_EDGES)
    before = _BEFORE.sub("", _BEHIND.sub("", before[-_LONGEST:]).strip(_EDGES)).strip(_EDGES)
    return before, line[start:end].strip(), _BEFORE.sub("", behind)


def _without_number(line: str) -> tuple[str, str, str]:
    """A header, or a contact whose number is spoilt or missing: the piece that is no name goes where the numbers are."""
    pieces = (
        [piece for piece in _ANY_MARK.split(line[:_LONGEST]) if piece] if len(line) <= _LONGEST else [line]
    )
    for at, piece in enumerate(pieces):
        if len(pieces) > 1 and (_may_be_number(piece) or names_phone(piece)):
            return " ".join(pieces[:at] + pieces[at + 1 :]), piece, ""
    return line, "", ""


def _may_be_number(piece: str) -> bool:
    """Whether it stands where a number would: spoilt, or 暂无."""
    return (
        kind_of(piece) == "empty"
        or kind_of(piece) == "number"
        and sum(map(str.isdigit, piece)) >= _MEANT_DIGITS
    )
