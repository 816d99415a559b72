"""Where a quota comes from: the target, the shares, the days, the ramp."""

from decimal import Decimal
from typing import Any

from catalog.selectors import base_currency
from core.explain import Explanation, Fact, address, found, number, register
from core.formats import show
from core.models import Person
from territories.selectors.quota_tree import TreeRow, is_overlay, overlay_row, tree_of
from territories.selectors.quotas import only_sells, quotas_visible_to
from territories.workflow.quotas import plan_url, quota_url

FROM_ABOVE = "The share of what the territory above gives down, in whole steps that add up."
BY_HAND = "Typed by hand for an overlay, over the months as the plan's season has them."
OF_REPS = "The territory's quota on the days covered, less leave and ramp."


@register("quota", "quota", action="quotas.view")
def explain_quota(person: Person, quota: str) -> Explanation:
    """A territory's or rep's quota of the year: its months, its lines, and what it is a part of."""
    row = found(quotas_visible_to(person).filter(pk=number(quota)).first(), "quota")
    tree = tree_of(row.plan, person)
    beside = is_overlay(row)
    place = found(overlay_row(row, person) if beside else tree.find(row.pk), "quota")
    facts = [Fact(line["label"], line["note"], number=_number(line)) for line in row.made]
    if row.difference_reason:
        facts.append(Fact("Set by hand", row.difference_reason))
    above = tree.parent_of(place)
    if beside:
        facts.append(Fact("Part of", "Nothing: an overlay stands beside the tree", plan_url(row.plan)))
    elif above is not None:
        facts.append(Fact("Part of", above.label, address("quota", above.quota.pk)))
    elif not only_sells(person):
        target = show(row.plan.target, "money")[0]
        facts.append(Fact("Part of", f"The target of {target}", plan_url(row.plan)))
    return Explanation(
        label=str(row),
        value=row.amount,
        unit=base_currency(),
        kind="money",
        formula=BY_HAND if beside else OF_REPS if row.rep_id else FROM_ABOVE,
        parts=_months(place),
        source=Fact("Kept in", str(row.plan), quota_url(row)),
        facts=tuple(facts),
    )


def _months(row: TreeRow) -> tuple[Explanation, ...]:
    unit = base_currency()
    return tuple(
        Explanation(f"{month:%b %Y}", amount, unit, "money") for month, amount in sorted(row.months.items())
    )


def _number(line: dict[str, Any]) -> str:
    return show(Decimal(line["value"]), line.get("kind", "money"))[0]
