"""A year of quotas for tests: two regions, three territories, three reps, what they sold and could sell."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from catalog.models import Currency
from core.models import Person
from crm.models import Account, Deal, DealStage, Rep
from territories.models import AccountWork, Placement, QuotaPlan, Territory
from territories.services.quota_plans import allocate, make_plan, move_plan
from tests.territories.world import a_model_in_force, a_rep, a_territory, an_account, covers

JANUARY = dt.date(2026, 1, 1)
LAST_YEAR = dt.date(2025, 1, 1)


def won(account: Account, amount: int, day: dt.date) -> Deal:
    stage, _ = DealStage.objects.get_or_create(
        code="won", defaults={"name": "Won", "position": 9, "kind": "won", "probability": 1}
    )
    currency, _ = Currency.objects.get_or_create(code="EUR", defaults={"name": "Euro"})
    return Deal.objects.create(
        source="test",
        external_id=f"{account.code}-{day}",
        name="Deal",
        account=account,
        stage=stage,
        amount=amount,
        base_amount=amount,
        currency=currency,
        closed=day,
    )


def a_company(sales_rep: Person | None = None, sales_manager: Person | None = None) -> dict[str, Any]:
    """North (Alpha, Beta) and South, each with an account; sold 300, 100 and 200 in each month of 2025."""
    model = a_model_in_force()
    north, south = a_territory(model, "north"), a_territory(model, "south")
    alpha, beta = a_territory(model, "alpha", parent=north), a_territory(model, "beta", parent=north)
    boss = a_rep("boss", person=sales_manager)
    reps = {
        "ann": a_rep("ann", manager=boss, person=sales_rep),
        "bob": a_rep("bob", manager=boss),
        "cid": a_rep("cid"),
    }
    for territory, rep, sold in ((alpha, "ann", 300), (beta, "bob", 100), (south, "cid", 200)):
        account = an_account(f"at-{territory.code}", owner=reps[rep])
        AccountWork.objects.create(account=account, potential=Decimal(1000))
        Placement.objects.create(
            model=model, account=account, territory=territory, days=DateRange(JANUARY, None), placed_by="hand"
        )
        covers(reps[rep], territory, JANUARY)
        for month in range(1, 13):
            won(account, sold, dt.date(2025, month, 15))
    return {
        "model": model,
        "north": north,
        "south": south,
        "alpha": alpha,
        "beta": beta,
        **reps,
        "boss": boss,
    }


def a_draft(actor: Person, **values: Any) -> QuotaPlan:
    """12,000 for 2026 by history alone, the same every month."""
    wanted = {
        "name": "2026",
        "first_month": JANUARY,
        "target": Decimal(12_000),
        "target_reason": "Board of December",
        "weight_history": Decimal(100),
        "weight_potential": Decimal(0),
        "weight_pipeline": Decimal(0),
        "seasonality": "even",
    }
    return make_plan(actor=actor, values=wanted | values)


def allocated(actor: Person, **values: Any) -> QuotaPlan:
    return allocate(actor=actor, plan=a_draft(actor, **values))


def approved(actor: Person, approver: Person, **values: Any) -> QuotaPlan:
    plan = allocated(actor, **values)
    move_plan(actor=actor, plan=plan, name="submit")
    return move_plan(actor=approver, plan=plan, name="approve")


def amounts(plan: QuotaPlan) -> dict[str, Decimal]:
    """The year of every territory and rep, by code."""
    return {
        (quota.rep or quota.territory).code: quota.amount
        for quota in plan.quotas.select_related("rep", "territory")
    }


def quota_of(plan: QuotaPlan, of: Rep | Territory) -> Any:
    if isinstance(of, Rep):
        return plan.quotas.get(rep=of)
    return plan.quotas.get(territory=of, rep=None)
