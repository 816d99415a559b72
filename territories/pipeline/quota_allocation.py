"""Taking a plan's target down the tree: read what territories are weighed by, allocate, store once."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from catalog.engine.months import months_from
from crm.models import Absence
from territories.engine.quotas.cascade import Node, Rules, allocate, hedge_of, season
from territories.engine.quotas.days import Span, Term
from territories.engine.quotas.lines import Allocation
from territories.engine.quotas.seasons import season_of_history
from territories.engine.quotas.shares import METHODS, blend
from territories.models import QuotaPlan, RepStart, RoleKind, Seasonality, Territory, TerritoryRep
from territories.pipeline.quota_rows import Row, store
from territories.pipeline.quota_words import lines_of_node, lines_of_rep
from territories.selectors.quota_tree import Tree, rules_of, tree_of, weights_of
from territories.selectors.quota_values import Values, season_history, values_of_territories

NOTHING = Decimal(0)
YEAR = 12


def allocate_plan(plan: QuotaPlan) -> list[str]:
    """Make the quotas of a draft anew from its target; says what people should know. Raises NoFit."""
    before = tree_of(plan.follows) if plan.follows else None
    nodes, values = nodes_of(plan, before)
    found = allocate(nodes, target_months(plan, before), rules_of(plan))
    store(plan, _rows(plan, nodes, values, found))
    return notes_of(plan, nodes, found)


def tried(plan: QuotaPlan, weights: dict[str, Decimal]) -> dict[int, Decimal]:
    """Territory → its year with other weights of the methods; nothing is kept. Raises NoFit."""
    before = tree_of(plan.follows) if plan.follows else None
    nodes, _ = nodes_of(plan, before)
    rules = Rules(**{**vars(rules_of(plan)), "weights": weights})
    found = allocate(nodes, target_months(plan, before), rules)
    return {key: line.amount for key, line in found.nodes.items()}


def target_months(plan: QuotaPlan, before: Tree | None) -> dict[dt.date, Decimal]:
    """The target by month: past months as the version before had them, the others by the season."""
    months = months_from(plan.first_month, YEAR)
    past = {month: NOTHING for month in months if month < plan.from_month}
    over = 1 + hedge_of(rules_of(plan), 0) / 100
    for row in before.tops if before else []:
        for month in past:
            past[month] += row.months.get(month, NOTHING)
    past = {month: (amount / over).quantize(Decimal("0.01")) for month, amount in past.items()}
    return season(plan.target, months, weights_by_month(plan), past, plan.step)


def weights_by_month(plan: QuotaPlan) -> list[Any]:
    """The weight of each month of the plan's year."""
    if plan.seasonality == Seasonality.GIVEN:
        return list(plan.season_weights)
    if plan.seasonality == Seasonality.EVEN:
        return [Decimal(1)] * YEAR
    return list(season_of_history(season_history(plan), months_from(plan.first_month, YEAR)))


def nodes_of(plan: QuotaPlan, before: Tree | None) -> tuple[tuple[Node, ...], Values]:
    """The model's tree as the engine takes it, with each territory's values (its own and those below)."""
    territories = list(Territory.objects.filter(model=plan.model_id, role=None).order_by("code"))
    below: dict[int | None, list[Territory]] = defaultdict(list)
    for territory in territories:
        below[territory.parent_id].append(territory)
    own, terms = values_of_territories(plan), terms_of(plan)
    values: Values = {}
    past = _past_of(plan, before)
    nodes = tuple(_node(one, below, own, terms, values, past) for one in below[None])
    return nodes, values


def _node(
    territory: Territory,
    below: dict[int | None, list[Territory]],
    own: Values,
    terms: dict[int, tuple[Term, ...]],
    values: Values,
    past: dict[tuple[int, int | None], dict[dt.date, Decimal]],
) -> Node:
    children = tuple(_node(one, below, own, terms, values, past) for one in below[territory.pk])
    summed = dict(own.get(territory.pk, {}))
    for child in children:
        for name, amount in child.values.items():
            summed[name] = summed.get(name, NOTHING) + amount
    values[territory.pk] = summed
    return Node(
        key=territory.pk,
        values=summed,
        last_year=summed.get("history"),
        past=past.get((territory.pk, None), {}),
        children=children,
        terms=() if children else terms.get(territory.pk, ()),
        rep_past={
            rep: months for (key, rep), months in past.items() if key == territory.pk and rep is not None
        },
    )


def _past_of(plan: QuotaPlan, before: Tree | None) -> dict[tuple[int, int | None], dict[dt.date, Decimal]]:
    if before is None:
        return {}
    return {
        (row.quota.territory_id or 0, row.quota.rep_id): {
            month: amount for month, amount in row.months.items() if month < plan.from_month
        }
        for row in before.rows()
    }


def terms_of(plan: QuotaPlan) -> dict[int, tuple[Term, ...]]:
    """By territory: who owns its accounts on which days of the year, when away, and since when here."""
    end = months_from(plan.first_month, YEAR + 1)[-1]
    year = DateRange(plan.first_month, end)
    rows = list(
        TerritoryRep.objects.filter(
            territory__model=plan.model_id, role__kind=RoleKind.OWNER, days__overlap=year
        ).order_by("days")
    )
    reps = {row.rep_id for row in rows}
    starts = dict(RepStart.objects.filter(rep__in=reps).values_list("rep", "day"))
    away = _away(plan, reps, year)
    spans: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for row in rows:
        spans[row.territory_id, row.rep_id].append((row.days.lower, row.days.upper))
    found: dict[int, list[Term]] = defaultdict(list)
    for (territory, rep), days in spans.items():
        found[territory].append(Term(rep, tuple(days), tuple(away[rep]), starts.get(rep)))
    return {territory: tuple(terms) for territory, terms in found.items()}


def _away(plan: QuotaPlan, reps: set[int], year: DateRange) -> dict[int, list[Span]]:
    """Absences that are long enough to lower a quota."""
    found: dict[int, list[Span]] = defaultdict(list)
    for absence in Absence.objects.filter(rep__in=reps, days__overlap=year).order_by("days"):
        lower, upper = absence.days.lower, absence.days.upper
        if lower is None or upper is None or (upper - lower).days >= plan.leave_days:
            found[absence.rep_id].append((lower, upper))
    return found


def _rows(plan: QuotaPlan, nodes: tuple[Node, ...], values: Values, found: Allocation) -> list[Row]:
    rows: list[Row] = []
    rules = rules_of(plan)
    totals = _sibling_totals(nodes)
    for key, line in found.nodes.items():
        bare = found.uncovered.get(key, {})
        made = lines_of_node(line, values[key], totals[key], hedge_of(rules, line.level))
        last_year = values[key].get("history")
        rows.append(
            Row(key, None, line.months, last_year, line.share, sum(bare.values(), NOTHING), made=made)
        )
    for (key, rep), rep_line in found.reps.items():
        if rep_line.full or rep_line.amount:
            level = found.nodes[key].level + 1
            made = lines_of_rep(rep_line, found.nodes[key].amount, hedge_of(rules, level))
            relief = rep_line.leave + rep_line.ramp - rep_line.taken_over
            rows.append(Row(key, rep, rep_line.months, None, None, NOTHING, relief, made))
    return rows


def _sibling_totals(nodes: tuple[Node, ...]) -> dict[int, dict[str, Decimal]]:
    found: dict[int, dict[str, Decimal]] = {}
    totals = {
        name: sum((max(node.values.get(name, NOTHING), NOTHING) for node in nodes), NOTHING)
        for name in METHODS
    }
    for node in nodes:
        found[node.key] = totals
        found |= _sibling_totals(node.children)
    return found


def notes_of(plan: QuotaPlan, nodes: tuple[Node, ...], found: Allocation) -> list[str]:
    """What an allocation has to say: methods nobody has values for, bounds that hold, missing reps."""
    names = dict(Territory.objects.filter(model=plan.model_id).values_list("pk", "name"))
    notes = [
        f"Nobody has a value for {name}: its weight went to the other methods."
        for name in blend({node.key: node.values for node in nodes}, weights_of(plan)).dropped
    ]
    for key, line in found.nodes.items():
        if line.is_held:
            side = "ceiling" if line.amount == line.bound.high else "floor"
            notes.append(f"{names[key]} is held by its {side}; the others bear the difference.")
    for key, bare in found.uncovered.items():
        if any(bare.values()):
            months = sum(bool(amount) for amount in bare.values())
            notes.append(f"{names[key]} has no rep on days of {months} months: give it one, or a cover.")
    return [note[:300] for note in notes]
