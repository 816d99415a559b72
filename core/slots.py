"""Places on core's pages that rooms above fill: core does not know them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from core.models import Person
from core.roles import can


@dataclass(frozen=True)
class PersonLink:
    """A page of a room about one person, such as the scope editor; `url` is a function of the person."""

    label: str
    action: str
    url: Callable[[Person], str]


@dataclass(frozen=True)
class RowLink:
    """A page of a room above about a row of one below, such as a demand unit's forecast."""

    label: str
    action: str
    url: Callable[[Any], str]


@dataclass(frozen=True)
class Arrival:
    """How messages to other systems fare: how many arrived, wait or are tried again, were given up."""

    arrived: int = 0
    waiting: int = 0
    given_up: int = 0


@dataclass(frozen=True)
class Outgoing:
    """How a room below tells other systems something, by the room above that knows their addresses.

    `queue(event_type, about, payload)` is called in the transaction of what it tells, and answers how many
    are told; `states(abouts)` says how those messages fare.
    """

    queue: Callable[[str, str, dict[str, Any]], int]
    states: Callable[[Collection[str]], dict[str, Arrival]]


# Filled by the room that keeps the addresses of outgoing webhooks.
outgoing: list[Outgoing] = []

# Rooms append to them in their subjects.py; row links by the label of the model.
person_links: list[PersonLink] = []
row_links: dict[str, list[RowLink]] = {}


# What only those read who may do the action: events and comments by the label of their table, jobs by the
# beginning of their kind. Whoever caused an event or asked for a job reads it as well.
secret_tables: dict[str, str] = {}
secret_jobs: dict[str, str] = {}


# What the top bar says about the cycle, `{label, stage, url}`: a function of the person that a room
# appends. The first that has something to say wins.
top_bar: list[Callable[[Any], dict[str, str] | None]] = []


def current_cycle_for(person: Any) -> dict[str, str] | None:
    """What the top bar of every page shows."""
    return next((said for ask in top_bar if (said := ask(person)) is not None), None)


def links_about(reader: Any, person: Person) -> list[dict[str, str]]:
    """The links on a person's page that the reader may open."""
    return [
        {"label": link.label, "url": link.url(person)} for link in person_links if can(reader, link.action)
    ]


def links_of_row(reader: Any, row: Any) -> list[dict[str, str]]:
    """The pages of other rooms about a row that the reader may open."""
    links = row_links.get(row._meta.label_lower, [])
    return [{"label": link.label, "url": link.url(row)} for link in links if can(reader, link.action)]


def may(person: Any, action: str) -> bool:
    """For pages that show a button only to those who may press it."""
    return bool(can(person, action))
