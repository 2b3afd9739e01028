"""No text makes a regular expression of lib/ slow: the time of each grows with the length of what it looks through (SEC52)."""

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from lib.contact import cleaning, component_rules, phone
from lib.contact.cleaning import text_rule
from lib.contact.fields import TEXT_LIMIT
from lib.contact.privacy import COUNTRY, GAP
from lib.store import postgres
from tests.core.patterns import Pattern, collect, nested, slow_text

_RULES = [
    {"rule": rule}
    for rule in (
        *(cleaning.CIPHERTEXT, cleaning.EMAIL, cleaning.SEX, cleaning.INTEGER),
        *(phone.PHONE, phone.PRACTICE_PHONE, phone.ENCRYPTED_PHONE),
        *(text_rule(TEXT_LIMIT), component_rules.rule_of(("date",))),
    )
]
#: A worksheet whose elements have a prefix.
_SHEET = SimpleNamespace(
    prefix=b"x:",
    _cell=re.compile(rb"<x:c(?=[\s/>])(?:[^<>]*?\s)?r\s*=\s*[\"']([A-Z]{1,3})\d{1,7}[\"'][^<>]*>"),
)
_BESIDE = [{"name": b"x:", "tag": b"x:", "prefix": b"x:", "self": _SHEET}]
_PREFIX = [{"name": b"x:", "mark": b"x:", "prefix": lambda _: b"x:", "block": b""}]

#: For a pattern that is made while the program runs, what it is made of then.
EXAMPLES: Mapping[str, list[dict[str, Any]]] = {
    "lib.contact.cleaning.clean": _RULES,
    "lib.contact.number_search.Sought.__init__._spelled": [
        {"before": COUNTRY + "[0０]?", "spaced": GAP.join(["[1１]"] * 11)},
        {"before": rf"(?:[+＋]|[0０]{{2}})?{GAP}", "spaced": GAP.join(["[1１]"] * 11)},
    ],
    "lib.draft.grid_rows._found": [{"wanted": "130....1211"}],
    "lib.mapping.closed_words.strange_words": _RULES,
    "lib.sheet.paste._BETWEEN_ENTRIES": [{"mark": ";；"}],
    "lib.store.postgres.error_code": [{"sign": sign} for sign, _ in postgres._REFUSALS],
    "lib.validation.undo_cleaning.is_kept": [{"wanted": "spaces|punctuation"}],
    **dict.fromkeys(
        (
            "lib.workbook.beside._WorksheetXml.__init__",
            "lib.workbook.beside._WorksheetXml.__init__._cell",
            "lib.workbook.beside._WorksheetXml._head",
            "lib.workbook.beside._WorksheetXml._rows",
            "lib.workbook.beside._WorksheetXml.with_columns",
            "lib.workbook.beside._children",
            "lib.workbook.beside._element",
            "lib.workbook.beside._columns_without",
            "lib.workbook.beside._with_looks",
        ),
        _BESIDE,
    ),
    "lib.workbook.cells._cells": [{"template": b"%s"}],
    "lib.workbook.cells._compiled": [{"template": b"%s", "name": b"x:", "flags": 0}],
    "lib.workbook.cells._inline_text": _PREFIX,
    "lib.workbook.cells._places": _PREFIX,
    "lib.workbook.cells._styled_tags": _PREFIX,
    "lib.workbook.cells.shared_texts": _PREFIX,
    "lib.workbook.scan._Scanner.__init__._columns": _PREFIX,
    "lib.workbook.scan._Scanner.__init__._merge": _PREFIX,
    "lib.workbook.scan._Scanner.__init__._without_value": _PREFIX,
    "lib.workbook.tags._hidden": [{"pattern": rb"""<x:row(?=\s)[^<>]*?\shidden\s*=\s*["'](?:1|true)["']"""}],
    "lib.workbook.watch._has_odd_texts": [
        {"name": b"x:", "formula": rb"(?:(?:<x:f[^<>]*/>|<x:f[^<>]*>[^<]*</x:f>)\s*)?"}
    ],
}

#: Where a time may grow faster than a length: because the length is bounded before the pattern sees it.
BOUNDED = {
    "lib.contact.cleaning._repair_email": "EMAIL_LIMIT and 16 characters of a cell",
    "lib.contact.phone._COUNTRY": "SEARCHED (200) characters of a cell",
    "lib.contact.phone._TOKEN": "SEARCHED (200) characters of a cell",
    "lib.mapping.column_values._EMAIL": "_LOOKED_AT (80) characters of a cell",
    "lib.results.xlsx._MODIFIED": "what openpyxl has just written, without a text of anybody's",
    "lib.results.xlsx._SHEET_DATA": "what openpyxl has just written, without a text of anybody's",
    "lib.sheet.choices._EXAMPLE": "_SEARCHED (200) characters of a cell",
    "lib.sheet.choices._EXAMPLE_FIRST": "_SEARCHED (200) characters of a cell",
    "lib.sheet.choices._INSTRUCTION_FIRST": "_SEARCHED (200) characters of a cell",
    "lib.store.postgres.error_code": "what the administrator's own database says",
    "lib.workbook.cell_kinds._EMAIL": "_LONGEST (300) characters of a cell",
}


PATTERNS, UNKNOWN = collect(EXAMPLES)


def test_sec52_every_pattern_is_looked_at() -> None:
    """SEC52: also those that are made while the program runs."""
    assert set() == UNKNOWN
    assert len(PATTERNS) > 200
    assert set(BOUNDED) | set(EXAMPLES) <= {one.place for one in PATTERNS}


def test_sec52_no_pattern_has_a_repeat_of_repeats_of_the_same() -> None:
    assert [one.place for one in PATTERNS if nested(one.pattern)] == []


@pytest.mark.long
def test_sec52_the_time_of_a_pattern_grows_with_the_length_of_what_it_looks_through() -> None:
    """SEC52: where it grows faster the text is bounded, and BOUNDED says by what."""
    slow = {one.place: text for one in PATTERNS if one.place not in BOUNDED and (text := slow_text(one))}
    assert slow == {}


@pytest.mark.parametrize(
    ("pattern", "how"),
    [
        ("(a+)+b", "match"),
        ("(?:[ab]+|a)*c", "fullmatch"),
        (r"\s+x", "search"),
        (r"a\s*-?\s*b", "match"),
        ("<a[^>]*>", "search"),
        ("(?:a|aa)+b", "fullmatch"),
    ],
)
def test_sec52_a_pattern_that_is_slow_is_seen(pattern: str, how: str) -> None:
    one = Pattern("here", re.compile(pattern), {how})
    assert nested(one.pattern) or slow_text(one)


@pytest.mark.parametrize("pattern", [r"(?:,[0-9]+)*x", r"a\s*b", "[^<]*<", "(?:a{1,9})+b"])
def test_sec52_a_pattern_that_is_quick_is_left_alone(pattern: str) -> None:
    one = Pattern("here", re.compile(pattern), {"match"})
    assert not nested(one.pattern)
