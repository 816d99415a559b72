"""Template tags: rights, formats. Built in: no template loads them."""

from typing import Any

from django import template

from core.explain import address
from core.formats import show
from core.history import changes_of
from core.roles import can as decide
from core.views.messages import CommentForm, comments_context

register = template.Library()


@register.simple_tag(takes_context=True)
def can(context: dict[str, Any], action: str, obj: Any = None) -> bool:
    """`{% can "people.manage" as may_manage %}`"""
    return bool(decide(context["request"].user, action, obj))


@register.filter
def as_kind(value: Any, kind: str) -> str:
    """`{{ amount|as_kind:"money" }}`: the same formats as the tables' columns."""
    return show(value, kind)[0]


@register.filter
def exact(value: Any, kind: str) -> str:
    """The exact form of a shortened value, for a title."""
    return show(value, kind)[1]


@register.inclusion_tag("parts/explain_link.html")
def explain(kind: str, *key: Any) -> dict[str, Any]:
    """`{% explain "demand" version unit month %}`: the small "why" beside a number.

    The key is rows or ids, months, and None for "all".
    """
    return {"url": address(kind, *key)}


@register.inclusion_tag("parts/comments.html", takes_context=True)
def comments_of(context: dict[str, Any], obj: Any) -> dict[str, Any]:
    """`{% comments_of product %}`: what people said about the row, and the form to say more.

    The row's table must be registered in its room's subjects.py.
    """
    request = context["request"]
    form = CommentForm() if decide(request.user, "comments.write") else None
    shared = {"request": request, "csrf_token": context.get("csrf_token")}
    return comments_context(obj, request.user, form) | shared


@register.inclusion_tag("parts/history.html")
def history_of(obj: Any) -> dict[str, Any]:
    """`{% history_of product %}`: who changed what of the row, newest first."""
    return {"changes": changes_of(obj)}
