"""Imported targets as the quotas that the pipeline is measured against."""

import datetime as dt

from core.models import Person
from crm.selectors.quotas import Quota
from gathering.selectors.facts import targets_visible_to


def targets_as_quotas(user: Person | None, first: dt.date, last: dt.date) -> list[Quota]:
    """The targets a person may see of the months from `first` to `last`. One query."""
    rows = targets_visible_to(user).filter(month__range=(first, last)).select_related(None).order_by()
    return [Quota(*row) for row in rows.values_list("rep_id", "market_id", "month", "amount")]
