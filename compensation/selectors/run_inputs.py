"""What a run is calculated from, as fingerprints: when one differs, the run is not current.

Only what bears on the run's month and the closed months that it works out again is looked at: a credit of the
month after makes no run of this month old. Quotas, roles and assignments count up to the end of the plan's
year, because a year's quota does.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import connection

from catalog.engine.months import add_months
from compensation.engine import VERSION
from compensation.models import CLOSED, PayRun
from core import company

MOST_YEAR = 11  # months of a plan's year that may lie before the first month
EVERY_TIME: dict[str, str] = {
    "credits": """
        SELECT count(*), max(c.run_id), max(c.id), sum(c.amount), sum(c.quantity), sum(c.margin),
            sum(c.own_amount), sum(c.rep_id) FROM compensation_credit c
        WHERE NOT c.is_gone AND c.day >= %(first)s AND c.day < %(next)s""",
    "plans": """
        SELECT string_agg(concat_ws('|', v.id, md5(v.terms::text), v.days * daterange(%(first)s, %(next)s)),
            ';' ORDER BY v.id) FROM compensation_planversion v
        WHERE v.days && daterange(%(first)s, %(next)s)""",
    "people on plans": """
        SELECT string_agg(concat_ws('|', a.id, a.plan_id, a.role_id, a.rep_id, a.target_incentive, a.is_off,
            a.changes, a.days * daterange(%(first)s, %(year_end)s)), ';' ORDER BY a.id)
        FROM compensation_planassignment a WHERE a.days && daterange(%(first)s, %(year_end)s)""",
    "roles of reps": """
        SELECT string_agg(concat_ws('|', p.id, p.rep_id, p.role_id, p.target_incentive,
            p.days * daterange(%(first)s, %(year_end)s)), ';' ORDER BY p.id)
        FROM compensation_position p WHERE p.days && daterange(%(first)s, %(year_end)s)""",
    "quotas": """
        SELECT (SELECT string_agg(concat_ws('|', q.id, q.revision), ';' ORDER BY q.id)
            FROM compensation_planquota q WHERE q.first_month < %(year_end)s AND q.first_month >= %(first)s),
            (SELECT string_agg(concat_ws('|', q.id, q.first_month), ';' ORDER BY q.id)
            FROM territories_quotaplan q WHERE q.state = 'approved'),
            (SELECT string_agg(concat_ws('|', s.id, s.revision), ';' ORDER BY s.id)
            FROM territories_repstart s)""",
    "scores": """
        SELECT string_agg(concat_ws('|', s.id, s.revision), ';' ORDER BY s.id)
        FROM compensation_objectivescore s WHERE s.month >= %(first)s AND s.month < %(next)s""",
    "teams and managers": """
        SELECT (SELECT string_agg(concat_ws('|', r.id, r.manager_id), ';' ORDER BY r.id) FROM crm_rep r),
            (SELECT string_agg(concat_ws('|', m.team_id, m.rep_id,
            m.days * daterange(%(first)s, %(year_end)s)),
            ';' ORDER BY m.id)
            FROM crm_teammembership m WHERE m.days && daterange(%(first)s, %(year_end)s))""",
    "exchange rates": """
        SELECT string_agg(concat_ws('|', r.currency_id, r.month, r.rate), ';' ORDER BY r.currency_id, r.month)
        FROM catalog_monthrate r WHERE r.month >= %(first)s AND r.month < %(next)s""",
    "adjustments": """
        SELECT string_agg(concat_ws('|', a.id, a.rep_id, a.amount, a.currency_id), ';' ORDER BY a.id)
        FROM compensation_adjustment a WHERE a.month = %(month)s AND a.state = 'approved'""",
    "holds": """
        SELECT string_agg(concat_ws('|', h.id, h.revision), ';' ORDER BY h.id)
        FROM compensation_credithold h WHERE h.since < %(next)s""",
    "closed months": """
        SELECT string_agg(r.id::text, ';' ORDER BY r.id) FROM compensation_payrun r
        WHERE r.state = ANY(%(closed)s) AND r.month <> %(month)s""",
}


@dataclass(frozen=True)
class Span:
    """A month, the closed months that are worked out again with it (newest last), and the first day of what
    bears on any of them."""

    month: dt.date
    again: tuple[dt.date, ...]
    first: dt.date


def span_of(month: dt.date) -> Span:
    """What a run of the month works out: the month, and the closed ones among those that the company's
    setting looks back on."""
    back = company.value("pay_retro_months")
    earliest = add_months(month, -back)
    rows = PayRun.objects.filter(state__in=CLOSED, month__gte=earliest, month__lt=month)
    again = tuple(sorted(rows.values_list("month", flat=True)))
    return Span(month, again, add_months(again[0] if again else month, -MOST_YEAR))


def inputs_of(month: dt.date) -> dict[str, str]:
    """SHA-256 by kind of input, as of now."""
    span = span_of(month)
    params: dict[str, Any] = {
        "month": month,
        "first": span.first,
        "next": add_months(month, 1),
        "year_end": add_months(month, MOST_YEAR + 1),
        "closed": list(CLOSED),
    }
    found = {"settings": _hash([VERSION, [one.isoformat() for one in span.again]])}
    with connection.cursor() as cursor:
        for name, sql in EVERY_TIME.items():
            cursor.execute(sql, params)
            found[name] = _hash([str(value) for value in cursor.fetchone()])
    return found


def fingerprint_of(inputs: dict[str, str]) -> str:
    """One SHA-256 of all of them."""
    return _hash(sorted(inputs.items()))


def changed_inputs(run: PayRun) -> list[str]:
    """The kinds of input that differ from those that the run was calculated from, in plain words."""
    now = inputs_of(run.month)
    if fingerprint_of(now) == run.fingerprint:
        return []
    then = run.totals.get("made_from", {})
    return [name for name, digest in now.items() if then.get(name) != digest] or ["what it was made from"]


def _hash(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()
