"""A plan that is ready to be released, put together directly: demand, supply, signatures upstream.

Tests of stages 4 and 5 start here, so that they are about reconciling and releasing alone.
"""

import datetime as dt
from collections.abc import Callable

from django.utils import timezone

from core.models import Person
from core.roles import Role
from planning.models import (
    ApprovalRequest,
    Cycle,
    DemandTotal,
    DemandValue,
    DemandVersion,
    Scenario,
    Stage,
    SupplyRun,
    SupplyValue,
)
from planning.selectors import demand, reconciliation, supply
from planning.services.approvals import request_approval, sign
from tests.conftest import PASSWORD
from tests.gathering.world import month
from tests.planning.conftest import HISTORY, Company

PRICE, COST = 100.0, 60.0
SHORT = 30.0  # units of Ridge that the plant cannot deliver in the first month
QUANTITY = 100.0


def months(count: int = 18) -> list[dt.date]:
    return [month(HISTORY + number) for number in range(count)]


def freeze(
    firm: Company, cycle: Cycle, quantity: Callable[[int], float] = lambda unit: QUANTITY
) -> DemandVersion:
    """A demand version: every unit wants the same every month, at 100 and a cost of 60."""
    version = DemandVersion.objects.create(
        cycle=cycle,
        number=cycle.demand_versions.count() + 1,
        fingerprint=f"demand-{cycle.pk}-{cycle.demand_versions.count() + 1}",
        made_from=demand.made_from(cycle),
        units=0,
        revenue=0,
    )
    DemandValue.objects.bulk_create(
        DemandValue(
            version=version,
            demand_unit=unit,
            month=when,
            baseline=90,
            quantity=quantity(place),
            price=PRICE,
            cost=COST,
        )
        for place, unit in enumerate(firm.units)
        for when in months(cycle.horizon)
    )
    _sum(version)
    return version


def _sum(version: DemandVersion) -> None:
    totals: dict[tuple[int, int, dt.date], list[float]] = {}
    for value in DemandValue.objects.filter(version=version).select_related("demand_unit__product"):
        key = (value.demand_unit.product.family_id, value.demand_unit.market_id, value.month)
        sums = totals.setdefault(key, [0.0, 0.0])
        sums[0] += value.baseline
        sums[1] += value.quantity
    DemandTotal.objects.bulk_create(
        DemandTotal(
            version=version, family_id=family, market_id=market, month=when, baseline=baseline,
            quantity=quantity, baseline_revenue=baseline * PRICE, revenue=quantity * PRICE,
            cost=quantity * COST,
        )
        for (family, market, when), (baseline, quantity) in totals.items()
    )  # fmt: skip


def solve(
    firm: Company, version: DemandVersion, scenario: Scenario | None = None, short: float = SHORT
) -> SupplyRun:
    """A finished solve: everything is delivered but `short` units of Ridge in the first month."""
    scenario = scenario or supply.scenario_of(version.cycle)
    run = SupplyRun.objects.create(
        cycle=version.cycle,
        scenario=scenario,
        version=version,
        state="done",
        made_from=supply.made_from_of(scenario),
        input_hash=f"{scenario.pk}-{version.pk}",
        engine_version="test",
        cost=1000,
    )
    wanted: dict[tuple[int, dt.date], float] = {}
    for value in DemandValue.objects.filter(version=version).select_related("demand_unit"):
        key = (value.demand_unit.product_id, value.month)
        wanted[key] = wanted.get(key, 0.0) + value.quantity
    first = months(1)[0]
    SupplyValue.objects.bulk_create(
        SupplyValue(
            run=run, product_id=product, site=firm.world.site, month=when, demand=asked, make=asked, buy=0,
            stock=80, target=80, backlog=0,
            lost=short if (product, when) == (firm.world.ridge.pk, first) else 0,
        )
        for (product, when), asked in wanted.items()
    )  # fmt: skip
    return run


def sign_upstream(cycle: Cycle, person: Person) -> None:
    """The first four stages as somebody has signed them today."""
    for name in ("data", "demand", "supply"):
        Stage.objects.filter(cycle=cycle, name=name).update(signed=timezone.now(), signed_by=person)
    Stage.objects.filter(cycle=cycle, name="reconciliation").update(
        signed=timezone.now(), signed_by=person, made_from=reconciliation.made_from(cycle)
    )


def second_executive() -> Person:
    return Person.objects.create_user("ceo@example.com", PASSWORD, name="Carla Chief", roles=[Role.EXECUTIVE])


def sent_days_ago(request: ApprovalRequest, days: int = 2) -> ApprovalRequest:
    """The pack was sent that many days ago."""
    request.pack_sent = timezone.now() - dt.timedelta(days=days)
    request.save()
    return request


def approved(cycle: Cycle, coordinator: Person, executives: list[Person]) -> ApprovalRequest:
    """Approval is asked for, the pack was sent in time, and everybody has approved."""
    request = sent_days_ago(request_approval(actor=coordinator, cycle=cycle))
    for person in executives:
        sign(actor=person, request=request, verdict="approve", password=PASSWORD)
    return request
