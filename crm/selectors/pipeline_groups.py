"""By what deals are grouped on the pipeline pages: a table of groupings, each with its key and name.

A deal belongs to the team in which its rep was on the day it closed; open deals to today's team.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateField,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.models import Person
from crm.models import Deal, TeamMembership
from crm.selectors.accounts import accounts_visible_to

SIZES = (  # by employees; the classes of the EU recommendation 2003/361/EC
    ("micro", "Micro, under 10 people", 10),
    ("small", "Small, 10 to 49", 50),
    ("medium", "Medium, 50 to 249", 250),
)
LARGE = ("large", "Large, 250 and more")
SIZE_CHOICES = [*((key, label) for key, label, _ in SIZES), LARGE]
NONE = "none"  # what a filter calls “none of them”


@dataclass(frozen=True)
class Grouping:
    """`key` and `name` are what a deal's group is found by and called; `none` is the name of the rest,
    `filter` what the deals of a group are filtered by: trees have filters of their own, without what
    lies below."""

    slug: str
    label: str
    none: str
    key: Any
    name: Any
    tree: bool = False

    @property
    def filter(self) -> str:
        """The filter of the deal list that shows one of the groups; of a tree without what lies below."""
        return f"in_{self.slug}" if self.tree else self.slug


def _size(labels: bool) -> Combinable:
    """The class of the account's size: its key, or what it is called."""
    cases = [
        When(account__employees__lt=below, then=Value(label if labels else key))
        for key, label, below in SIZES
    ]
    last = When(account__employees__isnull=False, then=Value(LARGE[1 if labels else 0]))
    return Case(*cases, last, default=Value(None), output_field=CharField(null=True))


def groupings() -> dict[str, Grouping]:
    """Every grouping by its slug."""
    found = (
        Grouping("team", "Team", "No team", F("membership__team__code"), F("membership__team__name")),
        Grouping("rep", "Rep", "No rep", F("rep__code"), F("rep__name")),
        Grouping("product", "Product", "No product", F("product__code"), F("product__name")),
        Grouping(
            "family",
            "Family",
            "No product",
            F("product__family__code"),
            F("product__family__name"),
            tree=True,
        ),
        Grouping("industry", "Industry", "No industry", F("account__industry"), F("account__industry")),
        Grouping("size", "Company size", "Size not known", _size(False), _size(True)),
        Grouping(
            "market", "Market", "No market", F("account__market__code"), F("account__market__name"), tree=True
        ),
    )
    return {one.slug: one for one in found}


def grouped(deals: QuerySet[Deal], grouping: Grouping) -> QuerySet[Deal]:
    """Deals with `group_key` and `group_name`."""
    if grouping.slug == "team":
        day = Coalesce(F("closed"), Value(timezone.localdate()), output_field=DateField())
        that_day = Q(rep__memberships__days__contains=day)  # a rep is in one team a day
        deals = deals.alias(membership=FilteredRelation("rep__memberships", condition=that_day))
    return deals.annotate(group_key=grouping.key, group_name=grouping.name)


def in_team(deals: QuerySet[Deal], code: str | None) -> QuerySet[Deal]:
    """Deals whose rep is (or was, when the deal closed) in this team; None: in no team."""
    day = Coalesce(OuterRef("closed"), Value(timezone.localdate()), output_field=DateField())
    member = TeamMembership.objects.filter(rep=OuterRef("rep"), days__contains=day)
    if code is None:
        return deals.filter(~Exists(member))
    return deals.filter(Exists(member.filter(team__code=code)))


def of_size(deals: QuerySet[Deal], size: str | None) -> QuerySet[Deal]:
    """Deals of accounts of a class of size; None: of accounts whose size nobody knows."""
    deals = deals.annotate(size_key=_size(False))
    return deals.filter(size_key=size) if size else deals.filter(size_key__isnull=True)


def industries_visible_to(user: Person | None) -> list[str]:
    """The industries of the accounts a person may see."""
    rows = accounts_visible_to(user).exclude(industry="").select_related(None).order_by("industry")
    return list(rows.values_list("industry", flat=True).distinct())
