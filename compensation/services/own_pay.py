"""What a month would pay one rep as of today: worked out for one person, and kept nowhere."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from compensation.engine.exact import from_ticks
from compensation.models import PlanVersion
from compensation.pipeline.run_parts import PartRow
from compensation.pipeline.run_sheets import MonthPay, Sheet, one_person
from compensation.selectors.own_pay import Pace, pace_of
from compensation.selectors.scope import may_see_pay_of
from core.access import require
from core.errors import Denied
from core.models import Person
from crm.models import Rep

NOT_YOURS = "You may not see the pay of this rep."


@dataclass(frozen=True)
class LivePart:
    """A component as of today. pay: of the month, in the plan's currency."""

    version: PlanVersion
    component: str
    currency: str
    row: PartRow
    pay: Decimal


@dataclass(frozen=True)
class Estimate:
    """A month as things stand: its sheets, one for each currency, its components, and how far it has come.
    Quotas and attainment are those up to the end of the month."""

    month: dt.date
    sheets: list[Sheet]
    parts: list[LivePart]
    pace: Pace


def estimate_of(*, actor: Person, rep: Rep, month: dt.date) -> Estimate:
    """What the month would pay as things stand. Raises Denied, and Refused for a plan that cannot be paid."""
    require(actor, "pay.own")
    if not may_see_pay_of(actor, rep):
        raise Denied(NOT_YOURS)
    found = one_person(rep, month)
    pace = pace_of(month, timezone.localdate())
    return Estimate(month, list(found.sheets.values()), _parts(found), pace)


def _parts(found: MonthPay) -> list[LivePart]:
    paid = _paid_by_part(found)
    ids = {key[2] for key in found.parts}
    versions = {row.pk: row for row in PlanVersion.objects.filter(pk__in=ids).select_related("plan")}
    ordered = sorted(found.parts.items(), key=lambda item: (item[0][2], item[1].position))
    return [
        LivePart(
            versions[version], component, currency, row, paid.get((currency, version, component), Decimal(0))
        )
        for (_, currency, version, component), row in ordered
    ]


def _paid_by_part(found: MonthPay) -> dict[tuple[str, int, str], Decimal]:
    own = found.lines[~found.lines["is_delta"].astype(bool)]
    sums = own.groupby(["currency", "version", "component"])["pay"].sum()
    keys: list[tuple[Any, ...]] = list(sums.index)
    return {
        (str(currency), int(version), str(component)): from_ticks(int(ticks))
        for (currency, version, component), ticks in zip(keys, sums.tolist(), strict=True)
    }
