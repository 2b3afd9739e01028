"""What a cell with a number shows, and what of that is read. Parsing process only.

The format decides what is shown: noughts before the digits, separators, a sign of money, per cent, words for numbers, and
whether a day, a time of day or both. Read in a spelling of our own, because what is sent must say the same everywhere:

- days and times (2023-03-15 12:00:00). A day of which less is shown (3月4日) is read in full, and told. What is longer than a
  day stays as it is shown (36:00:00), and so does the name of a weekday.
- exponents and fractions: their digits.
- a whole number of ten digits and more is a phone or an id. It takes noughts, hyphens, spaces and words; no comma, no point,
  no sign of money. Nor does a plain whole number take commas or ".00": it may be an id too.
- a number that its format hides stays, except a nought.

Formats of money that a file does not write down (`BUILTIN`) show the sign of the reader's own country: none is read.
"""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple

from lib.workbook.columns import KEPT_DIGITS, number_text
from lib.workbook.format_code import BUILTIN, Section, sections

#: First day that number 0 stands for, in the two calendars of Excel. Up to number 60 the older one counts a 29 February
#: 1900 that never was.
_ZERO = {False: dt.datetime(1899, 12, 30), True: dt.datetime(1904, 1, 1)}
_LEAP_BUG = 60
#: The last day that Excel can show, 9999-12-31, as a number of each calendar.
_LAST = {False: 2_958_465, True: 2_957_003}
_DAY = 86_400
_HALF_A_SECOND = dt.timedelta(milliseconds=500)
_WEEKDAYS = "一二三四五六日"

_USUAL_LETTERS = re.compile("[dmhys]*", re.IGNORECASE)

#: Characters of the longest number that a format is asked about, and numbers of a format whose texts are kept.
_FORMATTED = 28
_REMEMBERED = 10_000
_ORDINARY = re.compile(r"[1-9][0-9]{0,14}|[1-9][0-9]{0,5}\.[0-9]{1,9}")
_NOT_ZERO = re.compile("[1-9]")
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")

#: Digits from which a whole number is a phone or an id, never an amount.
_LONG = 10
#: What a long number may be shown with: words, brackets, spaces, hyphens, +.
_BREAKS_DIGITS = re.compile(r"[0-9][.,'’][0-9]|[%‰¥￥$€£₩]|[0-9][Ee][+-]?[0-9]")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3}){1,100}")
_EMPTY_DECIMALS = re.compile(r"(-?[0-9]{1,400})\.0{1,40}")


class Matters(IntEnum):
    """What must be known of a cell before its format matters."""

    NEVER = 0  # what an engine gives is what is shown
    NOT_WHOLE = 1  # only where the number has a fraction or a sign
    TIME_OF_DAY = 2  # a day; only where its number has a fraction
    ALWAYS = 3


class Shown(NamedTuple):
    """A number as it is read. digits: it is too large to be the day its format makes of it. partly: a day of which less is shown."""

    text: str
    digits: bool = False
    partly: bool = False


class NumberFormat:
    """One format of a workbook. number: the one it has in the file; code: None where the file does not write it down."""

    def __init__(self, number: int = 0, code: str | None = None, date1904: bool = False) -> None:
        self._code = code or BUILTIN.get(number, "General")
        self._sections = sections(self._code)
        self._date1904 = date1904
        self._unwritten = code is None and number > 22
        self._is_plain = all(section.shape in ("general", "plain") for section in self._sections)
        first = self._sections[0]
        is_for_all = not any(section.condition for section in self._sections)
        self._positive = first if is_for_all and first.shape == "number" else None
        self._texts: dict[str, Shown] = {}

    @property
    def is_date(self) -> bool:
        """Whether a number above zero shows as a day or a time."""
        return self._sections[0].shape in ("date", "elapsed")

    @cached_property
    def matters(self) -> Matters:
        """See `Matters`. Engines know the usual codes of days and times, and not every other one."""
        first, *others = self._sections
        if not self.is_date:
            if self._is_plain:
                return Matters.NEVER
            return Matters.NOT_WHOLE if self._leaves_whole_numbers else Matters.ALWAYS
        letters = "".join(sign.text for sign in first.signs if sign.kind == "date")
        parts = _parts(first)
        if (
            self._date1904
            or self._unwritten
            or first.has("elapsed", "half")
            or any(section.shape != "general" for section in others)
            or {"!", "*"} & set(self._code)
            or not _USUAL_LETTERS.fullmatch(letters)
            or not parts.day
            or parts.partly
        ):
            return Matters.ALWAYS
        return Matters.NEVER if parts.time else Matters.TIME_OF_DAY

    @cached_property
    def _leaves_whole_numbers(self) -> bool:
        if any(section.condition for section in self._sections):
            return False
        return all(self.shown(number).text == number for number in ("0", "1", "12", "1234567", "13012121211"))

    def shown(self, number: str) -> Shown:
        """What is read of a number, given as the file writes it."""
        if self._is_plain:
            return Shown(number_text(number))
        if self._positive and _ORDINARY.fullmatch(number):
            return Shown(_ordinary(self._positive, number))
        known = self._texts.get(number)
        if known is None:
            known = self._shown(number)
            if len(self._texts) < _REMEMBERED:
                self._texts[number] = known
        return known

    def _shown(self, number: str) -> Shown:
        digits = number if number.isdecimal() and number[0] != "0" else number_text(number)
        if len(digits) > _FORMATTED or not _PLAIN.fullmatch(digits):
            return Shown(digits)
        value = Decimal(digits)
        if "." in digits:  # Excel goes by fifteen digits
            value = Decimal(
                number if len(digits) <= KEPT_DIGITS else format(float(number), f".{KEPT_DIGITS}g")
            )
        section, is_signed = self._section(value)
        shape = section.shape if section else "plain"
        if section is None or shape in ("plain", "general"):
            return Shown(digits)
        if shape == "elapsed":
            return Shown(_elapsed(section, value))
        if shape == "date":
            return self._moment(section, value, digits)
        if shape == "beside":
            text = "".join(
                digits.lstrip("-") if sign.kind == "general" else sign.text for sign in section.signs
            )
        else:
            text = section.layout.text(value)
        if value < 0 and is_signed and (not section.layout.has_places or _NOT_ZERO.search(text)):
            text = f"-{text}"
        return Shown(useful(digits, text))

    def _section(self, value: Decimal) -> tuple[Section | None, bool]:
        """The section for a number, and whether a sign is to be written before a negative one."""
        numeric = self._sections[:3]
        if any(section.condition for section in numeric):
            return next((section for section in numeric if section.holds(value)), None), True
        if value < 0 and len(numeric) > 1:
            return numeric[1], not numeric[1].has_words
        return numeric[2 if value == 0 and len(numeric) > 2 else 0], True

    def _moment(self, section: Section, value: Decimal, digits: str) -> Shown:
        if not 0 <= value < _LAST[self._date1904] + 1:
            return Shown(digits, digits=True)
        parts = _parts(section)
        seconds = int((value * _DAY).quantize(Decimal(1), ROUND_HALF_UP))
        days, seconds = divmod(seconds, _DAY)
        if parts.time and not (parts.day and (days or self._date1904)):
            return Shown(str(dt.timedelta(seconds=seconds)).zfill(8))
        if not days and not self._date1904:  # the day before the first one, 1900/1/0
            return Shown(str(dt.timedelta(seconds=seconds)).zfill(8) if seconds else "")
        early = not self._date1904 and days < _LEAP_BUG
        moment = _ZERO[self._date1904] + dt.timedelta(days=days + early, seconds=seconds)
        if parts.weekday:
            return Shown(_weekday(section, moment))
        return Shown(
            str(moment) if parts.time and seconds else str(moment.date()),
            partly=parts.partly,
        )


def moment_text(moment: dt.datetime | dt.time) -> str:
    """A day, a time of day or both, rounded to the second."""
    if isinstance(moment, dt.time):
        return (
            moment_text(dt.datetime.combine(_ZERO[True], moment))[-8:]
            if moment.replace(microsecond=0)
            else moment.strftime("%H:%M:%S")
        )
    if moment.microsecond and moment < dt.datetime.max - _HALF_A_SECOND:
        moment += _HALF_A_SECOND
    moment = moment.replace(microsecond=0, tzinfo=None)
    return str(moment) if moment.time() != dt.time() else str(moment.date())


def iso_text(text: str) -> str:
    """A day or time of day that a cell holds as text (2021-03-02T08:47:12.99), in our spelling; anything else unchanged."""
    for kind in (dt.datetime, dt.time):
        try:
            return moment_text(kind.fromisoformat(text))
        except ValueError:
            continue
    return text


class _Parts(NamedTuple):
    day: bool
    time: bool
    partly: bool
    weekday: bool


def _parts(section: Section) -> _Parts:
    """What a section for days and times shows. m is a minute behind an hour or before a second, else a month."""
    letters = [sign.text[0].lower() for sign in section.signs if sign.kind == "date"]
    runs = [sign.text.lower() for sign in section.signs if sign.kind == "date"]
    shown = set()
    for index, letter in enumerate(letters):
        if (
            letter == "m"
            and (letters[index - 1 : index] in (["h"], ["s"]) or letters[index + 1 : index + 2] == ["s"])
            or letter in "hs"
        ):
            shown.add("time")
        elif letter == "a" or (letter == "d" and len(runs[index]) > 2):
            shown.add("weekday")
        else:
            shown.add({"e": "y", "g": "y", "b": "y"}.get(letter, letter))
    if section.has("half"):
        shown.add("time")
    days = shown & {"y", "m", "d"}
    weekday = "weekday" in shown
    return _Parts(
        bool(days) or weekday,
        "time" in shown,
        bool(days) and len(days) < 3,
        weekday and not days,
    )


def _weekday(section: Section, moment: dt.datetime) -> str:
    """星期日 for aaaa, 日 for aaa; of ddd only where the format is Chinese, else in English."""
    texts = []
    for sign in section.signs:
        name = _WEEKDAYS[moment.weekday()]
        if sign.kind == "text":
            texts.append(sign.text)
        elif sign.kind == "date" and sign.text[0] in "aA":
            texts.append(name if len(sign.text) == 3 else f"星期{name}")
        elif sign.kind == "date" and sign.text[0] in "dD":
            long = len(sign.text) > 3
            texts.append(
                f"{'星期' if long else '周'}{name}"
                if section.chinese
                else moment.strftime("%A" if long else "%a")
            )
    return "".join(texts).strip()


def _elapsed(section: Section, value: Decimal) -> str:
    """36:00:00 for [h]:mm:ss: the largest unit counts on, rounded to the smallest that is shown."""
    units = [(sign, sign.text[0].lower()) for sign in section.signs if sign.kind in ("elapsed", "date")]
    smallest = {"h": 3600, "m": 60, "s": 1}[
        min((unit for _, unit in units if unit in "hms"), key="smh".index)
    ]
    left = int((abs(value) * _DAY).quantize(Decimal(1), ROUND_HALF_UP)) // smallest * smallest
    texts = ["-" if value < 0 else ""]
    for sign in section.signs:
        if sign.kind == "text":
            texts.append(sign.text)
        elif sign.kind in ("elapsed", "date") and (
            size := {"h": 3600, "m": 60, "s": 1}.get(sign.text[0].lower())
        ):
            count, left = divmod(left, size)
            texts.append(str(count).zfill(len(sign.text)))
    return "".join(texts).strip()


def _ordinary(section: Section, number: str) -> str:
    """What is read of a number that is written out: a whole column of them is not to take long."""
    if "." in number:
        return useful(number.rstrip("0").rstrip("."), section.layout.text(Decimal(number)))
    if not section.layout.is_whole:
        return useful(number, section.layout.text(Decimal(number)))
    text = section.layout.whole(number)
    return useful(number, text) if section.has_words else text.strip()


def useful(digits: str, shown: str) -> str:
    """What is read of a number that shows as this text. digits: as `number_text` writes it.

    Never with separators where it is a plain whole number, or one of ten digits and more: those are counts, phones, ids.
    """
    shown = shown.strip()
    whole = digits.lstrip("-").isdigit()
    if not shown:
        return "" if digits == "0" else digits  # hidden by its format: nobody is to lose it
    if _GROUPED.fullmatch(shown):
        return shown.replace(",", "")
    if whole and (empty := _EMPTY_DECIMALS.fullmatch(shown)) and empty[1] == digits:
        return digits
    if whole and len(digits.lstrip("-")) >= _LONG:
        told = "".join(filter(str.isdigit, shown))
        kept = told.endswith(digits.lstrip("-")) and not _BREAKS_DIGITS.search(shown)
        return shown if kept else digits
    return shown
