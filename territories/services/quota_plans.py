"""Quota plans: made from the released plan or by hand, allocated, moved, followed by new versions."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.engine.months import add_months, months_from
from catalog.selectors import reach_of
from core import company
from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason, Refused
from core.events import record
from core.models import Person
from core.services.notifications import notify
from territories.engine.quotas.cascade import NoFit
from territories.models import (
    Quota,
    QuotaPlan,
    QuotaState,
    Seasonality,
    TargetSource,
    Territory,
    TerritoryModel,
)
from territories.pipeline.quota_allocation import allocate_plan, tried
from territories.pipeline.quota_rows import store_months
from territories.selectors.quotas import months_of_quotas, newest_approved, open_plan
from territories.selectors.targets import TargetPart, target_parts
from territories.workflow.quotas import perform, plan_url

PLAN = "quotas.plan"
YEAR = 12
CENT = Decimal("0.01")
COPIED = (
    *("name", "first_month", "model", "measure", "target", "target_source", "target_reason", "target_parts"),
    *("weight_history", "weight_potential", "weight_pipeline", "weight_even", "hedges", "floor_percent"),
    *("ceiling_percent", "seasonality", "season_weights", "step", "ramp", "spread_relief", "leave_days"),
)
SETTINGS = frozenset(COPIED) - {"first_month", "measure", "target_source", "target_parts"}


@transaction.atomic
def make_plan(*, actor: Person | None, values: dict[str, Any]) -> QuotaPlan:
    """Begin the quotas of a fiscal year. Without `target` it is the revenue of the released plan, month by
    month; a target typed by hand says why.

    Raises Invalid by field, Denied outside the actor's rights or scope.
    """
    may_plan(actor)
    first = values["first_month"].replace(day=1)
    filled = {**values, "first_month": first, "from_month": values.get("from_month") or first}
    filled.setdefault("model", TerritoryModel.objects.filter(state="active").first())
    filled |= _target(actor, first, filled.get("target"), filled.get("target_reason", ""))
    row = QuotaPlan(**{**filled, "owner": actor, "version": _next_version(first, filled.get("measure"))})
    _check(row)
    return create_row(actor=actor, row=row, verb="quota plan made")


@transaction.atomic
def change_plan(
    *, actor: Person | None, plan: QuotaPlan, revision: int, changes: dict[str, Any]
) -> QuotaPlan:
    """Change how a draft goes down. Raises Refused for others, Conflict, Invalid, Denied."""
    may_plan(actor)
    _refuse_fixed(plan)
    wanted = {name: value for name, value in changes.items() if name in SETTINGS}
    if "target" in wanted and wanted["target"] != plan.target:
        reason = wanted.get("target_reason", plan.target_reason)
        wanted |= _target(actor, plan.first_month, wanted["target"], reason)
    for name, value in wanted.items():
        setattr(plan, name, value)
    _check(plan)
    return change_row(actor=actor, row=plan, revision=revision, changes=wanted, verb="quota plan changed")


@transaction.atomic
def take_target_from_plan(*, actor: Person | None, plan: QuotaPlan, revision: int) -> QuotaPlan:
    """Set a draft's target to what the newest released plans say now. Raises Invalid, Refused, Conflict."""
    may_plan(actor)
    _refuse_fixed(plan)
    changes = _target(actor, plan.first_month, None, "")
    return change_row(
        actor=actor, row=plan, revision=revision, changes=changes, verb="quota target taken anew"
    )


@transaction.atomic
def allocate(*, actor: Person | None, plan: QuotaPlan) -> QuotaPlan:
    """Take the target down the tree to the reps anew; amounts set by hand since then are lost.

    Raises Refused where the plan is no draft, Invalid where floors and ceilings cannot be kept.
    """
    may_plan(actor)
    fresh = locked(plan)
    _refuse_fixed(fresh)
    if fresh.model_id is None:
        text = "This plan has no territory model to go down. Choose one, or set quotas by file."
        raise Invalid(Reason(text, "no_model", "model"))
    notes = _fitting(fresh, lambda: allocate_plan(fresh))
    fresh.notes = notes
    fresh.revision += 1
    fresh.save(update_fields=["notes", "revision"])
    record(
        actor=actor, verb="quotas allocated", subject=fresh, after={"target": fresh.target, "notes": notes}
    )
    return fresh


def try_weights(*, actor: Person | None, plan: QuotaPlan, weights: dict[str, Decimal]) -> dict[int, Decimal]:
    """What every territory would get with other weights; nothing is kept. Raises Invalid, Denied."""
    may_plan(actor)
    if not any(weight > 0 for weight in weights.values()):
        raise Invalid(Reason("At least one weight is above 0.", "no_weight", "weight_history"))
    return _fitting(plan, lambda: tried(plan, weights))


@transaction.atomic
def move_plan(
    *, actor: Person | None, plan: QuotaPlan, name: str, reason: str = "", revision: int | None = None
) -> QuotaPlan:
    """Submit, take back, send back or approve; approving supersedes the version before and gives the reps
    their sheets. Raises Refused with every reason, Denied, Conflict."""
    if name == "approve":
        _supersede(locked(plan), actor)
    moved = perform(plan=plan, name=name, actor=actor, reason=reason, revision=revision)
    if name == "submit":
        _tell_approvers(moved)
    if name == "approve":
        publish_sheets(moved)
    return moved


@transaction.atomic
def new_version(*, actor: Person | None, plan: QuotaPlan, from_month: dt.date | None = None) -> QuotaPlan:
    """A draft that follows an approved plan from a month on (the next one unless told), with its quotas.

    Raises Refused where the plan is not approved or the year has an open version, Invalid for the month.
    """
    may_plan(actor)
    if plan.state != QuotaState.APPROVED:
        raise Refused(Reason("Only an approved plan is followed by a new version.", "wrong_state"))
    if open_plan(plan.first_month, plan.measure) is not None:
        raise Refused(Reason("This year has an open version already. Change that one.", "open_version"))
    months = months_from(plan.first_month, YEAR)
    begin = from_month or min(max(add_months(timezone.localdate().replace(day=1), 1), months[0]), months[-1])
    if begin not in months:
        text = f"A version begins in a month of its year, {months[0]:%b %Y} to {months[-1]:%b %Y}."
        raise Invalid(Reason(text, "outside_the_year", "from_month"))
    return copy_of(plan, actor=actor, from_month=begin)


def copy_of(plan: QuotaPlan, *, actor: Person | None, from_month: dt.date, reason: str = "") -> QuotaPlan:
    """The draft that follows a plan, with its quotas. The caller has asked for the right."""
    row = QuotaPlan(
        **{name: getattr(plan, name) for name in COPIED},
        from_month=from_month,
        follows=plan,
        owner=actor or plan.owner,
        version=_next_version(plan.first_month, plan.measure),
    )
    saved = create_row(actor=actor, row=row, verb="quota plan followed by a version", reason=reason)
    _copy_quotas(plan, saved)
    return saved


@transaction.atomic
def delete_draft(*, actor: Person | None, plan: QuotaPlan) -> None:
    """Throw a draft away. Raises Refused for others."""
    may_plan(actor)
    fresh = locked(plan)
    _refuse_fixed(fresh)
    record(actor=actor, verb="quota draft deleted", subject=fresh)
    fresh.delete()


def publish_sheets(plan: QuotaPlan) -> None:
    """Tell every rep with a quota that the sheet is there."""
    people = Person.objects.filter(rep__quotas__plan=plan).distinct()
    text = "Read how it was made, and accept it or ask for a change."
    notify(people=people, title=f"Your quota: {plan}", text=text, url=f"/territories/quotas/{plan.pk}/mine/")


def may_plan(actor: Person | None) -> None:
    """Raises Denied unless the actor may set quotas, and for the whole company."""
    require(actor, PLAN)
    reach = reach_of(actor)
    if reach.families or reach.markets:
        raise Denied("You see only a part of the company, so you cannot take its target down to all reps.")


def locked(plan: QuotaPlan) -> QuotaPlan:
    """The plan as it is now, until the transaction ends."""
    rows = QuotaPlan.objects.select_related("follows", "model")
    return rows.select_for_update(of=("self",)).get(pk=plan.pk)


def _refuse_fixed(plan: QuotaPlan) -> None:
    if plan.state != QuotaState.DRAFT:
        state = plan.get_state_display().lower()
        text = f"{plan} is {state}: it changes only as a draft. Take it back, or make a new version."
        raise Refused(Reason(text, "not_a_draft"))


def _target(actor: Person | None, first: dt.date, typed: Decimal | None, reason: str) -> dict[str, Any]:
    if typed is not None:
        if not reason.strip():
            text = "Say why this target is typed by hand, and not the one of the released plan."
            raise Invalid(Reason(text, "reason_missing", "target_reason"))
        return {
            "target": typed.quantize(CENT),
            "target_source": TargetSource.HAND,
            "target_reason": reason.strip(),
            "target_parts": [],
        }
    months = months_from(first, YEAR)
    parts = target_parts(actor, months)
    missing = [month for month in months if month not in {part.month for part in parts}]
    if missing:
        text = (
            f"No released plan and no sales cover {missing[0]:%b %Y} to {missing[-1]:%b %Y}. Release a plan "
            "that does, or type a target and say why."
        )
        raise Invalid(Reason(text, "not_planned", "target"))
    return {
        "target": sum((part.amount for part in parts), Decimal(0)),
        "target_source": TargetSource.PLAN,
        "target_reason": "",
        "target_parts": _stored(parts),
    }


def _stored(parts: list[TargetPart]) -> list[dict[str, Any]]:
    ordered = sorted(parts, key=lambda part: (part.month, part.market or 0))
    return [{**vars(part), "month": part.month.isoformat(), "amount": str(part.amount)} for part in ordered]


def _check(row: QuotaPlan) -> None:
    reasons = []
    if row.seasonality == Seasonality.GIVEN and (
        len(row.season_weights) != YEAR or min(row.season_weights) < 0 or not any(row.season_weights)
    ):
        text = "Give twelve shares of the months, 0 or more, from the first month of the year on."
        reasons.append(Reason(text, "wrong_season", "season_weights"))
    if any(not -50 <= hedge <= 100 for hedge in row.hedges):
        reasons.append(Reason("A hedge lies between −50 % and 100 %.", "wrong_hedge", "hedges"))
    if any(step > 100 for step in row.ramp):
        reasons.append(Reason("A step of the ramp lies between 0 % and 100 %.", "wrong_ramp", "ramp"))
    if row.step is not None and row.step > 0 and row.step % CENT:
        reasons.append(Reason("The rounding step is a multiple of 0.01.", "wrong_step", "step"))
    start = company.value("fiscal_year_start", on=row.first_month)
    if row.first_month.month != start:
        text = f"The fiscal year begins in month {start} (company settings). Choose that one."
        reasons.append(Reason(text, "not_the_fiscal_year", "first_month"))
    if reasons:
        raise Invalid(*reasons)


def _fitting(plan: QuotaPlan, work: Any) -> Any:
    try:
        return work()
    except NoFit as found:
        parent = Territory.objects.filter(pk=found.parent or 0).values_list("name", flat=True).first()
        where = f"Below {parent}" if parent else "At the top"
        field = f"{found.side}_percent"
        word = "lower the floor to" if found.side == "floor" else "raise the ceiling to"
        hint = "" if found.fits is None else f" With the same for all it fits: {word} {found.fits:.1f} %."
        raise Invalid(Reason(f"{where}: {found}{hint}", "bounds_do_not_fit", field)) from found


def _next_version(first: dt.date, measure: str | None) -> int:
    rows = QuotaPlan.objects.filter(first_month=first, measure=measure or "bookings")
    return (rows.order_by("-version").values_list("version", flat=True).first() or 0) + 1


def _copy_quotas(plan: QuotaPlan, version: QuotaPlan) -> None:
    quotas = list(Quota.objects.filter(plan=plan))
    months = months_of_quotas(quotas)
    names = (
        *("territory_id", "rep_id", "top_down", "amount", "difference_reason", "last_year", "share"),
        *("uncovered", "relief", "made"),
    )
    made = Quota.objects.bulk_create(
        Quota(plan=version, **{name: getattr(quota, name) for name in names}) for quota in quotas
    )
    store_months({new: months[old.pk] for old, new in zip(quotas, made, strict=True)})


def _supersede(plan: QuotaPlan, actor: Person | None) -> None:
    """The version before gives way, unless the move is refused: both happen in one transaction."""
    before = newest_approved(plan.first_month, plan.measure)
    if before is not None and before.pk != plan.pk and plan.state == QuotaState.SUBMITTED:
        require(actor, "quotas.approve")
        perform(plan=before, name="supersede", actor=None)


def _tell_approvers(plan: QuotaPlan) -> None:
    people = Person.objects.filter(roles__overlap=["vp", "executive", "manager"], is_active=True)
    others = people.exclude(pk=plan.submitted_by_id or 0)
    notify(people=others, title=f"Quotas wait for approval: {plan}", url=plan_url(plan))
