"""“Your pay”: a rep's year, where each component stands as of today, and the ways on."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from catalog.engine.months import add_months, months_apart
from compensation.models import RunState, Statement
from compensation.selectors.own_pay import PayYear, own_rep, pay_year
from compensation.selectors.scope import reps_paid_visible_to
from compensation.selectors.statement_words import ratio_of
from compensation.selectors.statements import statement_url
from compensation.services.own_pay import Estimate, LivePart, estimate_of
from compensation.views.statement_parts import attained
from compensation.views.statement_words import STATE_TONES
from core.access import Page, person_of
from core.errors import Denied, Refused
from core.formats import show
from core.listing import Column, Empty
from core.pages import plain_table
from core.roles import can
from core.years import YEARS
from crm.models import Rep

OWN = "pay.own"
NO_STATEMENTS = Empty(
    "No statements in this year yet",
    "A statement stands here for each month as soon as its pay is approved. What the current month comes to "
    "so far stands above.",
)


class OwnPay(Page):
    """The own year; without a rep, what to do."""

    action = OWN

    def get(self, request: HttpRequest) -> HttpResponse:
        rep = own_rep(person_of(request))
        if rep is None:
            return render(request, "compensation/own_pay_none.html", {})
        return shown(request, rep)


class RepPay(Page):
    """The year of a rep whose pay one may see."""

    action = OWN

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rep = get_object_or_404(reps_paid_visible_to(person_of(request)), pk=pk)
        return shown(request, rep)


def shown(request: HttpRequest, rep: Rep) -> HttpResponse:
    """The page of a rep whose pay the person may see."""
    person, today = person_of(request), timezone.localdate()
    year = asked_year(request, today)
    found = pay_year(person, rep, year)
    mine = rep.person_id == person.pk
    estimate, refused = _estimate(request, rep, found, today) if year == today.year else (None, None)
    context = {
        "rep": rep,
        "mine": mine,
        "title": "Your pay" if mine else f"Pay of {rep.name}",
        "year": year,
        "years": [one for one in (year - 1, year + 1) if one <= today.year],
        "figures": _figures(found),
        "table": plain_table(
            list(reversed(found.statements)), _columns(), caption=f"Months of {year}", empty=NO_STATEMENTS
        ),
        "chart": _chart(found) if found.statements else None,
        "estimate": estimate,
        "live": [_live(one) for one in estimate.parts] if estimate else [],
        "refused": refused,
        "today": today,
        "waiting": months_waiting(found, today),
        "what_if": what_if_url(rep, mine),
        "may_dispute": mine and bool(can(person, "pay.dispute")),
    }
    return render(request, "compensation/own_pay.html", context)


def asked_year(request: HttpRequest, today: dt.date) -> int:
    """The year in the address, or this one."""
    said = request.GET.get("year", "")
    year = int(said) if said.isascii() and said.isdigit() and len(said) == 4 else today.year
    return min(max(year, YEARS[0]), today.year)


def months_waiting(found: PayYear, today: dt.date) -> list[dt.date]:
    """The months of the year after the newest statement that are over, and are not approved yet."""
    last, this = found.last_month, today.replace(day=1)
    return [add_months(last, n) for n in range(1, months_apart(last, this))] if last else []


def what_if_url(rep: Rep, mine: bool) -> str:
    return reverse("compensation:what-if") if mine else reverse("compensation:rep-what-if", args=[rep.pk])


def _estimate(request: HttpRequest, rep: Rep, found: PayYear, today: dt.date) -> tuple[Estimate | None, Any]:
    """The current month, unless its statement is there."""
    month = today.replace(day=1)
    if found.last_month is not None and found.last_month >= month:
        return None, None
    try:
        estimate = estimate_of(actor=person_of(request), rep=rep, month=month)
    except Denied:
        raise
    except Refused as refusal:
        return None, refusal.reasons
    return (estimate if estimate.parts or estimate.sheets else None), None


def _figures(found: PayYear) -> list[dict[str, Any]]:
    """Earned, paid, to come and owed; of the first currency where there are several."""
    figures: list[dict[str, Any]] = []
    for sums in found.sums[:1]:
        rows = [
            (f"Earned in {found.year}", sums.earned),
            ("Paid", sums.paid),
            ("Approved, not paid yet", sums.coming),
        ]
        rows += [("Held", sums.held)] if sums.held else []
        rows += [("Still owed of draws", sums.owed)] if sums.owed else []
        figures += [
            {"label": label, "value": show(money, "money")[0], "unit": sums.currency} for label, money in rows
        ]
    return figures[:4]


def _columns() -> list[Column]:
    return [
        Column("month", "Month", lambda one: f"{one.run.month:%B %Y}", link=statement_url),
        Column(
            "state",
            "State",
            lambda one: one.run.get_state_display(),
            "badge",
            tone=lambda one: STATE_TONES[RunState(one.run.state)],
        ),
        Column("pay", "Payout", kind="money", link=statement_url),
        Column("earned", "Earned", kind="money"),
        Column("deltas", "Closed months", kind="money"),
        Column("adjustments", "Adjustments", kind="money"),
        Column("draw", "Draw", lambda one: one.advanced - one.kept_back, "money"),
        Column("holds", "Holds", lambda one: one.released - one.held, "money"),
        Column("owed", "Owed after it", kind="money"),
        Column("currency", "Currency", "currency_id"),
    ]


def _live(one: LivePart) -> dict[str, Any]:
    row = one.row
    return {
        "name": row.name,
        "plan": one.version.plan.name,
        "currency": one.currency,
        "pay": one.pay,
        "so_far": row.so_far,
        "quota": row.quota_to_date,
        "target": row.target,
        "ratio": ratio_of(row.derivation),
        "attained": attained(row.attainment),
    }


def _chart(found: PayYear) -> dict[str, Any]:
    """Earned and paid out by month, of the first currency."""
    currency = found.sums[0].currency
    rows: list[Statement] = [one for one in found.statements if one.currency_id == currency]
    columns = [
        Column("month", "Month", "run.month", "month"),
        Column("earned", "Earned", kind="money", unit=currency),
        Column("pay", "Payout", kind="money", unit=currency),
    ]
    return {
        "id": "year",
        "kind": "bars",
        "title": f"{found.year}: earned and paid out by month",
        "subtitle": f"In {currency}; with draws, holds, adjustments and closed months in the payout",
        "text": "; ".join(f"{one.run.month:%b %y}: {show(one.pay, 'money')[0]} {currency}" for one in rows),
        "data": {
            "x": [f"{one.run.month:%b %y}" for one in rows],
            "unit": currency,
            "series": [
                {"name": "Earned", "role": "consensus", "values": [float(one.earned) for one in rows]},
                {"name": "Payout", "role": "history", "values": [float(one.pay) for one in rows]},
            ],
        },
        "table": plain_table(rows, columns, caption="Earned and paid out by month", empty=NO_STATEMENTS),
    }
