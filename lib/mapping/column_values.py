"""What the values of a column look like, whatever stands above them."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from lib.contact.fields import SEX_WORDS
from lib.contact.person_names import is_called, is_chinese_name

#: Characters of a cell that are looked at.
_LOOKED_AT = 80

#: Share of the cells from which a column names this or that.
_MOST = 0.5

#: Characters from which a text tells something and names nobody.
_SENTENCE = 40

_SET_ASIDE = re.compile(r"[\s\-()‐-―.·'’`]+")
_PREFIX = r"(?:(?:p|tel|mobile|phone|手机号?码?|电话号?码?|联系电话|手機|電話)[:.]?)?"
_MOBILE = re.compile(_PREFIX + r"(?:\+?0{0,2}86)?1[3-9][0-9](?:[0-9]{8}|[*x]{4}[0-9]{4})(?:0(?=$))?(?![0-9])")
#: Digits as spreadsheets spoil them, 1.30E+10 included; with stars; two numbers in one cell too.
_NUMBER = re.compile(_PREFIX + r"['’+]?[0-9][0-9e+*x/、,;:|_#转]{4,40}")
_MASKED = re.compile(r"[0-9][*x]{2,8}[0-9]|[*x]{4}\Z")
_ABROAD = re.compile(_PREFIX + r"\+[0-9]{8,15}")
_ONE_NUMBER = 15
_DATE = re.compile(r"(?:19|20)[0-9]{2}[-/.年][01]?[0-9](?:[-/.月]|$)")
_DECIMAL = re.compile(r"-?[0-9]{1,9}[.,][0-9]{1,3}")
_INTEGER = re.compile(r"([0-9]{1,9})(?:\.0)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_YES_NO = frozenset(
    (
        "是",
        "否",
        "有",
        "无",
        "已",
        "未",
        "对",
        "错",
        "同意",
        "不同意",
        "接受",
        "不接受",
        "y",
        "n",
        "yes",
        "no",
        "true",
        "false",
        "on",
        "off",
        "ok",
        "0",
        "1",
        "√",
        "×",
    )
)
_MEASURES = frozenset(
    (
        "件",
        "箱",
        "个",
        "只",
        "条",
        "瓶",
        "袋",
        "盒",
        "包",
        "台",
        "套",
        "张",
        "把",
        "双",
        "份",
        "本",
        "支",
        "桶",
        "吨",
        "元",
        "次",
        "天",
        "人",
        "户",
    )
    + (
        "米",
        "千米",
        "公里",
        "克",
        "千克",
        "公斤",
        "斤",
        "升",
        "毫升",
        "平方米",
        "立方米",
        "平米",
        "万元",
        "kg",
        "g",
        "m",
        "pcs",
        "㎡",
        "m2",
        "台套",
        "套件",
    )
)
_COMPANY = re.compile(
    r"公司|集团|集團|有限|股份|株式会社|合作社|事务所|工作室|商行|经营部|회사"
    r"|(?:厂|廠|店|行|中心|学校|學校|医院|醫院|大学|大學|中学|小学|学院|幼儿园|酒店|饭店|餐厅|超市|药房|门市部|馆|院|所|局|部|委员会|协会)\Z"
    r"|\b(?:co|inc|ltd|llc|corp|corporation|group|company|gmbh|plc|pte|bhd|limited|holdings|partners|trading|retail|foods|tech|technologies|solutions|industries"
    r"|bank|school|hospital|university|hotel|studio|services|systems|labs?|logistics|associates|agency|enterprises?)\b",
    re.IGNORECASE,
)
_LATIN_NAME = re.compile(r"[A-Z][A-Za-z.'’\-]{0,20}(?: [A-Z][A-Za-z.'’\-]{0,20}){0,3}")
_OTHER_NAME = re.compile(r"[぀-ヿ가-힯][぀-ヿ가-힯 ・]{1,12}")


@dataclass(frozen=True)
class ColumnValues:
    """The texts of one column, empty ones left out, and how many rows were looked at."""

    texts: tuple[str, ...]
    rows: int

    @property
    def filled(self) -> float:
        """Share of the rows that hold something."""
        return len(self.texts) / self.rows if self.rows else 0.0

    @cached_property
    def _plain(self) -> list[str]:
        return [unicodedata.normalize("NFKC", text[:_LOOKED_AT]).strip() for text in self.texts]

    @cached_property
    def _bare(self) -> list[str]:
        return [_SET_ASIDE.sub("", text).casefold() for text in self._plain]

    def _share(self, pattern: re.Pattern[str]) -> float:
        return _part(bool(pattern.fullmatch(text)) for text in self._plain)

    @cached_property
    def mobiles(self) -> float:
        """Share of the cells that begin with a mobile number of the mainland."""
        return _part(bool(_MOBILE.match(text)) for text in self._bare)

    @cached_property
    def callable(self) -> float:
        """Share of the cells that can only be numbers to call: mobiles, and numbers with a country code."""
        return _part(bool(_MOBILE.match(bare) or _ABROAD.fullmatch(bare)) for bare in self._bare)

    @cached_property
    def numbers(self) -> float:
        """Share of the cells that may be a number to call, however spoilt."""
        return _part(
            bool(_NUMBER.fullmatch(bare) or _MOBILE.match(bare))
            and not _DATE.match(text)
            and not (_DECIMAL.fullmatch(text) and "e" not in bare)
            and max(map(len, re.findall(r"[0-9]+", bare))) <= _ONE_NUMBER
            for text, bare in zip(self._plain, self._bare, strict=True)
        )

    @cached_property
    def integers(self) -> float:
        """Share of the cells that are whole numbers a platform's list could count by."""
        return self._share(_INTEGER)

    @cached_property
    def longest_integer(self) -> int:
        """Digits of the longest whole number."""
        return max((len(found[1]) for text in self._plain if (found := _INTEGER.fullmatch(text))), default=0)

    @cached_property
    def emails(self) -> float:
        """Share of the cells that are addresses."""
        return self._share(_EMAIL)

    @cached_property
    def sexes(self) -> float:
        """Share of the cells that say male or female in a known word."""
        return _part(
            text.casefold() in SEX_WORDS and not text.isdecimal() and text != "-" for text in self._plain
        )

    @cached_property
    def is_platform_sex(self) -> bool:
        """Whether it holds the platform's own numbers, 1 and 2; 0 and 1 may as well be another system's."""
        return set(self._plain) <= {"0", "1", "2"} and ("0" not in self._plain or "2" in self._plain)

    @cached_property
    def yes_no(self) -> float:
        """Share of the cells that answer whether."""
        return _part(text.casefold() in _YES_NO for text in self._plain)

    @cached_property
    def companies(self) -> float:
        """Share of the cells that are called like a firm or an institution."""
        return _part(bool(_COMPANY.search(text)) and not is_called(text) for text in self._plain)

    @cached_property
    def people(self) -> float:
        """Share of the cells that are called like a person."""
        return _part(_is_person(text) for text in self._plain)

    @property
    def names_firms(self) -> bool:
        """Whether most of it names firms, and hardly anything people."""
        return self.companies >= _MOST > self.people

    @cached_property
    def masked(self) -> float:
        """Share of the cells that are numbers with stars: nobody can be called by them."""
        return _part(bool(_MASKED.search(text)) for text in self._bare)

    @cached_property
    def amounts(self) -> float:
        """Share of the cells that are numbers, dates, addresses of the net or long texts: names of nobody."""
        return _part(
            not any(sign.isalpha() for sign in text)
            or bool(_DATE.match(text))
            or "@" in text
            or "://" in text
            or len(text) > _SENTENCE
            or (any(sign.isdecimal() for sign in text) and text.isascii() and " " not in text)
            for text in self._plain
        )

    @cached_property
    def measures(self) -> float:
        """Share of the cells that are a measure, which 单位 means as well as a firm."""
        return _part(text in _MEASURES for text in self._plain)

    @cached_property
    def mean_length(self) -> float:
        """Characters of a cell, on average."""
        return sum(map(len, self._plain)) / len(self._plain) if self._plain else 0.0

    @cached_property
    def distinct(self) -> float:
        """Share of the cells that say something no other one says."""
        return len(set(self._plain)) / len(self._plain) if self._plain else 0.0

    @cached_property
    def counts_rows(self) -> bool:
        """Whether it numbers the rows: small whole numbers, each one or more than the one before, beginning low."""
        if self.integers < 1.0 or not self.texts:
            return False
        found = [int(text.removesuffix(".0")) for text in self._plain]
        return found[0] <= 1 and all(after > before for before, after in zip(found, found[1:], strict=False))


def _part(found: Iterable[bool]) -> float:
    marks = list(found)
    return sum(marks) / len(marks) if marks else 0.0


def _is_person(text: str) -> bool:
    if is_called(text) or is_chinese_name(text) or _OTHER_NAME.fullmatch(text):
        return True
    return bool(_LATIN_NAME.fullmatch(text)) and not _COMPANY.search(text)
