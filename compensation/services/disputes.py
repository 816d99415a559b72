"""Disputes: raised by the rep, answered in working hours, decided by somebody else, paid by an adjustment."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from compensation.models import Adjustment, Dispute, DisputeState, PayLine, Statement
from compensation.selectors.closing import wait_for_closing
from compensation.selectors.disputes import (
    first_open_month,
    own_lines,
    own_statements,
    people_who_decide,
)
from compensation.workflow.disputes import dispute_url, perform
from core import company
from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason, Refused
from core.events import record
from core.models import Comment, Person
from core.roles import Role, can
from core.services.notifications import notify
from crm.engine.working_hours import NeverOpen, due_after
from crm.models import Deal, Rep
from crm.selectors.lead_routing import Hours

RAISE, DECIDE = "pay.dispute", "pay.decide"


@transaction.atomic
def raise_dispute(
    *,
    actor: Person,
    statement: Statement,
    about: str,
    text: str,
    line: PayLine | None = None,
    deal: Deal | None = None,
    expected: Decimal | None = None,
) -> Dispute:
    """Dispute a line of the own statement, or say what is missing on it; its owner is told.

    Raises Invalid by field, Denied for another's pay and for runs that are not approved, Refused for the same
    once more.
    """
    require(actor, RAISE)
    if not own_statements(actor).filter(pk=statement.pk).exists():
        raise Denied("Only an own statement of an approved month is disputed, by whom it pays.")
    if line is not None and not own_lines(actor).filter(pk=line.pk, statement=statement).exists():
        raise Invalid(Reason("That line is not on this statement. Choose one of it.", "not_there", "line"))
    if not text.strip():
        raise Invalid(Reason("Say what is wrong, in a sentence.", "required", "text"))
    now = timezone.now()
    row = Dispute(
        statement=statement,
        line=line,
        rep=statement.rep,
        about=about,
        deal=deal or (line.deal if line is not None else None),
        text=text.strip(),
        expected=expected,
        raised_by=actor,
        owner=_owner_of(statement, line, actor),
        due=due_for(statement.rep, now),
    )
    _refuse_twice(row)
    saved = create_row(actor=actor, row=row, verb="dispute raised")
    _tell_the_owner(saved, f"{actor.name} disputes pay of {statement.run.month:%B %Y}")
    return saved


@transaction.atomic
def decide_dispute(
    *,
    actor: Person | None,
    dispute: Dispute,
    accept: bool,
    reason: str,
    revision: int,
    amount: Decimal | None = None,
    month: dt.date | None = None,
) -> Dispute:
    """Agree or disagree, with the reason. An amount is proposed as an adjustment at once, of the first month
    that is not approved yet; somebody else approves that one.

    Raises Refused with every reason, Invalid by field, Conflict, Denied.
    """
    if amount is not None and not accept:
        raise Invalid(Reason("An amount is paid only when you agree. Leave it empty.", "no_amount", "amount"))
    paid_by = None
    if amount is not None:
        require(actor, DECIDE)
        wait_for_closing()
        paid_by = _adjustment(actor, dispute, amount, month, reason)
    saved = perform(
        dispute=dispute,
        name="accept" if accept else "reject",
        actor=actor,
        reason=reason,
        revision=revision,
        changes={"adjustment": paid_by} if paid_by else {},
    )
    word = "agreed to" if accept else "not agreed to"
    _tell_the_raiser(saved, actor, f"Your dispute about {saved.statement.run.month:%B %Y} is {word}")
    return saved


@transaction.atomic
def withdraw_dispute(*, actor: Person, dispute: Dispute, revision: int, reason: str = "") -> Dispute:
    """Take the own dispute back. Raises Refused once it is decided or for another's, Conflict, Denied."""
    saved = perform(
        dispute=dispute, name="withdraw", actor=actor, reason=reason, revision=revision, changes={}
    )
    _tell_the_owner(saved, f"{actor.name} withdrew a dispute of {saved.statement.run.month:%B %Y}")
    return saved


@transaction.atomic
def give_dispute(*, actor: Person | None, dispute: Dispute, owner: Person, revision: int) -> Dispute:
    """Give an open dispute to another person who may decide it. Raises Invalid, Refused, Conflict, Denied."""
    require(actor, DECIDE)
    if dispute.state != DisputeState.OPEN:
        raise Refused(Reason("This dispute is decided already.", "wrong_state"))
    if not people_who_decide(actor).filter(pk=owner.pk).exists():
        raise Invalid(Reason(f"{owner.name} may not decide disputes. Choose another.", "not_able", "owner"))
    if owner.pk in {dispute.raised_by_id, dispute.rep.person_id}:
        raise Invalid(Reason("Nobody decides about the own pay. Choose another.", "own_pay", "owner"))
    saved = change_row(
        actor=actor,
        row=dispute,
        revision=revision,
        changes={"owner": owner},
        verb="dispute given to another",
    )
    if actor is None or owner.pk != actor.pk:
        _tell_the_owner(saved, f"A dispute of {saved.statement.run.month:%B %Y} is yours to answer")
    return saved


@transaction.atomic
def commented(actor: Person, dispute: Dispute, comment: Comment) -> None:
    """What a comment on a dispute does: the other side is told, and the first one of who may decide stops
    the clock. The revision stays: a decision that is being written beside the thread is not stale by it."""
    row = Dispute.objects.select_for_update().get(pk=dispute.pk)
    answers = actor.pk != row.raised_by_id and bool(can(actor, DECIDE))
    if answers and row.first_answer is None:
        row.first_answer = timezone.now()
        row.save(update_fields=["first_answer"])
        answered = {"first_answer": row.first_answer.isoformat()}
        record(
            actor=actor, verb="dispute answered", subject=row, before={"first_answer": None}, after=answered
        )
    sides = [one for one in (row.raised_by, row.owner) if one is not None and one.pk != actor.pk]
    title = f"{actor.name} wrote about {row}"
    notify(people=sides, title=title, url=f"{dispute_url(row)}#comments")


def _refuse_twice(row: Dispute) -> None:
    """A double click asks once: one at a time for each rep. A line has one open dispute anyway."""
    if row.line_id is not None:
        return
    Rep.objects.select_for_update(no_key=True).get(pk=row.rep_id)
    names = ("statement", "line", "about", "deal", "text", "expected", "raised_by")
    same = {name: getattr(row, name) for name in names} | {"state": DisputeState.OPEN}
    if (there := Dispute.objects.filter(**same).first()) is not None:
        text = "You asked exactly this already, and it waits for an answer. Add a comment there."
        raise Refused(Reason(text, "twice", "text", dispute_url(there)))


def due_for(rep: Rep, now: dt.datetime) -> dt.datetime:
    """By when a dispute raised now is answered: the company's hours, counted in the rep's working hours."""
    wanted = int(company.value("dispute_hours"))
    try:
        return due_after(Hours(timezone.localdate(now)).of(rep), now, wanted)
    except NeverOpen:  # a calendar without workdays must not keep anybody from asking
        return now + dt.timedelta(hours=wanted)


def _owner_of(statement: Statement, line: PayLine | None, raiser: Person) -> Person | None:
    """The plan's owner where the setting says so and they may decide, else the manager with the fewest open
    disputes; nobody where there is neither."""
    able = {one.pk: one for one in people_who_decide(None) if one.pk != raiser.pk}
    if company.value("dispute_owner") == "plan":
        part = line.part if line is not None else statement.parts.select_related("version__plan").first()
        owner = part.version.plan.owner_id if part is not None else None
        if owner in able:
            return able[owner]
    managers = [one for one in able.values() if Role.MANAGER in one.roles]
    if not managers:
        return None
    open_ones = Dispute.objects.filter(state=DisputeState.OPEN, owner__in=managers)
    loads = list(open_ones.values_list("owner", flat=True))
    return min(managers, key=lambda one: (loads.count(one.pk), one.pk))


def _adjustment(
    actor: Person | None, dispute: Dispute, amount: Decimal, month: dt.date | None, reason: str
) -> Adjustment:
    earliest = first_open_month(dispute.statement)
    if month is not None and month < earliest:
        text = f"The pay of {month:%B %Y} is approved. Pay it with {earliest:%B %Y} or later."
        raise Invalid(Reason(text, "month_is_closed", "month"))
    row = Adjustment(
        rep=dispute.rep,
        month=month or earliest,
        currency=dispute.statement.currency,
        amount=amount,
        label=f"Dispute {dispute.pk}",
        reason=reason.strip() or dispute.text[:1000],
        deal=dispute.deal,
        made_by=actor,
    )
    return create_row(actor=actor, row=row, verb="adjustment proposed")


def _tell_the_owner(dispute: Dispute, title: str) -> None:
    people = [dispute.owner] if dispute.owner is not None else list(people_who_decide(None))
    told = [one for one in people if one.pk != dispute.raised_by_id]
    notify(people=told, title=title, text=dispute.get_about_display(), url=dispute_url(dispute))


def _tell_the_raiser(dispute: Dispute, actor: Person | None, title: str) -> None:
    if dispute.raised_by is not None and (actor is None or dispute.raised_by_id != actor.pk):
        notify(people=[dispute.raised_by], title=title, url=dispute_url(dispute))
