"""Two leads that are one: merged, and separated again when that was a mistake."""

from django.db import transaction
from django.utils import timezone

from core.access import require
from core.errors import Reason, Refused
from core.events import record
from core.models import Person
from crm.engine.lead_matching import keys_of
from crm.engine.lead_moves import OPEN
from crm.models import Lead, LeadState, LeadStep, LeadStepKind
from crm.pipeline.lead_giving import Giving
from crm.pipeline.lead_intake import identity_of, settle
from crm.services.leads import locked
from crm.workflow.leads import is_own

FILLED = ("company", "name", "email", "phone", "country", "market", "employees", "text", "account")


@transaction.atomic
def merge_leads(*, actor: Person | None, lead: Lead, into: Lead) -> Lead:
    """Make `lead` a part of `into`, which keeps what it knows and learns what it does not.

    Raises Refused with every reason, Denied.
    """
    require(actor, "leads.work")
    loser, winner = _both(lead, into)
    reasons = _why_not(actor, loser, winner)
    if reasons:
        raise Refused(*reasons)
    learnt = [name for name in FILLED if not getattr(winner, name) and getattr(loser, name)]
    for name in learnt:
        setattr(winner, name, getattr(loser, name))
    winner.keys = keys_of(identity_of(winner))
    winner.revision += 1
    winner.save(update_fields=[*learnt, "keys", "revision"])
    Lead.objects.filter(duplicate_of=loser).update(duplicate_of=winner)
    _point(loser, winner)
    _note(actor, loser, LeadStepKind.MERGED, f"Into lead {winner.pk}")
    _note(actor, winner, LeadStepKind.MERGED, f"With lead {loser.pk}, {loser}")
    record(actor=actor, verb="lead merged", subject=loser, after={"into": winner, "learnt": learnt})
    return winner


def _both(lead: Lead, into: Lead) -> tuple[Lead, Lead]:
    """Both, locked in the order of their keys, so that two merges never wait for each other."""
    rows = {one.pk: locked(one) for one in sorted((lead, into), key=lambda one: one.pk)}
    return rows[lead.pk], rows[into.pk]


def _why_not(actor: Person | None, loser: Lead, winner: Lead) -> list[Reason]:
    if loser.pk == winner.pk:
        return [Reason("A lead cannot be merged into itself. Choose another one.", "same", "into")]
    reasons = []
    if winner.duplicate_of_id is not None:
        text = f"{winner} was merged itself, into lead {winner.duplicate_of_id}. Choose that one."
        reasons.append(Reason(text, "merged", "into"))
    if loser.duplicate_of_id is not None:
        reasons.append(Reason(f"{loser} was merged already.", "merged"))
    if loser.state == LeadState.CONVERTED:
        reasons.append(Reason(f"{loser} became a deal. Merge the other way round.", "converted"))
    if loser.state in OPEN and winner.state not in OPEN:
        text = f"{winner} is closed and {loser} is open: nobody would answer. Merge the other way round."
        reasons.append(Reason(text, "closed", "into"))
    if is_own(winner, actor):  # who works on the winner decides; others' leads are not filled up
        reasons += is_own(loser, actor)
    return reasons


@transaction.atomic
def separate_lead(*, actor: Person | None, lead: Lead) -> Lead:
    """Take a merged lead out again: it is given to somebody, if nobody answered it yet. Denied, Refused."""
    require(actor, "leads.manage")
    row = locked(lead)
    if row.duplicate_of is None:
        raise Refused(Reason(f"{row} is not merged into another lead.", "not_merged"))
    before = row.duplicate_of
    row.duplicate_of = None
    row.revision += 1
    row.save(update_fields=["duplicate_of", "revision"])
    _note(actor, row, LeadStepKind.SEPARATED, f"From lead {before.pk}")
    record(actor=actor, verb="lead separated", subject=row, before={"into": before})
    settle([row], Giving(timezone.now()))
    return row


def _point(loser: Lead, winner: Lead) -> None:
    loser.duplicate_of = winner
    loser.revision += 1
    loser.save(update_fields=["duplicate_of", "revision"])


def _note(actor: Person | None, lead: Lead, kind: LeadStepKind, text: str) -> None:
    LeadStep.objects.create(lead=lead, kind=kind, at=timezone.now(), person=actor, rep=lead.owner, text=text)
