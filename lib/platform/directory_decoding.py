"""Reading the answers of the look-ups whose shape the manual does not show.

Tolerant of where a list stands and how a key is spelled; never of what a value means. What is not found raises
AnswerUnreadable with the answer, and nothing is guessed. Pure.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeGuard

from lib.errors import AnswerUnreadable
from lib.platform.connection import is_uuid
from lib.platform.directory import Component, Task, TaskKind, TaskState, Validity
from lib.platform.text import plain, raw, whole_number

#: Characters of a name that are shown.
NAME_LIMIT = 80

#: Rules kept of one component.
MOST_RULES = 20

#: Zone of the platform's times; none is stated, so its customers' is taken.
PLATFORM_ZONE = timezone(timedelta(hours=8))

#: Spellings, the documented one first.
_LIST = ("data", "list", "items", "rows", "records")
_TASK_ID = ("uuid", "id", "task_uuid", "task_id")
_TASK_NAME = ("name", "task_name", "taskName", "title")
_OWNER_ID = ("user_id", "owner_id", "sub_user_id")
_COMPONENT_ID = ("id", "uuid", "component_id", "field_id")
_COMPONENT_NAME = ("name", "component_name", "label", "title", "field_name")
_TYPE = ("type", "component_type", "field_type")
_RULES = ("validate", "rules", "rule", "validation", "validators")
_ACCOUNT_ID = ("id", "uuid", "user_id", "sub_user_id")
_ACCOUNT_NAME = ("name", "username", "nickname", "user_name")
_UNTIL = (
    "expired_at", "expires_at", "expire_at", "expiredAt", "expiresAt", "expire_time", "expireTime", "expired_time", "expiration",
    "expire_date", "expires", "expired", "exp", "valid_until", "validity", "valid_to", "end_at", "end_time", "deadline",
)  # fmt: skip
_SECONDS_LEFT = ("expires_in", "expire_in", "ttl")


@dataclass(frozen=True)
class ListPage:
    """The entries of one page of a list. last_page: None where the answer does not say how many there are."""

    entries: list[Mapping[str, Any]]
    last_page: int | None


def listed(document: Mapping[str, Any]) -> ListPage:
    """The entries of a list answer, wherever they stand below `data`.

    Read are: an array; an object that holds one array of objects (`list`, a paginator's `data`, …); an object of id →
    object. An empty list is a list. Raises AnswerUnreadable for anything else.
    """
    data = document.get("data")
    entries = _entries(data)
    if entries is None:
        raise unreadable(document)
    paging = next((place for place in (document.get("meta"), data, document) if _has_paging(place)), {})
    return ListPage(entries, _last_page(paging))


def _entries(data: Any) -> list[Mapping[str, Any]] | None:
    if isinstance(data, list):
        return data if all(isinstance(entry, dict) for entry in data) else None
    if not isinstance(data, dict):
        return None
    lists = {
        name: value
        for name, value in data.items()
        if isinstance(value, list) and all(isinstance(one, dict) for one in value)
    }
    if (usual := next((name for name in _LIST if name in lists), None)) is not None:
        return lists[usual]
    if len(lists) == 1:
        return next(iter(lists.values()))
    if data and all(is_uuid(key) and isinstance(value, dict) for key, value in data.items()):
        return [{"id": key} | value for key, value in data.items()]
    return None


def _has_paging(place: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(place, dict) and bool({"last_page", "total", "total_page", "pages"} & place.keys())


def _last_page(paging: Mapping[str, Any]) -> int | None:
    for name in ("last_page", "total_page", "pages"):
        if (last := whole_number(paging.get(name))) is not None:
            return last
    total, per_page = whole_number(paging.get("total")), whole_number(paging.get("per_page"))
    return -(-total // per_page) if total is not None and per_page else None


def unreadable(document: Mapping[str, Any]) -> AnswerUnreadable:
    """The error for an answer in which nothing was found."""
    return AnswerUnreadable(raw(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")))


def tasks(document: Mapping[str, Any], kind: TaskKind) -> tuple[list[Task], int]:
    """The tasks of one page, and how many entries had no UUID. Raises AnswerUnreadable where not one had."""
    found = []
    entries = listed(document).entries
    for entry in entries:
        if identity := _id(entry, _TASK_ID):
            state = _new_state(entry) if kind == TaskKind.NEW else _classic_state(entry)
            found.append(Task(identity, _text(entry, _TASK_NAME), kind, state, _owner(entry)))
    return found, _unread(document, len(entries), len(found))


def _unread(document: Mapping[str, Any], entries: int, found: int) -> int:
    if entries and not found:
        raise unreadable(document)
    return entries - found


_CLASSIC_STATES = {1: TaskState.PAUSED, 2: TaskState.RUNNING, 3: TaskState.WAITING}

#: 3 means "running and waiting" here; both refuse numbers.
_NEW_STATES = {1: TaskState.PAUSED, 3: TaskState.RUNNING}


def _classic_state(entry: Mapping[str, Any]) -> TaskState:
    return _CLASSIC_STATES.get(whole_number(entry.get("status")) or 0, TaskState.UNKNOWN)


def _new_state(entry: Mapping[str, Any]) -> TaskState:
    """By `enable` and `call_status`, as the 2.0 list documents them; by `status` where the first is missing."""
    extra = entry.get("new_task_extra")
    extra = extra if isinstance(extra, dict) else {}
    enabled, calling = _flag(entry.get("enable")), _flag(extra.get("call_status", entry.get("call_status")))
    if enabled is None:
        return _NEW_STATES.get(whole_number(entry.get("status")) or 0, TaskState.UNKNOWN)
    if enabled:
        return TaskState.WAITING if calling is False else TaskState.RUNNING
    return TaskState.UNKNOWN if calling else TaskState.PAUSED


def _owner(entry: Mapping[str, Any]) -> str:
    user = entry.get("user")
    return _id(entry, _OWNER_ID) or (_id(user, _ACCOUNT_ID) if isinstance(user, dict) else "")


def accounts(document: Mapping[str, Any]) -> dict[str, str]:
    """Sub-account id → name, of one page."""
    named = ((_id(entry, _ACCOUNT_ID), _text(entry, _ACCOUNT_NAME)) for entry in listed(document).entries)
    return {identity: name for identity, name in named if identity and name}


def components(document: Mapping[str, Any]) -> tuple[list[Component], int]:
    """The components in the platform's order, and how many entries had no UUID. Raises AnswerUnreadable."""
    entries = listed(document).entries
    by_sort = sorted(entries, key=lambda entry: whole_number(entry.get("sort")) or 0)
    found = [
        Component(identity, _text(entry, _COMPONENT_NAME), _text(entry, _TYPE), _rules(entry))
        for entry in by_sort
        if (identity := _id(entry, _COMPONENT_ID))
    ]
    return found, _unread(document, len(entries), len(found))


def _rules(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """A list of words, words joined by "|", or an object of word → whether."""
    given: Any = next((entry[name] for name in _RULES if entry.get(name)), [])
    if isinstance(given, str):
        given = re.split(r"[|,]", given) if "|" in given or ":" not in given else [given]
    elif isinstance(given, dict):
        given = [
            name if value is True else f"{name}:{value}"
            for name, value in given.items()
            if value not in (False, None)
        ]
    elif not isinstance(given, list):
        return ()
    words = (plain(str(rule)).strip()[:NAME_LIMIT] for rule in given if isinstance(rule, str))
    return tuple(dict.fromkeys(filter(None, words)))[:MOST_RULES]


def validity(document: Mapping[str, Any], now: datetime | None = None) -> Validity:
    """Until when the token is good. now: aware. Raises AnswerUnreadable where the answer does not say it."""
    now = now or datetime.now(UTC)
    data = document.get("data")
    places = [data, data.get("token") if isinstance(data, dict) else None]
    for place in places:
        for value in _moments(place):
            if (until := _moment(value)) is not None:
                shown = (
                    value
                    if isinstance(value, str) and not value.isdigit()
                    else f"{until.astimezone(PLATFORM_ZONE):%Y-%m-%d %H:%M:%S}"
                )
                return Validity(plain(shown)[:NAME_LIMIT], (until - now).days)
        if isinstance(place, dict):
            for name in _SECONDS_LEFT:
                if (seconds := whole_number(place.get(name))) is not None and seconds < 10**10:
                    until = now + timedelta(seconds=seconds)
                    return Validity(
                        f"{until.astimezone(PLATFORM_ZONE):%Y-%m-%d %H:%M:%S}", (until - now).days
                    )
    raise unreadable(document)


def _moments(place: Any) -> list[Any]:
    if isinstance(place, dict):
        return [place[name] for name in _UNTIL if name in place]
    return [place]


def _moment(value: Any) -> datetime | None:
    """A time as text, or as seconds or milliseconds since 1970, between 2000 and 2100."""
    number = whole_number(value)
    try:
        if number is not None:
            found = datetime.fromtimestamp(number / 1000 if number >= 10**11 else number, UTC)
        elif isinstance(value, str):
            found = datetime.fromisoformat(value.strip().replace("/", "-"))
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    found = found if found.tzinfo else found.replace(tzinfo=PLATFORM_ZONE)
    return found if 2000 <= found.year < 2100 else None


def _id(entry: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first value under these names that is a UUID, as every id of the manual's samples is."""
    return next((value for name in names if isinstance(value := entry.get(name), str) and is_uuid(value)), "")


def _text(entry: Mapping[str, Any], names: tuple[str, ...]) -> str:
    texts = (value for name in names if isinstance(value := entry.get(name), str))
    return next((shown for text in texts if (shown := plain(text)[:NAME_LIMIT].strip())), "")


def _flag(value: Any) -> bool | None:
    """True and false as JSON, as 0 and 1, or as their words."""
    known = {"true": True, "1": True, "false": False, "0": False}
    return known.get(str(value).strip().lower()) if isinstance(value, bool | int | str) else None
