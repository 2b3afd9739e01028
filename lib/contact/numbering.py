"""Whose number this is: the mainland's numbering plan and the world's country codes, as data.

Mobile ranges: 电信网编号计划 (MIIT, 2017 edition) with the ranges given out since (190 to 193, 195 to 199, 162, 165,
167, 1610), as of November 2026. Area codes and country codes: `numbering_places.tsv`, taken from the geocoding data of
the `phonenumbers` library 9.0.43 (Apache License 2.0), four area codes it only knows by town filled in, country names
from Unicode CLDR.

Why not the library itself: it takes 32 µs for a number (3 s for a sheet of 100,000; this takes one look per distinct
prefix), calls the ranges for machines invalid, and does not tell virtual operators and satellites from the rest. It is
the judge of this table in the tests instead.
"""

import csv
import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd


class NumberKind(StrEnum):
    """What sort of number this is; sentence `number.kind.<kind>`."""

    MOBILE = "mobile"
    VIRTUAL = "virtual"  # a virtual operator's: rented from one of the networks, an ordinary phone
    IOT = "iot"  # meters, trackers, data cards
    SATELLITE = "satellite"
    UNASSIGNED = "unassigned"  # mobile range, area code or country code that nobody has been given
    LANDLINE = "landline"
    SERVICE = "service"
    HONG_KONG = "hong_kong"
    MACAO = "macao"
    TAIWAN = "taiwan"
    FOREIGN = "foreign"
    OTHER = "other"  # ciphertext, a suffixed number, no number at all


#: Prefixes of 11-digit numbers, the longest that fits counts; a range that stands nowhere is not assigned.
_RANGES: dict[NumberKind, str] = {
    NumberKind.MOBILE: (
        "130 131 132 133 134 135 136 137 138 139 145 147 150 151 152 153 155 156 157 158 159 1610 166 "
        "173 175 176 177 178 180 181 182 183 184 185 186 187 188 189 190 191 192 193 195 196 197 198 199"
    ),
    NumberKind.VIRTUAL: "162 165 167 170 171",
    NumberKind.IOT: "140 141 144 146 148 149 172",
    NumberKind.SATELLITE: "1349 1740 1741 1749",
}
_KIND_OF_RANGE = {prefix: kind for kind, prefixes in _RANGES.items() for prefix in prefixes.split()}

#: RE2 pattern of mobiles nothing has to be said about: ordinary and virtual ranges without their exceptions.
ORDINARY_MOBILE = "1(?:3[0-35-9][0-9]|34[0-8]|4[57][0-9]|5[0-35-9][0-9]|610|6[2567][0-9]|7[0135-8][0-9]|8[0-9]{2}|9[0-35-9][0-9])[0-9]{7}"

#: The app's own examples (template, sample) are of this range, because nobody has it.
EXAMPLE_RANGE = "154"

#: Numbers of machines have 13 digits too: 10648… and its sisters, and the networks 140 to 144.
_MACHINE = re.compile("(?:1064[0-9]|14[0-4][0-9]{2})[0-9]{8}")
_MOBILE = re.compile("1[3-9][0-9]{9}")
_LANDLINE = re.compile("0(?:10|2[0-9]|[3-9][0-9]{2})[0-9]{7,8}")
_SERVICE = re.compile("[48]00[0-9]{7}|9[56][0-9]{3,4}")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}")
_GREATER_CHINA = {"852": NumberKind.HONG_KONG, "853": NumberKind.MACAO, "886": NumberKind.TAIWAN}

_PLACES = Path(__file__).with_name("numbering_places.tsv")


class Place(NamedTuple):
    """An area or a country by its name in each language."""

    zh: str
    en: str


@cache
def places(kind: str) -> dict[str, Place]:
    """Code → place. kind: "area" (codes with their 0) or "country" (codes without +)."""
    with _PLACES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["code"]: Place(row["zh"], row["en"]) for row in rows if row["kind"] == kind}


def kind_of(number: str) -> NumberKind:
    """The kind of one cleaned number (`phone`): digits only, or + and digits."""
    if _MOBILE.fullmatch(number):
        by_prefix = (_KIND_OF_RANGE.get(number[:size]) for size in (4, 3))
        return next((kind for kind in by_prefix if kind), NumberKind.UNASSIGNED)
    if _MACHINE.fullmatch(number):
        return NumberKind.IOT
    if _LANDLINE.fullmatch(number):
        return NumberKind.LANDLINE if _area_code(number) in places("area") else NumberKind.UNASSIGNED
    if _SERVICE.fullmatch(number):
        return NumberKind.SERVICE
    if _INTERNATIONAL.fullmatch(number):
        country = country_code(number)
        return _GREATER_CHINA.get(country, NumberKind.FOREIGN) if country else NumberKind.UNASSIGNED
    return NumberKind.OTHER


def kinds(numbers: pd.Series) -> pd.Series:
    """How many of each kind: `NumberKind` → count, most first. One look per distinct mobile prefix, not per number."""
    mobile = numbers.str.fullmatch(_MOBILE.pattern)
    by_prefix = numbers[mobile].str.slice(0, 4).value_counts()
    counted = [(kind_of(f"{prefix}0000000"), int(count)) for prefix, count in by_prefix.items()]
    counted += [(kind_of(number), 1) for number in numbers[~mobile]]
    tally = pd.DataFrame(counted, columns=["kind", "count"]).groupby("kind", sort=False)["count"].sum()
    return tally.sort_values(ascending=False, kind="stable")


def _area_code(number: str) -> str:
    """The area code of a landline with its 0, known or not: 010, 02x, 0xxx."""
    return number[: 3 if number[1] in "12" else 4]


def country_code(number: str) -> str:
    """The country code of +852…, "" where nobody has it. No code is the start of another one."""
    known = places("country")
    return next((number[1 : 1 + size] for size in (1, 2, 3) if number[1 : 1 + size] in known), "")


def place_of(number: str, lang: str) -> str:
    """Where a cleaned number belongs, in words; for a range that is not assigned its digits; "" where it says nothing."""
    kind = kind_of(number)
    if kind == NumberKind.LANDLINE:
        return str(getattr(places("area")[_area_code(number)], lang))
    if number.startswith("+"):
        country = country_code(number)
        return str(getattr(places("country")[country], lang)) if country else number[:4]
    if kind == NumberKind.UNASSIGNED:
        return _area_code(number) if number.startswith("0") else number[:3]
    return ""
