"""The code of a number format, taken apart: sections, conditions, and the signs of each. Parsing process only.

After ECMA-376 part 1, 18.8.31, and what Excel in Chinese writes besides: `!` before a literal, G/通用格式 for General.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from lib.workbook.layout import Layout, Sign

#: Formats that a workbook names by number and does not write down. Those of money show the sign of the reader's own
#: country, so none is shown; 27 to 58 are those of Excel in Chinese.
BUILTIN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    **dict.fromkeys((5, 6, 37, 38, 41, 42), "#,##0;-#,##0"),
    **dict.fromkeys((7, 8, 39, 40, 43, 44), "#,##0.00;-#,##0.00"),
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy/m/d",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy/m/d h:mm",
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    **dict.fromkeys(
        (34, 35, 55, 56), "yyyy/m/d h:mm"
    ),  # a time in Chinese, a day in Japanese: the number tells
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
}

_GENERAL = re.compile(r"General|G/通用格式", re.IGNORECASE)
_HALF_DAYS = re.compile(r"AM/PM|A/P|上午/下午", re.IGNORECASE)
_EXPONENT = re.compile(r"E[+-]", re.IGNORECASE)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]{1,30}(?:\.[0-9]{1,30})?)")
_ELAPSED = re.compile(r"h{1,9}|m{1,9}|s{1,9}", re.IGNORECASE)
_MONEY = re.compile(r"\$([^-\]]*)(?:-(.*))?")
_RUN = re.compile(r"y+|m+|d+|h+|s+|a{3,}|e+|g+|b+", re.IGNORECASE)
#: Numbers of a locale that is Chinese, hexadecimal: mainland, Taiwan, Hong Kong, Macau, Singapore.
_CHINESE = re.compile(r"(?:zh.*|.*(?:0?804|0?404|0?c04|1404|1004))", re.IGNORECASE)

#: Longest code looked at; Excel allows 255 characters.
_LONGEST = 1_000


@dataclass
class Section:
    """What stands between two semicolons. chinese: its words are; unreadable: text had better not show a number as it does."""

    signs: list[Sign] = field(default_factory=list)
    condition: tuple[str, Decimal] | None = None
    chinese: bool = False
    unreadable: bool = False

    @cached_property
    def shape(self) -> str:
        """What it makes of a number: "elapsed", "date", or "plain" where its digits say it better.

        "general" for General alone, "beside" for General beside words, else "number".
        """
        if self.has("elapsed"):
            return "elapsed"
        if self.has("date", "half"):
            return "date"
        if self.unreadable:
            return "plain"
        if not self.has("general"):
            return "number"
        return "beside" if self.has_words else "general"

    @cached_property
    def has_words(self) -> bool:
        """Whether it shows more than digits: words, signs, brackets."""
        return any(sign.text.strip() for sign in self.signs if sign.kind == "text")

    @cached_property
    def layout(self) -> Layout:
        """Its places for digits."""
        return Layout(self.signs)

    def has(self, *kinds: str) -> bool:
        """Whether it has a sign of one of these kinds."""
        return any(sign.kind in kinds for sign in self.signs)

    def holds(self, number: Decimal) -> bool:
        """Whether its condition takes this number; without one, every number."""
        if self.condition is None:
            return True
        operator, limit = self.condition
        compared = (number > limit) - (number < limit)
        return (
            compared
            in {
                "<": (-1,),
                ">": (1,),
                "=": (0,),
                "<=": (-1, 0),
                ">=": (0, 1),
                "<>": (-1, 1),
            }[operator]
        )


def sections(code: str) -> list[Section]:
    """The sections of a code, at least one."""
    found = [Section()]
    for kind, text in _pieces(code[:_LONGEST]):
        section = found[-1]
        if kind == "end":
            found.append(Section())
        elif kind == "bracket":
            _bracket(section, text)
        elif kind == "exponent":
            section.unreadable = True
        else:
            section.signs.append(Sign(kind, text))
    for section in found:
        _settle(section)
    return found


def _pieces(code: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(code):
        sign = code[at]
        if sign in '"[':
            end = code.find('"' if sign == '"' else "]", at + 1)
            end = len(code) if end < 0 else end
            yield ("text" if sign == '"' else "bracket"), code[at + 1 : end]
            at = end + 1
        elif sign in "\\!_*" and at + 1 < len(code):
            yield "text", {"_": " ", "*": ""}.get(sign, code[at + 1])
            at += 2
        elif sign == ";":
            yield "end", ""
            at += 1
        else:
            kind, text = _bare(code, at)
            yield kind, text
            at += len(text)


def _bare(code: str, at: int) -> tuple[str, str]:
    """Kind and text of what begins at this place, outside quotation marks and brackets."""
    for kind, pattern in (
        ("general", _GENERAL),
        ("half", _HALF_DAYS),
        ("exponent", _EXPONENT),
        ("date", _RUN),
    ):
        if found := pattern.match(code, at):
            return kind, found[0]
    sign = code[at]
    kinds = {
        "0": "digit",
        "#": "digit",
        "?": "digit",
        ".": "point",
        ",": "comma",
        "%": "percent",
        "@": "general",
    }
    return kinds.get(sign, "slash" if sign == "/" else "text"), sign


def _bracket(section: Section, text: str) -> None:
    if _ELAPSED.fullmatch(text):
        section.signs.append(Sign("elapsed", text.lower()))
    elif found := _CONDITION.fullmatch(text.strip()):
        section.condition = found[1], Decimal(found[2])
    elif money := _MONEY.fullmatch(text):
        section.signs.append(Sign("text", money[1]))
        section.chinese = section.chinese or bool(money[2] and _CHINESE.fullmatch(money[2]))
    elif text.upper().startswith("DBNUM"):
        section.unreadable = True  # 一千二百: the digits say it better


def _settle(section: Section) -> None:
    """Letters beside places for digits are words; points and slashes between days are."""
    if section.has("date", "elapsed", "half") and (
        not section.has("digit") or _parts_of_a_second(section.signs)
    ):
        kept = {"date", "elapsed", "half", "text"}
    else:
        kept = {"digit", "point", "comma", "percent", "text", "general"}
        section.unreadable = section.unreadable or _is_fraction(section.signs)
    section.signs = [sign if sign.kind in kept else Sign("text", sign.text) for sign in section.signs]


def _parts_of_a_second(signs: list[Sign]) -> bool:
    """mm:ss.0: places for digits behind the point of a second and nowhere else."""
    kinds = [sign.kind for sign in signs]
    at = kinds.index("point") if "point" in kinds else 0
    return at > 0 and signs[at - 1].text[0] in "sS" and "digit" not in kinds[:at]


def _is_fraction(signs: list[Sign]) -> bool:
    """1 1/2: a slash between places for digits."""
    at = next((index for index, sign in enumerate(signs) if sign.kind == "slash"), None)
    return at is not None and all(
        any(sign.kind == "digit" for sign in part) for part in (signs[:at], signs[at:])
    )
