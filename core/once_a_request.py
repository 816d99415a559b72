"""What a page asks again and again and that cannot change while it is made: read once a request.

Only requests that write nothing (GET, HEAD) keep what they read, and only until their answer is made. A
request that changes something, a job, a command and a test outside of a request read anew every time.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

READS = {"GET", "HEAD"}
Answer = TypeVar("Answer")

_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("kept_for_a_request", default=None)


@contextmanager
def keeping(method: str) -> Iterator[None]:
    """Inside it what `once` reads is kept, if a request of this method writes nothing."""
    token = _kept.set({} if method in READS else None)
    try:
        yield
    finally:
        _kept.reset(token)


def once(key: Hashable, read: Callable[[], Answer]) -> Answer:
    """What `read` gives: within a request that only reads, as it was given first. The key names the question
    and whom it is asked for; the answer must not be changed by who gets it."""
    kept = _kept.get()
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    return cast(Answer, kept[key])
