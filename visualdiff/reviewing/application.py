"""The server's paths: the page, its files, what is known, and what is to be done."""

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from visualdiff.errors import VisualdiffError
from visualdiff.reviewing.pages import Pages
from visualdiff.reviewing.session import Known, Session

# Ids of 60,000 pairs.
_LONGEST_BODY: Final = 1_000_000


class _Order(BaseModel):
    """What a page asks for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    action: Literal["accept", "reject", "take back", "undo"]
    pairs: list[str] = []


def build_application(pages: Pages, session: Session) -> Starlette:
    """Return the ASGI application, which trusts who asks."""
    answers = _Answers(pages, session)
    application = Starlette(
        routes=[
            Route("/", answers.show_page),
            Route("/assets/{name}", answers.show_asset),
            Route("/state", answers.tell),
            Route("/act", answers.act, methods=["POST"]),
        ]
    )
    application.router.redirect_slashes = False
    return application


@dataclass(frozen=True, slots=True)
class _Answers:
    """What is said to requests; those that are no coroutines run in threads."""

    pages: Pages
    session: Session

    def show_page(self, _: Request) -> Response:
        headers = {"content-security-policy": self.pages.policy}
        return StreamingResponse(self.pages.render(), media_type="text/html", headers=headers)

    def show_asset(self, request: Request) -> Response:
        asset = self.pages.read_asset(f"assets/{request.path_params['name']}")
        if asset is None:
            return _complain(404, "no such file")
        # Its name is the hash of its content.
        headers = {"cache-control": "private, max-age=86400, immutable"}
        return Response(asset.data, media_type=asset.media_type, headers=headers)

    def tell(self, _: Request) -> Response:
        return _write(self.session.tell())

    async def act(self, request: Request) -> Response:
        body = await _read_body(request)
        if body is None:
            return _complain(413, f"more than {_LONGEST_BODY:,} bytes")
        try:
            order = _Order.model_validate_json(body)
        except ValidationError:
            return _complain(400, "wanted an action, and ids of pairs")
        try:
            return _write(await run_in_threadpool(_follow, self.session, order))
        except VisualdiffError as error:
            return _complain(409, str(error))


def _follow(session: Session, order: _Order) -> Known:
    if order.action == "undo":
        return session.undo()
    return session.decide(order.action, order.pairs)


async def _read_body(request: Request) -> bytes | None:
    """Return what was sent, None for more than is ever needed."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_BODY:
            return None
    return bytes(body)


def _write(known: Known) -> Response:
    return JSONResponse(
        {"states": known.states, "refused": known.refused, "can_undo": known.can_undo}
    )


def _complain(status: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status_code=status)
