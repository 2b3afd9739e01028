"""The document every visit begins with is Streamlit's own; on its way out it gets two things that no setting gives.

The language of its words, without which a screen reader reads Chinese aloud as English and a browser may choose other
forms of its letters (WCAG 3.1.1); and a style: a ring around what the keyboard is on, where Streamlit shows only a faint
tint or nothing (links, choices, the buttons of a table: WCAG 2.4.7), and rows of four columns and more that fold in a
narrow window, where Streamlit keeps them beside each other until words break. Where a new Streamlit writes the document
otherwise it passes unchanged, and tests/ui/test_shell.py says so.
"""

from typing import Any
from urllib.parse import parse_qs

from lib.ui import state
from lib.words import NAMES, closest_language

#: What stands in Streamlit's document, and before what the style is put.
_LANGUAGE, _END_OF_HEAD = b'<html lang="en">', b"</head>"

#: Languages as documents call them.
_TAGS = {"zh": b"zh-CN", "en": b"en"}

#: The ring's colour stands out from the grounds of both themes by more than 3 : 1.
_STYLE = b"""<style>
:is(a, button, summary):focus-visible, label[data-focus-visible], label:not([data-rac]):has(input:focus-visible) {
    outline: 2px solid #0f857b !important; outline-offset: 1px; border-radius: 4px;
}
:is(main, section):focus-visible { outline: 2px solid #0f857b !important; outline-offset: -2px; }
@media (max-width: 900px) {
    [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]:nth-child(4)) > [data-testid="stColumn"] { min-width: 40%; }
}
</style>
"""

#: Headers of a question that would have the document come packed, in part or not at all.
_LEFT_OUT = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")

#: Headers of the answer that no longer fit.
_OF_THE_OLD = (b"content-length", b"etag", b"last-modified", b"accept-ranges")


class Shell:
    """ASGI middleware: a document that a browser asks for is told its language and given the style."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Everything but documents passes unchanged."""
        if scope["type"] == "http" and scope["method"] == "GET" and b"text/html" in _header(scope, b"accept"):
            whole = scope | {
                "headers": [pair for pair in scope["headers"] if pair[0].lower() not in _LEFT_OUT]
            }
            await self._app(whole, receive, _Document(send, _TAGS[_language(scope)]).send)
        else:
            await self._app(scope, receive, send)


class _Document:
    """One answer on its way: held back until it is whole where it is a document, passed on where it is none."""

    def __init__(self, send: Any, tag: bytes) -> None:
        self._send, self._tag = send, tag
        self._start: Any = None
        self._body = b""

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start" and _is_document(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish()

    async def _finish(self) -> None:
        body = self._body.replace(_LANGUAGE, b'<html lang="' + self._tag + b'">', 1).replace(
            _END_OF_HEAD, _STYLE + _END_OF_HEAD, 1
        )
        kept = [pair for pair in self._start["headers"] if pair[0].lower() not in _OF_THE_OLD]
        await self._send(self._start | {"headers": [*kept, (b"content-length", str(len(body)).encode())]})
        await self._send({"type": "http.response.body", "body": body})


def _is_document(start: Any) -> bool:
    kinds = [value for name, value in start.get("headers", []) if name.lower() == b"content-type"]
    return start["status"] == 200 and any(kind.startswith(b"text/html") for kind in kinds)


def _language(scope: Any) -> str:
    """As the page will choose it: what the address says, else what the browser prefers."""
    named = parse_qs(scope.get("query_string", b"").decode("latin-1")).get(state.LANGUAGE_KEY, [""])[0]
    chosen = next((lang for lang, name in NAMES.items() if named in (name, lang)), None)
    preferred = (
        _header(scope, b"accept-language").decode("latin-1").partition(",")[0].partition(";")[0].strip()
    )
    return chosen or closest_language(preferred)


def _header(scope: Any, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key.lower() == name), b"")
