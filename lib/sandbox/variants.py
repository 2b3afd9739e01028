"""Ways the real platform might answer where its manual shows nothing: each a change of one finished answer.

The names are values of the switch `variants`; several may be on at once and are applied in the order given. The shapes
the manual does show are the ones without any variant.
"""

import json
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from lib.sandbox.faults import envelope, reply

#: What an address is about, and so which variants concern it.
TASKS, ALL_TASKS, COMPONENTS, TOKEN, ACCOUNTS, OTHER = (
    "tasks",
    "all tasks",
    "components",
    "token",
    "accounts",
    "other",
)

_TASK_LISTS = frozenset({TASKS, ALL_TASKS})
_LISTS = _TASK_LISTS | {COMPONENTS, ACCOUNTS}
_DIRECTORY = _LISTS | {TOKEN}

Document = dict[str, Any]
Change = Callable[[Document], Any]


def _in_list(document: Document) -> Document:
    return _without(document, "meta") | {"data": {"list": document["data"], "total": len(document["data"])}}


def _paginator(document: Document) -> Document:
    meta = document.get(
        "meta", {"last_page": 1, "current_page": 1, "per_page": "15", "total": len(document["data"])}
    )
    return _without(document, "meta") | {"data": {**meta, "data": document["data"], "links": [1, 2]}}


def _keyed(document: Document) -> Document:
    rows = {_any_id(row): _without(row, "id", "uuid") for row in document["data"]}
    return document | {"data": rows}


def _texts(document: Document) -> Document:
    meta = {name: str(value) for name, value in document.get("meta", {}).items()}
    return document | {
        "code": "200",
        "meta": meta,
        "data": [{k: _worded(v) for k, v in row.items()} for row in document["data"]],
    }


def _worded(value: Any) -> Any:
    return str(value) if isinstance(value, int | bool) else value


def _renamed(**names: str) -> Change:
    def change(document: Document) -> Document:
        return document | {
            "data": [
                {names.get(name, name): value for name, value in row.items()} for row in document["data"]
            ]
        }

    return change


def _dropped(*names: str) -> Change:
    return lambda document: document | {"data": [_without(row, *names) for row in document["data"]]}


def _rule_words(document: Document) -> Document:
    return document | {"data": [{**row, "validate": "|".join(row["validate"])} for row in document["data"]]}


def _rule_flags(document: Document) -> Document:
    return document | {
        "data": [{**row, "validate": dict.fromkeys(row["validate"], True)} for row in document["data"]]
    }


def _rule_strange(document: Document) -> Document:
    return document | {
        "data": [
            {**row, "validate": [*row["validate"], "max:20"], "type": "cascade"} for row in document["data"]
        ]
    }


def _until(make: Callable[[str], Any]) -> Change:
    return lambda document: document | {"data": make(document["data"]["expired_at"])}


def _missing(_: Document) -> Response:
    return reply(envelope(404, "接口不存在"), 404)


def _forbidden(_: Document) -> Response:
    return reply(envelope(403, "没有权限"), 403)


def _failing(_: Document) -> Response:
    return reply(envelope(500, "系统错误"), 500)


def _strange(document: Document) -> Document:
    return _without(document, "meta") | {"data": {"结果": [[1, "二"], [3, "四"]], "说明": "见控制台"}}


#: Name → (addresses it concerns, meaning, change).
VARIANTS: dict[str, tuple[frozenset[str], str, Change]] = {
    "list_in_list": (_LISTS, "lists stand in data.list, without meta", _in_list),
    "list_paginator": (_LISTS, "lists stand in data.data beside their page numbers", _paginator),
    "list_no_meta": (_LISTS, "lists come without page numbers", lambda document: _without(document, "meta")),
    "list_keyed": (_LISTS, "data is an object of id to entry", _keyed),
    "list_texts": (_LISTS, "numbers and flags of lists are texts", _texts),
    "list_bare": (_LISTS, "lists come without an envelope", lambda document: document["data"]),
    "list_no_names": (_LISTS, "entries have no name", _dropped("name")),
    "list_no_ids": (_LISTS, "entries have no id", _dropped("id", "uuid")),
    "task_renamed": (_TASK_LISTS, "task_id and task_name", _renamed(id="task_id", uuid="task_id", name="task_name")),
    "task_no_state": (_TASK_LISTS, "tasks without any state", _dropped("status", "enable", "new_task_extra")),
    "task_no_owner": (_TASK_LISTS, "tasks without their account", _dropped("user_id")),
    "component_renamed": (
        frozenset({COMPONENTS}), "component_id, label and rules", _renamed(id="component_id", name="label", validate="rules"),
    ),
    "rules_words": (frozenset({COMPONENTS}), "rules joined by |", _rule_words),
    "rules_flags": (frozenset({COMPONENTS}), "rules as an object of flags", _rule_flags),
    "rules_strange": (frozenset({COMPONENTS}), "a type and a rule nobody documents", _rule_strange),
    "token_plain": (frozenset({TOKEN}), "data is the time itself", _until(lambda until: until)),
    "token_nested": (frozenset({TOKEN}), "the time stands in data.token", _until(lambda until: {"token": {"expires_at": until}})),
    "token_left": (frozenset({TOKEN}), "seconds that are left", _until(lambda _: {"expires_in": 86400})),
    "token_over": (frozenset({TOKEN}), "a time that is over", _until(lambda _: {"expired_at": "2020-01-01 00:00:00"})),
    "token_silent": (frozenset({TOKEN}), "no validity in it", _until(lambda _: {"status": 1})),
    "directory_strange": (_DIRECTORY, "a shape nobody foresaw", _strange),
    "directory_missing": (_DIRECTORY, "404", _missing),
    "directory_failing": (_DIRECTORY, "500", _failing),
    "accounts_missing": (frozenset({ACCOUNTS}), "404 for the list of sub-accounts", _missing),
    "all_tasks_forbidden": (frozenset({ALL_TASKS}), "403 for the tasks of all sub-accounts", _forbidden),
    "all_tasks_missing": (frozenset({ALL_TASKS}), "404 for the tasks of all sub-accounts", _missing),
    "lookups_missing": (_DIRECTORY | {OTHER}, "404 for every look-up there is", _missing),
}  # fmt: skip

KNOWN_VARIANTS: frozenset[str] = frozenset(VARIANTS)


def told_otherwise(names: tuple[str, ...], about: str, answer: Response) -> Response:
    """The answer with the variants that concern it; refusals stay what they are.

    names: of the variants that are on, applied in this order; each has to be one of `VARIANTS`
    about: what the address is about, as the constants above; "" for one that no variant concerns
    answer: finished JSON; any HTTP status but 200 is a refusal
    """
    for name in names:
        concerns, _, change = VARIANTS[name]
        if about not in concerns or answer.status_code != 200:
            continue
        changed = change(json.loads(bytes(answer.body)))
        answer = changed if isinstance(changed, Response) else reply(changed)
    return answer


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _any_id(row: dict[str, Any]) -> str:
    return str(row.get("id") or row["uuid"])
