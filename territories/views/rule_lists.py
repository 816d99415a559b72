"""What the rules of a model came to: accounts by territory, gaps, overlaps."""

import datetime as dt
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from catalog.selectors import base_currency
from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import Link, table_section
from core.roles import can
from crm.models import Account
from territories.filters.models import GapFilter, OverlapFilter, PlacementFilter
from territories.models import ModelState, Placement, Rule, RuleOverlap, Territory
from territories.selectors.balance import revenue_of
from territories.selectors.models import (
    day_of,
    placements_on,
    placements_visible_to,
    sees_all,
    territories_visible_to,
    unplaced,
    vacant,
)
from territories.selectors.rules import overlaps_visible_to
from territories.views.model_words import chosen_model, model_url, rule_url, territory_url, why_url

VIEW = "territories.view"
HELD = Column("accounts", "Accounts", "held", "number")
VACANT = [
    Column("name", "Territory"),
    Column("code", "Code", kind="code"),
    Column("type", "Type", "get_type_display"),
    HELD,
]


class OfOneModel(ListPage):
    """A list about one territory model: the one in the address, the one in force, or the newest."""

    action = VIEW
    pretitle = "Territories"
    template_name = "territories/gaps.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        self.model = chosen_model(request)
        return super().get(request, **kwargs)

    @cached_property
    def _seen(self) -> set[int] | None:
        """The territories that this person may open; None for all."""
        person = person_of(self.request)
        if sees_all(person):
            return None
        return set(territories_visible_to(person).filter(model=self.model).values_list("pk", flat=True))

    def to_territory(self, row: Territory) -> str:
        """Its address, for who may open it."""
        return territory_url(row) if self._seen is None or row.pk in self._seen else ""

    def to_rule(self, row: Rule | None) -> str:
        """Its address, for who may open it."""
        if row is None or (self._seen is not None and row.territory_id not in self._seen):
            return ""
        return rule_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if self.model is None:
            return {}
        about = {"about": f"In {self.model.name}.", "model_url": model_url(self.model)}
        if self.model.state == ModelState.ARCHIVED or not may_run_rules(request):
            return about
        run = reverse("territories:model-run", args=[self.model.pk])
        return about | {"primary": Link("Run the rules", run)}


def may_run_rules(request: HttpRequest) -> bool:
    """Whether this person may run the rules of a model: they are run for the whole of it."""
    return bool(can(request.user, "territories.plan")) and sees_all(person_of(request))


class GapList(OfOneModel):
    """Active accounts without a territory, the most valuable first; below them territories without a rep."""

    title = "Gaps"
    rows_name = "Accounts without a territory"
    filterset_class = GapFilter
    default_order = "-work__potential,name"
    empty = Empty(
        "No account without a territory",
        "Every active account lies in a territory. Accounts appear here when no rule and no pin takes them.",
    )

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        money = base_currency()
        return [
            Column("name", "Account", order="name"),
            Column("code", "Code", kind="code", order="code"),
            Column(
                "potential", "Potential", _potential, "quantity", f"{money} a year", order="work__potential"
            ),
            Column(
                "revenue", "Revenue", lambda row: self._revenue.get(row.pk), "quantity", f"{money}, 12 months"
            ),
            Column("country", "Country", lambda row: row.country or None, order="country"),
            Column("postcode", "Postcode", lambda row: row.postcode or None, order="postcode"),
            Column("city", "City", lambda row: row.city or None, order="city"),
            Column("industry", "Industry", lambda row: row.industry or None, order="industry"),
            Column("owner", "Rep in the CRM", "owner.name", order="owner__name"),
        ]

    @cached_property
    def _revenue(self) -> dict[int, Any]:
        """Of all gaps, read once: of the twelve months up to today, in base currency."""
        gaps = Account.objects.none() if self.model is None else unplaced(self.model, None)
        ids = list(gaps.order_by().values_list("pk", flat=True))
        if not ids:
            return {}
        found = revenue_of(np.array(ids), timezone.localdate())
        return dict(zip(ids, found.tolist(), strict=True))

    def rows(self, request: HttpRequest) -> QuerySet[Account]:
        return Account.objects.none() if self.model is None else unplaced(self.model, person_of(request))

    def row_url(self, row: Account) -> str:
        return why_url(row.pk, self.model) if self.model else ""

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if self.model is None:
            return {}
        bare = table_section(
            "Territories without a rep",
            vacant(self.model, person_of(request)),
            VACANT,
            empty=Empty("Every territory has a rep", "Territories whose accounts nobody covers stand here."),
            row_url=territory_url,
        )
        return super().more(request) | {"vacant": vars(bare)}


def _potential(row: Account) -> Any:
    work = getattr(row, "work", None)
    return work.potential if work else None


class OverlapList(OfOneModel):
    """Accounts that two rules of the same priority want."""

    title = "Overlaps"
    filterset_class = OverlapFilter
    default_order = "account__name"
    empty = Empty(
        "No overlaps",
        "Accounts appear here when rules of the same priority lead them to different territories. Give one "
        "of the rules a lower number, or narrow it.",
    )

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        return [
            Column("account", "Account", "account.name", order="account__name"),
            Column("code", "Code", "account.code", "code", order="account__code"),
            Column(
                "potential",
                "Potential",
                lambda row: _potential(row.account),
                "quantity",
                f"{base_currency()} a year",
                order="account__work__potential",
            ),
            Column(
                "rule", "Taken by rule", "rule.name", order="rule__name", link=lambda r: self.to_rule(r.rule)
            ),
            Column("territory", "Lies in", "rule.territory.name", order="rule__territory__name"),
            Column(
                "rival",
                "Also wanted by rule",
                "rival.name",
                order="rival__name",
                link=lambda row: self.to_rule(row.rival),
            ),
            Column("other", "Would lie in", "rival.territory.name", order="rival__territory__name"),
            Column(
                "priority",
                "Priority",
                "rule.priority",
                "number",
                order="rule__priority",
                help="Of both rules: the same, therefore the older one won.",
            ),
            Column(
                "rivals",
                "Rivals",
                kind="number",
                order="rivals",
                help="How many rules of the same priority want it beside the one that took it.",
            ),
        ]

    def rows(self, request: HttpRequest) -> QuerySet[RuleOverlap]:
        return overlaps_visible_to(person_of(request)).filter(model=self.model)

    def row_url(self, row: RuleOverlap) -> str:
        return why_url(row.account_id, row.model)


class PlacementList(OfOneModel):
    """Which account lies in which territory, and why."""

    title = "Accounts by territory"
    rows_name = "Accounts in territories"
    filterset_class = PlacementFilter
    default_order = "territory__code,account__name"
    empty = Empty(
        "No account lies here",
        "Run the rules of the model: they say which account lies in which territory.",
    )

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        return [
            Column("account", "Account", "account.name", order="account__name"),
            Column("code", "Code", "account.code", "code", order="account__code"),
            Column(
                "territory",
                "Territory",
                "territory.name",
                order="territory__name",
                link=lambda row: self.to_territory(row.territory),
            ),
            Column("territory_code", "Territory code", "territory.code", "code", order="territory__code"),
            Column(
                "role", "Overlay role", lambda row: row.role.name if row.role else None, order="role__name"
            ),
            Column("placed_by", "Placed by", "get_placed_by_display", order="placed_by"),
            Column(
                "rule",
                "Because of",
                lambda row: row.rule.name if row.rule else row.reason or None,
                link=lambda row: self.to_rule(row.rule),
            ),
        ]

    def rows(self, request: HttpRequest) -> QuerySet[Placement]:
        if self.model is None:
            return Placement.objects.none()
        if asked_day(request):
            return placements_visible_to(person_of(request)).filter(model=self.model)
        return placements_on(self.model, day_of(self.model), person_of(request))

    def row_url(self, row: Placement) -> str:
        return why_url(row.account_id, row.model)


def asked_day(request: HttpRequest) -> dt.date | None:
    """The day that the address asks for; without one the list is of today."""
    try:
        return dt.date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None
