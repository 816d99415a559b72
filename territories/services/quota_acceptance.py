"""A rep accepts the own quota sheet: this version, as it was read."""

from django.db import IntegrityError, transaction

from core.access import require
from core.errors import Denied, Reason, Refused
from core.events import record
from core.models import Person
from core.services.notifications import notify
from territories.models import QuotaAcceptance, QuotaPlan, QuotaState
from territories.selectors.quota_sheets import sheet_of
from territories.selectors.quotas import rep_of
from territories.workflow.quotas import plan_url


@transaction.atomic
def accept_sheet(*, actor: Person, plan: QuotaPlan, fingerprint: str) -> QuotaAcceptance:
    """Accept the own quota of an approved version. `fingerprint` is that of the sheet that was read.

    Raises Refused for a version that is not in force, a sheet that is not the one read, or a second time;
    Denied for who has no quota in it.
    """
    require(actor, "quotas.accept")
    rep = rep_of(actor)
    fresh = QuotaPlan.objects.select_for_update().get(pk=plan.pk)
    sheet = sheet_of(actor, fresh, rep) if rep else None
    if rep is None or sheet is None:
        raise Denied("You have no quota in this plan.")
    if fresh.state != QuotaState.APPROVED:
        text = f"{fresh} is superseded: another version holds now. Read and accept that one."
        raise Refused(Reason(text, "not_in_force"))
    if sheet.accepted is not None:
        raise Refused(Reason("You accepted this version already.", "accepted"))
    if sheet.fingerprint != fingerprint:
        raise Refused(Reason("The sheet is not the one you read. Read it again, then accept it.", "changed"))
    try:
        with transaction.atomic():
            row = QuotaAcceptance.objects.create(
                plan=fresh, rep=rep, accepted_by=actor, sheet_hash=fingerprint
            )
    except IntegrityError as error:
        raise Refused(Reason("You accepted this version already.", "accepted")) from error
    record(actor=actor, verb="quota accepted", subject=fresh, after={"rep": rep.code, "sheet": fingerprint})
    told = [fresh.owner] if fresh.owner else []
    notify(people=told, title=f"{rep.name} accepted the quota: {fresh}", url=plan_url(fresh))
    return row
