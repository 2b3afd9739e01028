"""Reads what the platform calls back with: which batches it may be about, and a masked copy to keep. Pure.

The document is in the API manual's pages on callbacks; method, headers and the form of the request are documented
nowhere, so JSON, a form and a query are taken alike. Whoever knows the address can send anything: nothing here is
believed, an address in it is never fetched, and a number in it is never compared with ours.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from lib.contact.privacy import mask_phone, mask_private
from lib.platform.text import raw, without_keys
from lib.run.callbacks import CallbackNote

#: Bytes of a callback that are read; the documented ones take less than a thousand.
LONGEST_BODY = 65_536

#: How deep a document is followed, how many batches one may name, and characters of a batch's id.
DEPTH, MOST_IDS, LONGEST_ID = 8, 20, 100

_UUID = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9A-Za-z])")
_NUMBERS = re.compile(r"number|phone|mobile|tel", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\[([^\[\]]*)\]$")

#: A JSON number below it is nobody's phone number.
_SHORT = 10_000_000


def read(query: str, body: bytes) -> CallbackNote | None:
    """The callback as it may be kept; None where there is nothing in it. query: what stands after "?" in the address."""
    parts = [part for part in (_pairs(query), _content(body)) if part not in (None, "", {}, [])]
    if not parts:
        return None
    whole = parts[0] if len(parts) == 1 else {"query": parts[0], "body": parts[1]}
    named = list(dict.fromkeys(_named(whole, DEPTH)))
    text = json.dumps(whole, ensure_ascii=False)
    ids = named or list(dict.fromkeys(found.group() for found in _UUID.finditer(text)))
    shown = _masked(whole, "", DEPTH)
    plain = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
    document = without_keys(raw(plain.encode("utf-8", "replace")))
    return CallbackNote(tuple(ids[:MOST_IDS]), mask_private(named[0]) if named else "", document)


def _content(body: bytes) -> Any:
    """JSON, else a form, else the text."""
    text = body.decode("utf-8-sig", "replace").strip()
    document = _json(text)
    return document if document is not None else _pairs(text) or text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _pairs(text: str) -> dict[str, Any]:
    """A query or a form as an object; empty where it is neither."""
    try:
        pairs = (
            parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=1_000) if text else []
        )
    except ValueError:
        return {}
    found: dict[str, Any] = {}
    for name, value in pairs:
        found[name] = [found[name], value] if name in found and not isinstance(found[name], list) else value
    return found


def _named(value: Any, depth: int) -> Iterator[str]:
    """Every unique_id that stands under its own name, however deep."""
    if depth == 0:
        return
    if isinstance(value, str) and value[:1] in "{[":
        value = _json(value)
    if isinstance(value, list):
        for one in value:
            yield from _named(one, depth - 1)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if _is_unique_id(name) and isinstance(inner, str) and _is_id(inner.strip()):
                yield inner.strip()
            else:
                yield from _named(inner, depth - 1)


def _is_unique_id(name: str) -> bool:
    """`unique_id` in any spelling, also as the last part of a form's `data[unique_id]`."""
    inner = _IN_BRACKETS.search(name)
    return re.sub(r"[\s_-]", "", inner[1] if inner else name).lower() == "uniqueid"


def _is_id(text: str) -> bool:
    return 0 < len(text) <= LONGEST_ID and text.isascii() and text.isprintable()


def _masked(value: Any, name: str, depth: int) -> Any:
    """The same document without anybody's number or e-mail address. name: under which the value stands."""
    if isinstance(value, dict) and depth:
        return {mask_private(str(key)): _masked(inner, str(key), depth - 1) for key, inner in value.items()}
    if isinstance(value, list) and depth:
        return [_masked(inner, name, depth - 1) for inner in value]
    if isinstance(value, dict | list):
        return "…"
    if _NUMBERS.search(name):
        return mask_phone(str(value))
    is_short = isinstance(value, int | float) and abs(value) < _SHORT
    return value if value is None or is_short else mask_private(str(value))
