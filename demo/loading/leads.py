"""The demo's leads: routing and the agreement by services, a year that is over at once, and some of now."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from catalog.models import Market
from core.roles import Role
from crm.engine.lead_matching import keys_of
from crm.engine.working_hours import due_after
from crm.models import (
    Lead,
    LeadAgreement,
    LeadCost,
    LeadSource,
    LeadState,
    LeadStep,
    Rep,
    RoutingRule,
    RoutingSeat,
)
from crm.pipeline.lead_intake import identity_of
from crm.selectors.lead_routing import Hours
from crm.services.lead_setup import add_row, add_rule
from crm.services.leads import add_lead
from demo.company.leads import SOURCES, Asker, fresh_leads, months_before, past_leads, promised
from demo.company.trade import REPS
from demo.loading.people import People

ANSWER_WITHIN = 4  # working hours
# Name, market, reps: the first rule that fits.
RULES = (
    ("Germany and Austria", "DACH", ("R05", "R04", "R06", "R07")),
    ("West", "WEST", ("R08", "R09", "R10", "R11", "R12")),
    ("Nordics", "NORDICS", ("R13", "R14")),
)
FALLBACK = ("Everything else", "R01")


@transaction.atomic
def load_leads(people: People, *, seed: int, today: dt.date, say: Callable[[str], None]) -> None:
    """Sources, rules, the agreement and the leads; nothing where sources are there already."""
    if LeadSource.objects.exists() or not Rep.objects.filter(code=FALLBACK[1]).exists():
        return
    say("Leads: sources, routing and a year of shops that asked.")
    sources = _add_sources(people, today)
    _add_rules(people)
    _store_past(past_leads(seed, today), sources)
    _agree(people, [*months_before(today), today.replace(day=1)])
    markets = Market.objects.in_bulk(field_name="code")
    for asker in fresh_leads(seed):
        add_lead(actor=None, values=_values(asker, sources, markets))


def _add_sources(people: People, today: dt.date) -> dict[str, LeadSource]:
    actor, found = people[Role.COORDINATOR], {}
    months = months_before(today)
    for code, name, cost, _, _ in SOURCES:
        found[code] = add_row(actor=actor, row=LeadSource(code=code, name=name, takes_form=code == "web"))
        for month in months if cost else ():
            add_row(actor=actor, row=LeadCost(source=found[code], month=month, amount=Decimal(cost)))
    return found


def _add_rules(people: People) -> None:
    actor = people[Role.COORDINATOR]
    reps = {rep.code: rep for rep in Rep.objects.all()}
    fallback = add_rule(
        actor=actor, values={"name": FALLBACK[0], "is_fallback": True, "hours": 2 * ANSWER_WITHIN}
    )
    add_row(actor=actor, row=RoutingSeat(rule=fallback, rep=reps[FALLBACK[1]], capacity=30))
    for name, market, codes in RULES:
        values = {"name": name, "market": Market.objects.get(code=market), "hours": ANSWER_WITHIN}
        rule = add_rule(actor=actor, values=values)
        for code in codes:
            add_row(actor=actor, row=RoutingSeat(rule=rule, rep=reps[code], capacity=12))


def _agree(people: People, months: list[dt.date]) -> None:
    for month in months:
        row = LeadAgreement(
            month=month, promised=promised(month), in_time_percent=85, owner=people[Role.EFFECTIVENESS]
        )
        add_row(actor=people[Role.COORDINATOR], row=row)


def _values(asker: Asker, sources: dict[str, LeadSource], markets: dict[str, Market]) -> dict[str, object]:
    return {
        "source": sources[asker.source],
        "company": asker.company,
        "email": asker.email,
        "country": asker.country,
        "market": markets.get(asker.market),
        "employees": asker.employees,
        "text": asker.text,
    }


# --- the year that is over ------------------------------------------------------------------------


def _store_past(askers: list[Asker], sources: dict[str, LeadSource]) -> None:
    """As the services would have left them, but with the moments of then."""
    markets, rules = Market.objects.in_bulk(field_name="code"), _seats()
    hours = Hours(timezone.localdate())
    leads, steps = [], []
    for number, asker in enumerate(askers):
        rule, reps = rules[asker.market]
        lead = Lead(
            **_values(asker, sources, markets), arrived=asker.arrived, assigned=asker.arrived, rule=rule
        )
        lead.keys = keys_of(identity_of(lead))
        lead.owner = reps[number % len(reps)]
        lead.due = due_after(hours.of(lead.owner), asker.arrived, ANSWER_WITHIN)
        lead.state = LeadState(asker.state)
        lead.disqualified_because = asker.reason
        lead.answered = due_after(hours.of(lead.owner), asker.arrived, asker.waited or 0.1)
        lead.response_hours = Decimal(str(asker.waited))
        lead.breaches = int((asker.waited or 0) > ANSWER_WITHIN)
        if asker.state == LeadState.CONVERTED:
            lead.converted = asker.arrived + dt.timedelta(days=asker.days)
        leads.append(lead)
    Lead.objects.bulk_create(leads)
    for lead in leads:
        steps += _steps(lead)
    LeadStep.objects.bulk_create(steps)


def _seats() -> dict[str, tuple[RoutingRule, list[Rep]]]:
    """By market of a channel, the rule that takes its leads and the reps who take turns there."""
    seated: dict[str, tuple[RoutingRule, list[Rep]]] = {}
    for name, _, codes in RULES:
        rule = RoutingRule.objects.get(name=name)
        reps = list(Rep.objects.filter(code__in=codes).order_by("code"))
        for _, _, _, _, market in (rep for rep in REPS if rep[0] in codes):
            seated[market] = (rule, reps)
    return seated


def _steps(lead: Lead) -> list[LeadStep]:
    moments = [
        ("arrived", lead.arrived, f"From {lead.source.name}"),
        ("routed", lead.arrived, f"Rule “{lead.rule}”"),
    ]
    if lead.breaches and lead.due is not None:
        moments.append(("breached", lead.due, "Due then"))
    if lead.answered is not None:
        moments.append(("answered", lead.answered, ""))
    if lead.state == LeadState.DISQUALIFIED and lead.answered is not None:
        moments.append(("disqualified", lead.answered, lead.disqualified_because))
    if lead.converted is not None:
        moments.append(("converted", lead.converted, ""))
    return [LeadStep(lead=lead, kind=kind, at=at, rep=lead.owner, text=text) for kind, at, text in moments]
