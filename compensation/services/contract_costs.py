"""How long a contract brings benefit, where it differs from the usual one."""

from typing import Any

from django.db import transaction

from compensation.models import ContractTerm
from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.models import Person
from crm.models import Deal

SAY = "pay.plan"


@transaction.atomic
def set_contract_term(
    *, actor: Person | None, deal: Deal, revision: int | None, reason: str, **values: Any
) -> ContractTerm:
    """Say how long a deal's contract lasts, what renewals add and when it ended early.

    values: months, renewal_months, commensurate, ended. Raises Invalid by field, Conflict, Denied.
    """
    require(actor, SAY)
    if not reason.strip():
        raise Invalid(Reason("Say why it differs from the usual contract.", "required", "reason"))
    row = ContractTerm.objects.filter(deal=deal).first()
    said = values | {"reason": reason.strip()}
    if row is None:
        made = ContractTerm(deal=deal, **said)
        return create_row(actor=actor, row=made, verb="contract term said", reason=reason.strip())
    return change_row(
        actor=actor,
        row=row,
        revision=revision or 0,
        changes=said,
        verb="contract term changed",
        reason=reason.strip(),
    )
