"""Every made part by its name in the documents."""

from collections.abc import Callable
from functools import partial

from sopcycle.documents.entities import diagram, rooms_with_tables
from sopcycle.documents.stages import guards, moves, stages
from sopcycle.documents.tables import PROJECT, commands, company_settings, recipes, rights

DOCS = PROJECT / "docs"


def parts() -> dict[str, Callable[[], str]]:
    """Name → who writes it. One entity diagram for each room that has tables."""
    return {
        "rights": rights,
        "company-settings": company_settings,
        "commands": commands,
        "recipes": recipes,
        "stages": stages,
        "moves": moves,
        "guards": guards,
        **{f"entities:{room}": partial(diagram, room) for room in rooms_with_tables()},
    }
