"""The judge's own reading of the manual's page of `async_number`: what a request has to look like.

Deliberately written without a look at `fields`, `payload` or `validation`: whoever shares code with the accused finds
nothing. Where the page says nothing (length of a name, form of a number) nothing is checked; where it names a field or
a type, everything else is refused, because a wrong spelling that is silently ignored would hide a mistake of ours.
"""

import json
from typing import Any

#: Rows in one request, from the page: "at most 200".
MOST_ROWS = 200

#: Mistakes told in one answer; a request with 200 wrong rows needs no longer message.
MOST_MESSAGES = 50

Messages = dict[str, list[str]]

_FLAGS = ("ignore_crm", "number_add_suffix", "encryption")
_ROW_TEXTS = ("name", "company", "email", "extra", "control_select_robot")
_ROW_INTEGERS = ("sex", "source_id", "industry_id", "grade_id")

#: The table of the page writes these two under `data.*`, its samples at the top: both places are accepted.
_EITHER_PLACE = ("encryption", "sub_user_id")

_KNOWN_TOP = {"data", *_FLAGS, "sub_user_id"}
_KNOWN_ROW = {"phone", "sort", "components", *_ROW_TEXTS, *_ROW_INTEGERS, *_EITHER_PLACE}

_TEXT = "必须是字符串。"
_INTEGER = "必须是整数。"
_FLAG = "必须是布尔值。"
_MISSING = "不能为空。"
_UNKNOWN = "不是接口文档中的字段。"


class UnreadableError(ValueError):
    """The body is not one JSON document; the text says why."""


def read(body: bytes) -> Any:
    """The JSON document in `body`: UTF-8, no NaN, no key twice, nothing that cannot be written back as UTF-8."""
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_once)
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:  # UnicodeError and JSONDecodeError are ValueErrors
        raise UnreadableError(f"请求体不是有效的 JSON：{type(error).__name__}") from error
    return document


def mistakes(document: Any) -> Messages:
    """What is wrong with the request, by field as `data.3.phone`; empty where it follows the page."""
    if not isinstance(document, dict):
        return {"body": ["必须是 JSON 对象。"]}
    found: Messages = {}
    _strangers(document, _KNOWN_TOP, "", found)
    _flags(document, found)
    rows = document.get("data")
    if not isinstance(rows, list):
        _add(found, "data", "必须是数组。")
    elif not 1 <= len(rows) <= MOST_ROWS:
        _add(found, "data", f"必须有 1 到 {MOST_ROWS} 条。")
    else:
        for position, row in enumerate(rows):
            _row(row, f"data.{position}", found)
    return dict(list(found.items())[:MOST_MESSAGES])


def component_mistakes(rows: list[dict[str, Any]], known: set[str], required: set[str]) -> Messages:
    """Components against the account's own list; only asked for rows that enter the CRM pool.

    rows: that passed `mistakes`; a component without `id` would be a bug here
    known: ids the account has, compared as they are written
    required: ids that every row must have
    """
    found: Messages = {}
    for position, row in enumerate(rows):
        given = {component["id"] for component in row.get("components", [])}
        if given - known:
            _add(found, f"data.{position}.components", "组件不存在。")
        if required - given:
            _add(found, f"data.{position}.components", "缺少必填组件。")
    return found


def _row(row: Any, place: str, found: Messages) -> None:
    if not isinstance(row, dict):
        _add(found, place, "必须是 JSON 对象。")
        return
    _strangers(row, _KNOWN_ROW, f"{place}.", found)
    _phone_and_sort(row, place, found)
    for name in (*_ROW_TEXTS, "sub_user_id"):
        if name in row and not isinstance(row[name], str):
            _add(found, f"{place}.{name}", _TEXT)
    for name in _ROW_INTEGERS:
        if name in row and not _is_integer(row[name]):
            _add(found, f"{place}.{name}", _INTEGER)
    if _is_integer(row.get("sex")) and row["sex"] not in (0, 1, 2):
        _add(found, f"{place}.sex", "只能是 0、1 或 2。")
    if "encryption" in row and not isinstance(row["encryption"], bool):
        _add(found, f"{place}.encryption", _FLAG)
    if "components" in row:
        _components(row["components"], f"{place}.components", found)


def _phone_and_sort(row: dict[str, Any], place: str, found: Messages) -> None:
    phone = row.get("phone")
    if phone is None or phone == "":
        _add(found, f"{place}.phone", _MISSING)
    elif not isinstance(phone, str):
        _add(found, f"{place}.phone", _TEXT)
    elif not phone.strip():
        _add(found, f"{place}.phone", _MISSING)
    if row.get("sort") is None:
        _add(found, f"{place}.sort", _MISSING)
    elif not _is_integer(row["sort"]):
        _add(found, f"{place}.sort", _INTEGER)


def _components(components: Any, place: str, found: Messages) -> None:
    if not isinstance(components, list):
        _add(found, place, "必须是数组。")
        return
    for position, component in enumerate(components):
        if not isinstance(component, dict) or set(component) != {"id", "value"}:
            _add(found, f"{place}.{position}", "必须且只能有 id 和 value。")
        elif not all(isinstance(value, str) for value in component.values()):
            _add(found, f"{place}.{position}", _TEXT)


def _flags(document: dict[str, Any], found: Messages) -> None:
    for name in _FLAGS:
        if name in document and not isinstance(document[name], bool):
            _add(found, name, _FLAG)
    if "sub_user_id" in document and not isinstance(document["sub_user_id"], str):
        _add(found, "sub_user_id", _TEXT)


def _strangers(given: dict[str, Any], known: set[str], prefix: str, found: Messages) -> None:
    for name in given.keys() - known:
        _add(found, prefix + name, _UNKNOWN)


def _is_integer(value: Any) -> bool:
    """A JSON integer; `True` is an int to Python and not to the page."""
    return isinstance(value, int) and not isinstance(value, bool)


def _add(found: Messages, field: str, message: str) -> None:
    found.setdefault(field, []).append(message)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON whose keys are all different."""
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key occurs twice")
    return document
