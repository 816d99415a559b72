"""A small company that is paid: plans, reps on them, credits, runs with statements."""

import datetime as dt
import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from catalog.models import Currency
from compensation.models import (
    Credit,
    CreditRun,
    PayLine,
    PayPlan,
    PayRole,
    PayRun,
    PlanAssignment,
    PlanQuota,
    PlanVersion,
    Position,
    Statement,
    StatementPart,
)
from crm.models import Account, Deal, DealStage, Rep

JANUARY = dt.date(2026, 1, 1)
NUMBERS = itertools.count(1)
WAY = ("preview", "calculated", "reviewed", "approved", "locked", "paid")
TERMS: dict[str, Any] = {
    "plan": "Account executive",
    "currency": "EUR",
    "target_incentive": 12_000,
    "components": [
        {
            "code": "own",
            "name": "Own bookings",
            "form": "marginal",
            "measure": {"of": "bookings"},
            "period": "month",
            "over": "year",
            "against": "quota",
            "tiers": [{"from": 0, "rate": "5%"}, {"from": "100%", "rate": "8%"}],
        }
    ],
}
FLAT: dict[str, Any] = {
    "plan": "Flat",
    "currency": "EUR",
    "components": [
        {"code": "own", "name": "Own bookings", "form": "flat", "measure": {"of": "bookings"}, "rate": "5%"}
    ],
}

RACE: dict[str, Any] = {
    "code": "race",
    "name": "Spring race",
    "form": "contest",
    "measure": {"of": "bookings"},
    "period": "quarter",
    "over": "quarter",
    "prizes": [1000, 500],
}


def euro() -> Currency:
    return Currency.objects.get_or_create(code="EUR", defaults={"name": "Euro"})[0]


def role(code: str = "ae") -> PayRole:
    return PayRole.objects.get_or_create(code=code, defaults={"name": code.upper()})[0]


def plan_of(terms: dict[str, Any] | None = None, code: str = "ae", **values: Any) -> PlanVersion:
    """A version in force from January 2026 on, for everybody in the role of the same code."""
    euro()
    plan = PayPlan.objects.create(code=code, name=values.pop("name", f"Plan {code}"))
    begin = values.setdefault("starts", JANUARY)
    given = {"state": "approved", "days": DateRange(begin, None), "terms": TERMS if terms is None else terms}
    version = PlanVersion.objects.create(plan=plan, **(given | values))
    PlanAssignment.objects.create(plan=plan, role=role(code), days=DateRange(begin, None))
    return version


def rep_on(version: PlanVersion | None, code: str = "ann", **values: Any) -> Rep:
    """A rep, in the role that the plan is for. quota: a year's; begin, target: of the position."""
    begin, quota = values.pop("begin", JANUARY), values.pop("quota", None)
    target = values.pop("target", None)
    rep = Rep.objects.create(code=code, name=values.pop("name", code.title()), **values)
    if version is not None:
        days = DateRange(begin, None)
        Position.objects.create(
            rep=rep, role=role(version.plan.code), days=days, target_incentive=target, base_salary=60_000
        )
    if version is not None and quota is not None:
        PlanQuota.objects.create(plan=version.plan, rep=rep, first_month=version.starts, amount=quota)
    return rep


def deal(rep: Rep, amount: int | Decimal, day: dt.date | None, **values: Any) -> Deal:
    """A won deal of a day, or an open one without."""
    kind = "won" if day else "open"
    stage, _ = DealStage.objects.get_or_create(
        code=kind,
        defaults={
            "name": kind.title(),
            "position": 9 if day else 8,
            "kind": kind,
            "probability": 1 if day else 0,
        },
    )
    number = next(NUMBERS)
    account, _ = Account.objects.get_or_create(code=f"at-{rep.code}", defaults={"name": f"At {rep.name}"})
    given = {
        "source": "test",
        "external_id": f"d{number}",
        "name": f"Deal {number}",
        "account": account,
        "rep": rep,
        "stage": stage,
        "amount": amount,
        "base_amount": amount,
        "currency": euro(),
        "closed": day,
    }
    return Deal.objects.create(**(given | values))


def credit(rep: Rep, amount: int | Decimal, day: dt.date = JANUARY, **values: Any) -> Credit:
    """What counts for a rep, of a won deal of the own unless another is given."""
    of = values.pop("deal", None) or deal(rep, amount, day)
    run = CreditRun.objects.first() or CreditRun.objects.create(fingerprint="test")
    given = {
        "key": f"bookings:{of.pk}:{rep.pk}:owner:{next(NUMBERS)}",
        "basis": "bookings",
        "kind": "direct",
        "role": "owner",
        "rep": rep,
        "deal": of,
        "account": of.account,
        "label": of.name,
        "day": day,
        "percent": 100,
        "deal_amount": amount,
        "amount": amount,
        "currency": "EUR",
        "own_amount": amount,
        "run": run,
    }
    return Credit.objects.create(**(given | values))


def line(of: Credit | None, amount: Any = None, rate: Any = "0.05", **values: Any) -> dict[str, Any]:
    """What PayLine needs; pay is amount × rate unless it is given."""
    amount = Decimal(str(of.amount if amount is None and of else amount or 0))
    rate = Decimal(str(rate))
    given = {
        "credit": of,
        "deal": of.deal if of else None,
        "kind": "earned",
        "tier": 1,
        "amount": amount,
        "rate": rate,
        "pay": round(amount * rate, 2),
    }
    return given | values


def run_of(
    month: dt.date,
    paid: dict[Rep, Sequence[dict[str, Any]]],
    version: PlanVersion,
    state: str = "approved",
    sheets: dict[Rep, dict[str, Any]] | None = None,
    **values: Any,
) -> PayRun:
    """A month's run in a state, with a statement for each rep: the lines given, and further values of the
    statement (such as advanced) from `sheets`."""
    number = PayRun.objects.filter(month=month).count() + 1
    run = PayRun.objects.create(month=month, version=number, state="calculating", **values)
    for rep, lines in paid.items():
        _statement(run, rep, list(lines), version, (sheets or {}).get(rep, {}))
    through(run, state)
    return run


def through(run: PayRun, state: str) -> PayRun:
    """Move a run on until it is in a state."""
    begin = WAY.index(run.state) + 1 if run.state in WAY else 0
    for name in WAY[begin : WAY.index(state) + 1] if state in WAY else ():
        PayRun.objects.filter(pk=run.pk).update(state=name)
    run.refresh_from_db()
    return run


def _statement(
    run: PayRun, rep: Rep, lines: list[dict[str, Any]], version: PlanVersion, given: dict[str, Any]
) -> Statement:
    deltas = sum((one["pay"] for one in lines if one.get("is_delta")), Decimal(0))
    earned = sum((one["pay"] for one in lines), Decimal(0)) - deltas
    part = {"so_far": sum(one["amount"] for one in lines), **given.pop("part", {})}
    money = {"earned": earned, "deltas": deltas, **given}
    plus = ("earned", "deltas", "adjustments", "advanced", "released")
    pay = sum((Decimal(money.get(name, 0)) for name in plus), Decimal(0))
    pay -= sum((Decimal(money.get(name, 0)) for name in ("kept_back", "held")), Decimal(0))
    statement = Statement.objects.create(run=run, rep=rep, currency=euro(), pay=pay, **money)
    made = StatementPart.objects.create(
        statement=statement,
        version=version,
        component="own",
        name="Own bookings",
        earned=earned,
        deltas=deltas,
        **part,
    )
    for one in lines:
        PayLine.objects.create(statement=statement, part=made, **({"month": run.month} | one))
    return statement
