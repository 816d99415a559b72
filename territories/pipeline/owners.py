"""Owners of accounts in the CRM's tables, where the company says that territories decide them."""

import datetime as dt

from django.db import transaction

from core import company
from crm.services.owners import set_owners
from territories.models import OwnershipChange, RoleKind
from territories.pipeline.ownership import note_changes

WHY = "Decided by territories"


@transaction.atomic
def keep_ownership(today: dt.date | None = None) -> int:
    """Write down what changed hands up to today, tell other systems, and, where territories decide who owns
    accounts, write the owners; says how many changes there were. May be called as often as one likes."""
    noted = note_changes(today)
    if company.value("account_owners") == "territories":
        set_owners(actor=None, owners=owners_told(), reason=WHY)
    return noted


def owners_told() -> dict[int, int | None]:
    """The owner of each account that ever had one by territories, as it was told last, where the account
    has another one."""
    owners = OwnershipChange.objects.filter(role__kind=RoleKind.OWNER)
    newest = owners.order_by("account_id", "role_id", "-id").distinct("account_id", "role_id")
    rows = newest.values_list("account", "new_rep", "account__owner")
    return {account: rep for account, rep, owner in rows if rep != owner}
