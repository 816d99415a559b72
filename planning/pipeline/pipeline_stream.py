"""The open deals → statements of the pipeline stream, with each deal's share kept."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.binary_copy import read_arrays
from core.models import Person
from forecasting.models import DealForecast
from planning.engine.pipeline_stream import Cell, OpenDeal, Taken, take
from planning.models import (
    ConsensusCell,
    Cycle,
    DemandInput,
    PipelineChances,
    PipelineShare,
    PipelineTake,
    StreamName,
)
from planning.selectors.demand_coverage import Coverage, Level, months_of
from planning.selectors.open_deals import read_deals

Floats = NDArray[np.float64]
SAID = ("kind", "value", "note", "reason_code", "take", "is_withdrawn", "author", "baseline", "before")
CELLS = f"""
    SELECT demand_unit_id, month, baseline, quantity, price FROM {ConsensusCell._meta.db_table}
    WHERE cycle_id = %s ORDER BY demand_unit_id, month
"""


@dataclass
class Plan:
    """The working consensus of a cycle, and where in it a deal belongs."""

    cycle: Cycle
    rows: dict[Level, NDArray[np.int64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.coverage = Coverage.of_cycle(self.cycle)
        self.months = months_of(self.cycle)
        self.column = {month: place for place, month in enumerate(self.months)}

    @cached_property
    def values(self) -> dict[str, Floats]:
        """Baseline, quantity and price of every cell, (units, months)."""
        kinds = {"unit": ">i8", "month": ">i4", "baseline": ">f8", "quantity": ">f8", "price": ">f8"}
        found = read_arrays(CELLS, [self.cycle.pk], kinds)
        shape = (self.coverage.ids.size, len(self.months))
        return {name: found[name].reshape(shape) for name in ("baseline", "quantity", "price")}

    def covered(self, level: Level) -> NDArray[np.int64]:
        """The rows of the consensus that the level covers, looked up once."""
        if level not in self.rows:
            self.rows[level] = self.coverage.rows(level)
        return self.rows[level]

    def placed(self, deal: OpenDeal) -> tuple[int | None, int | None] | None:
        """The product where it is planned in that market, else its family there, else nothing."""
        for product, family in ((deal.product, None), (None, deal.family)):
            if self.covered(Level(family, product, deal.market)).size:
                return product, family
        return None

    def price(
        self, product: int | None, family: int | None, market: int | None, month: dt.date
    ) -> float | None:
        """The mean price of what is planned there, base currency a unit."""
        rows = self.covered(Level(family, product, market))
        prices = self.values["price"][rows, self.column[month]]
        known = prices[prices > 0]
        return float(known.mean()) if known.size else None

    def sums(self, cell: Cell) -> tuple[Decimal, Decimal]:
        """Baseline and consensus of a cell's demand units, in units."""
        rows, column = self.covered(Level(cell.family, cell.product, cell.market)), self.column[cell.month]
        found = (self.values[name][rows, column].sum() for name in ("baseline", "quantity"))
        baseline, before = (round(Decimal(str(float(value))), 4) for value in found)
        return baseline, before


def heard(cycle: Cycle, user: Person | None, made: DealForecast | None = None) -> tuple[Plan, Taken]:
    """What the open deals that a person may see say about the cycle now, with the chances of a deal
    forecast where one is given. Nothing is written."""
    plan = Plan(cycle)
    first, last = plan.months[0], plan.months[-1]
    return plan, take(read_deals(user, made), first, last, plan.placed, plan.price)


def put_take(
    plan: Plan, taken: Taken, kind: str, author: Person, by: Person | None, made: DealForecast | None = None
) -> tuple[PipelineTake, list]:
    """Keep the take with its shares, and make the stream say just that: cells that earlier takes spoke
    about and this one does not fall silent; a person's own number stays. Returns the changed inputs.

    Call it inside the transaction of the change, with the cycle locked.
    """
    inputs = plan.cycle.inputs.filter(stream=StreamName.PIPELINE).select_for_update(of=("self",))
    there = {_cell_of(row): row for row in inputs}
    cells = taken.cells
    own = {cell for cell in cells if cell in there and _is_own(there[cell])}
    row = _take_row(plan, taken, kind, by, len(own), made)
    PipelineShare.objects.bulk_create(_shares(row, taken), batch_size=2000)
    counts = _deals_of(taken)
    changed = []
    for cell, expected in cells.items():
        if cell not in own:
            said = _said(plan, cell, expected, counts[cell], kind, row, author)
            changed.append(_put(there.get(cell), plan.cycle, cell, said))
    silent = [
        old for cell, old in there.items() if cell not in cells and old.take_id and not old.is_withdrawn
    ]
    for old in silent:
        old.is_withdrawn = True
    _store([*changed, *silent])
    return row, [*changed, *silent]


def is_said(taken: Taken, kind: str, last: PipelineTake, made: DealForecast | None = None) -> bool:
    """Whether the stream says this already, by the same word on chances: nothing would change."""
    source = PipelineChances.FORECAST if made else PipelineChances.CRM
    return (last.fingerprint, last.kind, last.chances) == (taken.fingerprint, kind, source)


def _cell_of(row: DemandInput) -> Cell:
    return Cell(row.month, row.product_id, row.family_id, row.market_id)


def _is_own(row: DemandInput) -> bool:
    return row.take_id is None and not row.is_withdrawn


def _deals_of(taken: Taken) -> dict[Cell, set[int]]:
    found: dict[Cell, set[int]] = {}
    for share in taken.shares:
        found.setdefault(share.cell, set()).add(share.deal)
    return found


def _take_row(
    plan: Plan, taken: Taken, kind: str, by: Person | None, kept: int, made: DealForecast | None
) -> PipelineTake:
    return PipelineTake.objects.create(
        cycle=plan.cycle,
        kind=kind,
        chances=PipelineChances.FORECAST if made else PipelineChances.CRM,
        deal_forecast=made,
        fingerprint=taken.fingerprint,
        deals=len(taken.deals),
        overdue=len(taken.overdue),
        units=sum(taken.cells.values(), Decimal(0)),
        amount=sum((share.amount or Decimal(0) for share in taken.shares), Decimal(0)),
        left_out={
            reason: {"deals": len(left.deals), "amount": str(left.amount)}
            for reason, left in sorted(taken.left_out.items())
        },
        kept=kept,
        taken_by=by,
    )


def _shares(row: PipelineTake, taken: Taken) -> Iterable[PipelineShare]:
    return [
        PipelineShare(
            take=row,
            deal_id=share.deal,
            family_id=share.cell.family,
            product_id=share.cell.product,
            market_id=share.cell.market,
            month=share.cell.month,
            units=share.units,
            probability=share.probability,
            expected=share.expected,
            amount=share.amount,
        )
        for share in taken.shares
    ]


def _said(
    plan: Plan, cell: Cell, expected: Decimal, deals: set[int], kind: str, row: PipelineTake, author: Person
) -> dict[str, object]:
    baseline, before = plan.sums(cell)
    what = f"{len(deals)} open deal{'s' if len(deals) != 1 else ''}"
    return {
        "kind": kind,
        "value": expected,
        "reason_code": "deals",
        "note": f"{what}, weighted by the chance to win.",
        "take": row,
        "is_withdrawn": False,
        "author": author,
        "baseline": baseline,
        "before": before,
    }


def _put(row: DemandInput | None, cycle: Cycle, cell: Cell, said: dict[str, object]) -> DemandInput:
    if row is None:
        row = DemandInput(
            cycle=cycle,
            stream=StreamName.PIPELINE,
            month=cell.month,
            product_id=cell.product,
            family_id=cell.family,
            market_id=cell.market,
        )
    for name, value in said.items():
        setattr(row, name, value)
    return row


def _store(rows: list[DemandInput]) -> None:
    known = [row for row in rows if row.pk]
    now = dt.datetime.now(dt.UTC)
    for row in known:
        row.revision += 1
        row.written = now
    DemandInput.objects.bulk_create([row for row in rows if not row.pk], batch_size=1000)
    DemandInput.objects.bulk_update(known, [*SAID, "revision", "written"], batch_size=500)
