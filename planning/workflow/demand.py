"""The guards of stage 2, demand planning: each gives every reason why its stage cannot be signed yet."""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from catalog.engine.months import months_from
from catalog.models import Family, LifeCycle, Product
from core import company
from core.errors import Reason
from planning.models import ConsensusCell, ConsensusTotal, Cycle, DemandEvent, FamilyReview, StreamName
from planning.selectors import data, demand, supply
from planning.selectors.addresses import cycle_path
from planning.selectors.demand_coverage import months_of
from planning.selectors.demand_inputs import change_percent, without_reason
from planning.workflow.data import forecast_complete

MOST_LISTED = 10
# What dates a product in the catalog, by its life cycle.
DATED_BY = {LifeCycle.LAUNCH: "launched_on", LifeCycle.PHASE_OUT: "discontinued_on"}


def forecast_fresh(cycle: Cycle) -> list[Reason]:
    """Nothing that demand is made of came in after the freeze, and the forecast is of that freeze.

    Stock, capacity and what else only supply reads may come later.
    """
    was, now = data.was_made_from(cycle), data.made_from(cycle)
    here = cycle_path(cycle, "data")
    if was is None:
        return [
            Reason("The data is not frozen. Reopen data gathering and freeze it.", "not_frozen", url=here)
        ]
    if _of_demand(was) != _of_demand(now):
        text = "Data was imported after the freeze. Reopen data gathering, freeze and forecast again."
        return [Reason(text, "freeze_stale", url=here)]
    return forecast_complete(cycle)


def _of_demand(made_from: dict[str, Any]) -> dict[str, int]:
    return {name: key for name, key in made_from["imports"].items() if name not in supply.FACTS}


def streams_settled(cycle: Cycle) -> list[Reason]:
    """Every stream has submitted or was waived."""
    waiting = cycle.streams.filter(state="open").exclude(name=StreamName.STATISTICAL)
    return [
        Reason(
            f"{stream.get_name_display()} has neither submitted nor been waived. "
            f"{stream.owner.name} owns it.",
            "stream_open",
            url=cycle_path(cycle, "demand") + "#streams",
        )
        for stream in waiting.select_related("owner")
    ]


def families_reviewed(cycle: Cycle) -> list[Reason]:
    """Every family that is planned was reviewed."""
    planned = ConsensusTotal.objects.filter(cycle=cycle, family=OuterRef("pk"))
    reviewed = FamilyReview.objects.filter(cycle=cycle, family=OuterRef("pk"), state="reviewed")
    waiting = Family.objects.filter(Exists(planned), ~Exists(reviewed)).order_by("code")
    listed = list(waiting[: MOST_LISTED + 1])
    here = cycle_path(cycle, "demand") + "#families"
    reasons = [Reason(f"{family.name} is not reviewed.", "family_open", url=here) for family in listed]
    if len(listed) > MOST_LISTED:
        more = waiting.count() - MOST_LISTED
        reasons[MOST_LISTED:] = [Reason(f"{more} more families are not reviewed.", "family_open", url=here)]
    return reasons


def inputs_have_reasons(cycle: Cycle) -> list[Reason]:
    """Whoever changes the baseline by much says why."""
    limit = company.value("override_percent")
    return [
        Reason(
            f"{row} changes the baseline by {change_percent(row):+.0f} % (a reason and a note are asked from "
            f"{limit:.0f} %) and does not say why.",
            "input_without_reason",
            url=reverse("planning:demand-input", args=[cycle.pk, row.pk]),
        )
        for row in without_reason(cycle)
    ]


def events_dated(cycle: Cycle) -> list[Reason]:
    """New and ending products have a date, in the catalog or as an event; events lie in the horizon
    or say why not."""
    return [*_undated(cycle), *_outside(cycle)]


def _undated(cycle: Cycle) -> list[Reason]:
    planned = ConsensusCell.objects.filter(
        cycle=cycle, month=cycle.month, demand_unit__product=OuterRef("pk")
    )
    add = reverse("planning:demand-event-add", args=[cycle.pk])
    reasons = []
    for life, date in DATED_BY.items():
        dated = DemandEvent.objects.filter(cycle=cycle, product=OuterRef("pk"), kind=life)
        missing = Product.objects.filter(Exists(planned), ~Exists(dated), life_cycle=life, **{date: None})
        reasons += [
            Reason(
                f"{product.name} is in {LifeCycle(life).label.lower()} and has no date. Add its event.",
                "event_missing",
                url=f"{add}?product={product.code}&kind={life}",
            )
            for product in missing.order_by("code")
        ]
    return reasons


def _outside(cycle: Cycle) -> list[Reason]:
    months = months_of(cycle)
    horizon = (months[0], months_from(months[0], cycle.horizon + 1)[-1])  # without its end
    outside = cycle.demand_events.filter(note="").exclude(period__overlap=horizon)
    return [
        Reason(
            f"{event} lies outside {months[0]:%b %Y} to {months[-1]:%b %Y}. Move it, or note why.",
            "event_outside",
            url=reverse("planning:demand-event-edit", args=[cycle.pk, event.pk]),
        )
        for event in outside
    ]


def demand_frozen(cycle: Cycle) -> list[Reason]:
    """The consensus is frozen, and what it was made from has not changed since."""
    was, here = demand.was_made_from(cycle), cycle_path(cycle, "demand") + "#version"
    if was is None:
        return [Reason("The consensus is not frozen yet. Freeze it.", "not_frozen", url=here)]
    now = demand.made_from(cycle)
    words = dict.fromkeys(demand.WORDS[key] for key in now if now[key] != was.get(key))
    if words:
        text = f"The consensus was frozen before {' and '.join(words)}. Freeze it again."
        return [Reason(text, "freeze_stale", url=here)]
    return []


GUARDS: dict[str, Callable[[Cycle], list[Reason]]] = {
    "forecast_fresh": forecast_fresh,
    "streams_settled": streams_settled,
    "families_reviewed": families_reviewed,
    "inputs_have_reasons": inputs_have_reasons,
    "events_dated": events_dated,
    "demand_frozen": demand_frozen,
}
