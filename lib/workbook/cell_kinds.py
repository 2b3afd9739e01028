"""What a cell looks like. Only the beginning of a cell is looked at, so that no text, however long, takes time."""

import re
import unicodedata

from lib.contact.non_values import PLACEHOLDERS

#: Characters from which a cell is a text and nothing else: no number and no address is as long.
_LONGEST = 300

#: Characters of a text in which a number is looked for.
_SEARCHED = 200

#: More of what people write where there is no number; `PLACEHOLDERS` are those of every field.
_NO_NUMBER = re.compile(
    r"未知|不详|空号?|停机|缺|保密|未[填留]|未提供|待[补定]充?|(?:没有?|没留|未留|无)(?:手机|电话|联系方式)?(?:号码?)?"
    r"|nan|tb[dc]|unknown|[?？…._]+|#n/a|\\n",
    re.IGNORECASE,
)

#: A number somebody could be called on, without the marks people put into it.
_PHONE = re.compile(
    r"(?:\+|00)?(?:86)?(?:1[3-9]\d{9}|0\d{9,11}|400\d{7}|[48]00\d{7})(?:\.0)?|(?:\+|00)[1-9]\d{7,14}"
)

#: The same for Arrow: a cell that is a number and nothing else, in its usual spellings.
BARE = (
    r"^[\s'’+(]{0,9}(?:(?:00)?86[\s-]?)?(?:1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}|0\d{2,3}[\s)-]{0,2}\d{7,8}|400[\s-]?\d{3,4}[\s-]?\d{3,4}"
    r"|\d\.\d{1,11}[eE]\+?1\d)(?:\.0)?\s{0,9}$|^\s{0,9}\+[1-9][\d\s-]{7,20}$"
)
_PHONE_MARKS = re.compile(r"[\s()\-'’`·]+")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?1\d")
_NUMBER_OR_DATE = re.compile(r"[-+]?[\d.,/:%\s年月日時时分-]+")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")

#: A number inside a text: whole, or with a part of it hidden.
_WHOLE = (
    r"(?<!\d)(?:(?:\+|00)?86[- ]?|0)?(?:1[3-9]\d[- ]?\d{4}[- ]?\d{4}|1[3-9]\d{3} \d{6})(?!\d)|(?<!\d)0\d{9,11}(?!\d)"
    r"|(?<!\d)\(?0\d{2,3}[-) ]{1,2}\d{3,4}[- ]?\d{4}(?!\d)|(?<!\d)[48]00[- ]\d{3,4}[- ]?\d{3,4}(?!\d)"
    r"|\+[1-9]\d{0,2}[- ]?\d{2,4}(?:[- ]?\d{2,4}){2,3}(?!\d)"
)
_MASKED = r"(?<!\d)(?:1[3-9]|0\d)\d[- ]?\d{0,5}[- ]?[*×●•xX]{2,11}[- ]?\d{0,4}|[*×●•]{3,11}[- ]?\d{3,4}(?!\d)"
HELD = re.compile(f"{_WHOLE}|{_MASKED}")

#: The name of a column may show what a number looks like.
_NAMES_PHONES = re.compile(r"手机|电话|号码|联系|phone|mobile|tel|number", re.IGNORECASE)
_SHOWS_HOW = re.compile(r"例|如\s{0,2}[:：+\d]|格式|样式|e\.?g\.?|example|format|such as", re.IGNORECASE)


def kind_of(cell: str) -> str:
    """empty, phone, number, email or text."""
    text = cell.strip()
    if len(text) > _LONGEST:
        return "text"
    text = unicodedata.normalize("NFKC", text).strip()
    if not text or text.lower() in PLACEHOLDERS or _NO_NUMBER.fullmatch(text):
        return "empty"
    if _PHONE.fullmatch(_PHONE_MARKS.sub("", text)) or _SCIENTIFIC.fullmatch(text):
        return "phone"
    if _NUMBER_OR_DATE.fullmatch(text):
        return "number"
    return "email" if _EMAIL.fullmatch(text) else "text"


def holds_number(cell: str) -> bool:
    """Whether a number stands in the cell: whole, masked or with a remark.

    The name of a column that shows how one is written, as 手机号（例如 13012121211）, holds none.
    """
    if kind_of(cell) == "phone":
        return True
    return bool(HELD.search(_beginning(cell))) and not shows_number(cell)


def shows_number(cell: str) -> bool:
    """Whether a cell names a column of numbers and shows how one is written."""
    text = _beginning(cell)
    return bool(_NAMES_PHONES.search(text) and _SHOWS_HOW.search(text))


def _beginning(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell.strip()[:_SEARCHED])
