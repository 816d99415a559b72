"""All rules, and the rows behind one finding."""

import datetime as dt
from typing import Any

from django.utils import timezone

from catalog.engine.months import add_months
from core import company
from gathering.models import QualityIssue
from gathering.pipeline.quality import names, prices, series, supply, totals
from gathering.pipeline.quality.rule import Behind, Row, Rule, fetch
from gathering.selectors.facts import last_month_of_sales

RULES: dict[str, Rule] = {
    rule.code: rule for rule in (*totals.RULES, *prices.RULES, *names.RULES, *series.RULES, *supply.RULES)
}


def rule_of(issue: QualityIssue) -> Rule:
    """The rule that found an issue."""
    return RULES[issue.rule]


def settings_of_rules(today: dt.date | None = None) -> dict[str, Any]:
    """What every rule's query may name: thresholds, the base currency, days and months."""
    day = today or timezone.localdate()
    this_month = day.replace(day=1)
    return {
        "z": company.value("outlier_z"),
        "control_percent": company.value("control_total_percent"),
        "exception": company.value("exception_money"),
        "base": company.value("base_currency"),
        "today": day,
        "this_month": this_month,
        "horizon_end": add_months(this_month, company.value("horizon")),
        "last_month": last_month_of_sales() or this_month,
    }


def rows_behind(issue: QualityIssue) -> tuple[Behind, list[Row]]:
    """The rows that make a finding, as its rule shows them."""
    behind = rule_of(issue).behind
    return behind, fetch(behind.sql, settings_of_rules() | _about(issue))


def months_flagged(issues: list[QualityIssue]) -> dict[dt.date, list[str]]:
    """Which months of a demand unit's issues are flagged, and by which rules' labels."""
    flagged: dict[dt.date, list[str]] = {}
    for issue in issues:
        if rule_of(issue).behind.marks_months:
            for row in rows_behind(issue)[1]:
                flagged.setdefault(row["month"], []).append(rule_of(issue).label)
    return flagged


def _about(issue: QualityIssue) -> dict[str, Any]:
    return {
        "key": issue.fingerprint.partition(":")[2],
        "product": issue.product_id,
        "demand_unit": issue.demand_unit_id,
        "run": issue.run_id,
        "month": issue.month,
    }
