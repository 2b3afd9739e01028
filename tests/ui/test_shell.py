"""The document a visit begins with: told its language, given a ring for the keyboard, and everything else left as it is."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from lib.ui.web.document import Shell
from lib.words import NAMES
from tests.e2e.server import AppServer
from tests.ui.steps import ask

DOCUMENT = (b"<!DOCTYPE html>\n", b'<html lang="en">\n  <head>\n  </head>', b"</html>")


def answered(
    *pieces: bytes, kind: bytes = b"text/html; charset=utf-8", status: int = 200, **asked: Any
) -> tuple[dict[bytes, bytes], list[bytes]]:
    """Headers and pieces of what a browser gets where the app beneath answers in these pieces."""
    sent: list[Any] = []

    async def beneath(_: Any, __: Any, send: Any) -> None:
        size = str(sum(map(len, pieces))).encode()
        headers = [(b"content-type", kind), (b"content-length", size), (b"etag", b'"1"')]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for at, piece in enumerate(pieces, start=1):
            await send({"type": "http.response.body", "body": piece, "more_body": at < len(pieces)})

    async def send(message: Any) -> None:
        sent.append(message)

    asking = {
        "type": "http",
        "method": "GET",
        "query_string": b"",
        "headers": [(b"accept", b"text/html,*/*")],
    } | asked
    with ThreadPoolExecutor(1) as elsewhere:  # a browser's test may have left a loop running in this thread
        elsewhere.submit(asyncio.run, Shell(beneath)(asking, None, send)).result()
    return dict(sent[0]["headers"]), [message["body"] for message in sent[1:]]


def test_a_document_in_pieces_comes_whole_with_its_new_length() -> None:
    headers, pieces = answered(*DOCUMENT)
    assert len(pieces) == 1
    assert b'<html lang="zh-CN">' in pieces[0]
    assert b":focus-visible" in pieces[0].partition(b"</head>")[0]
    assert headers[b"content-length"] == str(len(pieces[0])).encode()
    assert b"etag" not in headers


@pytest.mark.parametrize(
    "other",
    [{"kind": b"text/csv"}, {"status": 404}, {"headers": [(b"accept", b"*/*")]}, {"method": "HEAD"}],
    ids=["another kind", "an error", "not asked for as a document", "its headers only"],
)
def test_everything_else_passes_in_its_own_pieces(other: dict[str, Any]) -> None:
    headers, pieces = answered(*DOCUMENT, **other)
    assert tuple(pieces) == DOCUMENT
    assert headers[b"etag"] == b'"1"'


@pytest.mark.parametrize(
    ("address", "preferred", "tag"),
    [
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "", "zh-CN"),
        ("en", "zh-CN", "en"),
        ("zh", "en-US", "zh-CN"),
    ],
)
def test_the_running_app_names_the_language_it_will_speak(
    served: AppServer, address: str, preferred: str, tag: str
) -> None:
    """What the address says, else what the browser prefers; packed for transport or not."""
    path = f"/review?lang={quote(NAMES[address])}" if address else "/review"
    status, told = ask(
        served,
        path,
        Accept="text/html",
        Accept_Language=preferred,
        Accept_Encoding="gzip, br",
        If_None_Match="*",
    )
    assert status == 200
    assert f'<html lang="{tag}">' in told
    assert ":focus-visible" in told
    assert "frame-ancestors 'none'" in told
