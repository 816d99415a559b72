"""Credits made anew from deals, papers and sales lines: a few statements, whatever the number of rows.

`make_credits` gathers what may be credited (credit_sources), shares it out (credit_shares), takes back what
was cancelled, and writes only the differences: a second time in a row changes nothing. Nothing is read into
Python, so that memory does not grow with the rows. A credit that no longer follows is marked as gone.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.urls import reverse

from compensation.models import CreditRun
from compensation.pipeline.credit_shares import share_out
from compensation.pipeline.credit_sources import gather
from compensation.selectors.credits_current import bases_credited, credits_are_current, fingerprint
from core import company
from core.jobs import Progress, start_job
from core.models import Job, Person

KIND = "compensation.make_credits"
LOCK = "SELECT pg_advisory_xact_lock('compensation_credit'::regclass::oid::bigint)"
COLUMNS = (
    *("basis", "kind", "role", "rule_id", "rep_id", "deal_id", "paper_id", "line", "label", "day"),
    *("account_id", "product_id", "market_id", "territory_id", "pipeline", "percent", "deal_amount"),
    *("amount", "quantity", "margin", "currency", "own_amount", "rate", "reverses_id", "cancellation_id"),
)
# Rules of the other kinds may give one rep two credits of an event, so that theirs name the rule.
WANTED = """
    CREATE TEMP TABLE credit_wanted AS
    SELECT concat_ws(':', s.basis, s.source, c.rep_id, left(c.role, 60), c.kind,
            CASE WHEN c.kind NOT IN ('direct', 'split') THEN c.rule_id END) AS key,
        s.basis, c.kind, left(c.role, 60) AS role, c.rule_id, c.rep_id, s.deal_id, s.paper_id, s.line,
        left(s.label, 250) AS label, s.day, s.account_id, s.product_id, s.market_id, c.territory_id,
        s.pipeline, round(c.percent, 6) AS percent, s.amount AS deal_amount, c.amount::numeric(18,4),
        c.quantity::numeric(18,4), c.margin::numeric(18,4), s.currency, c.own_amount::numeric(18,4), s.rate,
        NULL::bigint AS reverses_id, NULL::bigint AS cancellation_id
    FROM credit_share c JOIN credit_source s ON s.place = c.place"""
# Each cancellation takes its part of every credit of the deal, so that parts of 100 % take exactly all.
REVERSED = """
    INSERT INTO credit_wanted
    SELECT 'c' || gone.id || ':' || w.key, w.basis, w.kind, w.role, w.rule_id, w.rep_id, w.deal_id,
        w.paper_id, w.line, w.label, greatest(gone.day, w.day), w.account_id, w.product_id, w.market_id,
        w.territory_id, w.pipeline, w.percent, {deal_amount}, {amount}, {quantity}, {margin}, w.currency,
        {own_amount}, w.rate, c.id, gone.id
    FROM (
        SELECT id, deal_id, day, sum(percent) OVER upto AS after, sum(percent) OVER upto - percent AS before
        FROM compensation_cancellation WINDOW upto AS (PARTITION BY deal_id ORDER BY day, id)
    ) gone
    JOIN credit_wanted w ON w.deal_id = gone.deal_id
    JOIN compensation_credit c ON c.key = w.key"""
TAKEN = "round(w.{0} * gone.before / 100, 4) - round(w.{0} * gone.after / 100, 4)"
CHANGED = """
    UPDATE compensation_credit c SET {sets}, is_gone = FALSE, run_id = %(run)s
    FROM credit_wanted w
    WHERE c.key = w.key AND w.reverses_id IS {which} NULL
        AND (c.is_gone OR ({old}) IS DISTINCT FROM ({new}))"""
CAME = """
    INSERT INTO compensation_credit (key, {columns}, is_gone, run_id)
    SELECT w.key, {new}, FALSE, %(run)s FROM credit_wanted w
    WHERE w.reverses_id IS {which} NULL
        AND NOT EXISTS (SELECT 1 FROM compensation_credit c WHERE c.key = w.key)
    ORDER BY w.day, w.key"""
GONE = """
    UPDATE compensation_credit c SET is_gone = TRUE, run_id = %(run)s
    WHERE NOT c.is_gone AND NOT EXISTS (SELECT 1 FROM credit_wanted w WHERE w.key = c.key)"""
WITHOUT_REP = """
    SELECT count(*) FROM credit_source s WHERE NOT EXISTS (
        SELECT 1 FROM credit_share c WHERE c.place = s.place AND c.kind IN ('direct', 'split'))"""
TABLES = "credit_source, credit_share, credit_managed, credit_above, credit_wanted"


def make_credits(
    *, actor: Person | None = None, job: Job | None = None, report: Callable[[str], None] | None = None
) -> CreditRun:
    """Make all credits anew and say what came, changed and went; `report` hears a sentence before each step.

    Steps before the writing see data that others may still change: the fingerprint is taken before them, so
    that such a change is noticed by `credits_are_current`. If another run wrote meanwhile, all begins again.
    """
    say = report or (lambda _: None)
    while True:
        newest = _newest_run()
        mark = fingerprint()
        with connection.cursor() as cursor:
            _stage(cursor, say)
            say("Writing what changed")
            with transaction.atomic():
                cursor.execute(LOCK)
                made = _written(cursor, actor, job, mark) if _newest_run() == newest else None
            cursor.execute(f"DROP TABLE IF EXISTS {TABLES}")
        if made:
            return made


def _newest_run() -> int | None:
    return CreditRun.objects.order_by("-pk").values_list("pk", flat=True).first()


def _stage(cursor: Any, say: Callable[[str], None]) -> None:
    say("Reading deals, invoices and sales")
    gather(cursor, bases_credited())
    say("Sharing out by the rules")
    share_out(cursor, company.value("time_zone"))
    cursor.execute("DROP TABLE IF EXISTS credit_wanted")
    cursor.execute(WANTED)
    cursor.execute("CREATE INDEX ON credit_wanted (key)")
    cursor.execute("ANALYZE credit_wanted")


def _written(cursor: Any, actor: Person | None, job: Job | None, mark: str) -> CreditRun:
    """The credits first, then what takes them back: a reversal points at its credit."""
    run = CreditRun.objects.create(job=job, made_by=actor, fingerprint=mark)
    values = {"run": run.pk}
    for which in ("", "NOT"):
        if which:
            names = ("deal_amount", "amount", "quantity", "margin", "own_amount")
            cursor.execute(REVERSED.format(**{name: TAKEN.format(name) for name in names}))
        cursor.execute(_changed(which), values)
        run.changed += cursor.rowcount
        cursor.execute(_came(which), values)
        run.came += cursor.rowcount
    cursor.execute(GONE, values)
    run.gone = cursor.rowcount
    cursor.execute(WITHOUT_REP)
    run.without_rep = cursor.fetchone()[0]
    run.save(update_fields=["came", "changed", "gone", "without_rep"])
    return run


def _changed(which: str) -> str:
    sets = ", ".join(f"{name} = w.{name}" for name in COLUMNS)
    old, new = (", ".join(f"{row}.{name}" for name in COLUMNS) for row in ("c", "w"))
    return CHANGED.format(sets=sets, which=which, old=old, new=new)


def _came(which: str) -> str:
    return CAME.format(
        columns=", ".join(COLUMNS), new=", ".join(f"w.{name}" for name in COLUMNS), which=which
    )


def credit_job(progress: Progress) -> dict[str, Any]:
    """Make credits as a job; says what came of it. Doing it again changes nothing."""
    job = progress.job
    made = make_credits(actor=job.requested_by, job=job, report=lambda step: progress.report(step=step))
    return {name: getattr(made, name) for name in ("came", "changed", "gone", "without_rep")}


def queue_credits(actor: Person | None) -> Job:
    """Queue the job; the same work while it waits or runs is one job."""
    return start_job(
        actor=actor,
        kind=KIND,
        label="Make credits",
        params={},
        subject_url=reverse("compensation:credit-list"),
        same_work=fingerprint(),
    )


def queue_credits_nightly() -> int:
    """Queue the job where credits are no longer current; says how many were queued."""
    if credits_are_current():
        return 0
    queue_credits(None)
    return 1
