"""Every route of the product: its name, how to reach it, and the action each method needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from core.roles import PUBLIC_ROUTES, SIGN_IN_ROUTES

# What stands for the arguments of an address: rows that are not there, so that a right is checked alone.
TRIED = (1, "x", "2026-01", "2026-01-01", 2026, "EUR")
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """One address. `actions` maps the HTTP methods it answers to the declared action, or to None."""

    name: str
    view: Any
    arguments: tuple[str, ...]
    actions: tuple[tuple[str, str | None], ...]

    @property
    def is_api(self) -> bool:
        return hasattr(self.view, "cls")

    @property
    def is_public(self) -> bool:
        return self.name in PUBLIC_ROUTES or self.name.startswith(SIGN_IN_ROUTES)

    def url(self) -> str:
        """An address of this route; for one with arguments, of something that is not there."""
        for values in product(TRIED, repeat=len(self.arguments)):
            try:
                return reverse(self.name, kwargs=dict(zip(self.arguments, values, strict=True)))
            except NoReverseMatch:
                continue
        raise AssertionError(f"No address fits {self.name} {self.arguments}: add a value to TRIED.")


@lru_cache
def all_routes() -> tuple[Route, ...]:
    return tuple(_walk(get_resolver().url_patterns, "", ()))


def guarded_routes() -> list[Route]:
    return [route for route in all_routes() if not route.is_public]


def _walk(patterns: list[Any], prefix: str, arguments: tuple[str, ...]) -> Iterator[Route]:
    for entry in patterns:
        known = (*arguments, *_arguments(entry))
        if isinstance(entry, URLResolver):
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from _walk(entry.url_patterns, inner, known)
        elif isinstance(entry, URLPattern):
            name = f"{prefix}{entry.name}" if entry.name else str(entry.pattern)
            yield Route(name, entry.callback, known, tuple(_actions(entry.callback)))


def _arguments(entry: Any) -> list[str]:
    return list(entry.pattern.regex.groupindex)


def _actions(view: Any) -> Iterator[tuple[str, str | None]]:
    cls = getattr(view, "cls", None)
    if cls is not None:
        declared = getattr(cls, "actions", {})
        mapped = getattr(view, "actions", None) or {m: m for m in METHODS if hasattr(cls, m)}
        for method, name in mapped.items():
            if method in METHODS and method in cls.http_method_names:
                yield method, declared.get(name)
        return
    page = getattr(view, "view_class", None)
    action = getattr(page or view, "action", None)
    for method in METHODS if page is None else [m for m in METHODS if hasattr(page, m)]:
        yield method, action
