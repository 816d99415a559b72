"""A released cell: the consensus it was agreed from, and what the supply plan delivers of it."""

from catalog.models import DemandUnit
from core.explain import Explanation, Fact, found, month, number, part, pointer, register
from core.formats import show
from core.models import Person
from core.roles import can
from planning.explain.demand import unit_of
from planning.models import Release, ReleasedValue, SupplyValue
from planning.selectors.addresses import cycle_path
from planning.selectors.released import release_by_key


@register("released", "release", "unit", "month", action="release.view")
def released(person: Person, release: str, unit: str, when: str) -> Explanation:
    """The released plan of a demand unit in a month: what will be supplied."""
    signed = found(release_by_key(number(release)), "released plan")
    unit_row, at = unit_of(person, unit), month(when)
    rows = ReleasedValue.objects.filter(release=signed, demand_unit=unit_row, month=at)
    row = found(rows.first(), "released number")
    counted = unit_row.product.unit.name.lower()
    agreed = Explanation("Agreed demand", row.consensus, counted, "number")
    return Explanation(
        label=f"Released plan of {unit_row.product.name} in {unit_row.market.name}, {at:%b %Y}",
        value=row.supplied,
        unit=counted,
        kind="number",
        formula=_formula(row),
        parts=(
            part(person, "demand", signed.run.version_id, unit_row, at, instead=agreed),
            *_supply(person, signed, unit_row, row, counted),
        ),
        source=Fact("Release", str(signed), cycle_path(signed.cycle, "release")),
        facts=_of_release(person, signed, row),
    )


def _formula(row: ReleasedValue) -> str:
    if abs(row.supplied - row.consensus) < 0.005:
        return "The supply plan delivers all of the agreed demand."
    share = show(row.supplied / row.consensus, "percent")[0] if row.consensus else "more than"
    return (
        f"The supply plan delivers {share} of the agreed demand: what the product delivers in the month, "
        "spread over its markets by what they asked for."
    )


def _supply(
    person: Person, release: Release, unit: DemandUnit, row: ReleasedValue, counted: str
) -> list[Explanation]:
    """The product's supply at each site: what is asked of it, with what it cannot give."""
    rows = SupplyValue.objects.filter(run=release.run_id, product=unit.product_id, month=row.month)
    return [
        pointer(
            person,
            "supply",
            *(release.run_id, unit.product_id, one.site_id, row.month, "stock"),
            to=Explanation(
                f"Supply plan at {one.site.name}",
                one.make + one.buy,
                counted,
                "number",
                "Made and bought there for all markets.",
            ),
        )
        for one in rows.select_related("site").order_by("site__code")
    ]


def _of_release(person: Person, release: Release, row: ReleasedValue) -> tuple[Fact, ...]:
    who = release.released_by.name if release.released_by else "the system"
    facts = [
        Fact("Released", f"{show(release.released, 'time')[0]} by {who}"),
        Fact("SHA-256", release.content_hash),
        Fact("Price", show(row.price, "money")[0]),
    ]
    if can(person, "catalog.costs"):
        facts.append(Fact("Cost", show(row.cost, "money")[0]))
    return tuple(facts)
