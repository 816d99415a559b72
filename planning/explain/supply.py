"""A number of a supply plan: the month's balance, what binds, and what one more unit would be worth."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from catalog.models import CapacityUse
from catalog.selectors import base_currency, products_visible_to, resources_visible_to, sites_visible_to
from core.explain import Explanation, Fact, address, found, largest, month, number, part, pointer, register
from core.formats import show
from core.models import Person
from core.roles import can
from gathering.selectors.facts import stock_visible_to
from planning.models import DemandValue, ResourceLoad, SupplyRun, SupplyValue
from planning.selectors.addresses import cycle_path

MEASURES = {
    "demand": "Demand",
    "make": "Made",
    "buy": "Bought",
    "stock": "Stock at the end of the month",
    "target": "Target stock",
    "backlog": "Owed at the end of the month",
    "lost": "Never delivered",
}
WORTH = 0.005  # money a unit: less is rounding


@dataclass(frozen=True)
class Row:
    """A product at a site in a month of a solve, and the month before it."""

    person: Person
    run: SupplyRun
    value: SupplyValue
    before: SupplyValue | None

    @property
    def counted(self) -> str:
        return self.value.product.unit.name.lower()

    def line(self, label: str, value: float, measure: str = "") -> Explanation:
        """One number of the row, with its own explanation where it is a measure of the plan."""
        line = Explanation(label, value, self.counted, "number")
        return line if not measure else pointer(self.person, "supply", *self.key(measure), to=line)

    def key(self, measure: str) -> tuple[Any, ...]:
        row = self.value
        return (self.run, row.product_id, row.site_id, row.month, measure)


@register("supply", "run", "product", "site", "month", "measure", action="supply.view")
def supply(person: Person, run: str, product: str, site: str, when: str, measure: str) -> Explanation:
    """One number of a product at a site in a month of a supply plan."""
    what = found(MEASURES.get(measure), "measure")
    row = _row(person, run, product, site, month(when))
    value = row.value
    formula, parts = READERS.get(measure, _of_the_solve)(row)
    return Explanation(
        label=f"{what}: {value.product.name} at {value.site.name}, {value.month:%b %Y}",
        value=getattr(value, measure),
        unit=row.counted,
        kind="number",
        formula=formula,
        parts=tuple(parts),
        source=run_fact(row.run),
        facts=(*_what_binds(row), *_of_run(row)),
    )


def _row(person: Person, run: str, product: str, site: str, at: dt.date) -> Row:
    solved = found(run_by_key(number(run)), "supply plan")
    made = found(products_visible_to(person).filter(pk=number(product)).first(), "product")
    place = found(sites_visible_to(person).filter(pk=number(site)).first(), "site")
    rows = SupplyValue.objects.filter(run=solved, product=made, site=place)
    value = found(rows.filter(month=at).select_related("product__unit", "site").first(), "number")
    return Row(person, solved, value, rows.filter(month__lt=at).order_by("-month").first())


def run_by_key(key: int) -> SupplyRun | None:
    rows = SupplyRun.objects.select_related("cycle", "scenario", "version__cycle", "requested_by")
    return rows.filter(pk=key).first()


def run_fact(run: SupplyRun) -> Fact:
    """The solve a number is of, and where it is."""
    return Fact("Supply plan", f"{run} for {run.version}", cycle_path(run.cycle, "supply"))


def _stock(row: Row) -> tuple[str, list[Explanation]]:
    value = row.value
    parts = [
        _stock_before(row),
        row.line("Made", value.make, "make"),
        row.line("Bought", value.buy, "buy"),
        row.line("Demand", -value.demand, "demand"),
        row.line("Never delivered", value.lost, "lost"),
        row.line("Owed at the end of the month", value.backlog, "backlog"),
    ]
    words = (
        "What was there before, with what is made and bought, less demand; what is owed or never "
        "delivered did not leave."
    )
    return words, [line for line in parts if line.value or line is parts[0]]


def _stock_before(row: Row) -> Explanation:
    """What the month begins with: the end of the month before, or the stock that was counted."""
    value, before = row.value, row.before
    if before is not None:
        line = Explanation(
            f"Stock at the end of {before.month:%b %Y}, less what was owed",
            before.stock - before.backlog,
            row.counted,
            "number",
        )
        return pointer(row.person, "supply", *row.key("stock")[:3], before.month, "stock", to=line)
    opening = value.stock - value.backlog - value.make - value.buy - value.lost + value.demand
    line = Explanation("Opening stock, less what was owed", opening, row.counted, "number")
    counted = stock_visible_to(row.person).filter(
        product=value.product_id, site=value.site_id, day__lt=row.run.cycle.month
    )
    newest = counted.order_by("-day").first()
    return part(row.person, "stock", newest, instead=line) if newest else line


def _demand(row: Row) -> tuple[str, list[Explanation]]:
    value, version = row.value, row.run.version
    cells = DemandValue.objects.filter(
        version=version, demand_unit__product=value.product_id, month=value.month
    ).select_related("demand_unit__market")
    parts = [
        pointer(
            row.person,
            *("demand", version, cell.demand_unit_id, cell.month),
            to=Explanation(cell.demand_unit.market.name, cell.quantity, row.counted, "number"),
        )
        for cell in cells
    ]
    total = sum(float(one.value or 0) for one in parts)
    if total and abs(total - value.demand) > WORTH:
        share = show(value.demand / total, "percent")[0]
        return f"{share} of the product's demand in {version} is supplied from this site.", list(
            largest(parts)
        )
    return f"The product's demand in {version}, all markets together.", list(largest(parts))


def _make(row: Row) -> tuple[str, list[Explanation]]:
    loads = [
        pointer(
            row.person,
            *("load", row.run, load.resource_id, load.month),
            to=Explanation(f"Load of {load.resource.name}", load.load, "units of capacity", "number"),
        )
        for load in _loads(row)
    ]
    return "What the cheapest plan makes, within the capacity of what it is made on.", loads


def _of_the_solve(row: Row) -> tuple[str, list[Explanation]]:
    return "The cheapest plan under its limits: one linear programme over all products and months.", []


READERS = {"stock": _stock, "demand": _demand, "make": _make}


def _loads(row: Row) -> list[ResourceLoad]:
    """The loads of the resources that the product is made on at the site."""
    uses = CapacityUse.objects.filter(product=row.value.product_id, resource__site=row.value.site_id)
    loads = ResourceLoad.objects.filter(
        run=row.run, month=row.value.month, resource__in=uses.values("resource")
    )
    return list(loads.select_related("resource").order_by("resource__code"))


def _what_binds(row: Row) -> tuple[Fact, ...]:
    """Binding constraints in words, by their shadow prices."""
    facts = [
        Fact("What binds", price_words(row.person, load))
        for load in _loads(row)
        if (load.capacity_price or 0) > WORTH
    ]
    price = row.value.demand_price
    if price is not None and can(row.person, "catalog.costs"):
        facts.append(Fact("One more unit of demand", f"would cost {_money(price)}"))
    return tuple(facts)


def price_words(person: Person, load: ResourceLoad) -> str:
    """A shadow price in words; its money only for those who may see costs."""
    if not can(person, "catalog.costs"):
        return f"{load.resource.name} is full"
    worth = _money(load.capacity_price or 0.0)
    return f"{load.resource.name} is full: one more unit of its capacity would save {worth}"


def _money(value: float) -> str:
    return f"{show(value, 'money')[0]} {base_currency()}"


def _of_run(row: Row) -> tuple[Fact, ...]:
    run = row.run
    who = run.requested_by.name if run.requested_by else "the system"
    facts = [
        Fact("Scenario", run.scenario.name),
        Fact("Solved", f"{show(run.finished or run.created, 'time')[0]} for {who}"),
        Fact("Engine", run.engine_version),
    ]
    if run.cost is not None and can(row.person, "catalog.costs"):
        facts.append(Fact("Cost of the whole plan", f"{show(run.cost, 'money')[0]} {base_currency()}"))
    return tuple(facts)


@register("load", "run", "resource", "month", action="supply.view")
def load(person: Person, run: str, resource: str, when: str) -> Explanation:
    """What a supply plan asks of a resource in a month: the products made on it, and its capacity."""
    solved = found(run_by_key(number(run)), "supply plan")
    place = found(resources_visible_to(person).filter(pk=number(resource)).first(), "resource")
    rows = ResourceLoad.objects.filter(run=solved, resource=place, month=month(when))
    row = found(rows.select_related("resource").first(), "load")
    binding = (Fact("What binds", price_words(person, row)),) if (row.capacity_price or 0) > WORTH else ()
    limit = Explanation("Capacity", row.regular, "units of capacity", "number")
    return Explanation(
        label=f"Load of {place.name}, {row.month:%b %Y}",
        value=row.load,
        unit="units of capacity",
        kind="number",
        formula="The sum over the products made on it: units made × capacity that one takes.",
        parts=(*largest(_made_on(solved, row)), part(person, "capacity", place, row.month, instead=limit)),
        source=run_fact(solved),
        facts=(
            *binding,
            Fact("Regular", show(row.regular, "number")[0]),
            Fact("Overtime", f"{show(row.overtime, 'number')[0]} of {show(row.overtime_limit, 'number')[0]}"),
            Fact("Wanted, were all demand met in time", show(row.wanted, "number")[0]),
        ),
    )


def _made_on(run: SupplyRun, row: ResourceLoad) -> list[Explanation]:
    uses = CapacityUse.objects.filter(resource=row.resource_id, valid__contains=row.month)
    per_unit = dict(uses.values_list("product_id", "per_unit"))
    made = SupplyValue.objects.filter(
        run=run, month=row.month, site=row.resource.site_id, product__in=per_unit, make__gt=0
    ).select_related("product")
    return [
        Explanation(
            one.product.name,
            one.make * float(per_unit[one.product_id]),
            "units of capacity",
            "number",
            f"{show(one.make, 'number')[0]} made × {per_unit[one.product_id].normalize():f} each",
            asked=address("supply", run, one.product_id, one.site_id, row.month, "make"),
        )
        for one in made
    ]
