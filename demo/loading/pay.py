"""The demo's pay: plans since January, months calculated, approved and paid, and the last one still open.

Everything by the same services as everybody's. Every step looks first what is there already.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.engine.months import add_months, months_between
from compensation.models import CLOSED, PayPlan, PayRole, PayRun, PlanAssignment, Position
from compensation.pipeline.crediting import make_credits
from compensation.pipeline.run_sheets import month_pay
from compensation.pipeline.running import stored
from compensation.selectors.credits_current import credits_are_current
from compensation.selectors.run_inputs import inputs_of
from compensation.services.assignments import put_on_plan
from compensation.services.plans import add_plan, move_version
from compensation.services.positions import give_position
from compensation.services.roles import add_pay_role
from compensation.services.runs import move_run
from core.models import Person
from core.roles import Role
from crm.models import Rep
from demo.company.pay import GUARANTEE, GUARANTEE_REASON, GUARANTEE_REP, POSITIONS, ROLES, plans
from demo.loading.pay_by_hand import dispute_a_statement, enter_by_hand
from demo.loading.people import People

Say = Callable[[str], None]


def load_pay(people: People, *, today: dt.date, say: Say = lambda line: None) -> None:
    """Plans and people, then a run for each month of the year up to now."""
    january = today.replace(month=1, day=1)
    _load_plans(people, january)
    months = months_between(january, add_months(today.replace(day=1), -1))
    if not months:
        return
    enter_by_hand(people, january, months[-1])
    for month in months:
        say(f"Paying {month:%B %Y}.")
        _pay(people, month, newest=month == months[-1])
    dispute_a_statement(people, add_months(months[-1], -1))


@transaction.atomic
def _load_plans(people: People, january: dt.date) -> None:
    analyst = people[Role.ANALYST]
    if PayPlan.objects.exists():
        return
    roles = {code: add_pay_role(actor=analyst, code=code, name=name) for code, name in ROLES.items()}
    reps = {rep.code: rep for rep in Rep.objects.all()}
    for code, role, base, target in POSITIONS:
        _give(analyst, reps[code], roles[role], add_months(january, -12), base, target)
    for one in plans(january.year):
        plan = add_plan(
            actor=analyst,
            code=one.code,
            name=one.name,
            terms=one.terms,
            starts=january,
            owner=people[Role.MANAGER],
            intro=one.intro,
        )
        put_on_plan(actor=analyst, plan=plan, first=january, role=roles[one.role])
        version = move_version(actor=analyst, version=plan.versions.get(), name="submit")
        move_version(actor=people[Role.VP], version=version, name="approve")
    _guarantee(analyst, reps[GUARANTEE_REP], january)


def _give(actor: Person, rep: Rep, role: PayRole, first: dt.date, base: int, target: int) -> Position:
    pay: dict[str, Any] = {"base_salary": Decimal(base), "target_incentive": Decimal(target)}
    return give_position(actor=actor, rep=rep, role=role, first=first, **pay)


def _guarantee(actor: Person, rep: Rep, january: dt.date) -> PlanAssignment:
    plan = PayPlan.objects.get(code="ae")
    return put_on_plan(
        actor=actor, plan=plan, first=january, rep=rep, changes=GUARANTEE, reason=GUARANTEE_REASON
    )


def _pay(people: People, month: dt.date, *, newest: bool) -> None:
    """A month's run, paid but for the newest, which waits for approval."""
    if PayRun.objects.filter(month=month, state__in=[*CLOSED, "reviewed"]).exists():
        return
    if not credits_are_current():
        make_credits(actor=people[Role.ANALYST])
    run = _calculated(month, people[Role.ANALYST])
    run = move_run(actor=people[Role.ANALYST], run=run, name="take")
    run = move_run(actor=people[Role.MANAGER], run=run, name="review")
    if newest:
        return
    run = move_run(actor=people[Role.VP], run=run, name="approve")
    run = move_run(actor=people[Role.MANAGER], run=run, name="lock")
    move_run(actor=people[Role.MANAGER], run=run, name="pay")


@transaction.atomic
def _calculated(month: dt.date, actor: Person) -> PayRun:
    inputs = inputs_of(month)
    return stored(month_pay(month), inputs, actor=actor, job=None)
