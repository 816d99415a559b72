"""“What if I close this deal”: the rep's own page, and that of whoever may see the rep's pay."""

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from catalog.selectors import base_currency, families_visible_to
from compensation.forms.what_if import WhatIfForm
from compensation.selectors.own_pay import own_rep
from compensation.selectors.scope import reps_paid_visible_to
from compensation.selectors.statement_words import rate_text
from compensation.selectors.what_if import Supposed, open_deals_of, supposed_from
from compensation.services.what_if import Effect, Level, WhatIf, bases_counted, what_if
from core.access import Page, person_of
from core.errors import Denied, Refused
from core.formats import EMPTY, show
from core.listing import Column, Empty
from core.pages import plain_table
from crm.models import Deal, Rep

OWN = "pay.own"
NO_CHANGE = Empty("Nothing changes", "No component of the plan counts these deals.")


def asked_deals(form: WhatIfForm, rep: Rep) -> list[Supposed]:
    """What the form supposes: the products of the deals, and the typed amounts."""
    margin = form.margin_share
    found = supposed_from(rep, form.cleaned_data["deals"], margin)
    return found + [
        Supposed(f"Typed amount {place}", amount, margin=amount * margin, words={"family": family})
        for place, (amount, family) in enumerate(form.typed, start=1)
    ]


class WhatIfPage(Page):
    """The own open deals and typed amounts, and what closing them would add."""

    action = OWN

    def rep(self, request: HttpRequest, pk: int | None) -> Rep:
        person = person_of(request)
        if pk is not None:
            found: Rep = get_object_or_404(reps_paid_visible_to(person), pk=pk)
            return found
        own = own_rep(person)
        if own is None:
            raise Http404("You are not a rep, so you have no plan.")
        return own

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        rep, person = self.rep(request, pk), person_of(request)
        deals, asked = open_deals_of(person, rep), bool(request.GET)
        form = WhatIfForm(request.GET if asked else None, deals=deals, families=families_visible_to(person))
        context, status = _answered(request, rep, form) if asked else ({}, 200)
        chosen = {str(one) for one in request.GET.getlist("deals")}
        context |= {
            "rep": rep,
            "mine": rep.person_id == person.pk,
            "form": form,
            "deals": [(deal, str(deal.pk) in chosen, about(deal)) for deal in deals],
            "currency": base_currency(),
            "back": back_url(rep, person.pk),
            "asks_reached": len(_bases(rep, form)) > 1,
        }
        return render(request, "compensation/what_if.html", context, status=status)


def _answered(request: HttpRequest, rep: Rep, form: WhatIfForm) -> tuple[dict[str, Any], int]:
    """The context of the answer, or of what is wrong, and the status."""
    if not form.is_valid():
        return {}, 400
    said, deals = form.cleaned_data, asked_deals(form, rep)
    try:
        found = what_if(
            actor=person_of(request), rep=rep, month=said["month"], deals=deals, reached=said["reached"]
        )
    except Denied:
        raise
    except Refused as refusal:
        return {"refused": refusal.reasons}, refusal.status
    return answer_context(found), 200


def _bases(rep: Rep, form: WhatIfForm) -> set[str]:
    """What the rep's plans of the month asked for count; nothing for plans that cannot be read."""
    month = (form.cleaned_data.get("month") if form.is_bound else None) or form.fields["month"].initial
    try:
        return bases_counted(rep, month)
    except Refused:
        return set()


def about(deal: Deal) -> str:
    """The account, unless the deal is named after it, and when it is to close."""
    account = deal.account.name if deal.account and deal.account.name not in str(deal) else ""
    closes = f"to close on {show(deal.expected_close, 'date')[0]}" if deal.expected_close else ""
    return ", ".join(word for word in (account, closes) if word)


def back_url(rep: Rep, person: int) -> str:
    if rep.person_id == person:
        return reverse("compensation:own-pay")
    return reverse("compensation:rep-pay", args=[rep.pk])


def answer_context(found: WhatIf) -> dict[str, Any]:
    """The difference by currency, by component and by month."""
    return {
        "answer": found,
        "figures": [
            {"label": "It would add", "value": show(money, "money")[0], "unit": currency}
            for currency, money in found.totals.items()
        ],
        "table": plain_table(found.effects, _columns(), caption="By component", empty=NO_CHANGE),
        "months": [
            (currency, month, money)
            for currency, months in found.by_month.items()
            for month, money in months.items()
        ],
        "chart": _chart(found) if any(found.totals.values()) else None,
        "past": found.month < timezone.localdate().replace(day=1),
    }


def _columns() -> list[Column]:
    return [
        Column("component", "Component"),
        Column("difference", "Difference", kind="money"),
        Column("plan", "Plan"),
        Column("attained", "Attainment", lambda one: _pair(one, _attained)),
        Column("tier", "Tier", lambda one: _pair(one, _tier)),
        Column("rate", "Next rate", lambda one: _pair(one, lambda level: _rate(one, level))),
        Column("before", "Pay of the year now", "before.pay", "money"),
        Column("after", "With the deals", "after.pay", "money"),
        Column("currency", "Currency"),
    ]


def _pair(one: Effect, word: Any) -> str:
    before, after = word(one.before), word(one.after)
    return str(after) if before == after else f"{before} → {after}"


def _attained(level: Level) -> str:
    return show(level.attainment, "percent")[0]


def _tier(level: Level) -> str:
    return f"{level.tier} of {level.tiers}" if level.tier else EMPTY


def _rate(one: Effect, level: Level) -> str:
    return rate_text(level.rate or Decimal(0), one.currency, one.currency)


def _chart(found: WhatIf) -> dict[str, Any]:
    """Before and after, by component, of the first currency."""
    currency = next(iter(found.totals))
    shown = [one for one in found.effects if one.currency == currency]
    columns = [
        Column("component", "Component"),
        Column("before", "Now", "before.pay", "money", unit=currency),
        Column("after", "With the deals", "after.pay", "money", unit=currency),
    ]
    money = show(found.totals[currency], "money")[0]
    return {
        "id": "what-if",
        "kind": "bars",
        "title": f"It would add {money} {currency} to the year",
        "subtitle": "Pay of the plan year by component",
        "text": "; ".join(f"{one.component}: {show(one.difference, 'money')[0]} {currency}" for one in shown),
        "data": {
            "x": [one.component for one in shown],
            "unit": currency,
            "series": [
                {"name": "Now", "role": "last", "values": [float(one.before.pay) for one in shown]},
                {
                    "name": "With the deals",
                    "role": "consensus",
                    "values": [float(one.after.pay) for one in shown],
                },
            ],
        },
        "table": plain_table(shown, columns, caption="Pay of the year by component", empty=NO_CHANGE),
    }
