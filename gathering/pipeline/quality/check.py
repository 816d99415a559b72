"""Running the rules, and keeping the issues in step with what they find."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg2.extras import execute_values

from core.events import record
from core.jobs import Progress
from core.models import Job, JobState, Person
from gathering.models import IssueState, QualityIssue
from gathering.pipeline.quality.owners import Owners
from gathering.pipeline.quality.registry import RULES, settings_of_rules
from gathering.pipeline.quality.rule import Row, Rule, fetch

Report = Callable[[int, str], None]
JOINED = (
    "gathering_salesline",
    "gathering_sales",
    "gathering_stocklevel",
    "gathering_budget",
    "catalog_demandunit",
    "catalog_product",
)

COLUMNS = (
    "rule, fingerprint, severity, dataset, subject, message, advice, money, rows, month, product_id, "
    "demand_unit_id, run_id, owner_id"
)
FOUND = f"""
    CREATE TEMPORARY TABLE found ON COMMIT DROP AS SELECT {COLUMNS} FROM gathering_qualityissue LIMIT 0"""

# A finding that is gone resolves; one that returns opens again; a waived one stays waived. Only a
# real change makes a new revision, so that nobody's form goes stale by a check that found the same.
GONE = """
    UPDATE gathering_qualityissue q SET state = 'resolved', revision = revision + 1, last_seen = %(now)s
    WHERE q.state = 'open' AND q.rule = ANY(%(rules)s)
        AND NOT EXISTS (SELECT 1 FROM found f WHERE f.fingerprint = q.fingerprint)"""
RETURNED = """
    UPDATE gathering_qualityissue q SET state = 'open', revision = revision + 1, last_seen = %(now)s
    FROM found f WHERE f.fingerprint = q.fingerprint AND q.state = 'resolved'"""
CHANGED = """
    UPDATE gathering_qualityissue q SET severity = f.severity, subject = f.subject, message = f.message,
        advice = f.advice, money = f.money, rows = f.rows, run_id = f.run_id, last_seen = %(now)s,
        owner_id = COALESCE(q.owner_id, f.owner_id), revision = revision + 1
    FROM found f
    WHERE f.fingerprint = q.fingerprint AND (q.severity, q.subject, q.message, q.advice, q.money, q.rows)
        IS DISTINCT FROM (f.severity, f.subject, f.message, f.advice, f.money, f.rows)"""
SEEN = """
    UPDATE gathering_qualityissue q SET last_seen = %(now)s FROM found f
    WHERE f.fingerprint = q.fingerprint AND q.last_seen < %(now)s"""
NEW = f"""
    INSERT INTO gathering_qualityissue
        ({COLUMNS}, state, reason, revision, first_seen, last_seen)
    SELECT {COLUMNS}, 'open', '', 1, %(now)s, %(now)s FROM found f
    WHERE NOT EXISTS (SELECT 1 FROM gathering_qualityissue q WHERE q.fingerprint = f.fingerprint)"""


def check_facts(
    *, report: Report | None = None, only: tuple[str, ...] = ()
) -> dict[str, tuple[Rule, list[Row]]]:
    """What every rule finds now (or only the named ones), by rule. Changes nothing."""
    _know_sizes()
    params = settings_of_rules()
    found: dict[str, tuple[Rule, list[Row]]] = {}
    for place, rule in enumerate(_rules(only)):
        if report:
            report(place, f"Looking for: {rule.label.lower()}")
        found[rule.code] = (rule, fetch(rule.find, params))
    return found


def _know_sizes() -> None:
    """Right after a first import PostgreSQL knows nothing of the rows and would plan for none: joins
    of lines with lines would take hours instead of a second."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(JOINED)}")


@transaction.atomic
def store_findings(
    *, found: dict[str, tuple[Rule, list[Row]]], actor: Person | None, job: Job | None = None
) -> dict[str, int]:
    """Bring the issues in step with what was found, in one step, and say how many changed."""
    owners = Owners()
    rows = [_stored(rule, row, owners) for rule, rows in found.values() for row in rows]
    params = {"now": timezone.now(), "rules": list(found)}
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE gathering_qualityissue IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DROP TABLE IF EXISTS found")
        cursor.execute(FOUND)
        execute_values(cursor.cursor, f"INSERT INTO found ({COLUMNS}) VALUES %s", rows, page_size=2000)
        counts = {name: _run(cursor, sql, params) for name, sql in STEPS}
        cursor.execute("DROP TABLE found")
    counts |= {"open": QualityIssue.objects.filter(state=IssueState.OPEN).count()}
    if job is not None:
        record(actor=actor, verb="quality checked", subject=job, after=counts)
    return counts


STEPS = (("resolved", GONE), ("returned", RETURNED), ("changed", CHANGED), ("seen", SEEN), ("new", NEW))


def _run(cursor: Any, sql: str, params: dict[str, Any]) -> int:
    cursor.execute(sql, params)
    return cursor.rowcount


def _rules(only: tuple[str, ...]) -> list[Rule]:
    return [RULES[code] for code in only] if only else list(RULES.values())


def _stored(rule: Rule, row: Row, owners: Owners) -> tuple[Any, ...]:
    dataset = row.get("dataset") or rule.dataset
    return (
        rule.code,
        f"{rule.code}:{row['key']}"[:200],
        row.get("severity") or rule.severity.value,
        dataset,
        row["subject"][:300],
        rule.tell(row),
        rule.advice,
        round(row["money"] or 0, 4),
        row["rows"],
        row.get("month"),
        row.get("product_id"),
        row.get("demand_unit_id"),
        row.get("run_id"),
        owners.of(dataset, row.get("product_id"), row.get("demand_unit_id")),
    )


def check_quality(progress: Progress) -> dict[str, Any]:
    """The whole work of a check job. Ends at once when a newer check waits: that one covers it."""
    job = progress.job
    if Job.objects.filter(kind=job.kind, state=JobState.QUEUED, pk__gt=job.pk).exists():
        progress.report(step="A later check waits already and covers this one.")
        return {"covered": True}
    found = check_facts(report=lambda place, step: progress.report(done=place, total=len(RULES), step=step))
    progress.report(done=len(RULES), total=len(RULES), step="Storing the findings")
    counts = store_findings(found=found, actor=job.requested_by, job=job)
    progress.report(step=f"{counts['open']} open, {counts['new']} new, {counts['resolved']} resolved")
    return counts
