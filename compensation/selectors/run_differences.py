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
BY_LINE = """
    WITH summed AS (
        SELECT s.rep_id, s.currency_id, p.component, l.kind, COALESCE(c.label, '') AS label, l.deal_id,
            COALESCE(sum(l.pay) FILTER (WHERE s.run_id = %(before)s), 0) AS was,
            COALESCE(sum(l.pay) FILTER (WHERE s.run_id = %(after)s), 0) AS now,
            max(p.name) AS name, bool_or(l.is_delta) AS late
        FROM compensation_payline l
        JOIN compensation_statement s ON s.id = l.statement_id
        JOIN compensation_statementpart p ON p.id = l.part_id
        LEFT JOIN compensation_credit c ON c.id = l.credit_id
        WHERE s.run_id IN (%(before)s, %(after)s) AND l.pay <> 0
        GROUP BY 1, 2, 3, 4, 5, 6
    )
    SELECT r.name, d.rep_id, d.currency_id, d.name, d.kind, d.label, d.deal_id, d.was, d.now, d.late
    FROM summed d JOIN crm_rep r ON r.id = d.rep_id
    WHERE d.was <> d.now ORDER BY abs(d.now - d.was) DESC, r.name, d.component LIMIT %(most)s
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
