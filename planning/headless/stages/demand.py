"""Stage 2 without people: what customers announced is the sales input; all else is the baseline."""

from django.db.models import QuerySet

from catalog.models import Family
from core.roles import Role
from gathering.models import ExternalForecast
from planning.headless.run import Run
from planning.headless.stages.checklist import tick_all
from planning.models import ConsensusCell, ConsensusTotal, DemandInput, FamilyReview, Stream
from planning.selectors.demand_coverage import months_of
from planning.services.consensus import freeze_demand
from planning.services.demand import write_input
from planning.services.reviews import review_family
from planning.services.streams import submit_stream, waive_stream

NOBODY = "Nobody looks at it in a headless cycle."
SPEAKS_FOR = "sales"


def work(run: Run) -> None:
    """Everything until demand can be signed."""
    with run.step("demand: inputs"):
        written = take_announcements(run)
    with run.step("demand: streams and reviews"):
        settle_streams(run)
        review_families(run)
        tick_all(run)
    with run.step("demand: freeze"):
        version = freeze_demand(actor=run.people[Role.MANAGER], cycle=run.cycle)
    run.figures["demand"] = {
        "cells": ConsensusCell.objects.filter(cycle=run.cycle).count(),
        "inputs": written,
        "units": round(version.units, 2),
        "revenue": str(version.revenue),
        "fingerprint": version.fingerprint,
    }


def take_announcements(run: Run) -> int:
    """Customers' own forecasts become inputs of sales, cell by cell. Gives how many."""
    there = set(DemandInput.objects.filter(cycle=run.cycle).values_list("product", "market", "month"))
    rows = ExternalForecast.objects.filter(month__in=months_of(run.cycle), demand_unit__is_active=True)
    rows = rows.select_related("demand_unit__product", "demand_unit__market", "run")
    wanted = [
        row for row in rows if (row.demand_unit.product_id, row.demand_unit.market_id, row.month) not in there
    ]
    for row in wanted:
        write_input(
            actor=run.people[Role.ANALYST],
            cycle=run.cycle,
            stream=SPEAKS_FOR,
            product=row.demand_unit.product,
            market=row.demand_unit.market,
            month=row.month,
            kind="replace",
            value=row.quantity,
            reason_code="market",
            note=f"Announced in {row.run.file_name}.",
        )
    if wanted:
        text = f"{len(wanted)} announced quantities are the input of sales."
        run.accept("demand", text, "They stand in the folder's external forecasts.")
    return len(wanted)


def settle_streams(run: Run) -> None:
    """Submit who has spoken; the others are waived."""
    spoken = set(DemandInput.objects.filter(cycle=run.cycle).values_list("stream", flat=True))
    actor = run.people[Role.MANAGER]
    for stream in Stream.objects.filter(cycle=run.cycle, state="open").exclude(name="statistical"):
        if stream.name in spoken:
            submit_stream(actor=actor, cycle=run.cycle, stream=stream.name)
            continue
        run.accept("demand", f"{stream.get_name_display()} input is waived.", "No file brought any.")
        waive_stream(actor=actor, cycle=run.cycle, stream=stream.name, reason="Headless cycle: no input.")


def review_families(run: Run) -> None:
    """Mark every family of the plan as reviewed."""
    done = FamilyReview.objects.filter(cycle=run.cycle, state="reviewed").values("family")
    families = _families(run).exclude(pk__in=done)
    for family in families:
        review_family(
            actor=run.people[Role.MANAGER], cycle=run.cycle, family=family, state="reviewed", note=NOBODY
        )
    if families:
        run.accept("demand", f"{len(families)} families are marked as reviewed.", NOBODY)


def _families(run: Run) -> QuerySet[Family]:
    """The families that the plan has quantities of."""
    return Family.objects.filter(pk__in=ConsensusTotal.objects.filter(cycle=run.cycle).values("family"))
