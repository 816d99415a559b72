"""Successors and phase-outs: the list with what the catalog hints at, one plan, its forms."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.models import DemandUnit
from catalog.selectors import demand_units_visible_to
from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from core.roles import can
from forecasting.filters.lives import SuccessionFilter
from forecasting.forms.lives import SuccessionForm, WithdrawForm
from forecasting.models import Succession
from forecasting.selectors.launches import successions_visible_to, unplanned_successions
from forecasting.services.successions import change_succession, plan_succession, withdraw_succession
from forecasting.views.launches import MOST_SHOWN, newest_url, state_of, tone_of

HINTS = [
    Column("unit", "New item", str),
    Column("old", "Replaces, by the catalog", "product.predecessor.name"),
    Column("launched", "Launched on", "product.launched_on", "date"),
]
NOTHING = Empty("No hints left", "No active product replaces another active one without a month being told.")


def ramp_words(row: Succession) -> str:
    """How fast, in words."""
    if not row.ramp:
        return "All at once"
    return ", ".join(f"{share} %" for share in row.ramp) + ", then all"


class SuccessionList(ListPage):
    """Every successor and phase-out, and below them what only the catalog says."""

    action = "forecast.view"
    title = "Successors and phase-outs"
    pretitle = "Forecasts"
    template_name = "forecasting/life_list.html"
    filterset_class = SuccessionFilter
    default_order = "is_withdrawn,-first_month"
    empty = Empty(
        "No successors yet",
        "Where one item replaces another, say from which month on: the history of the old one counts as "
        "the new one’s, and the forecast of both together is shared between them.",
    )
    columns = [
        Column("old", "Old item", order="old__product__name"),
        Column("new", "Replaced by", lambda row: str(row.new or "Nothing"), order="new__product__name"),
        Column("first_month", "From", kind="month", order="first_month"),
        Column("ramp", "Share of the new one", ramp_words),
        Column("reason", "Why"),
        Column("owner", "Planned by", "owner.name", order="owner__name"),
        Column("state", "State", state_of, "badge", tone=tone_of, order="is_withdrawn"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Succession]:
        return successions_visible_to(person_of(request))

    def row_url(self, row: Succession) -> str:
        return succession_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        may = can(request.user, "forecast.steer")
        section = table_section(
            "Only the catalog knows",
            unplanned_successions(person_of(request))[:MOST_SHOWN],
            HINTS,
            empty=NOTHING,
            note="Both items are active and forecast side by side. Open one to say when it takes over.",
            row_url=_hint_url if may else None,
        )
        return {"unspoken": vars(section)}


def _hint_url(unit: DemandUnit) -> str:
    return reverse("forecasting:succession-follow", args=[unit.pk])


class SuccessionPage(DetailPage):
    """One successor or phase-out."""

    action = "forecast.view"
    edit = ("forecast.steer", "forecasting:succession-edit")
    facts = [
        Column("old", "Old item", link=lambda row: newest_url(row.old_id)),
        Column(
            "new",
            "Replaced by",
            lambda row: str(row.new or "Nothing"),
            link=lambda row: newest_url(row.new_id) if row.new_id else "",
        ),
        Column("first_month", "From", kind="month"),
        Column("ramp", "Share of the new one", ramp_words),
        Column("reason", "Why"),
        Column("owner", "Planned by", "owner.name"),
        Column("state", "State", state_of, "badge", tone=tone_of),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Succession]:
        return successions_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Succession) -> list[Link]:
        return [Link("Successors and phase-outs", reverse("forecasting:succession-list"))]

    def sections(self, request: HttpRequest, row: Succession) -> list[Section]:
        if row.is_withdrawn:
            return []
        link = Link(
            "Withdraw this plan", reverse("forecasting:succession-withdraw", args=[row.pk]), "forecast.steer"
        )
        return [Section("What it does", "forecasting/succession_words.html", {"row": row}, links=(link,))]


class SuccessionAdd(AddPage):
    """Replace or phase out the demand unit in the address."""

    action = "forecast.steer"
    form_class = SuccessionForm
    pretitle = "Successors and phase-outs"
    submit_label = "Plan this"
    done = "{row} is planned: the next forecast uses it."
    note = (
        "The history of the old item counts as the new one’s, both are forecast as one, and the forecast "
        "is shared between them month by month. Without a successor it runs out."
    )

    def row(self, request: HttpRequest, **kwargs: Any) -> DemandUnit:
        return get_object_or_404(demand_units_visible_to(person_of(request)), pk=kwargs["demand_unit"])

    def title(self, row: Any) -> str:
        return f"Replace or phase out {row}"

    def start(self, row: DemandUnit) -> dict[str, Any]:
        """What the catalog knows already."""
        ends = row.product.discontinued_on
        return {"first_month": ends.replace(day=1) if ends else None}

    def make_form(self, request: HttpRequest, row: DemandUnit, data: Any = None) -> SuccessionForm:
        initial = self.start(row) | request.GET.dict()
        return SuccessionForm(data, initial=initial, person=person_of(request), market=row.market_id)

    def save(self, request: HttpRequest, row: DemandUnit, data: dict[str, Any]) -> Succession:
        return plan_succession(actor=person_of(request), old=row, **data)

    def done_url(self, request: HttpRequest, saved: Succession) -> str:
        return succession_url(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("forecasting:succession-list")


class SuccessionFollow(SuccessionAdd):
    """The same from the other side: the demand unit in the address replaces what the catalog names."""

    def row(self, request: HttpRequest, **kwargs: Any) -> DemandUnit:
        new = super().row(request, **kwargs)
        units = demand_units_visible_to(person_of(request)).filter(market=new.market_id)
        old = get_object_or_404(units, product=new.product.predecessor_id)
        self.new = new
        return old

    def start(self, row: DemandUnit) -> dict[str, Any]:
        launched = self.new.product.launched_on
        found: dict[str, Any] = {"new": self.new.product.code, "reason": "The catalog names it."}
        return found | ({"first_month": launched.replace(day=1)} if launched else super().start(row))


class SuccessionEdit(EditPage):
    """Change a successor or phase-out."""

    action = "forecast.steer"
    form_class = SuccessionForm
    pretitle = "Successors and phase-outs"
    submit_label = "Save the plan"

    def rows(self, request: HttpRequest) -> QuerySet[Succession]:
        return successions_visible_to(person_of(request)).filter(is_withdrawn=False)

    def make_form(self, request: HttpRequest, row: Succession, data: Any = None) -> SuccessionForm:
        initial = {
            "new": row.new.product.code if row.new else "",
            "first_month": row.first_month,
            "ramp": ", ".join(str(share) for share in row.ramp),
            "reason": row.reason,
        }
        form = SuccessionForm(data, initial=initial, person=person_of(request), market=row.old.market_id)
        form.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput, initial=row.revision)
        return form

    def change(
        self, request: HttpRequest, row: Succession, revision: int, data: dict[str, Any]
    ) -> Succession:
        return change_succession(actor=person_of(request), succession=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Succession) -> str:
        return succession_url(saved)


class SuccessionWithdraw(EditPage):
    """Take a successor or phase-out back."""

    action = "forecast.steer"
    form_class = WithdrawForm
    submit_label = "Withdraw this plan"
    done = "{row} is withdrawn."
    danger = True
    note = (
        "From the next run on, each item is forecast from its own history again. The plan stays in the list."
    )

    def rows(self, request: HttpRequest) -> QuerySet[Succession]:
        return successions_visible_to(person_of(request)).filter(is_withdrawn=False)

    def title(self, row: Succession) -> str:
        return f"Withdraw: {row}"

    def change(
        self, request: HttpRequest, row: Succession, revision: int, data: dict[str, Any]
    ) -> Succession:
        return withdraw_succession(actor=person_of(request), succession=row, revision=revision)

    def done_url(self, request: HttpRequest, saved: Succession) -> str:
        return succession_url(saved)


def succession_url(row: Succession) -> str:
    return reverse("forecasting:succession", args=[row.pk])
