"""A rep's quota sheet: months, quarters, this week's pace, how it was made, and whether it is accepted."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from catalog.engine.workdays import workdays_of_month
from catalog.selectors.calendars import company_work_rule
from core.models import Person
from crm.models import Rep
from territories.engine.quotas.pace import Pace, pace_on, quarters
from territories.engine.quotas.seasons import Months
from territories.models import Quota, QuotaAcceptance, QuotaPlan
from territories.selectors.quotas import months_of_quotas, quotas_visible_to


@dataclass(frozen=True)
class Sheet:
    """One rep's part of one version, in base currency. `fingerprint`: SHA-256 of what stands on it."""

    plan: QuotaPlan
    rep: Rep
    quotas: list[Quota]
    months: Months
    pace: Pace | None
    fingerprint: str
    accepted: QuotaAcceptance | None

    @property
    def year(self) -> Decimal:
        """The year's quota."""
        return sum(self.months.values(), Decimal(0))

    @property
    def quarters(self) -> list[tuple[list[dt.date], Decimal]]:
        """By fiscal quarter: its months and their sum."""
        return quarters(self.months)


def sheet_of(user: Person | None, plan: QuotaPlan, rep: Rep) -> Sheet | None:
    """The rep's sheet of a version as far as the person may see it; None where there is nothing."""
    quotas = list(quotas_visible_to(user).filter(plan=plan, rep=rep))
    if not quotas:
        return None
    parts = months_of_quotas(quotas)
    months: Months = {}
    for found in parts.values():
        for month, amount in found.items():
            months[month] = months.get(month, Decimal(0)) + amount
    months = dict(sorted(months.items()))
    today = timezone.localdate()
    return Sheet(
        plan=plan,
        rep=rep,
        quotas=quotas,
        months=months,
        pace=pace_on(today, months, company_workdays(today)) if today.replace(day=1) in months else None,
        fingerprint=fingerprint_of(plan, rep, quotas, parts),
        accepted=QuotaAcceptance.objects.filter(plan=plan, rep=rep).select_related("accepted_by").first(),
    )


def company_workdays(day: dt.date) -> Any:
    """The company's working days by month."""
    rule = company_work_rule(day)

    def of(month: dt.date) -> Sequence[dt.date]:
        return workdays_of_month(rule, month)

    return of


def fingerprint_of(plan: QuotaPlan, rep: Rep, quotas: list[Quota], parts: dict[int, Months]) -> str:
    """SHA-256 over version, months and lines: what the rep read when accepting."""
    content = {
        "plan": plan.pk,
        "version": plan.version,
        "measure": plan.measure,
        "rep": rep.code,
        "quotas": [
            {
                "territory": quota.territory.code if quota.territory else None,
                "months": {
                    month.isoformat(): format(amount.normalize(), "f")
                    for month, amount in sorted(parts[quota.pk].items())
                },
                "made": quota.made,
            }
            for quota in sorted(quotas, key=lambda one: one.territory_id or 0)
        ],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
