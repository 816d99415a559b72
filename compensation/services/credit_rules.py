"""Rules of crediting: added and changed, never deleted, since credits name the rule that gave them."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from compensation.models import CreditKind, CreditRule, Getter
from compensation.pipeline.credit_dry_run import DryRun, tried
from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.models import Person

CREDIT = "pay.credit"
WHOLE = 100
OF_KIND = {
    CreditKind.DIRECT: (Getter.DEAL_REP, Getter.COVERAGE, Getter.REP),
    CreditKind.OVERLAY: (Getter.DEAL_REP, Getter.COVERAGE, Getter.REP),
    CreditKind.ROLL_UP: (Getter.MANAGER,),
    CreditKind.TEAM: (Getter.TEAM,),
}


@transaction.atomic
def add_rule(*, actor: Person | None, values: dict[str, Any]) -> CreditRule:
    """Add a rule; `first` and `last` are its days, both included. It counts from the next making of credits.

    Raises Invalid by field.
    """
    require(actor, CREDIT)
    rule = CreditRule(**_stored(values, None))
    _refuse_unfit(rule)
    return create_row(actor=actor, row=rule, verb="credit rule added", reason=rule.reason)


@transaction.atomic
def change_rule(
    *, actor: Person | None, rule: CreditRule, revision: int, changes: dict[str, Any]
) -> CreditRule:
    """Change a rule, for its past days too: pay of closed months follows as a difference. Raises Invalid by
    field, Conflict."""
    require(actor, CREDIT)
    stored = _stored(changes, rule)
    wanted = CreditRule.objects.get(pk=rule.pk)
    for name, value in stored.items():
        setattr(wanted, name, value)
    _refuse_unfit(wanted)
    return change_row(
        actor=actor,
        row=rule,
        revision=revision,
        changes=stored,
        verb="credit rule changed",
        reason=str(stored.get("reason", "")),
    )


def _stored(values: dict[str, Any], rule: CreditRule | None) -> dict[str, Any]:
    """`first` and `last` become days; what a form leaves empty becomes nothing."""
    stored = dict(values)
    days = rule.days if rule else None
    first = stored.pop("first", days.lower if days else None)
    last = stored.pop("last", days.upper - dt.timedelta(days=1) if days and days.upper else None)
    if first and last and last < first:
        raise Invalid(Reason("A rule ends on its first day or later.", "days", "last"))
    stored["days"] = DateRange(first, last + dt.timedelta(days=1) if last else None)
    return stored


def _refuse_unfit(rule: CreditRule) -> None:
    """Raises Invalid with everything that does not fit together."""
    reasons = []
    if rule.kind not in OF_KIND:
        raise Invalid(
            Reason("Choose direct, overlay, roll-up or team. Splits are made on a deal.", "", "kind")
        )
    getters = OF_KIND[CreditKind(rule.kind)]
    if rule.getter not in getters:
        words = " or ".join(f"“{getter.label}”" for getter in getters)
        reasons.append(Reason(f"A rule of this kind goes to {words}.", "getter", "getter"))
    if rule.kind == CreditKind.DIRECT and rule.percent != WHOLE:
        text = "Direct credit is the whole deal: 100 %. Share a deal by a split, add to it by an overlay."
        reasons.append(Reason(text, "whole", "percent"))
    reasons += _of_getter(rule)
    if reasons:
        raise Invalid(*reasons)


def _of_getter(rule: CreditRule) -> list[Reason]:
    found = []
    for field, getter, what in (
        ("coverage_role", Getter.COVERAGE, "the role of coverage"),
        ("rep", Getter.REP, "the rep"),
    ):
        given = getattr(rule, f"{field}_id") is not None
        if rule.getter == getter and not given:
            found.append(Reason(f"Choose {what}.", "required", field))
        if rule.getter != getter and given:
            found.append(Reason(f"Only for “{getter.label}”. Leave it empty here.", "unused", field))
    return found


def try_rule(
    *, actor: Person | None, values: dict[str, Any], rule: CreditRule | None = None, revision: int = 0
) -> DryRun:
    """What adding a rule, or changing one, would do to credits; nothing is stored. Raises as they do."""
    require(actor, CREDIT)
    new = values.get("bases", rule.bases if rule else [])
    old = rule.bases if rule else new
    bases = [*new, *old] if new and old else []

    def change() -> CreditRule:
        if rule is None:
            return add_rule(actor=actor, values=values)
        return change_rule(actor=actor, rule=rule, revision=revision, changes=values)

    return tried(change, bases)
