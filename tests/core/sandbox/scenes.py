"""A raw client of one practice platform, and what it is asked."""

from typing import Any

import httpx

from lib import sandbox
from tests.waiting import PATIENCE

TOKEN = "a-token"


USER = f"/agent-api/user/{sandbox.USER_ID}"


TASK = f"{USER}/task/{sandbox.TASK_ID}"


class Desk:
    """A raw client of one practice platform."""

    def __init__(self, url: str) -> None:
        self.url = url
        headers = {"Authorization": f"Bearer {TOKEN}"}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=PATIENCE, trust_env=False)

    def send(self, *rows: Any, task: str = TASK, **top: Any) -> httpx.Response:
        return self.http.post(f"{task}/async_number", json={"data": list(rows), **top})

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(path, params=query).json()

    def control(self, **changes: Any) -> httpx.Response:
        return self.http.post("/_control", json=changes)

    def ledger(self) -> Any:
        return self.get("/_ledger")


def row(phone: str = "13012121211", **fields: Any) -> dict[str, Any]:
    return {"phone": phone, "sort": 0, **fields}


def assert_refused(answer: httpx.Response, status: int, *fields: str) -> None:
    envelope = answer.json()
    assert (answer.status_code, envelope["code"], envelope["status"], envelope["data"]) == (
        status,
        status,
        "error",
        [],
    )
    if fields:
        assert sorted(envelope["message"]) == sorted(fields)
