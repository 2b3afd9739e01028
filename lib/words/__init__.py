"""Words by key and language. The sentences live in `lib/words/<language>/<area>.py` as `WORDS`, those of one prefix
(what stands before the first dot of a key) in one file.

A missing key or parameter raises: an empty or half sentence on screen is a bug of ours, not the person's.
"""

import importlib
import pkgutil
from functools import cache
from typing import Any

#: Languages the app speaks; the first is the default.
LANGUAGES = ("zh", "en")

#: What each calls itself, so that its reader finds it; it stands so in the address too.
NAMES = {"zh": "中文", "en": "English"}

#: Parameters that name a row. A spreadsheet does not group the digits of its row numbers.
_ROWS = frozenset({"row", "first", "last"})

Words = dict[str, str | dict[str, str]]


@cache
def words(lang: str) -> Words:
    """Every sentence of one language by key; raises KeyError for a key written in two modules."""
    package = importlib.import_module(f"lib.words.{lang}")
    merged: Words = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        area: Words = importlib.import_module(f"{package.__name__}.{module}").WORDS
        if twice := merged.keys() & area.keys():
            raise KeyError(f"written twice in {lang}: {sorted(twice)}")
        merged |= area
    return merged


def t(key: str, lang: str, /, **params: Any) -> str:
    """The sentence of `key` in `lang`, filled in. Integers are grouped (31,112) unless they name a row; `count` picks the plural."""
    text = words(lang)[key]
    if isinstance(text, dict):
        text = text["one" if params.get("count") == 1 else "other"]
    return text.format(**{name: value if name in _ROWS else _shown(value) for name, value in params.items()})


def _shown(value: Any) -> Any:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value


def closest_language(browser_locale: str | None) -> str:
    """The language to start with: English only where the browser asks for something that is not Chinese."""
    return "en" if browser_locale and not browser_locale.lower().startswith("zh") else "zh"
