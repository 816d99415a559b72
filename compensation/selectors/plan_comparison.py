"""Two versions of a plan side by side."""

from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_changes import Change, changes_between
from compensation.engine.plan_reading import plan_from
from compensation.models import PlanVersion


def compared(before: PlanVersion, after: PlanVersion) -> tuple[list[Change], str]:
    """What differs, and which version cannot be read (empty where both can)."""
    plans = []
    for version in (before, after):
        try:
            plans.append(plan_from(version.terms))
        except BadPlan:
            return [], f"The terms of {version} cannot be read. Mend them first."
    return changes_between(plans[0], plans[1]), ""
