"""Reading deal forecasts: which there are, the chances a person may see, and the revenue they promise."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet, Sum

from catalog.engine.months import add_months
from catalog.selectors import reach_of
from core.models import Person
from core.selectors.jobs import job_progress
from crm.selectors.deals import deals_visible_to
from forecasting.engine.deals import DealSettings
from forecasting.engine.deals.money import revenue
from forecasting.models import DealChance, DealForecast, ForecastNodeValue, RunState


@dataclass(frozen=True)
class MonthRevenue:
    """A month's expected revenue from deals with its intervals, and the statistical forecast beside it."""

    month: dt.date
    mean: float
    lower_80: float
    upper_80: float
    lower_95: float
    upper_95: float
    statistical: float | None = None


def deal_forecasts_visible_to(user: Person | None) -> QuerySet[DealForecast]:
    """Every deal forecast, the newest first: what is narrowed are its chances and its revenue."""
    return DealForecast.objects.select_related("requested_by", "job")


def newest_deal_forecast(on: dt.date | None = None) -> DealForecast | None:
    """The newest finished one, of days up to `on` where that is given."""
    done = DealForecast.objects.filter(state=RunState.DONE)
    return (done.filter(as_of__lte=on) if on else done).order_by("-as_of", "-pk").first()


def open_deal_forecast() -> DealForecast | None:
    """The newest one that waits or is at work."""
    rows = DealForecast.objects.filter(state__in=[RunState.QUEUED, RunState.RUNNING])
    return rows.select_related("job").order_by("-pk").first()


def progress_of_deals(made: DealForecast | None, user: Any) -> dict[str, Any] | None:
    """How far the job is, as parts/job_progress.html wants it; None where nothing is to be told."""
    if made is None or made.job is None or made.state == RunState.DONE:
        return None
    return job_progress(made.job, user)


def chances_visible_to(user: Person | None) -> QuerySet[DealChance]:
    """What is told of the deals that a person may see."""
    rows = DealChance.objects.all()
    if user is not None:
        rows = rows.filter(deal__in=deals_visible_to(user).order_by().values("pk"))
    return rows.select_related("forecast", "deal__account", "deal__rep", "deal__product", "deal__stage")


def chances_of(made: DealForecast | None) -> dict[int, tuple[float, dt.date]]:
    """Deal → its chance and expected month, for machines that plan with all deals."""
    rows = DealChance.objects.filter(forecast=made) if made else DealChance.objects.none()
    return {
        pk: (chance, month) for pk, chance, month in rows.values_list("deal", "probability", "expected_month")
    }


def revenue_of(user: Person | None, made: DealForecast) -> list[MonthRevenue]:
    """Month by month what the deals a person may see promise, drawn anew where that is not all of them."""
    rows = list(
        chances_visible_to(user).filter(forecast=made).order_by("deal_id").values_list("worth", "months")
    )
    told = made.revenue if len(rows) == made.deals else _drawn(rows, made)
    months = [dt.date.fromisoformat(one["month"]) for one in told]
    beside = _statistical(user, months)
    return [
        MonthRevenue(
            month=month,
            mean=one["mean"],
            lower_80=one["lower"]["80"],
            upper_80=one["upper"]["80"],
            lower_95=one["lower"]["95"],
            upper_95=one["upper"]["95"],
            statistical=beside.get(month),
        )
        for month, one in zip(months, told, strict=True)
    ]


def money_of(user: Person | None, made: DealForecast) -> tuple[int, Decimal, Decimal]:
    """How many deals a person sees in it, their whole worth, and what is expected of it."""
    rows = chances_visible_to(user).filter(forecast=made).order_by()
    sums = rows.aggregate(worth=Sum("worth"), expected=Sum("expected"))
    return rows.count(), sums["worth"] or Decimal(0), sums["expected"] or Decimal(0)


def _drawn(rows: list[tuple[Decimal, list[float]]], made: DealForecast) -> list[dict[str, Any]]:
    settings = DealSettings(horizon=made.horizon)
    worth = np.array([float(row[0]) for row in rows])
    chance = np.array([row[1] for row in rows]).reshape(len(rows), made.horizon)
    money = revenue(worth, chance, settings.levels, settings.draws, settings.seed)
    return [
        {
            "month": one["month"],
            "mean": float(money.mean[place]),
            "lower": {str(level): float(side[place]) for level, side in money.lower.items()},
            "upper": {str(level): float(side[place]) for level, side in money.upper.items()},
        }
        for place, one in enumerate(made.revenue)
    ]


def _statistical(user: Person | None, months: list[dt.date]) -> dict[dt.date, float]:
    """The newest statistical forecast of revenue in these months, within the person's scope."""
    if not months:
        return {}
    reach = reach_of(user)
    tops = Q(pk__in=[])
    for family, market in product(reach.families or (None,), reach.markets or (None,)):
        tops |= _at(family, market)
    values = ForecastNodeValue.objects.filter(
        tops,
        node__unit=None,
        node__run__state=RunState.DONE,
        month__gte=months[0],
        month__lt=add_months(months[-1], 1),
    )
    newest = values.order_by("-node__run__finished").values_list("node__run", flat=True).first()
    sums = values.filter(node__run=newest).order_by().values("month").annotate(total=Sum("mean"))
    return {row["month"]: row["total"] for row in sums}


def _at(family: int | None, market: int | None) -> Q:
    here = Q(node__family=family) if family else Q(node__family__isnull=True)
    return here & (Q(node__market=market) if market else Q(node__market__isnull=True))
