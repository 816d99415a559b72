"""How findings are shown, and where each is put right."""

from typing import Any

from django.urls import reverse

from gathering.models import IssueState, QualityIssue, Severity
from gathering.pipeline.quality import rule_of

SEVERITY_TONES = {Severity.BLOCKING: "bad", Severity.WARNING: "warn", Severity.NOTE: "info"}
STATE_TONES = {IssueState.OPEN: "warn", IssueState.WAIVED: "quiet", IssueState.RESOLVED: "good"}


def issue_url(issue: QualityIssue) -> str:
    return reverse("gathering:issue-detail", args=[issue.pk])


def mend_link(issue: QualityIssue) -> tuple[str, str]:
    """Where a finding is put right: the words of the link and its address."""
    return MENDS[rule_of(issue).mend](issue)


def _imports(issue: QualityIssue) -> tuple[str, str]:
    dataset = issue.dataset or "sales"
    return "Import a corrected file", reverse("gathering:import-file", args=[dataset])


def _product(issue: QualityIssue) -> tuple[str, str]:
    if issue.product_id is None:
        return "Open the products", reverse("catalog:product-list")
    return "Open the product", reverse("catalog:product", args=[issue.product_id])


def _demand_unit(issue: QualityIssue) -> tuple[str, str]:
    return "Open the history", reverse("gathering:history", args=[issue.demand_unit_id])


def _family(issue: QualityIssue) -> tuple[str, str]:
    return "Open the family", reverse("catalog:family", args=[int(_key(issue))])


def _sources(issue: QualityIssue) -> tuple[str, str]:
    source, _, day = _key(issue).partition(":")
    return "Open the data source", reverse("gathering:source-month", args=[int(source), day[:7]])


def _key(issue: QualityIssue) -> str:
    return issue.fingerprint.partition(":")[2]


MENDS: dict[str, Any] = {
    "imports": _imports,
    "product": _product,
    "demand_unit": _demand_unit,
    "family": _family,
    "sources": _sources,
    "mappings": lambda issue: ("Say what the name means", reverse("gathering:unmapped-list")),
    "rates": lambda issue: ("Enter the rates", reverse("catalog:month-rate-list")),
    "capacity": lambda issue: ("Import capacity", reverse("gathering:import-file", args=["capacity"])),
    "stock": lambda issue: ("Open the stock", reverse("gathering:stock-list")),
}
