"""What the platform's answer about a batch says: numbers, addresses of lists, or nothing that can be read. Pure.

The answer is documented nowhere: the document the platform calls back with is the likely form, and its parts are taken
wherever they stand. What is not recognised is never guessed at.
"""

from dataclasses import dataclass, field
from typing import Any

#: How deep an answer is followed.
DEPTH = 5

#: Kinds of callback that tell of numbers added; one of numbers deleted must never be taken for it.
_IMPORTS = ("import_number", "api_customer_to_task")

_LISTS, _NUMBERS, _MORE = (
    ("numbers", "phones", "list"),
    ("number", "phone", "mobile"),
    ("data", "result", "callback"),
)


@dataclass(frozen=True)
class ImportResult:
    """What an answer says. is_listed: it holds a list of numbers, however short; is_readable: all of it was understood."""

    numbers: tuple[str, ...] = field(default=(), repr=False)
    addresses: tuple[str, ...] = field(default=(), repr=False)
    is_listed: bool = False
    is_readable: bool = True


def decode_import_result(document: Any, unique_id: str = "") -> ImportResult:
    """The answer's `data`, or a fetched list. unique_id: parts that name another batch are not about ours."""
    found = _Finder(unique_id)
    found.take(document, DEPTH)
    return ImportResult(
        tuple(found.numbers), tuple(dict.fromkeys(found.addresses)), found.is_listed, found.is_readable
    )


class _Finder:
    def __init__(self, unique_id: str) -> None:
        self._unique_id = unique_id
        self.numbers: list[str] = []
        self.addresses: list[str] = []
        self.is_listed, self.is_readable = False, True

    def take(self, value: Any, depth: int) -> None:
        if depth == 0:
            self.is_readable = False
        elif isinstance(value, dict) and value:
            self._take_object(value, depth)
        elif isinstance(value, list) and value:
            self._take_list(value, depth)
        elif value not in (None, "", [], {}):
            self.is_readable = False

    def _take_object(self, value: dict[str, Any], depth: int) -> None:
        is_other = value.get("type", "import_number") not in _IMPORTS
        is_other = is_other or (
            bool(self._unique_id) and value.get("unique_id", self._unique_id) != self._unique_id
        )
        known = [name for name in (*_LISTS, *_NUMBERS, *_MORE, "url") if name in value]
        if is_other or not known:
            self.is_readable = False
            return
        for name in known:
            inner = value[name]
            if name == "url" and isinstance(inner, str) and inner:
                self.addresses.append(inner)
            elif name in _LISTS and isinstance(inner, list):
                self.is_listed = True
                self._take_list(inner, depth)
            elif name in _NUMBERS and _is_number(inner):
                self.is_listed = True
                self.numbers.append(str(inner))
            else:
                self.take(inner, depth - 1)

    def _take_list(self, values: list[Any], depth: int) -> None:
        if values and all(map(_is_number, values)):
            self.is_listed = True
            self.numbers.extend(map(str, values))
        else:
            for one in values:
                self.take(one, depth - 1)


def _is_number(value: Any) -> bool:
    return (isinstance(value, str) and value != "") or (
        isinstance(value, int) and not isinstance(value, bool)
    )
