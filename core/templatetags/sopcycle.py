"""Template tags: rights, formats. Built in: no template loads them."""

from typing import Any

from django import template

from core.formats import show
from core.roles import can as decide

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
