"""What differs between two runs, by person and by line, the biggest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from compensation.models import PayRun, Statement
from compensation.selectors.scope import sees_all_pay
from core.models import Person
from crm.models import Rep

NOTHING = Decimal(0)
# Lines are added up by whole numbers first; only those of deals that differ look up what they are called.
BY_LINE = """
    WITH parts AS MATERIALIZED (
        SELECT p.id, p.component, p.name, s.rep_id, s.currency_id, s.run_id,
            dense_rank() OVER (ORDER BY s.rep_id, s.currency_id, p.component) AS place
        FROM compensation_statementpart p JOIN compensation_statement s ON s.id = p.statement_id
        WHERE s.run_id IN (%(before)s, %(after)s)),
    summed AS MATERIALIZED (
        SELECT p.place, l.kind, l.deal_id, l.credit_id, bool_or(l.is_delta) AS late,
            COALESCE(sum(l.pay) FILTER (WHERE p.run_id = %(before)s), 0) AS was,
            COALESCE(sum(l.pay) FILTER (WHERE p.run_id = %(after)s), 0) AS now
        FROM compensation_payline l JOIN parts p ON p.id = l.part_id
        WHERE l.pay <> 0 GROUP BY 1, 2, 3, 4),
    touched AS (
        SELECT DISTINCT place, kind, COALESCE(deal_id, 0) AS deal FROM summed WHERE was <> now),
    named AS (
        SELECT s.place, s.kind, s.deal_id, COALESCE(c.label, '') AS label, bool_or(s.late) AS late,
            sum(s.was) AS was, sum(s.now) AS now
        FROM summed s
        JOIN touched t ON t.place = s.place AND t.kind = s.kind AND t.deal = COALESCE(s.deal_id, 0)
        LEFT JOIN compensation_credit c ON c.id = s.credit_id
        GROUP BY 1, 2, 3, 4 HAVING sum(s.was) <> sum(s.now))
    SELECT r.name, p.rep_id, p.currency_id, p.name, n.kind, n.label, n.deal_id, n.was, n.now, n.late
    FROM named n
    JOIN (SELECT place, rep_id, currency_id, component, max(name) AS name FROM parts GROUP BY 1, 2, 3, 4) p
        USING (place)
    JOIN crm_rep r ON r.id = p.rep_id
    ORDER BY abs(n.now - n.was) DESC, r.name, p.component LIMIT %(most)s
"""


@dataclass(frozen=True)
class PersonDifference:
    """A rep's pay in two runs. before, after: None where the run has no statement of theirs."""

    rep: Rep
    currency: str
    before: Decimal | None
    after: Decimal | None
    statement: Statement | None

    @property
    def change(self) -> Decimal:
        """How much more the newer run pays; missing on a side counts as 0."""
        return (self.after or NOTHING) - (self.before or NOTHING)


@dataclass(frozen=True)
class LineDifference:
    """What a component pays for a deal (or for none) in two runs."""

    name: str
    rep: int
    currency: str
    component: str
    kind: str
    label: str
    deal: int | None
    before: Decimal
    after: Decimal
    is_late: bool

    @property
    def change(self) -> Decimal:
        """How much more the newer run pays."""
        return self.after - self.before


def by_person(user: Person | None, before: PayRun | None, after: PayRun) -> list[PersonDifference]:
    """Everybody whose pay differs, the biggest change first."""
    if before is None or not sees_all_pay(user):
        return []
    was, now = _statements(before), _statements(after)
    found = [_difference(was.get(key), now.get(key)) for key in was.keys() | now.keys()]
    return sorted((one for one in found if one.change), key=lambda one: (-abs(one.change), one.rep.name))


def _statements(run: PayRun) -> dict[tuple[int, str], Statement]:
    rows: Iterable[Any] = Statement.objects.filter(run=run).select_related("rep", "run")
    return {(row.rep_id, row.currency_id): row for row in rows}


def _difference(was: Statement | None, now: Statement | None) -> PersonDifference:
    either = now or was
    assert either is not None  # noqa: S101 - a key comes from one of them
    return PersonDifference(
        either.rep, either.currency_id, was.pay if was else None, now.pay if now else None, now
    )


def by_line(
    user: Person | None, before: PayRun | None, after: PayRun, most: int = 200
) -> list[LineDifference]:
    """The biggest differences of single lines."""
    if before is None or not sees_all_pay(user):
        return []
    with connection.cursor() as cursor:
        cursor.execute(BY_LINE, {"before": before.pk, "after": after.pk, "most": most})
        return [LineDifference(*row) for row in cursor.fetchall()]
