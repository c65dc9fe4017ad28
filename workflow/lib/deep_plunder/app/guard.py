"""Refuse requests that do not come from the app's own page.

Every program and every web page that a browser shows can send requests to a local address. So the
app answers only requests

- to the host names of the local address, or else a page elsewhere could rename itself to it (DNS
  rebinding);
- below a path that begins with a token, which only who started the app knows;
- that change something only from the app's own origin.

References
----------
Jackson et al., "Protecting browsers from DNS rebinding attacks", CCS 2007.
"""

from __future__ import annotations

import secrets
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard"]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing is loaded from elsewhere; a song that is uploaded as a page could not run a script."""

_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_READING = ("GET", "HEAD")


class Guard:
    """Middleware that answers wrong requests itself and passes the others on, without the token.

    Parameters
    ----------
    app : ASGI application
    port : int
        The port of the app.
    token : str
        The first part of each path.
    """

    def __init__(self, app: ASGIApp, *, port: int, token: str) -> None:
        self._app, self._token = app, token
        self._hosts = [f"{name}:{port}" for name in ("127.0.0.1", "localhost")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            # There is no other kind of connection; that of the server's start comes here too.
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        status, reason = self._fault(scope)
        if status:
            response = JSONResponse({"error": reason}, status_code=status)
            await response(scope, receive, send_guarded)
            return
        inner: dict[str, Any] = dict(scope)
        inner["path"] = scope["path"][len(self._token) + 1 :] or "/"
        inner.pop("raw_path", None)
        await self._app(inner, receive, send_guarded)

    def _fault(self, scope: Scope) -> tuple[int, str]:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return 421, f"host: must be {' or '.join(self._hosts)}"
        given, _, _ = scope["path"][1:].partition("/")
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            return 403, "open the address that deep-plunder app printed"
        if scope["method"] not in _READING:
            own = [f"http://{host}" for host in self._hosts]
            if headers.get("origin", own[0]) not in own:
                return 403, "origin: must be the app's own"
        return 0, ""
