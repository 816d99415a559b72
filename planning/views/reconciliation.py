"""Stage 4's page: the plan beside demand, budget and last plan, and what has to be decided."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from catalog.selectors.scope import may_see_costs
from core.access import person_of
from core.errors import Denied, Reason, Refused
from core.roles import can
from planning.forms.reconciliation import SettleForm
from planning.models import Cycle, StageName
from planning.selectors.addresses import cycle_path
from planning.selectors.artefacts import colour_of
from planning.selectors.comparison import MEASURES, compare
from planning.selectors.contradictions import Contradiction, contradictions_of
from planning.selectors.reach_ids import reach_ids_of
from planning.services.reconciliation import OPTIONS, settle_contradiction
from planning.views.base import CyclePage
from planning.views.comparison_words import bridge_chart, family_table, figures_of, months_chart, unit_of
from planning.workflow.offers import offers

LABELS = {"units": "Units", "revenue": "Revenue", "margin": "Margin"}


class ReconciliationPage(CyclePage):
    """Demand, supply, budget and last plan in one place; contradictions by money, each with a decision."""

    action = "supply.view"
    place = "reconciliation"

    def get(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        return self._show(request, self.cycle(request, cycle_pk))

    def post(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        """Settle one contradiction."""
        cycle = self.cycle(request, cycle_pk)
        form = SettleForm(request.POST)
        if not form.is_valid():
            reasons = [
                Reason(str(text), "invalid", name) for name, texts in form.errors.items() for text in texts
            ]
            return self._show(request, cycle, reasons, status=400)
        try:
            decision = settle_contradiction(actor=person_of(request), cycle=cycle, **form.cleaned_data)
        except Denied:
            raise
        except Refused as refusal:
            return self._show(request, cycle, refusal.reasons, status=refusal.status)
        word = "is decided" if decision.decided else "is with the executives"
        messages.success(request, f"{decision.title}: {word}.")
        return redirect(cycle_path(cycle, "reconciliation") + "#contradictions")

    def _show(
        self, request: HttpRequest, cycle: Cycle, refused: list[Reason] | None = None, status: int = 200
    ) -> HttpResponse:
        person = person_of(request)
        comparison = compare(cycle, person)
        wanted = request.GET.get("show", "")
        measures = MEASURES if may_see_costs(person) else MEASURES[:2]
        measure = wanted if wanted in measures else "revenue"
        context: dict[str, Any] = {
            "refused": refused,
            "typed": request.POST if refused else {},
            "measures": [(name, LABELS[name], name == measure) for name in measures],
            "unit": unit_of(measure),
            "colour": colour_of(cycle, "supply"),
            "scenarios_url": reverse("planning:scenario-list", args=[cycle.pk]),
            "sign": _signing(cycle, person),
        }
        if comparison is not None:
            found = contradictions_of(cycle, comparison)
            context |= {
                "comparison": comparison,
                "figures": figures_of(comparison, found),
                "families": family_table(comparison, measure),
                "chart": months_chart(comparison, measure),
                "bridge": bridge_chart(comparison, measure),
                "contradictions": [(row, OPTIONS[row.kind], _tone(row)) for row in found],
                "open": sum(not row.is_settled for row in found),
                "may_decide": cycle.stage == StageName.RECONCILIATION
                and bool(can(person, "decision.make"))
                and reach_ids_of(person).is_everything,  # a part of the plan is not what is decided on
            }
        return self.show(request, cycle, "planning/reconciliation.html", context, status=status)


def _tone(row: Contradiction) -> tuple[str, str]:
    """How far it is settled: tone and word."""
    if row.decision is None:
        return "bad", "To be decided"
    if row.decision.decided:
        return "good", "Decided"
    return ("info", "With the executives") if row.decision.asks_executives else ("warn", "Raised")


def _signing(cycle: Cycle, person: Any) -> Any:
    """The button that signs this stage off, with what stands against it, while the cycle is here."""
    if cycle.stage != StageName.RECONCILIATION:
        return None
    return next((offer for offer in offers(cycle, person) if offer.is_signing), None)
