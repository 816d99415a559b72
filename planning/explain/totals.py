"""Totals of plans over families, markets and months, down to the cells they add up."""

from functools import partial

from django.db.models import F
from django.db.models.expressions import Combinable

from catalog.explain import SLICE, Summed, Total, slice_from, total_of
from core.explain import Explanation, Fact, address, found, number, register
from core.models import Person
from planning.models import (
    ConsensusCell,
    ConsensusTotal,
    DemandTotal,
    DemandValue,
    ReleasedTotal,
    ReleasedValue,
)
from planning.selectors import lineage
from planning.selectors.addresses import cycle_path
from planning.selectors.cycles import cycles_visible_to
from planning.selectors.released import release_by_key

UNIT = "demand_unit"
OF_CELLS = (f"{UNIT}__product__family", f"{UNIT}__market", UNIT)
SUMS: dict[str, Combinable] = {"units": F("quantity"), "revenue": F("revenue"), "cost": F("cost")}
CELLS: dict[str, Combinable] = {
    "units": F("quantity"),
    "revenue": F("quantity") * F("price"),
    "cost": F("quantity") * F("cost"),
}
RELEASED: dict[str, Combinable] = SUMS | {"units": F("supplied")}
RELEASED_CELLS: dict[str, Combinable] = {
    "units": F("supplied"),
    "revenue": F("supplied") * F("price"),
    "cost": F("supplied") * F("cost"),
}


@register("consensus-total", "cycle", *SLICE, action="demand.view")
def consensus_total(
    person: Person, cycle: str, family: str, market: str, first: str, last: str, measure: str
) -> Explanation:
    """The working consensus over a slice."""
    of = found(cycles_visible_to(person).filter(pk=number(cycle)).first(), "cycle")
    total = Total(
        "consensus-total",
        (of,),
        "Consensus",
        Summed(ConsensusTotal.objects.filter(cycle=of), measures=SUMS),
        Summed(ConsensusCell.objects.filter(cycle=of), *OF_CELLS, CELLS),
        partial(address, "consensus", of),
        Fact("Cycle", f"{of}, working consensus", cycle_path(of, "demand")),
    )
    return total_of(person, total, slice_from(person, family, market, first, last), measure)


@register("demand-total", "version", *SLICE, action="demand.view")
def demand_total(
    person: Person, version: str, family: str, market: str, first: str, last: str, measure: str
) -> Explanation:
    """A frozen consensus over a slice."""
    frozen = found(lineage.frozen_version(number(version)), "demand version")
    total = Total(
        "demand-total",
        (frozen,),
        "Demand",
        Summed(DemandTotal.objects.filter(version=frozen), measures=SUMS),
        Summed(DemandValue.objects.filter(version=frozen), *OF_CELLS, CELLS),
        partial(address, "demand", frozen),
        Fact("Version", str(frozen), cycle_path(frozen.cycle, "demand")),
    )
    return total_of(person, total, slice_from(person, family, market, first, last), measure)


@register("released-total", "release", *SLICE, action="release.view")
def released_total(
    person: Person, release: str, family: str, market: str, first: str, last: str, measure: str
) -> Explanation:
    """A released plan over a slice: what will be supplied."""
    signed = found(release_by_key(number(release)), "released plan")
    total = Total(
        "released-total",
        (signed,),
        "Released plan",
        Summed(ReleasedTotal.objects.filter(release=signed), measures=RELEASED),
        Summed(ReleasedValue.objects.filter(release=signed), *OF_CELLS, RELEASED_CELLS),
        partial(address, "released", signed),
        Fact("Release", str(signed), cycle_path(signed.cycle, "release")),
        (Fact("SHA-256", signed.content_hash),),
    )
    return total_of(person, total, slice_from(person, family, market, first, last), measure)
