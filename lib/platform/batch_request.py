"""The request that sends a batch, put together in one place: `Platform.send` makes it, and a person may copy it for another client.

What is copied asks for no library of ours. The token never stands in it: whoever copies puts in their own.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from lib.platform.connection import Connection
from lib.platform.paths import task_path
from lib.platform.transport import HEADERS

#: What stands in place of the token wherever a person sees a request.
TOKEN_SHOWN = "YOUR_TOKEN"

#: Bytes of one argument of a command that every system takes (Linux: 128 KiB); a longer body goes in by another door.
_ARGUMENT_BYTES = 100_000

#: Ends a body that goes in by the other door. JSON of ours has no line break in it, so no line of it can be this.
_END = "END_OF_BODY"


@dataclass(frozen=True)
class BatchRequest:
    """One POST of a batch, as it goes out. body: the exact bytes, one line of JSON."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


def batch_request(connection: Connection, token: str, body: bytes) -> BatchRequest:
    """The request of a batch. Raises NotSent for ids that are none.

    connection: gives the address; its options stand in the body already
    token: stands in the headers, so `TOKEN_SHOWN` where a person will see them
    body: JSON of the batch (`lib.payload.encoded`), unchanged
    """
    headers = HEADERS | bearer(token) | {"Content-Type": "application/json"}
    return BatchRequest(
        "POST", connection.base_url.rstrip("/") + task_path(connection, "async_number"), headers, body
    )


def bearer(token: str) -> dict[str, str]:
    """The header that carries the token."""
    return {"Authorization": f"Bearer {token}"}


def as_head(request: BatchRequest) -> str:
    """Method, address and headers, a line each."""
    lines = [f"{request.method} {request.url}"]
    return "\n".join([*lines, *(f"{name}: {value}" for name, value in request.headers.items())])


def as_curl(request: BatchRequest) -> str:
    """A command for a POSIX shell that sends exactly these bytes, whatever stands in them."""
    words = ["curl", "-sS", "-X", request.method, shlex.quote(request.url)]
    parts = [" ".join(words)]
    parts += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in request.headers.items()]
    if len(request.body) > _ARGUMENT_BYTES:
        # `--data` leaves out the line break at the end, `--data-binary` would not
        return " \\\n  ".join([*parts, f"--data @- <<'{_END}'"]) + f"\n{request.text}\n{_END}"
    return " \\\n  ".join([*parts, f"--data-raw {shlex.quote(request.text)}"])


def as_python(request: BatchRequest) -> str:
    """A script that sends exactly these bytes with httpx."""
    headers = "".join(f"        {name!r}: {value!r},\n" for name, value in request.headers.items())
    return (
        "import httpx\n\n"
        f"body = {request.text!r}\n\n"
        f"answer = httpx.request(\n    {request.method!r},\n    {request.url!r},\n    headers={{\n{headers}    }},\n"
        "    content=body.encode(),\n    timeout=120,\n    follow_redirects=False,\n)\n"
        "print(answer.status_code, answer.text)\n"
    )


def as_json(request: BatchRequest) -> str:
    """The body, indented to be read."""
    return json.dumps(json.loads(request.body), ensure_ascii=False, indent=2)


#: What a person may copy it as: the name of the form, which is the same in every language → how it is made.
FORMS = {"JSON": as_json, "cURL": as_curl, "Python (httpx)": as_python}
