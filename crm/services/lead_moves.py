"""The moves of a lead: claimed, answered, qualified, disqualified, taken up again, made a deal."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.engine.moves import Move
from catalog.models import Currency
from catalog.selectors import base_currency
from core.access import require
from core.editing import create_row
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.models import Person
from crm.engine.lead_moves import DISQUALIFIED_BECAUSE
from crm.engine.webhooks.events import Event, EventKind
from crm.engine.working_hours import hours_between
from crm.models import (
    Account,
    Deal,
    DealStage,
    EventState,
    Lead,
    LeadState,
    LeadStep,
    LeadStepKind,
    StageKind,
)
from crm.pipeline.deals import apply_deal_events
from crm.pipeline.names import OUR_CODES
from crm.selectors.lead_routing import Hours
from crm.selectors.leads import rep_of
from crm.services.leads import HERE, hand_over, locked
from crm.workflow.leads import allowed

KINDS = {
    "answer": LeadStepKind.ANSWERED,
    "qualify": LeadStepKind.QUALIFIED,
    "disqualify": LeadStepKind.DISQUALIFIED,
    "reopen": LeadStepKind.REOPENED,
    "convert": LeadStepKind.CONVERTED,
}
STORED = ["state", "answered", "response_hours", "disqualified_because", "deal", "account", "converted"]


@transaction.atomic
def claim_lead(*, actor: Person, lead: Lead) -> Lead:
    """Take a lead that nobody has. Of many who claim it at once, one gets it.

    Raises Refused with every reason, Denied.
    """
    row = locked(lead)
    allowed(row, "claim", actor, "")
    rep = rep_of(actor)
    if rep is None:
        raise Refused(Reason("Only a rep claims leads.", "not_a_rep"))
    before = row.owner
    hand_over(row, rep, kind=LeadStepKind.CLAIMED, actor=actor)
    record(actor=actor, verb="lead claimed", subject=row, before={"owner": before}, after={"owner": rep})
    return row


@transaction.atomic
def answer_lead(*, actor: Person | None, lead: Lead, note: str = "") -> Lead:
    """Note that the lead was answered: the clock stops. Raises Refused, Denied."""
    return _moved(actor, locked(lead), "answer", note=note)


@transaction.atomic
def qualify_lead(*, actor: Person | None, lead: Lead, note: str = "") -> Lead:
    """Note that the lead is worth a deal. Raises Refused, Denied."""
    return _moved(actor, locked(lead), "qualify", note=note)


@transaction.atomic
def disqualify_lead(*, actor: Person | None, lead: Lead, reason: str, note: str = "") -> Lead:
    """End the lead for one of the known reasons. Raises Invalid for another one, Refused, Denied."""
    require(actor, "leads.work")
    if reason and reason not in DISQUALIFIED_BECAUSE:
        known = ", ".join(DISQUALIFIED_BECAUSE)
        raise Invalid(Reason(f"“{reason}” is none of the reasons. Use one of: {known}.", "invalid", "reason"))
    return _moved(actor, locked(lead), "disqualify", reason=reason, note=note)


@transaction.atomic
def reopen_lead(*, actor: Person | None, lead: Lead, reason: str) -> Lead:
    """Take up a disqualified lead again. Raises Refused, Denied."""
    return _moved(actor, locked(lead), "reopen", reason=reason)


@transaction.atomic
def convert_lead(
    *,
    actor: Person | None,
    lead: Lead,
    name: str,
    amount: Decimal | None = None,
    currency: Currency | None = None,
    expected_close: dt.date | None = None,
    account: Account | None = None,
) -> Deal:
    """Make a qualified lead a deal of its account; without an account, one is made of the company.

    Raises Invalid by field, Refused, Denied.
    """
    row = locked(lead)
    allowed(row, "convert", actor, "")
    if not name.strip():
        raise Invalid(Reason("Name the deal.", "required", "name"))
    if amount is not None and amount < 0:
        raise Invalid(Reason("An amount is 0 or more.", "invalid", "amount"))
    row.account = account or row.account or _account_of(actor, row)
    fields = {
        "name": name.strip(),
        "account": row.account.code,
        "owner": row.owner.code if row.owner is not None else "",
        "stage": _first_stage(),
        "amount": format(amount, "f") if amount is not None else "",
        "currency": currency.code if currency is not None else base_currency(),
        "expected_close": expected_close.isoformat() if expected_close else "",
    }
    row.deal = _deal_of(row, fields)
    _moved(actor, row, "convert", note=f"Deal “{name.strip()}”")
    return row.deal


def _account_of(actor: Person | None, lead: Lead) -> Account:
    company = lead.company or lead.name
    if not company:
        text = "This lead names no company. Write the account's code, or the company into the lead."
        raise Invalid(Reason(text, "required", "account"))
    account = Account(
        code=f"L-{lead.pk}",
        name=company,
        owner=lead.owner,
        market=lead.market,
        country=lead.country,
        employees=lead.employees,
    )
    return create_row(actor=actor, row=account, verb="account added", reason=f"Lead {lead.pk} became a deal")


def _first_stage() -> str:
    stage = DealStage.objects.filter(kind=StageKind.OPEN).order_by("position").first()
    return stage.code if stage is not None else ""


def _deal_of(lead: Lead, fields: dict[str, str]) -> Deal:
    """The deal, by the one way that all deals are written: an event."""
    key = f"lead-{lead.pk}"
    known = {name: text for name, text in fields.items() if text}
    event = Event("deal", key, EventKind.CHANGE, timezone.now(), f"converted:{key}", fields=known)
    (settled,) = apply_deal_events(HERE, [event], named_by=OUR_CODES)
    if settled.outcome not in {EventState.APPLIED, EventState.PARTLY}:
        named = ", ".join(str(one) for one in settled.unknown)
        raise Refused(Reason(settled.error or f"Nothing here is called {named}.", "not_applied"))
    return Deal.objects.get(source=HERE, external_id=key)


def _moved(actor: Person | None, lead: Lead, name: str, *, reason: str = "", note: str = "") -> Lead:
    """Make the move, or refuse it with every reason at once and change nothing."""
    move = allowed(lead, name, actor, reason)
    now = timezone.now()
    before = lead.state
    _settle(lead, move, reason, now)
    lead.revision += 1
    lead.save(update_fields=[*STORED, "revision"])
    LeadStep.objects.create(
        lead=lead,
        kind=KINDS[name],
        at=now,
        rep=lead.owner,
        person=actor,
        text=": ".join(filter(None, (reason.strip(), note.strip())))[:300],
    )
    record(
        actor=actor,
        verb=f"lead {KINDS[name].label.lower()}",
        subject=lead,
        before={"state": before},
        after={"state": lead.state},
        reason=reason.strip(),
    )
    return lead


def _settle(lead: Lead, move: Move, reason: str, now: dt.datetime) -> None:
    lead.state = LeadState(move.target)
    lead.disqualified_because = reason.strip() if move.name == "disqualify" else ""
    if lead.answered is None:
        lead.answered = now
        hours: Any = Hours(timezone.localdate(now)).of(lead.owner)
        lead.response_hours = Decimal(str(round(hours_between(hours, lead.arrived, now), 2)))
    if move.name == "convert":
        lead.converted = now
