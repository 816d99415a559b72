"""Leads as people and programs write them: added, corrected, given to a rep."""

import datetime as dt
import logging
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.access import require
from core.editing import change_row
from core.errors import Denied, Invalid, Reason, Refused
from core.events import record
from core.models import Person
from crm.engine.lead_matching import keys_of
from crm.engine.lead_moves import OPEN
from crm.models import Lead, LeadSource, LeadState, LeadStep, LeadStepKind, Rep
from crm.pipeline.lead_giving import due_for, note_breach, tell_of
from crm.pipeline.lead_intake import identity_of, take_in
from crm.selectors.leads import leads_visible_to
from crm.workflow.leads import is_own

logger = logging.getLogger(__name__)
HERE = "here"
# Leads that arrived in the past or will arrive in the future say nothing about the answer.
OLDEST = dt.timedelta(days=366 * 20)
KNOWN_BY = {"email", "phone", "company", "name"}


@transaction.atomic
def add_lead(
    *, actor: Person | None, values: dict[str, Any], external_id: str = "", system: str = HERE
) -> tuple[Lead, bool]:
    """Take a lead in and give it to somebody; says whether it is new.

    The same `external_id` of a system again is the lead that is there, unchanged. Raises Invalid by
    field, Denied.
    """
    require(actor, "leads.add")
    known = Lead.objects.filter(system=system, external_id=external_id).first() if external_id else None
    if known is not None:
        return _seen(actor, known), False
    at = timezone.now()
    lead = Lead(**{"arrived": at} | values, system=system, external_id=external_id)
    _refuse_unfit(lead, at)
    try:
        with transaction.atomic():
            take_in([lead], at=at)
    except IntegrityError:  # the same lead came twice at once: the other one was first
        known = Lead.objects.filter(system=system, external_id=external_id).first()
        if not external_id or known is None:
            raise
        return _seen(actor, known), False
    after = {"source": lead.source, "company": lead.company, "owner": lead.owner, "due": lead.due}
    record(actor=actor, verb="lead added", subject=lead, after=after)
    return lead, True


def _seen(actor: Person | None, lead: Lead) -> Lead:
    """The lead, if the caller may see it: nobody reads others' leads by sending their ids."""
    if actor is not None and not leads_visible_to(actor).filter(pk=lead.pk).exists():
        raise Refused(Reason("A lead with this id is there already.", "taken", "external_id"))
    return lead


def _refuse_unfit(lead: Lead, at: dt.datetime) -> None:
    reasons = []
    if not (lead.email or lead.phone or lead.company):
        text = "Write an e-mail address, a phone number or a company: nobody can answer otherwise."
        reasons.append(Reason(text, "required", "email"))
    if not at - OLDEST <= lead.arrived <= at + dt.timedelta(minutes=5):
        reasons.append(
            Reason("The moment of arrival lies in the future or too far back.", "invalid", "arrived")
        )
    if not lead.source.is_active:
        reasons.append(Reason(f"{lead.source.name} is no longer used. Choose another.", "inactive", "source"))
    reasons += _reasons(lead)
    if reasons:
        raise Invalid(*reasons)


def _reasons(lead: Lead) -> list[Reason]:
    try:
        lead.clean_fields()
    except ValidationError as error:
        found = error.message_dict.items()
        return [Reason(text, "invalid", field) for field, texts in found for text in texts]
    return []


@transaction.atomic
def change_lead(*, actor: Person | None, lead: Lead, revision: int, changes: dict[str, Any]) -> Lead:
    """Correct what is known of a lead; its state and its owner change by moves.

    Raises Conflict on a stale revision, Invalid by field, Refused for others' leads, Denied.
    """
    require(actor, "leads.work")
    if reasons := is_own(lead, actor):
        raise Refused(*reasons)
    _refuse_unreachable(lead, changes)
    saved = change_row(actor=actor, row=lead, revision=revision, changes=changes, verb="lead changed")
    if KNOWN_BY & set(changes):
        saved.keys = keys_of(identity_of(saved))
        Lead.objects.filter(pk=saved.pk).update(keys=saved.keys)
    if not leads_visible_to(actor).filter(pk=saved.pk).exists():
        raise Denied(f"{saved} would lie outside of your scope. Choose a market of your own.")
    return saved


def _refuse_unreachable(lead: Lead, changes: dict[str, Any]) -> None:
    after = {name: changes.get(name, getattr(lead, name)) for name in ("email", "phone", "company")}
    if not any(after.values()):
        text = "Keep an e-mail address, a phone number or a company: nobody can answer otherwise."
        raise Invalid(Reason(text, "required", "email"))


@transaction.atomic
def give_lead(*, actor: Person | None, lead: Lead, rep: Rep, reason: str = "") -> Lead:
    """Give an open lead to a rep by hand; one that waits gets the hours anew. The rep is told.

    Raises Refused for a lead that is closed or with this rep already, Denied.
    """
    require(actor, "leads.manage")
    row = locked(lead)
    if row.state not in OPEN or row.duplicate_of_id is not None:
        raise Refused(Reason(f"{row} is closed: “{row.get_state_display()}”. It needs nobody.", "closed"))
    if not rep.is_active:
        raise Invalid(Reason(f"{rep.name} is not active. Choose another rep.", "inactive", "rep"))
    if row.owner_id == rep.pk:
        raise Refused(Reason(f"{rep.name} has this lead already.", "same_rep", "rep"))
    before = row.owner
    hand_over(row, rep, kind=LeadStepKind.GIVEN, actor=actor, text=reason)
    record(
        actor=actor,
        verb="lead given",
        subject=row,
        before={"owner": before},
        after={"owner": rep},
        reason=reason.strip(),
    )
    tell_of(rep, [row])
    return row


def locked(lead: Lead) -> Lead:
    """The lead as it is now, locked until the transaction ends."""
    rows = Lead.objects.select_related("source", "owner__person", "rule", "account", "duplicate_of", "market")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=lead.pk)


def hand_over(lead: Lead, rep: Rep, *, kind: LeadStepKind, actor: Person | None, text: str = "") -> None:
    """The lead is the rep's from now on. Who claims in time keeps the hours; else they begin anew."""
    now = timezone.now()
    was_overdue = lead.state == LeadState.NEW and lead.due is not None and lead.due < now
    steps = [note_breach(lead, now)] if was_overdue else []
    if lead.state == LeadState.NEW and (was_overdue or kind != LeadStepKind.CLAIMED or lead.due is None):
        lead.due = due_for(rep, now, lead.rule.hours if lead.rule is not None else None)
    lead.owner, lead.rule, lead.assigned = rep, None, now
    lead.revision += 1
    lead.save(update_fields=["owner", "rule", "assigned", "due", "breaches", "revision"])
    step = LeadStep(lead=lead, kind=kind, at=now, rep=rep, person=actor, text=text.strip()[:300])
    LeadStep.objects.bulk_create([*steps, step])


def take_from_form(*, source: LeadSource, values: dict[str, Any]) -> Lead:
    """Take in what somebody wrote into a source's public form. Raises Invalid by field."""
    if not (source.is_active and source.takes_form):
        raise Refused(Reason("This form is closed.", "closed"))
    lead, _ = add_lead(actor=None, values=values | {"source": source})
    return lead
