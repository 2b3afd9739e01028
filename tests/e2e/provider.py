"""An OpenID provider for the tests, on this computer: whoever comes may choose whom they are."""

import base64
import hashlib
import html
import secrets
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.waiting import PATIENCE, until

CLIENT_ID, CLIENT_SECRET = "contact-desk", "client-secret-of-the-tests"

#: Seconds a token may be used to sign in.
LIFETIME = 300


class Provider:
    """One running provider. accounts: name → claims; they may be changed while it runs. url: its issuer."""

    def __init__(self, accounts: dict[str, dict[str, Any]]) -> None:
        self.accounts = accounts
        self._key = RSAKey.generate_key(
            2048, parameters={"kid": "of-this-start", "use": "sig", "alg": "RS256"}
        )
        self._codes: dict[str, dict[str, str]] = {}
        self._server = uvicorn.Server(
            uvicorn.Config(self._app(), host="127.0.0.1", port=0, log_level="error")
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self.url = ""

    def __enter__(self) -> "Provider":
        self._thread.start()
        until(lambda: self._server.started, "the provider did not start")
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)

    def secrets(self, *more: str, redirect: str = "http://127.0.0.1:{port}/oauth2callback") -> str:
        """A secrets.toml with which the app signs people in here."""
        auth = {
            "redirect_uri": redirect,
            "cookie_secret": secrets.token_hex(32),
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "server_metadata_url": f"{self.url}/.well-known/openid-configuration",
        }
        return "\n".join(("[auth]", *(f'{key} = "{value}"' for key, value in auth.items()), *more, ""))

    def _app(self) -> Starlette:
        routes: dict[str, tuple[Callable[[Request], Any], str]] = {
            "/.well-known/openid-configuration": (self._metadata, "GET"),
            "/authorize": (self._authorize, "GET"),
            "/choose": (self._choose, "GET"),
            "/token": (self._token, "POST"),
            "/jwks": (self._jwks, "GET"),
            "/end": (self._end, "GET"),
        }
        return Starlette(
            routes=[Route(path, call, methods=[method]) for path, (call, method) in routes.items()]
        )

    async def _metadata(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "end_session_endpoint": f"{self.url}/end",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        """One link for each account; what was asked goes along."""
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        links = (
            f'<p><a href="/choose?{html.escape(urlencode(asked | {"account": name}))}">{html.escape(name)}</a></p>'
            for name in self.accounts
        )
        return HTMLResponse("<h1>Who are you?</h1>" + "".join(links))

    async def _choose(self, request: Request) -> Response:
        asked, code = dict(request.query_params), secrets.token_urlsafe(16)
        self._codes[code] = asked
        return RedirectResponse(
            f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302
        )

    async def _token(self, request: Request) -> Response:
        """The identity, once for a code, to whoever began with it (PKCE) and knows the client's secret."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self._codes.pop(form["code"])
        verifier = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
            .rstrip(b"=")
            .decode()
        )
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if verifier != asked["code_challenge"] or request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + LIFETIME,
            "nonce": asked["nonce"],
        }
        told = claims | self.accounts[asked["account"]]
        token = jwt.encode({"alg": "RS256", "kid": "of-this-start"}, told, self._key)
        return JSONResponse(
            {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "id_token": token}
        )

    async def _end(self, request: Request) -> Response:
        return RedirectResponse(request.query_params["post_logout_redirect_uri"], 302)
