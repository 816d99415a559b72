"""Owners of many accounts at once, for a room above that decides them."""

from collections.abc import Mapping

from django.db import connection, transaction

from core.events import subject_of
from core.models import Event, Person
from crm.models import Account, Rep

WRITE = """
    UPDATE crm_account a SET owner_id = wanted.rep_id, revision = a.revision + 1
    FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (account_id, rep_id)
    WHERE a.id = wanted.account_id"""


@transaction.atomic
def set_owners(*, actor: Person | None, owners: Mapping[int, int | None], reason: str) -> int:
    """Give accounts their owners (keys of accounts and reps, None for nobody), each with its event; says
    how many had another owner before."""
    rows = Account.objects.select_for_update(of=("self",), no_key=True).select_related("owner")
    found = rows.filter(pk__in=owners).order_by("pk")
    changed = [account for account in found if account.owner_id != owners[account.pk]]
    if not changed:
        return 0
    reps = Rep.objects.in_bulk({rep for account in changed if (rep := owners[account.pk])})
    with connection.cursor() as cursor:
        keys = [account.pk for account in changed]
        cursor.execute(WRITE, [keys, [owners[key] for key in keys]])
    Event.objects.bulk_create(
        [_event(actor, account, reps.get(owners[account.pk] or 0), reason) for account in changed],
        batch_size=2000,
    )
    return len(changed)


def _event(actor: Person | None, account: Account, rep: Rep | None, reason: str) -> Event:
    kind, key, label = subject_of(account)
    before = {"owner": str(account.owner) if account.owner else None}
    after = {"owner": str(rep) if rep else None}
    return Event(
        actor=actor,
        verb="account owner changed",
        subject_type=kind,
        subject_id=key,
        subject_label=label,
        before=before,
        after=after,
        reason=reason,
    )
