"""Deals and invoices that nobody is directly credited for, and what would mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from compensation.models import Basis, Credit, CreditKind, CreditRule, Getter
from compensation.selectors.credits_current import newest_credit_run
from core.models import Person
from crm.models import Deal, OrderPaper
from crm.selectors.bookings import won_deals
from crm.selectors.papers import papers_visible_to
from territories.models import Assignment

DIRECT = (CreditKind.DIRECT, CreditKind.SPLIT)


@dataclass(frozen=True)
class Mend:
    """Why nobody is credited, and what to do."""

    why: str
    mend: str


def uncredited_deals(user: Person | None) -> QuerySet[Deal]:
    """Won deals without direct credit, as far as the person sees the deals."""
    given = Credit.objects.filter(
        deal=OuterRef("pk"), basis=Basis.BOOKINGS, kind__in=DIRECT, is_gone=False, reverses=None
    )
    return won_deals(user).filter(~Exists(given))


def uncredited_invoices(user: Person | None) -> QuerySet[OrderPaper]:
    """Invoices that went out without direct credit, the largest first."""
    given = Credit.objects.filter(
        paper=OuterRef("pk"), basis=Basis.INVOICED, kind__in=DIRECT, is_gone=False, reverses=None
    )
    rows = papers_visible_to(user).filter(kind="invoice", state__in=("sent", "invoiced", "paid"))
    live = Q(deal=None) | Q(deal__is_deleted=False, deal__merged_into=None)
    return rows.filter(live).filter(~Exists(given)).order_by(F("rank").desc(), "pk")


def mends_of(deals: Sequence[Any]) -> dict[int, Mend]:
    """What would mend each of these deals, by key; a few queries for all of them."""
    rules = _direct_rules()
    covered = _covered(deals, rules)
    made = newest_credit_run()
    return {deal.pk: _mend(deal, rules, covered, made is not None) for deal in deals}


def _direct_rules() -> list[CreditRule]:
    rules = CreditRule.objects.filter(is_active=True, kind=CreditKind.DIRECT)
    return [rule for rule in rules.select_related("coverage_role") if _for_bookings(rule)]


def _for_bookings(rule: CreditRule) -> bool:
    return not rule.bases or Basis.BOOKINGS in rule.bases


def _covered(deals: Sequence[Any], rules: Sequence[CreditRule]) -> set[tuple[int, int]]:
    """(deal, role of coverage) where somebody has the role on the day."""
    roles = {rule.coverage_role_id for rule in rules if rule.getter == Getter.COVERAGE}
    accounts = {deal.account_id for deal in deals}
    rows = list(Assignment.objects.filter(account__in=accounts, role__in=roles))
    return {
        (deal.pk, row.role_id)
        for deal in deals
        for row in rows
        if row.account_id == deal.account_id and _holds(row.days, deal.closed)
    }


def _holds(days: Any, day: Any) -> bool:
    return (days.lower is None or days.lower <= day) and (days.upper is None or day < days.upper)


def _mend(deal: Any, rules: Sequence[CreditRule], covered: set[tuple[int, int]], made: bool) -> Mend:
    if deal.amount is None:
        return Mend("It has no amount", "Enter the amount in the CRM.")
    if deal.base_amount is None:
        return Mend(f"{deal.currency_id} has no rate in that month", "Enter it under Catalog, Month rates.")
    in_force = [rule for rule in rules if _holds(rule.days, deal.closed)]
    if not in_force:
        if deal.rep_id is None:
            return Mend("The deal has no rep", "Choose one in the CRM, or split the deal by hand.")
        return Mend("Credits are older than the deal" if made else "No credits are made yet", "Make credits.")
    by_coverage = [rule for rule in in_force if rule.getter == Getter.COVERAGE]
    if by_coverage and deal.account_id is None:
        return Mend("It has no account, and rules go by who covers it", "Choose the account in the CRM.")
    missing = [rule for rule in by_coverage if (deal.pk, rule.coverage_role_id) not in covered]
    if missing and missing[0].coverage_role is not None:
        role = missing[0].coverage_role.name.lower()
        return Mend(
            f"Nobody covers the account as {role} on that day",
            "Give it to a territory, add a rule for “The deal's rep”, or split the deal by hand.",
        )
    return Mend(
        "No direct rule fits and finds somebody, or credits are older than the deal",
        "Make credits; if it stays here, add a rule without conditions after the others.",
    )
