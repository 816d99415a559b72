"""A cell of the consensus: the baseline, what each stream says with its weight, the events."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from catalog.models import DemandUnit
from catalog.selectors import demand_units_visible_to
from core.explain import Explanation, Fact, found, largest, month, number, part, register
from core.formats import show
from core.models import Person
from core.roles import can
from crm.selectors.deals import live_deals_visible_to
from planning.models import ConsensusCell, Cycle, DemandInput, DemandValue, PipelineShare, StreamName
from planning.selectors import lineage
from planning.selectors.addresses import cycle_path
from planning.selectors.cycles import cycles_visible_to
from planning.selectors.open_deals import shares_behind

SPEAKERS = ("sales", "marketing", "finance", "pipeline")
FORMULA = "The mean of the baseline and of the streams that speak here, by their weights"


@dataclass(frozen=True)
class Cell:
    """A cell to explain: the row, its place, and the moment whose inputs count (None is now)."""

    person: Person
    cycle: Cycle
    unit: DemandUnit
    month: dt.date
    row: ConsensusCell | DemandValue
    forecast_run: int | None
    at: dt.datetime | None = None

    @property
    def counted(self) -> str:
        return self.unit.product.unit.name.lower()


@register("consensus", "cycle", "unit", "month", action="demand.view")
def consensus(person: Person, cycle: str, unit: str, when: str) -> Explanation:
    """The working consensus of a demand unit in a month of an open cycle."""
    of = found(cycles_visible_to(person).filter(pk=number(cycle)).first(), "cycle")
    unit_row, at = unit_of(person, unit), month(when)
    rows = ConsensusCell.objects.filter(cycle=of, demand_unit=unit_row, month=at)
    cell = Cell(person, of, unit_row, at, found(rows.first(), "cell"), of.forecast_run_id)
    source = Fact("Cycle", f"{of}, working consensus", cycle_path(of, "demand"))
    return _explained(cell, "Consensus", source)


@register("demand", "version", "unit", "month", action="demand.view")
def demand(person: Person, version: str, unit: str, when: str) -> Explanation:
    """A cell of a frozen consensus, made of what was said when it was frozen."""
    frozen = found(lineage.frozen_version(number(version)), "demand version")
    unit_row, at = unit_of(person, unit), month(when)
    rows = DemandValue.objects.filter(version=frozen, demand_unit=unit_row, month=at)
    run = frozen.made_from.get("forecast_run")
    cell = Cell(person, frozen.cycle, unit_row, at, found(rows.first(), "cell"), run, frozen.frozen)
    who = frozen.frozen_by.name if frozen.frozen_by else "the system"
    words = f"{frozen}, frozen {show(frozen.frozen, 'time')[0]} by {who}"
    return _explained(cell, "Demand", Fact("Version", words, cycle_path(frozen.cycle, "demand")))


def unit_of(person: Person, key: str) -> DemandUnit:
    """The demand unit, if it lies in the person's scope; 404 otherwise."""
    return found(demand_units_visible_to(person).filter(pk=number(key)).first(), "demand unit")


def _explained(cell: Cell, what: str, source: Fact) -> Explanation:
    above = lineage.Above.of(cell.unit)
    weights = lineage.weights_at(cell.cycle, cell.at)
    inputs = lineage.inputs_about(cell.cycle, above, cell.month, cell.at)
    events = lineage.events_about(cell.cycle, above, cell.month, cell.at)
    speaking = [name for name in SPEAKERS if getattr(cell.row, name) is not None]
    heard = sum(weights.get(name, 0.0) for name in ("statistical", *speaking)) or 1.0
    return Explanation(
        label=f"{what} of {cell.unit.product.name} in {cell.unit.market.name}, {cell.month:%b %Y}",
        value=cell.row.quantity,
        unit=cell.counted,
        kind="number",
        formula=_formula(cell, weights, speaking),
        parts=(
            _baseline(cell, weights.get("statistical", 0.0) / heard),
            *(_stream(cell, name, weights.get(name, 0.0) / heard, inputs) for name in speaking),
            *_events(cell, events),
        ),
        source=source,
        facts=_money(cell),
    )


def _formula(cell: Cell, weights: dict[str, float], speaking: list[str]) -> str:
    """The calculation with its numbers: (10 × 0.6 + 14 × 0.2) / 0.8 + 2."""
    if not speaking:
        words = "No stream speaks here: the baseline stands"
        return f"{words}, with dated events on top." if cell.row.events else f"{words}."
    names = ("baseline", *speaking)
    shares = [weights.get("statistical" if name == "baseline" else name, 0.0) for name in names]
    terms = [
        f"{show(getattr(cell.row, name), 'number')[0]} × {share:g}"
        for name, share in zip(names, shares, strict=True)
    ]
    events = f" + {show(cell.row.events, 'number')[0]}" if cell.row.events else ""
    tail = ", plus dated events" if events else ""
    return f"{FORMULA}{tail}, never below 0: ({' + '.join(terms)}) / {sum(shares):g}{events}."


def _baseline(cell: Cell, share: float) -> Explanation:
    stated = Explanation("Baseline", cell.row.baseline, cell.counted, "number", facts=(_share(share),))
    if cell.forecast_run is None:
        return stated
    return part(cell.person, "forecast", cell.forecast_run, cell.unit, cell.month, instead=stated)


def _stream(cell: Cell, name: str, share: float, inputs: list[DemandInput]) -> Explanation:
    """What one stream says about the cell, and the inputs behind it: who, when and why."""
    said = [row for row in inputs if row.stream == name]
    return Explanation(
        label=StreamName(name).label,
        value=getattr(cell.row, name),
        unit=cell.counted,
        kind="number",
        formula="Spread over the demand units below by the baseline; the narrowest and latest word stands.",
        parts=tuple(_input(cell, row) for row in said),
        facts=(_share(share),),
    )


def _input(cell: Cell, row: DemandInput) -> Explanation:
    what = row.product or row.family
    why = ": ".join(text for text in (row.get_reason_code_display(), row.note) if text)
    parts, formula = _deals(cell, row)
    return Explanation(
        label=f"{row.get_kind_display()}, for {what.name if what else 'everything'} in "
        f"{row.market.name if row.market else 'all markets'}",
        value=row.value,
        unit="%" if row.kind == "percent" else cell.counted,
        kind="number",
        formula=formula,
        parts=parts,
        facts=(
            Fact("Who", row.author.name),
            Fact("When", show(row.written, "time")[0]),
            Fact("Why", why or "no reason given"),
        ),
    )


def _deals(cell: Cell, row: DemandInput) -> tuple[tuple[Explanation, ...], str]:
    """The open deals behind a number of the pipeline, the largest first, and how they make it."""
    if row.take is None:
        return (), ""
    place = {"family": row.family_id, "product": row.product_id, "market": row.market_id, "month": row.month}
    shares = list(shares_behind(row.take, place))
    visible = live_deals_visible_to(cell.person).filter(pk__in=[share.deal_id for share in shares])
    seen = set(visible.values_list("pk", flat=True))
    parts = largest(_deal(cell, share, share.deal_id in seen) for share in shares)
    return parts, "The sum of the open deals that are expected to close then: units × chance to win."


def _deal(cell: Cell, share: PipelineShare, seen: bool) -> Explanation:
    units, chance = show(share.units, "number")[0], show(share.probability, "percent")[0]
    return Explanation(
        label=str(share.deal) if seen else "A deal that you may not see",
        value=share.expected,
        unit=cell.counted,
        kind="number",
        formula=f"{units} × {chance}",
        source=Fact("Deal", share.deal.external_id, reverse("crm:deal", args=[share.deal_id]))
        if seen
        else None,
    )


def _events(cell: Cell, events: list[Any]) -> list[Explanation]:
    if not cell.row.events:
        return []
    parts = tuple(
        Explanation(
            f"{row.get_kind_display()}: {row.title}",
            row.units_a_month,
            f"{cell.counted} a month",
            "number",
            facts=(
                Fact("Owner", row.owner.name),
                Fact("Where", row.market.name if row.market else "all markets"),
            ),
        )
        for row in events
    )
    formula = "The units that dated events move here, their share of the markets they cover."
    return [Explanation("Events", cell.row.events, cell.counted, "number", formula, parts)]


def _share(share: float) -> Fact:
    return Fact("Weight here", show(share, "percent")[0])


def _money(cell: Cell) -> tuple[Fact, ...]:
    """The price of the plan; its cost for those who may see costs."""
    price = Fact("Price", show(cell.row.price, "money")[0])
    if not can(cell.person, "catalog.costs"):
        return (price,)
    return (price, Fact("Cost", show(cell.row.cost, "money")[0]))
