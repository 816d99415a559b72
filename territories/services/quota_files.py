"""Quotas by file: amounts that somebody set elsewhere come into a draft."""

from django.db import transaction

from core.errors import Invalid, Reason, Refused
from core.events import record
from core.models import Person
from core.uploads import refuse_large
from crm.selectors.accounts import reps_visible_to
from territories.models import Quota, QuotaPlan, QuotaState, Territory
from territories.pipeline.quota_files import Known, StoredQuotas, read_quotas, store_quotas
from territories.pipeline.tables import BadTable
from territories.services.quota_plans import locked, may_plan


@transaction.atomic
def import_quotas(*, actor: Person | None, plan: QuotaPlan, name: str, data: bytes) -> StoredQuotas:
    """Store a CSV file of quotas in a draft, all of it or nothing. Raises Refused where the plan is no
    draft, Invalid with a sentence for every bad row, Denied."""
    may_plan(actor)
    fresh = locked(plan)
    if fresh.state != QuotaState.DRAFT:
        text = f"{fresh} is {fresh.get_state_display().lower()}: quotas come only into a draft."
        raise Refused(Reason(text, "not_a_draft"))
    refuse_large(name, data)
    quotas = list(Quota.objects.filter(plan=fresh))
    try:
        said = read_quotas(fresh, name, data, _known(actor, fresh, quotas))
    except BadTable as error:
        raise Invalid(*(Reason(one, "row", "file") for one in error.sentences)) from error
    stored = store_quotas(fresh, said, quotas, name)
    fresh.revision += 1
    fresh.save(update_fields=["revision"])
    after = {"file": name, **vars(stored)}
    record(actor=actor, verb="quotas imported", subject=fresh, after=after)
    return stored


def _known(actor: Person | None, plan: QuotaPlan, quotas: list[Quota]) -> Known:
    reps = dict(reps_visible_to(actor).order_by().values_list("code", "pk"))
    places = Territory.objects.filter(model=plan.model_id, role=None).values_list("code", "pk")
    return Known(reps, dict(places) if plan.model_id else {}, quotas)
