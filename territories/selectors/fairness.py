"""Whether quotas are fair: how attainment is spread over reps, and whether the map decides it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from core import company
from core.models import Person
from crm.selectors.accounts import reps_visible_to
from territories.engine.attainment.distribution import HEALTHY, Distribution, distribution
from territories.engine.attainment.relation import Relation, relation
from territories.models import Assignment, RoleKind
from territories.selectors.attainment import Asked, Line, attainment


@dataclass(frozen=True)
class Point:
    """A rep with a quota: the share attained (1 is 100 %), and the potential of the accounts owned on the
    period's last day, a year in base currency; None where no account of the rep has a potential."""

    line: Line
    attained: float
    potential: Decimal | None


@dataclass(frozen=True)
class Fairness:
    """The spread over `points`, and the correlation over those of them with a potential."""

    asked: Asked
    points: list[Point]
    spread: Distribution | None
    relation: Relation

    @property
    def with_potential(self) -> list[Point]:
        """The reps of whose territory the potential is known."""
        return [point for point in self.points if point.potential is not None]

    @property
    def is_healthy(self) -> bool | None:
        """Whether half to 70 % of the reps met the quota; None for nobody."""
        return None if self.spread is None else HEALTHY[0] <= self.spread.at_quota <= HEALTHY[1]


def fairness(user: Person | None, asked: Asked) -> Fairness:
    """Fairness of a period among the reps a person sees. A running period is judged by its forecast."""
    potentials = potential_by_rep(user, min(asked.period.last, asked.today))
    points = [
        Point(line, _judged(line), potentials.get(line.pk))
        for line in attainment(user, asked).lines
        if line.pk is not None and line.quota
    ]
    known = [point for point in points if point.potential is not None]
    found = relation(
        [float(point.potential or 0) for point in known],
        [point.attained for point in known],
        float(company.value("fairness_limit")),
    )
    return Fairness(asked, points, distribution([point.attained for point in points]), found)


def _judged(line: Line) -> float:
    return float(line.attained or 0) if line.expected is None else line.expected


def potential_by_rep(user: Person | None, day: dt.date) -> dict[int, Decimal]:
    """rep → the potential of the accounts owned on a day, a year in base currency. One query."""
    rows = (
        Assignment.objects.filter(
            role__kind=RoleKind.OWNER,
            days__contains=day,
            rep__in=reps_visible_to(user).order_by().values("pk"),
            account__work__potential__isnull=False,
        )
        .order_by()
        .values("rep_id")
        .annotate(potential=Sum("account__work__potential"))
    )
    return {row["rep_id"]: row["potential"] for row in rows}
