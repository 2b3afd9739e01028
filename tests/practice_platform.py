"""A practice platform, asked and set from a test."""

import json
import urllib.request
from typing import Any

from tests.waiting import PATIENCE

#: Straight to it, whatever proxy the environment names; a client of httpx would read every authority's certificate first, each time.
_STRAIGHT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def control(url: str, **switches: Any) -> dict[str, Any]:
    """Set these switches of it; what all of them are. One it does not know is an HTTPError."""
    return _answer(url, "/_control", switches)


def ledger(url: str) -> dict[str, Any]:
    """What has come and what it has applied."""
    return _answer(url, "/_ledger", {})


def _answer(url: str, path: str, body: dict[str, Any]) -> Any:
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url + path, data=data, headers={"Content-Type": "application/json"})
    with _STRAIGHT.open(request, timeout=PATIENCE) as answer:
        return json.load(answer)
