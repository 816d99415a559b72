"""Every made part by its name in the documents."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings

from sopcycle.documents.entities import diagram, rooms_with_tables
from sopcycle.documents.tables import PROJECT, commands, company_settings, recipes, rights

DOCS = PROJECT / "docs"


def parts() -> dict[str, Callable[[], str]]:
    """Name → who writes it. One entity diagram for each room that has tables."""
    return {
        "rights": rights,
        "company-settings": company_settings,
        "commands": commands,
        "recipes": recipes,
        **_of_rooms(),
        **{f"entities:{room}": partial(diagram, room) for room in rooms_with_tables()},
    }


def _of_rooms() -> dict[str, Callable[[], str]]:
    """What rooms write about themselves: `PARTS` of their documents.py. By name, because the command that
    asks lies in core, which knows no room."""
    modules = [f"{room}.documents" for room in settings.ROOMS]
    return {
        name: part
        for module in modules
        if find_spec(module)
        for name, part in import_module(module).PARTS.items()
    }
