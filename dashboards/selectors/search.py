"""Search over everything that has a code or a name, within the person's rights and scope."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, FloatField, Q, QuerySet, Value, When
from django.urls import reverse

from catalog.selectors import (
    families_visible_to,
    markets_visible_to,
    products_visible_to,
    sites_visible_to,
)
from core.models import Person
from core.roles import can
from core.selectors.people import people_visible_to
from crm.selectors.accounts import accounts_visible_to, reps_visible_to
from crm.selectors.deals import live_deals_visible_to
from crm.selectors.leads import leads_visible_to
from crm.selectors.papers import papers_visible_to
from gathering.selectors.imports import imports_visible_to

SHOWN = 8
SHORTEST = 2


@dataclass(frozen=True)
class Kind:
    """Something that can be found: who may, among what, by which columns, and where it opens."""

    label: str
    action: str
    visible_to: Callable[[Any], QuerySet]
    route: str
    code: str = "code"
    name: str = "name"


KINDS = (
    Kind("Products", "catalog.view", products_visible_to, "catalog:product"),
    Kind("Families", "catalog.view", families_visible_to, "catalog:family"),
    Kind("Markets", "catalog.view", markets_visible_to, "catalog:market"),
    Kind("Sites", "catalog.view", sites_visible_to, "catalog:site"),
    Kind("Accounts", "crm.view", accounts_visible_to, "crm:account"),
    Kind("Reps", "crm.view", reps_visible_to, "crm:rep"),
    Kind("Deals", "deals.view", live_deals_visible_to, "crm:deal", "external_id", "name"),
    Kind("Leads", "leads.view", leads_visible_to, "crm:lead", "email", "company"),
    Kind("Order papers", "papers.view", papers_visible_to, "crm:paper", "number", "number"),
    Kind("Imports", "imports.view", imports_visible_to, "gathering:import-detail", "source", "file_name"),
    Kind("People", "people.view", people_visible_to, "core:person", "email", "name"),
)


@dataclass(frozen=True)
class Hit:
    """Something found: how it is called and where it is."""

    text: str
    code: str
    url: str


def search(person: Person, text: str) -> list[tuple[str, list[Hit]]]:
    """The best few of every kind the person may see, best first; kinds without a hit are left out."""
    words = text.strip()
    if len(words) < SHORTEST:
        return []
    groups = [(kind.label, _hits(kind, person, words)) for kind in KINDS if can(person, kind.action)]
    return [(label, hits) for label, hits in groups if hits]


def exact_code(person: Person, text: str) -> str:
    """The page of the one thing that has exactly this code; empty where there is none or several."""
    code = text.strip()
    if not code:
        return ""
    coded = [kind for kind in KINDS if kind.code == "code" and can(person, kind.action)]
    found = [
        reverse(kind.route, args=[key])
        for kind in coded
        for key in kind.visible_to(person).filter(code__iexact=code).values_list("pk", flat=True)[:2]
    ]
    return found[0] if len(found) == 1 else ""


def _hits(kind: Kind, person: Person, words: str) -> list[Hit]:
    contains = Q(**{f"{kind.code}__icontains": words}) | Q(**{f"{kind.name}__icontains": words})
    alike = Q(**{f"{kind.name}__trigram_word_similar": words})
    rank = Case(
        When(**{f"{kind.code}__iexact": words}, then=Value(3.0)),
        When(**{f"{kind.name}__istartswith": words}, then=Value(2.0)),
        When(contains, then=Value(1.0)),
        default=Value(0.0),
        output_field=FloatField(),
    )
    rows = kind.visible_to(person).filter(contains | alike)
    ranked = rows.annotate(place=rank, likeness=TrigramWordSimilarity(words, kind.name))
    best = ranked.order_by("-place", "-likeness", kind.name, "pk")[:SHOWN]
    return [
        Hit(getattr(row, kind.name), getattr(row, kind.code), reverse(kind.route, args=[row.pk]))
        for row in best
    ]
