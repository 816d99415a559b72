"""What the released plans said about past months beside what was sold: the cells all accuracy is made of.

A cell is a demand unit in a month, as the plan of one cycle saw it at one lag: lag 1 is a plan's first
month, one month ahead of the history it was made on. A month without a sale counts as 0.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.core.cache import cache
from numpy.typing import NDArray

from catalog.engine.months import add_months
from catalog.models import Family, Market
from catalog.selectors import families_below, markets_below
from core.binary_copy import EPOCH, days, read_arrays
from core.models import Person
from forecasting.engine.measures import Cells, scales_of
from forecasting.engine.panel import Floats
from gathering.selectors.facts import last_month_of_sales
from planning.models import Release
from planning.selectors import data
from planning.selectors.reach_ids import reach_ids_of

MAKERS = {
    "naive": "Same month last year",
    "statistical": "Statistical baseline",
    "sales": "Sales",
    "marketing": "Marketing",
    "finance": "Finance",
    "pipeline": "Pipeline",
    "consensus": "Consensus",
    "released": "Released plan",
}
SPEAKING = ("sales", "marketing", "finance", "pipeline")
LAGS = (1, 2, 3, 6, 12)
MOST_LAG = 18
PERIODS = (3, 6, 12)
HISTORY_MONTHS = 60
KEPT_SECONDS = 3600

# The year-ago sale that was known when the plan was made: beyond lag 12 it is two years old.
CELLS = """
    SELECT v.demand_unit_id AS unit, p.family_id AS family, u.market_id AS market, c.id AS cycle, v.month,
           coalesce(s.quantity, 0)::float8 AS actual, coalesce(ago.quantity, 0)::float8 AS naive,
           v.baseline AS statistical, coalesce(d.sales, 'NaN') AS sales,
           coalesce(d.marketing, 'NaN') AS marketing, coalesce(d.finance, 'NaN') AS finance,
           coalesce(d.pipeline, 'NaN') AS pipeline, v.consensus, v.supplied AS released, v.price
    FROM planning_release r
    JOIN planning_cycle c ON c.id = r.cycle_id AND c.stage = 'released'
    JOIN planning_supplyrun run ON run.id = r.run_id
    JOIN planning_releasedvalue v ON v.release_id = r.id
         AND v.month = (c.month + make_interval(months => %(lag)s - 1))::date
    JOIN catalog_demandunit u ON u.id = v.demand_unit_id
    JOIN catalog_product p ON p.id = u.product_id
    LEFT JOIN planning_demandvalue d ON d.version_id = run.version_id
         AND d.demand_unit_id = v.demand_unit_id AND d.month = v.month
    LEFT JOIN gathering_sales s ON s.demand_unit_id = v.demand_unit_id AND s.month = v.month
    LEFT JOIN gathering_sales ago ON ago.demand_unit_id = v.demand_unit_id
         AND ago.month = (v.month - make_interval(years => %(years)s))::date
    WHERE v.month > %(since)s AND v.month <= %(last)s
"""
KINDS = dict.fromkeys(("unit", "family", "market", "cycle"), ">i8") | {"month": ">i4"}
KINDS |= dict.fromkeys(("actual", *MAKERS, "price"), ">f8")
HISTORY = """
    SELECT demand_unit_id AS unit, month, quantity::float8 FROM gathering_sales
    WHERE month > %(since)s AND month <= %(last)s
"""
HISTORY_KINDS = {"unit": ">i8", "month": ">i4", "quantity": ">f8"}


@dataclass(frozen=True)
class Asked:
    """Which cells: at a lag, of the last `months` months, of one month, unit, or place and all below."""

    lag: int = 1
    months: int = 12
    family: Family | None = None
    market: Market | None = None
    unit: int | None = None
    month: dt.date | None = None


class Frame:
    """Columns of equal length by name: the cells a person may see and asked for.

    unit, family, market, cycle: ids; month: days since 2000; actual and every maker: units; price: base
    currency per unit; step, square: the unit's scales of MASE and RMSSE.
    """

    def __init__(self, columns: dict[str, NDArray[Any]]) -> None:
        self.columns = columns

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def __len__(self) -> int:
        return int(self.columns["unit"].size)

    def at(self, rows: NDArray[Any]) -> "Frame":
        """Some of the rows, by place or by a mask."""
        return Frame({name: values[rows] for name, values in self.columns.items()})

    def cells_of(self, maker: str) -> Cells:
        """What one maker said, as the engine takes it."""
        names = ("unit", "month", "actual", "price", "step", "square")
        return Cells(forecast=self[maker], **{name: self[name] for name in names})


def cells_of(user: Person | None, asked: Asked) -> Frame:
    """The cells a person may see, narrowed to what was asked; none while nothing can be compared."""
    last = last_month_of_sales()
    if last is None:
        return Frame({name: np.empty(0) for name in (*KINDS, "step", "square")})
    frame = _whole(asked.lag, last)
    since = add_months(last, -asked.months)
    keep = frame["month"] > days([since])[0]
    reach = reach_ids_of(user)
    for name, ids in (("family", reach.families), ("market", reach.markets)):
        keep &= np.isin(frame[name], ids) if ids is not None else True
    return frame.at(keep & _asked(frame, asked))


def month_of(number: int) -> dt.date:
    """A month from its days since 2000."""
    return EPOCH + dt.timedelta(days=int(number))


def _asked(frame: Frame, asked: Asked) -> NDArray[np.bool_]:
    keep = np.ones(len(frame), dtype=bool)
    if asked.family is not None:
        keep &= np.isin(frame["family"], list(families_below([asked.family.pk]).values_list("pk", flat=True)))
    if asked.market is not None:
        keep &= np.isin(frame["market"], list(markets_below([asked.market.pk]).values_list("pk", flat=True)))
    if asked.unit is not None:
        keep &= frame["unit"] == asked.unit
    if asked.month is not None:
        keep &= frame["month"] == days([asked.month])[0]
    return keep


def _whole(lag: int, last: dt.date) -> Frame:
    """Every cell of the last twelve months at a lag, kept until a plan or sales come in."""
    newest = Release.objects.order_by("-pk").values_list("pk", "released").first()
    stamp = f"{newest and newest[1].timestamp()}:{data.last_imports().get('sales')}:{last}"
    key = f"accuracy-cells:{lag}:{newest and newest[0]}:{stamp}"
    kept: dict[str, NDArray[Any]] | None = cache.get(key)
    if kept is None:
        kept = _read(lag, last)
        cache.set(key, kept, KEPT_SECONDS)
    return Frame(kept)


def _read(lag: int, last: dt.date) -> dict[str, NDArray[Any]]:
    since = add_months(last, -max(PERIODS))
    asked: Any = {"lag": lag, "years": -(-lag // 12), "since": since, "last": last}
    columns = read_arrays(CELLS, asked, KINDS)
    units, place = np.unique(columns["unit"], return_inverse=True)
    step, square = _scales(units, since) if units.size else (np.empty(0), np.empty(0))
    return columns | {"step": step[place], "square": square[place]}


def _scales(units: NDArray[np.int64], last: dt.date) -> tuple[Floats, Floats]:
    """The scales of demand units from the history before the first month measured."""
    first = add_months(last, 1 - HISTORY_MONTHS)
    asked: Any = {"since": add_months(first, -1), "last": last}
    rows = read_arrays(HISTORY, asked, HISTORY_KINDS)
    months = days([add_months(first, place) for place in range(HISTORY_MONTHS)])
    keep = np.isin(rows["unit"], units)
    at = np.searchsorted(months, rows["month"][keep]), np.searchsorted(units, rows["unit"][keep])
    history = np.zeros((HISTORY_MONTHS, units.size))
    history[at] = rows["quantity"][keep]
    history[~np.maximum.accumulate(history != 0, axis=0)] = np.nan  # nothing is known before a first sale
    return scales_of(history)
