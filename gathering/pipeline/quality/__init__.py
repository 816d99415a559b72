"""The quality rules: set-based SQL over the facts, one module per family of rules."""

from gathering.pipeline.quality.arrivals import after_commit, queue_check
from gathering.pipeline.quality.check import check_facts, check_quality, store_findings
from gathering.pipeline.quality.registry import RULES, months_flagged, rows_behind, rule_of

__all__ = [
    "RULES",
    "after_commit",
    "check_facts",
    "check_quality",
    "months_flagged",
    "queue_check",
    "rows_behind",
    "rule_of",
    "store_findings",
]
