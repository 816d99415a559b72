"""A small sales force with quotas, deals and order lines, every number of which can be counted by hand."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from catalog.models import Currency, DemandUnit, Family, Market, Product, Unit
from core.models import Person
from crm.models import Account, Deal, DealStage, Rep, Team, TeamMembership
from gathering.models import ImportRun, SalesLine, Target
from territories.models import Assignment, PlacedBy, Placement, Territory
from territories.services.roles import standard_roles

TODAY = dt.date(2026, 11, 16)  # half of the working days of the fourth quarter are over
FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 12, 31)
STAGES = (("open", "0.5"), ("won", "1"), ("lost", "0"))


def stages() -> None:
    for place, (kind, chance) in enumerate(STAGES, start=1):
        DealStage.objects.create(
            code=kind, name=kind.title(), position=place, kind=kind, probability=Decimal(chance)
        )


def a_deal(rep: Rep | None, amount: object, kind: str = "open", **values: Any) -> Deal:
    """Open and to close on 1 December; or won (lost) on 2 November, unless told otherwise."""
    money = Decimal(str(amount))
    usual: dict[str, Any] = {"created": dt.date(2026, 6, 1), "base_amount": money}
    usual |= {"expected_close": dt.date(2026, 12, 1)} if kind == "open" else {"closed": dt.date(2026, 11, 2)}
    return Deal.objects.create(
        source="crm",
        external_id=f"D{Deal.objects.count() + 1}",
        rep=rep,
        stage=DealStage.objects.get(code=kind),
        amount=money,
        **(usual | values),
    )


def a_quota(rep: Rep, month: dt.date, amount: object) -> None:
    """As an imported target: the slot of quotas gives it where no plan of quotas is approved."""
    Target.objects.create(rep=rep, month=month, amount=Decimal(str(amount)), run=an_import("targets"))


def an_import(dataset: str) -> ImportRun:
    run, _ = ImportRun.objects.get_or_create(dataset=dataset, file_name=f"{dataset}.csv")
    return run


def a_unit(product: str = "SAW", market: str = "NORTH") -> DemandUnit:
    unit, _ = Unit.objects.get_or_create(code="PC", defaults={"name": "Piece"})
    family, _ = Family.objects.get_or_create(code="TOOLS", defaults={"name": "Tools"})
    made, _ = Product.objects.get_or_create(
        code=product, defaults={"name": product.title(), "family": family, "unit": unit}
    )
    place, _ = Market.objects.get_or_create(code=market, defaults={"name": market.title()})
    return DemandUnit.objects.get_or_create(product=made, market=place)[0]


def a_line(
    account: Account | None, rep: Rep | None, revenue: object, day: dt.date, **values: Any
) -> SalesLine:
    Currency.objects.get_or_create(code="EUR", defaults={"name": "Euro"})
    number = SalesLine.objects.count() + 1
    usual = {"order_number": f"SO{number}", "line": "1", "quantity": 1, "currency": "EUR", "kind": "sale"}
    return SalesLine.objects.create(
        source="erp",
        demand_unit=values.pop("unit", None) or a_unit(),
        account=account,
        rep=rep,
        revenue=Decimal(str(revenue)),
        day=day,
        run=an_import("sales"),
        row_number=number,
        **(usual | values),
    )


def lies_in(account: Account, territory: Territory, begin: dt.date = dt.date(2026, 1, 1)) -> Placement:
    return Placement.objects.create(
        model=territory.model,
        account=account,
        territory=territory,
        days=DateRange(begin, None),
        placed_by=PlacedBy.HAND,
    )


def owns(
    rep: Rep, account: Account, territory: Territory, begin: dt.date, end: dt.date | None = None
) -> Assignment:
    """The settled coverage, as services make it of placements and territory reps."""
    return Assignment.objects.create(
        account=account,
        role=standard_roles()["owner"],
        rep=rep,
        territory=territory,
        days=DateRange(begin, end),
    )


def in_team(code: str, *reps: Rep) -> Team:
    team, _ = Team.objects.get_or_create(code=code, defaults={"name": code.title()})
    for rep in reps:
        TeamMembership.objects.create(team=team, rep=rep, days=DateRange(dt.date(2025, 1, 1), None))
    return team


def selling(person: Person, code: str, **values: Any) -> Rep:
    """The rep who is this person."""
    return Rep.objects.create(code=code, name=code.title(), person=person, **values)
