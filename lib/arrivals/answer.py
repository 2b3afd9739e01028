"""Which rows of a batch a list of imported numbers shows, and how many lists are fetched. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from lib.contact.keys import canonical_phone
from lib.run.arrivals import ArrivalNote, ImportLook, SentRow

#: Lists of one batch that are fetched at the most.
ADDRESS_LIMIT = 5

_SUFFIX = re.compile(r"(?P<number>.*[0-9])_[a-z0-9]+", re.ASCII | re.DOTALL)


def seen(rows: Sequence[SentRow], numbers: Iterable[str], *, suffix: bool) -> ImportLook:
    """Which of the rows a list shows.

    A list with numbers that are hidden, or that this batch does not have, proves what it shows and nothing else.

    rows: all of one batch; of two with one number, listed once, nobody can tell which got in
    numbers: of the list, as the platform spells them; the same text twice counts once
    suffix: the platform was asked to append one to every number; taken off where a number with it is not ours
    """
    ours: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        ours[_key(row.phone)].append(row.row)
    counts, strangers = Counter[str](), set[str]()
    for number in set(numbers):
        key = _own_key(number, ours, suffix)
        if key is None:
            strangers.add(number)
        else:
            counts[key] += 1
    imported = {row for key, of_key in ours.items() if counts[key] >= len(of_key) for row in of_key}
    unclear = {row for key, of_key in ours.items() if 0 < counts[key] < len(of_key) for row in of_key}
    if not strangers:
        return ImportLook(ArrivalNote.LISTED, frozenset(imported), frozenset(unclear))
    unclear = {row.row for row in rows} - imported
    note = ArrivalNote.MASKED if all(map(_is_hidden, strangers)) else ArrivalNote.FOREIGN
    return ImportLook(note, frozenset(imported), frozenset(unclear))


def _own_key(number: str, ours: dict[str, list[int]], suffix: bool) -> str | None:
    key = _key(number)
    if key not in ours and suffix and (found := _SUFFIX.fullmatch(number.strip())):
        key = _key(found["number"])
    return key if key in ours else None


def _key(phone: str) -> str:
    """The number in the spelling all its spellings share; a suffix of the person's own stays a part of it."""
    bare = phone.strip()
    found = _SUFFIX.fullmatch(bare)
    return canonical_phone(found["number"]) + bare[found.end("number") :] if found else canonical_phone(bare)


def _is_hidden(number: str) -> bool:
    return not number.strip().removeprefix("+").replace("_", "").isalnum() or not any(
        map(str.isdigit, number)
    )
