"""Columns and links of the pages of crediting."""

import datetime as dt
from typing import Any

from django.urls import reverse

from catalog.selectors import base_currency
from compensation.models import Credit, CreditRule
from core.formats import show
from core.listing import Column

VIEW, READ, CREDIT = "pay.own", "pay.plans", "pay.credit"
PRETITLE = "Pay"
DAY = Column("day", "Day", "day", "date", order="day")


def rule_url(row: CreditRule) -> str:
    return reverse("compensation:credit-rule", args=[row.pk])


def deal_path(key: int) -> str:
    return reverse("crm:deal", args=[key])


def split_path(key: int) -> str:
    return reverse("compensation:split", args=[key])


def last_of(days: Any) -> dt.date | None:
    """The last day of a range, which itself is not in the range."""
    return days.upper - dt.timedelta(days=1) if days and days.upper else None


def percent_words(value: Any) -> str:
    """33.333333 %, 50 %."""
    return f"{value.normalize():f} %"


def credit_columns() -> list[Column]:
    """Of a list of credits; money in base currency."""
    unit = base_currency()
    return [
        DAY,
        Column("label", "Deal or invoice", "label", order="label"),
        Column("account", "Account", "account.name", order="account__name"),
        Column("rep", "Rep", "rep.name", order="rep__name"),
        Column("kind", "Kind", "get_kind_display", order="kind"),
        Column("role", "Role", "role", order="role"),
        Column("basis", "Basis", "get_basis_display", order="basis"),
        Column("percent", "Share", lambda row: row.percent / 100, "percent", order="percent"),
        Column("amount", "Credit", "amount", "money", unit=unit, order="amount"),
    ]


def own_money(row: Credit) -> str:
    return f"{show(row.own_amount, 'money')[0]} {row.currency}"


def conditions_of(rule: CreditRule) -> str:
    """What a rule asks of an event, in words."""
    named = [
        *([f"market {rule.market.name}"] if rule.market else []),
        *([f"family {rule.family.name}"] if rule.family else []),
        *([f"pipeline {' or '.join(rule.pipelines)}"] if rule.pipelines else []),
        *([f"basis {' or '.join(rule.bases)}"] if rule.bases else []),
        *([f"whoever gets it is {rule.pay_role.name}"] if rule.pay_role else []),
    ]
    return ", ".join(named) or "Everything"


def getter_of(rule: CreditRule) -> str:
    """Who gets it, in words."""
    if rule.coverage_role:
        return f"Who covers the account as {rule.coverage_role.name.lower()}"
    if rule.rep:
        return rule.rep.name
    if rule.getter == "manager":
        return "The manager" if rule.levels == 1 else f"Managers, {rule.levels} levels up"
    return str(rule.get_getter_display())
