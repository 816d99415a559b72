"""Two versions of quotas side by side: who has how much more or less, and from which month on."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from core.models import Person
from territories.models import Quota, QuotaPlan
from territories.selectors.quotas import months_of_quotas, quotas_visible_to

Key = tuple[int | None, int | None]


@dataclass(frozen=True)
class Difference:
    """One territory or rep in two versions; None where a version has no quota of it. Base currency."""

    label: str
    is_rep: bool
    before: Decimal | None
    after: Decimal | None
    first_month: dt.date | None

    @property
    def change(self) -> Decimal:
        """How much more the newer version has; missing on a side counts as 0."""
        return (self.after or Decimal(0)) - (self.before or Decimal(0))

    @property
    def percent(self) -> float | None:
        """The change as a share of what was before; None where nothing was."""
        return float(self.change / self.before) if self.before else None


def compare_versions(user: Person | None, before: QuotaPlan, after: QuotaPlan) -> list[Difference]:
    """Every quota that differs in its year or in any month, the largest change first. Four queries."""
    old, new = _by_key(user, before), _by_key(user, after)
    months = months_of_quotas([*old.values(), *new.values()])
    found = [_difference(old.get(key), new.get(key), months) for key in {**old, **new}]
    differing = [one for one in found if one.first_month is not None]
    return sorted(differing, key=lambda one: (one.is_rep, -abs(one.change), one.label))


def _by_key(user: Person | None, plan: QuotaPlan) -> dict[Key, Quota]:
    rows = quotas_visible_to(user).filter(plan=plan)
    return {(quota.territory_id, quota.rep_id): quota for quota in rows}


def _difference(
    old: Quota | None, new: Quota | None, months: dict[int, dict[dt.date, Decimal]]
) -> Difference:
    was, now = months[old.pk] if old else {}, months[new.pk] if new else {}
    moved = [month for month in sorted({**was, **now}) if was.get(month, 0) != now.get(month, 0)]
    row = new or old
    of = None if row is None else row.rep or row.territory
    return Difference(
        label=str(getattr(of, "name", of)),
        is_rep=row is not None and row.rep_id is not None,
        before=old.amount if old else None,
        after=new.amount if new else None,
        first_month=moved[0] if moved else None,
    )
