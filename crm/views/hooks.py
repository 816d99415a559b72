"""The doors that CRMs knock at: `POST /hooks/<id>/`, with and without the last slash.

`HookDoor` stands before all other middleware: no session, no sign-in, no redirect, no cookie. What a
sender is told never says more than it must: unknown and paused doors look alike, and so do all reasons
for turning somebody away.
"""

import logging
import re
from collections.abc import Callable
from uuid import UUID

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from crm.engine.webhooks import ADAPTERS, Rejected
from crm.selectors.inbox import Door, open_door
from crm.services.receiving import Knock, receive

logger = logging.getLogger(__name__)

MOST_BYTES = 1024 * 1024
BODY_WITHIN = 10.0  # seconds without a byte of a body that was announced
BLOCK = 64 * 1024
PATH = re.compile(r"/hooks/([^/]+)/?")
RECEIVED = '{"received": true}'


class HookDoor:
    """The first middleware: deliveries go straight to their view, everything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match = PATH.fullmatch(request.path_info)
        return hook(request, match[1]) if match else self.get_response(request)


class Unfit(Exception):
    """A body that is not taken; `answer` says why."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


@csrf_exempt
def hook(request: HttpRequest, key: str) -> HttpResponse:
    """Answer a delivery. 2xx only when it is stored."""
    if request.method not in {"POST", "HEAD"}:
        text = "CRMs deliver here by POST. There is nothing to read at this address."
        return _answer(text, 405, Allow="POST, HEAD")
    try:
        return _answer_at_door(request, key)
    except Unfit as unfit:
        return unfit.answer
    except (DatabaseError, InterfaceError) as error:
        logger.error("A delivery could not be stored: %s", str(error).splitlines()[:1])
        return _answer("The delivery could not be stored. Send it again.", 503, **{"Retry-After": "30"})


def _answer_at_door(request: HttpRequest, key: str) -> HttpResponse:
    now = timezone.now()
    door = open_door(_key(key), now)
    if door is None:
        return _answer("There is nothing at this address.", 404)
    if request.method == "HEAD":
        return _answer("", 200)
    try:
        receive(door=door, knock=_knock(request), now=now)
    except Rejected:
        return _answer("The sender of this delivery could not be verified.", 401)
    return _acknowledged(door)


def _key(text: str) -> UUID:
    """A text that is no key takes the same way as one that nobody has."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _knock(request: HttpRequest) -> Knock:
    meta = request.META
    query = meta.get("QUERY_STRING", "")
    headers = {name[5:].replace("_", "-").lower(): meta[name] for name in meta if name.startswith("HTTP_")}
    headers["content-type"] = meta.get("CONTENT_TYPE", "")
    host = headers.get("host") or f"{meta.get('SERVER_NAME', '')}:{meta.get('SERVER_PORT', '')}"
    return Knock(
        method=request.method or "",
        host=f"{request.scheme}://{host}",
        path=f"{request.path_info}?{query}" if query else request.path_info,
        headers=headers,
        body=_body(request),
    )


def _body(request: HttpRequest) -> bytes:
    """The raw body, at most MOST_BYTES of it: neither a missing nor a lying length gets more read."""
    meta = request.META
    announced = meta.get("CONTENT_LENGTH") or ""
    if announced and not (announced.isascii() and announced.isdigit()):
        raise Unfit(_answer("Content-Length is not a number.", 400))
    if announced and int(announced) > MOST_BYTES:
        raise Unfit(_too_large())
    open_ended = not announced and meta.get("wsgi.input_terminated", False)
    body = _read(meta, MOST_BYTES + 1 if open_ended else int(announced or 0))
    if len(body) > MOST_BYTES:
        raise Unfit(_too_large())
    return body


def _read(environ: dict, size: int) -> bytes:
    socket = environ.get("gunicorn.socket")
    if socket is not None:
        socket.settimeout(BODY_WITHIN)  # who announces a body and sends none must not hold a thread
    blocks: list[bytes] = []
    try:
        while size > 0 and (block := environ["wsgi.input"].read(min(size, BLOCK))):
            blocks.append(block)
            size -= len(block)
    except TimeoutError as error:
        raise Unfit(_answer("The body did not arrive.", 408)) from error
    except OSError as error:
        raise Unfit(_answer("The body could not be read.", 400)) from error
    finally:
        if socket is not None:
            socket.settimeout(None)
    return b"".join(blocks)


def _too_large() -> HttpResponse:
    return _answer("A delivery has at most 1 MiB. Send smaller batches.", 413)


def _acknowledged(door: Door) -> HttpResponse:
    adapter = ADAPTERS[door.provider]
    return _with_length(HttpResponse(adapter.answer or RECEIVED, content_type=adapter.answer_type))


def _answer(text: str, status: int, **headers: str) -> HttpResponse:
    answer = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)
    # Django would log every refusal, with the address, which is secret: a flood for the log as well.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return _with_length(answer)


def _with_length(answer: HttpResponse) -> HttpResponse:
    """As Django's own middleware does; without it answers go out in chunks, and some senders dislike that."""
    answer.headers["Content-Length"] = str(len(answer.content))
    return answer
