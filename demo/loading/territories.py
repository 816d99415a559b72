"""The demo's territories in force since January, and a realignment that somebody has begun to plan."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce

from core.roles import Role
from crm.models import Account, Rep
from demo.company.territories import DESCRIPTION, MODEL, Area, account_work, areas, rep_bases
from demo.loading.people import People
from gathering.models import SalesLine
from territories.models import Territory, TerritoryModel, TerritoryType
from territories.services.coverage import give_role
from territories.services.models import activate_model, add_model
from territories.services.roles import add_overlay_role, standard_roles
from territories.services.rules import add_rule, run_now
from territories.services.scenarios import create_scenario
from territories.services.territories import add_territory
from territories.services.work import import_account_work, import_rep_bases

KEY_ACCOUNT_REP = "R04"
OVERLAY = ("marketplaces", "Marketplace specialist")
OVERLAY_REP, OVERLAY_SHARE = "R06", Decimal("0.2")
MARKETPLACES = {"field": "industry", "is": "is", "value": "Online retail"}


@transaction.atomic
def load_territories(people: People, *, seed: int, today: dt.date, say: Callable[[str], None]) -> None:
    """The map, its rules and reps, what accounts ask. What is there stays as it is."""
    if TerritoryModel.objects.filter(code=MODEL[0]).exists():
        return
    say("Drawing the map of territories.")
    _import_work(people, seed, today)
    manager = people[Role.MANAGER]
    values = {"code": MODEL[0], "name": MODEL[1], "owner": manager, "description": DESCRIPTION}
    model = add_model(actor=manager, values=values)
    january = today.replace(month=1, day=1)
    for area in areas(_key_accounts()):
        _add(people, model, area, january)
    _add_overlay(people, model, january)
    run_now(actor=manager, model=model)
    model.refresh_from_db()
    activate_model(
        actor=people[Role.VP], model=model, revision=model.revision, first_day=january, despite=True
    )
    _begin_realignment(people, model, today)


def _import_work(people: People, seed: int, today: dt.date) -> None:
    coordinator = people[Role.COORDINATOR]
    rows = account_work(_accounts(today), seed)
    import_account_work(actor=coordinator, name="account-work.csv", data=_csv(rows))
    import_rep_bases(actor=coordinator, name="rep-bases.csv", data=_csv(rep_bases()))


def _accounts(today: dt.date) -> list[tuple[str, str, float]]:
    """(code, city, a year's sales) of every account."""
    sold = SalesLine.objects.filter(day__gte=today - timedelta(days=365)).values("account")
    by_account = dict(sold.annotate(sum=Coalesce(Sum("revenue"), Decimal(0))).values_list("account", "sum"))
    rows = Account.objects.order_by("code").values_list("pk", "code", "city")
    return [(code, city, float(by_account.get(pk, 0))) for pk, code, city in rows]


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _key_accounts() -> list[str]:
    found = Account.objects.filter(owner__code=KEY_ACCOUNT_REP).order_by("code")
    return list(found.values_list("code", flat=True))


def _add(people: People, model: TerritoryModel, area: Area, first: dt.date) -> None:
    manager, roles = people[Role.MANAGER], standard_roles()
    above = Territory.objects.filter(model=model, code=area.above).first()
    values = {"code": area.code, "name": area.name, "type": area.type, "parent": above}
    territory = add_territory(actor=manager, model=model, values=values)
    role = roles["owner" if area.condition else "manager"]
    rep = Rep.objects.get(code=area.rep)
    give_role(actor=manager, territory=territory, role=role, rep=rep, first=first)
    if area.condition:
        rule = {"name": area.name, "priority": area.priority, "condition": area.condition}
        add_rule(actor=manager, territory=territory, values=rule)


def _add_overlay(people: People, model: TerritoryModel, first: dt.date) -> None:
    manager = people[Role.MANAGER]
    role = add_overlay_role(actor=manager, code=OVERLAY[0], name=OVERLAY[1])
    values = {"code": "MARKETPLACES", "name": "Marketplaces", "type": TerritoryType.OVERLAY, "role": role}
    territory = add_territory(actor=manager, model=model, values=values)
    rep = Rep.objects.get(code=OVERLAY_REP)
    give_role(actor=manager, territory=territory, role=role, rep=rep, first=first, share=OVERLAY_SHARE)
    add_rule(actor=manager, territory=territory, values={"name": "Sells online", "condition": MARKETPLACES})


def _begin_realignment(people: People, model: TerritoryModel, today: dt.date) -> None:
    """The analyst tries what an even spread would take, from the next quarter on."""
    months = (today.month - 1) // 3 * 3 + 3
    quarter = dt.date(today.year + months // 12, months % 12 + 1, 1)
    create_scenario(
        actor=people[Role.ANALYST],
        model=model,
        code="EVEN",
        name="Even workload",
        publish_on=quarter,
        description="Some drive twice as much as others. What would it take to be within a quarter?",
        potential_within=Decimal(25),
        workload_within=Decimal(25),
        by_market=True,
    )
