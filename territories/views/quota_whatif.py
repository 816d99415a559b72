"""What other weights would do, without keeping anything; and two versions side by side."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from catalog.selectors import base_currency
from core.access import Page, person_of
from core.errors import Denied, Refused
from core.listing import Column, Empty, export_rows
from core.pages import plain_table
from territories.forms.quotas import WeightsForm
from territories.models import QuotaPlan
from territories.selectors.quota_tree import TreeRow, tree_of
from territories.selectors.quota_versions import compare_versions
from territories.selectors.quotas import plans_visible_to
from territories.services.quota_plans import try_weights
from territories.views.quota_columns import INDENT
from territories.workflow.quotas import plan_url

VIEW, PLAN = "quotas.view", "quotas.plan"
TRIED = [
    Column("label", "Territory"),
    Column("now", "Quota now", kind="quantity"),
    Column("then", "With these weights", kind="quantity"),
    Column("change", "Change", kind="quantity"),
    Column("percent", "Change", kind="percent"),
]
DIFFERENCES = [
    Column("label", "Territory or rep"),
    Column("before", "Before", kind="quantity"),
    Column("after", "After", kind="quantity"),
    Column("change", "Change", kind="quantity"),
    Column("percent", "Change", kind="percent"),
    Column("first_month", "From month", kind="month"),
]


@dataclass(frozen=True)
class Tried:
    """A territory's year now and with other weights, in base currency."""

    label: str
    now: Decimal
    then: Decimal

    @property
    def change(self) -> Decimal:
        return self.then - self.now

    @property
    def percent(self) -> float | None:
        return float(self.change / self.now) if self.now else None


class QuotaWhatIf(Page):
    """Try other weights; the address holds them, so that it can be sent to a colleague."""

    action = PLAN

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        plan = get_object_or_404(plans_visible_to(person_of(request)), pk=pk)
        names = list(WeightsForm.base_fields)
        asked = any(name in request.GET for name in names)
        now = {name: getattr(plan, name).normalize() for name in names}
        form = WeightsForm(request.GET if asked else None, initial={k: f"{v:f}" for k, v in now.items()})
        context: dict[str, Any] = {"plan": plan, "plan_url": plan_url(plan), "form": form}
        status = 200
        if asked:
            context["table"], context["refused"], status = self._tried(request, plan, form)
        context["currency"] = base_currency()
        return render(request, "territories/quota_what_if.html", context, status=status)

    def _tried(self, request: HttpRequest, plan: QuotaPlan, form: WeightsForm) -> tuple[Any, Any, int]:
        if not form.is_valid():
            return None, None, 400
        weights = {name.removeprefix("weight_"): form.cleaned_data[name] for name in form.fields}
        try:
            found = try_weights(actor=person_of(request), plan=plan, weights=weights)
        except Denied:
            raise
        except Refused as refusal:
            return None, refusal.reasons, refusal.status
        rows = [tried_row(row, found) for row in tree_of(plan).rows() if not row.quota.rep_id]
        empty = Empty("Nothing to compare", "Allocate the plan first.")
        return plain_table(rows, TRIED, caption="With other weights", empty=empty), None, 200


def tried_row(row: TreeRow, found: dict[int, Decimal]) -> Tried:
    then = found.get(row.quota.territory_id or 0, Decimal(0))
    return Tried(f"{INDENT * row.depth}{row.label}", row.quota.amount, then)


class QuotaCompare(Page):
    """One version beside another of the same year."""

    action = VIEW

    def get(self, request: HttpRequest, pk: int, other: int) -> HttpResponseBase:
        person = person_of(request)
        after = get_object_or_404(plans_visible_to(person), pk=pk)
        same = plans_visible_to(person).filter(first_month=after.first_month, measure=after.measure)
        before = get_object_or_404(same, pk=other)
        rows = compare_versions(person, before, after)
        if form := request.GET.get("export"):
            return export_rows(rows, DIFFERENCES, title=f"{after} v {before}", form=form)
        empty = Empty("No difference", "Both versions give the same to everybody, in every month.")
        context = {
            "before": before,
            "after": after,
            "plan_url": plan_url(after),
            "table": plain_table(rows, DIFFERENCES, caption="Differences", empty=empty),
            "currency": base_currency(),
        }
        return render(request, "territories/quota_compare.html", context)
