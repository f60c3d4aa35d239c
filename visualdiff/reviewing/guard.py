"""Who may ask the server for something: the browser to which its address was given, nobody else.

Other pages of the same browser can send requests to localhost, too. They do not know the token,
cannot say that they are this page (Origin), and a name that they lead here is another Host.
"""

from secrets import compare_digest
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN: Final = "token"  # noqa: S105 - the name of the parameter
_READING: Final = ("GET", "HEAD")
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """ASGI middleware that lets through what knows the token, and says of itself what it may.

    `once` opens the page one time only. It is for the command line of a browser, which all users
    of a machine can read.
    """

    def __init__(self, app: ASGIApp, *, token: str, once: str, port: int) -> None:
        self._app = app
        self._token = token
        self._once = once
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        # A browser gives a cookie to all ports of a host: two reviews need two names.
        self._cookie = f"visualdiff-review-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        answer = self._judge(Request(scope)) or self._app

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await answer(scope, receive, send_guarded)

    def _judge(self, request: Request) -> Response | None:
        """Return the answer to who is not let through, or has brought the token."""
        headers = request.headers
        if headers.get("host") not in self._hosts:
            return _refuse(400, "this server is 127.0.0.1, by no other name")
        if self._opens(request.query_params.get(TOKEN, "")):
            return self._welcome() if request.method == "GET" else _refuse(405, "only GET")
        if not _is_same(request.cookies.get(self._cookie, ""), self._token):
            return _refuse(403, "open the address that `visualdiff review` has printed")
        return None if request.method in _READING else _distrust(headers)

    def _opens(self, word: str) -> bool:
        if _is_same(word, self._once):
            self._once = self._token  # which alone opens from now on
            return True
        return _is_same(word, self._token)

    def _welcome(self) -> Response:
        """Give the token as a cookie, so that no address has it any more."""
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
        return answer


def _is_same(word: str, secret: str) -> bool:
    """Return whether somebody knows a secret, in a time that tells nothing of it."""
    return compare_digest(word.encode(), secret.encode())


def _distrust(headers: Headers) -> Response | None:
    """Return the answer to what would change something and does not come from our own page."""
    if headers.get("origin") != f"http://{headers['host']}":
        return _refuse(403, "only the page of this review may ask for that")
    if headers.get("content-type") != "application/json":
        return _refuse(415, "wanted application/json")
    return None


def _refuse(status: int, text: str) -> Response:
    return PlainTextResponse(f"visualdiff review: {text}\n", status_code=status)
