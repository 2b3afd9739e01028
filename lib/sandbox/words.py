"""Other words for what the practice platform says: to see what an app makes of texts that nobody foresaw.

The switch `words` gives them. Every message is some of them in turn; in a list every entry has one for its name, and
there are as many more entries as there are words left.
"""

import json
import uuid
from typing import Any

from starlette.responses import Response

from lib.sandbox.settings import SandboxSettings
from lib.sandbox.variants import ALL_TASKS, COMPONENTS, TASKS

#: Characters of a message, about.
_MESSAGE = 400

#: Lists that grow.
_GROWING = frozenset({TASKS, ALL_TASKS, COMPONENTS})

#: The first half of a pair of UTF-16.
_HALF = "\ud800"

_SPACE = uuid.UUID("6f1c1f0e-3c0b-4a39-9d3b-0d8b3c2a7f55")


def reworded(settings: SandboxSettings, about: str, nth: int, answer: Response) -> Response:
    """The answer in the words of the settings; what is no envelope stays what it is.

    settings: of which `words` and `half_characters` count; without words nothing is changed
    about: what the address is about (`lib.sandbox.variants`); the lists of tasks and components grow
    nth: of the answer, counted on with each: the word at this place begins its message, and after the last the first
    answer: finished JSON
    """
    words = tuple(word + _HALF for word in settings.words) if settings.half_characters else settings.words
    if not words:
        return answer
    document = json.loads(bytes(answer.body))
    if not isinstance(document, dict) or "message" not in document:
        return answer
    document["message"] = _message(words, nth)
    if isinstance(document["data"], list):
        document["data"] = _named(
            document["data"], words, grows=about in _GROWING and document["code"] == 200
        )
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("content-length", "content-type")
    }
    return Response(json.dumps(document), answer.status_code, headers, answer.media_type)


def _message(words: tuple[str, ...], nth: int) -> str:
    told = words[nth % len(words)]
    for word in (words * 2)[nth % len(words) + 1 :]:
        if len(told) + len(word) > _MESSAGE:
            break
        told += "\n" + word
    return told


def _named(rows: list[Any], words: tuple[str, ...], *, grows: bool) -> list[Any]:
    named = [
        row | {"name": words[at % len(words)]} if isinstance(row, dict) else row
        for at, row in enumerate(rows)
    ]
    if grows and named and isinstance(named[0], dict):
        of_id = "uuid" if "uuid" in named[0] else "id"
        named += [
            named[0] | {"name": word, of_id: str(uuid.uuid5(_SPACE, str(at)))}
            for at, word in enumerate(words)
            if at >= len(rows)
        ]
    return named
