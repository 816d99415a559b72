"""What a month does to the costs of contracts, written when it is locked, in SQL; it never changes then.

The rules are those of compensation.engine.contract_costs, a month at a time: what was left at the end of the
month before, what this month paid or took back, and the contract's term as it is known now. A term that is
changed later is spread over what is left then. Lines about a whole period give each deal its share.
"""

import datetime as dt

from django.db import connection, transaction

from compensation.models import CLOSED, PayRun
from compensation.selectors.contract_terms import BENEFIT, ENDED, NUMBER, term_values

MOVED = ("opening", "added", "taken_back", "amortised", "written_off", "expensed", "closing")
PAID = """
    SELECT deal_id, currency_id, sum(pay) AS pay FROM (
        SELECT l.deal_id, s.currency_id, l.pay FROM compensation_payline l
        JOIN compensation_statement s ON s.id = l.statement_id
        WHERE s.run_id = %(run)s AND l.counted_id IS NULL
        UNION ALL
        SELECT c.deal_id, k.currency_id, one.pay FROM compensation_countedcredits k
        CROSS JOIN LATERAL unnest(k.credits, k.pay) AS one (credit, pay)
        LEFT JOIN compensation_credit c ON c.id = one.credit WHERE k.run_id = %(run)s
        UNION ALL
        SELECT a.deal_id, s.currency_id, sa.amount FROM compensation_statementadjustment sa
        JOIN compensation_adjustment a ON a.id = sa.adjustment_id
        JOIN compensation_statement s ON s.id = sa.statement_id WHERE s.run_id = %(run)s) one
    GROUP BY 1, 2 HAVING sum(pay) <> 0"""
MONTHS = f"""
    WITH everything AS ({PAID}),
    paid AS (SELECT * FROM everything WHERE deal_id IS NOT NULL),
    before AS (SELECT deal_id, currency_id, first, paid, closing FROM compensation_contractmonth
        WHERE run_id = %(before)s AND closing > 0),
    earlier AS (SELECT DISTINCT ON (c.deal_id, c.currency_id) c.deal_id, c.currency_id, c.first, c.paid
        FROM compensation_contractmonth c JOIN compensation_payrun r ON r.id = c.run_id
        WHERE c.deal_id IN (SELECT deal_id FROM paid)
        ORDER BY c.deal_id, c.currency_id, r.month DESC),
    found AS (
        SELECT deal_id, currency_id, COALESCE(b.first, e.first, %(month)s) AS first,
            COALESCE(b.paid, e.paid, 0) + COALESCE(p.pay, 0) AS paid, COALESCE(b.closing, 0) AS opening,
            COALESCE(p.pay, 0) AS pay
        FROM paid p FULL JOIN before b USING (deal_id, currency_id)
        LEFT JOIN earlier e USING (deal_id, currency_id)),
    termed AS (
        SELECT f.*, {BENEFIT} AS benefit,
            {NUMBER.format("f.first")} - {NUMBER.format("%(month)s::date")} + {BENEFIT} AS months,
            GREATEST(LEAST(t.ended, ended.month), f.first) AS last_month,
            LEAST(t.ended, ended.month) IS NOT NULL AS is_ended
        FROM found f LEFT JOIN compensation_contractterm t USING (deal_id)
        LEFT JOIN ({ENDED}) ended USING (deal_id)),
    added AS (
        SELECT *, LEAST(GREATEST(-pay, 0), opening) AS taken_back,
            CASE WHEN benefit > %(at_once)s AND months >= 1 AND (NOT is_ended OR %(month)s <= last_month)
                 THEN GREATEST(pay, 0) ELSE 0 END AS added
        FROM termed),
    spread AS (SELECT *, opening + added - taken_back AS base FROM added),
    amortised AS (
        SELECT *, CASE WHEN months <= 1 THEN base
            ELSE ceil(trunc(base * 100) / months) / 100 + base - trunc(base * 100) / 100 END AS amortised
        FROM spread),
    ended AS (
        SELECT *, CASE WHEN is_ended AND %(month)s >= last_month THEN base - amortised ELSE 0 END
            AS written_off
        FROM amortised)
    INSERT INTO compensation_contractmonth (run_id, deal_id, currency_id, first, paid, {", ".join(MOVED)})
    SELECT %(run)s, deal_id, currency_id, first, paid, opening, added, taken_back, amortised, written_off,
        pay + taken_back - added, base - amortised - written_off
    FROM ended"""  # noqa: S608 - the names are ours
TOTALS = f"""
    INSERT INTO compensation_contracttotal (run_id, currency_id, {", ".join(MOVED)}, other)
    SELECT %(run)s, currency_id, {", ".join(f"COALESCE(sum({name}), 0)" for name in MOVED)},
        COALESCE(max(other), 0)
    FROM (SELECT * FROM compensation_contractmonth WHERE run_id = %(run)s) m
    FULL JOIN (SELECT currency_id, pay AS other FROM ({PAID}) p WHERE deal_id IS NULL) o USING (currency_id)
    GROUP BY currency_id"""  # noqa: S608 - the names are ours


@transaction.atomic
def keep_contract_months() -> int:
    """Write what the locked months did that have not been written yet, in their order; says how many."""
    closed = PayRun.objects.filter(state__in=CLOSED).order_by("month")
    written = {run for run, is_written in closed.values_list("pk", "contract_totals") if is_written}
    before, count = None, 0
    for run, month in closed.values_list("pk", "month"):
        if run not in written:
            _write(run, month, before)
            count += 1
        before = run
    return count


def _write(run: int, month: dt.date, before: int | None) -> None:
    values = {"run": run, "month": month, "before": before, **term_values()}
    with connection.cursor() as cursor:
        cursor.execute(MONTHS, values)
        cursor.execute(TOTALS, values)
