"""The home page's blocks of pay: the own, and that of the team below."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from compensation.models import RunState, Statement
from compensation.selectors.addresses import goals_rep_path
from compensation.selectors.own_pay import own_rep
from compensation.selectors.statements import statement_url
from compensation.services.acceptances import Standing, to_accept
from compensation.services.own_pay import Estimate, LivePart, estimate_of
from core.errors import Refused
from core.formats import show
from core.models import Person
from core.roles import can
from crm.models import Rep
from dashboards.selectors.needs import Item, Need
from dashboards.selectors.own_pay import TeamPay, newest_statement, team_pay

MOST_ATTAINMENTS = 2
Figures = list[dict[str, Any]]


def pay_context(person: Person) -> dict[str, Any]:
    """The figures of the own pay and of the team's; empty for who has none."""
    rep = own_rep(person)
    team = team_pay(person, rep) if can(person, "pay.view") else None
    return {
        "own_pay": _own(person, rep) if rep and can(person, "pay.own") else [],
        "team_pay": _team(team) if team else [],
    }


def pay_needs(person: Person) -> list[Need]:
    """The pay plans that this person has not accepted yet."""
    rep = own_rep(person) if can(person, "pay.accept") else None
    if rep is None:
        return []
    items = [_to_accept(row) for row in _readable(rep)]
    return [Need("Pay plans to accept", len(items), reverse("compensation:goals"), items)] if items else []


def _readable(rep: Rep) -> list[Standing]:
    """Nothing for a plan that cannot be read, which the page of the plan explains."""
    try:
        return to_accept(rep)
    except Refused:
        return []


def _to_accept(row: Standing) -> Item:
    note = "changed since you accepted it" if row.before else "not accepted yet"
    return Item(str(row.version), goals_rep_path(row.version.pk, row.rep.pk), note, "warn")


def _own(person: Person, rep: Rep) -> Figures:
    """Last paid, this month as of today, and attainment; nothing before the first plan."""
    paid, now = newest_statement(person, rep), _estimate(person, rep)
    figures = [_paid(paid)] if paid else []
    figures += _now(now) if now else []
    return figures[:4]


def _estimate(person: Person, rep: Rep) -> Estimate | None:
    """The current month; None where it cannot be worked out, which the page of the own pay explains."""
    try:
        return estimate_of(actor=person, rep=rep, month=timezone.localdate().replace(day=1))
    except Refused:
        return None


def _paid(row: Statement) -> dict[str, Any]:
    """The newest payout and where the money is."""
    run = row.run
    when = f"on {show(run.paid_on, 'date')[0]}" if run.paid_on else ""
    return {
        "label": f"Paid for {run.month:%B}" if run.state == RunState.PAID else f"Approved for {run.month:%B}",
        "value": show(row.pay, "money")[0],
        "unit": row.currency_id,
        "change": when if run.state == RunState.PAID else "not paid yet",
        "url": statement_url(row),
    }


def _now(now: Estimate) -> Figures:
    url, pace = reverse("compensation:own-pay"), now.pace
    figures: Figures = [
        {
            "label": f"{now.month:%B} as of today",
            "value": show(sheet.pay, "money")[0],
            "unit": sheet.currency,
            "change": "an estimate: it changes with every deal",
            "url": url,
        }
        for sheet in now.sheets
    ]
    measured = [one for one in now.parts if one.row.attainment is not None][:MOST_ATTAINMENTS]
    gone = f"{pace.gone} of {pace.days} working days gone"
    return figures + [_attained(one, f"{now.month:%B}", gone, url) for one in measured]


def _attained(one: LivePart, month: str, gone: str, url: str) -> dict[str, Any]:
    return {
        "label": one.row.name,
        "value": show(one.row.attainment, "percent")[0],
        "change": f"of the quota to the end of {month}; {gone}",
        "url": url,
    }


def _team(team: TeamPay) -> Figures:
    """What the newest approved month pays the team, and what it disputes."""
    statements = reverse("compensation:statement-list")
    figures: Figures = [
        {
            "label": f"Payout of {team.month:%B}",
            "value": show(money, "money")[0],
            "unit": currency,
            "change": f"{people} {'person' if people == 1 else 'people'}",
            "url": f"{statements}?month={team.month}",
        }
        for currency, money, people in team.sums
    ]
    waiting = {
        "label": "Open disputes",
        "value": team.disputes,
        "tone": "warn" if team.disputes else "",
        "url": f"{reverse('compensation:dispute-list')}?state=open",
    }
    return [*figures[:3], waiting]
