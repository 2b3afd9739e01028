"""The routes for an administrator: who may ask, what a database in trouble says, and that nobody's data is in the counts."""

import asyncio
import re

import httpx
import pytest
from starlette.applications import Starlette

from lib.errors import StoreUnavailable
from lib.run.states import Outcome
from lib.ui import services
from lib.ui.web import health
from tests.core import reconcile_scenes


@pytest.fixture
def ask(desk, monkeypatch):
    def asked(path, *, host="127.0.0.1", setting="", **headers):
        monkeypatch.setenv(health.VARIABLE, setting)
        transport = httpx.ASGITransport(Starlette(routes=health.routes()), client=(host, 5000))

        async def get():
            async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
                return await client.get(f"/health/{path}", headers=headers)

        return asyncio.run(get())

    return asked


def test_this_computer_may_ask_and_nobody_behind_a_proxy(ask):
    for path in ("alive", "ready", "metrics"):
        assert ask(path).status_code == 200
        assert ask(path, host="192.0.2.7").status_code == 404
        assert ask(path, host="testclient").status_code == 404
        assert ask(path, **{"X-Forwarded-For": "192.0.2.7"}).status_code == 404
        assert ask(path, host="192.0.2.7", setting="network").status_code == 200
        assert ask(path, setting="off").status_code == 404


def test_metrics_count_and_name_nobody(desk, ask):
    desk.engine.close()  # here another sends, and it would take over again
    run_id = desk.store.runs.create(reconcile_scenes.plan(3))
    reconcile_scenes.send(desk.store, run_id, Outcome.ACCEPTED, Outcome.UNKNOWN)
    answer = ask("metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = dict(re.findall(r"^contact_desk_(\S+) (\S+)$", answer.text, re.MULTILINE))
    assert found['batches{state="accepted"}'] == "1"
    assert found["unknown_open"] == "1"
    assert 0 <= float(found["oldest_unknown_seconds"]) < 60
    assert {
        "queue_batches",
        "requests_in_flight",
        "senders",
        'runs{state="running"}',
        'batches{state="planned"}',
    } <= found.keys()
    names = set(re.findall(r"^# TYPE contact_desk_(\w+) gauge$", answer.text, re.MULTILINE))
    assert {re.split(r"[{ ]", name)[0] for name in found} == names
    assert not re.search(r"13\d{5}|客户|mark-", answer.text)


def test_a_database_in_trouble_is_not_ready_and_says_which(desk, ask, monkeypatch):
    def gone():
        raise StoreUnavailable("server_gone")

    for name in ("is_ready", "counts"):
        monkeypatch.setattr(desk.store.health, name, gone)
    assert (ask("ready").status_code, ask("ready").text) == (503, "server_gone\n")
    assert ask("metrics").status_code == 503
    monkeypatch.setattr(desk.store.health, "is_ready", lambda: False)
    assert (ask("ready").status_code, ask("ready").text) == (503, "schema\n")
    assert ask("alive").text == "alive\n"
    assert services.get() is desk
