"""The demo's quotas: this year's, approved on what executives signed, and next year's, being planned."""

import datetime as dt
from decimal import Decimal

from django.db import transaction

from core.models import Person
from core.roles import Role
from demo.loading.people import add_people
from territories.models import QuotaMeasure, QuotaPlan
from territories.selectors.quota_tree import overlays_to_choose
from territories.selectors.quota_values import values_of_accounts
from territories.services.quota_plans import allocate, make_plan, move_plan
from territories.services.quotas import set_overlay_quota

NOTE = "Sums checked against the released plan; the hedge stays as last year."
OVERLAY_REASON = "Six percent more than its accounts bought in the last twelve months."
MORE = Decimal("1.06")
HEDGES = [Decimal(3)]
NEXT_YEARS = {"weight_history": Decimal(40), "weight_potential": Decimal(60), "weight_pipeline": Decimal(0)}


@transaction.atomic
def load_quotas(today: dt.date) -> None:
    """Quotas of sales revenue down the tree of territories. What is there stays as it is."""
    people, year = add_people(), today.replace(month=1, day=1)
    if QuotaPlan.objects.exists():
        return
    plan = _plan(people[Role.MANAGER], year, weight_pipeline=Decimal(0), weight_history=Decimal(70))
    _give_overlays_theirs(people[Role.MANAGER], plan)
    plan = move_plan(actor=people[Role.MANAGER], plan=plan, name="submit", reason=NOTE)
    move_plan(actor=people[Role.VP], plan=plan, name="approve")
    _plan(people[Role.ANALYST], year.replace(year=year.year + 1), **NEXT_YEARS)


def _give_overlays_theirs(actor: Person, plan: QuotaPlan) -> None:
    """Each overlay is to sell a little more than its accounts bought in the last twelve months."""
    sold = values_of_accounts(plan)
    for overlay in overlays_to_choose(plan):
        inside = set(overlay.placements.values_list("account", flat=True))
        bought = sum((sold.get(account, {}).get("history", Decimal(0)) for account in inside), Decimal(0))
        amount = round(bought * MORE / plan.step) * plan.step
        set_overlay_quota(actor=actor, plan=plan, territory=overlay, amount=amount, reason=OVERLAY_REASON)


def _plan(actor: Person, year: dt.date, **settings: Decimal) -> QuotaPlan:
    values = {
        "name": f"Quotas {year.year}",
        "first_month": year,
        "measure": QuotaMeasure.SALES,
        "hedges": HEDGES,
        "step": Decimal(100),
        **settings,
    }
    return allocate(actor=actor, plan=make_plan(actor=actor, values=values))
