"""Remembering what is slow to read and cannot change without its key changing."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.cache import cache

from catalog.selectors import reach_of
from core.models import Person

KEPT = 3600  # seconds: families and markets may move, which no key tells


def remembered(name: str, person: Person, made_from: Any, read: Callable[[], Any]) -> Any:
    """What `read` gave for the same scope and the same `made_from`; reads it where nobody has yet."""
    reach = reach_of(person)
    parts = [made_from, sorted(reach.families), sorted(reach.markets)]
    digest = hashlib.sha256(json.dumps(parts, default=str, sort_keys=True).encode()).hexdigest()
    key = f"dashboards:{name}:{digest}"
    kept = cache.get(key)
    if kept is None:
        kept = read()
        cache.set(key, kept, KEPT)
    return kept
