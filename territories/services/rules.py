"""Every write of rules, pins and exclusions, and the run that they are for."""

import datetime as dt
from typing import Any

from django.db import transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason, Refused
from core.events import record
from core.jobs import start_job
from core.models import Job, Person
from crm.models import Account
from crm.selectors.accounts import accounts_visible_to
from territories.engine.conditions import Unclear, parse
from territories.models import Pin, PinKind, Rule, RuleRun, Territory, TerritoryModel
from territories.pipeline.rule_running import RUN, first_day, run_rules
from territories.selectors.models import sees_all
from territories.selectors.rules import unknown_codes
from territories.services.models import may_change
from territories.services.territories import may_touch

FIELDS = ("name", "priority", "condition", "inherits", "is_active")
MANY = 20_000


@transaction.atomic
def add_rule(*, actor: Person | None, territory: Territory, values: dict[str, Any]) -> Rule:
    """Say which accounts belong to a territory. Raises Invalid by field, Refused, Denied."""
    may_change(actor, territory.model)
    may_touch(actor, territory)
    row = Rule(territory=territory, **{name: values[name] for name in FIELDS if name in values})
    _check(row)
    return create_row(actor=actor, row=row, verb="rule added")


@transaction.atomic
def change_rule(*, actor: Person | None, rule: Rule, revision: int, changes: dict[str, Any]) -> Rule:
    """Change a rule, its priority, or switch it off. Raises Conflict, Invalid by field, Refused, Denied."""
    may_change(actor, rule.territory.model)
    may_touch(actor, rule.territory)
    wanted = {name: changes[name] for name in FIELDS if name in changes}
    fresh = Rule.objects.select_related("territory").get(pk=rule.pk)
    for name, value in wanted.items():
        setattr(fresh, name, value)
    _check(fresh)
    return change_row(actor=actor, row=rule, revision=revision, changes=wanted, verb="rule changed")


def _check(rule: Rule) -> None:
    reasons = condition_reasons(rule.condition)
    if rule.condition == {} and not reasons:
        reasons = [Reason("Say which accounts: at least one condition.", "required", "condition")]
    if rule.inherits and rule.territory.parent_id is None:
        text = f"Nothing lies above {rule.territory}: there is no rule to inherit. Untick it."
        reasons.append(Reason(text, "no_parent", "inherits"))
    if reasons:
        raise Invalid(*reasons)


def condition_reasons(tree: Any) -> list[Reason]:
    """What is wrong with a condition, each with a sentence."""
    try:
        condition = parse(tree)
    except Unclear as unclear:
        text = str(unclear)
        return [Reason(text[0].upper() + text[1:], "condition", "condition")]
    return [Reason(sentence, "unknown_code", "condition") for sentence in unknown_codes(condition)]


@transaction.atomic
def add_pin(*, actor: Person | None, territory: Territory, account: Account, kind: str, reason: str) -> Pin:
    """Put an account into a territory, or keep it out, whatever rules say. Raises Invalid, Refused,
    Denied."""
    may_change(actor, territory.model)
    may_touch(actor, territory)
    if not accounts_visible_to(actor).filter(pk=account.pk).exists():
        raise Denied(f"{account} is not one of your accounts.")
    row = Pin(territory=territory, account=account, kind=kind, reason=" ".join(reason.split()))
    _check_pin(row)
    verb = "account pinned" if kind == PinKind.PIN else "account excluded"
    return create_row(actor=actor, row=row, verb=verb, reason=row.reason)


def _check_pin(row: Pin) -> None:
    if not row.reason:
        raise Invalid(Reason("Say why: it stands beside the account for everybody.", "required", "reason"))
    same = Pin.objects.select_for_update().filter(
        account=row.account,
        is_withdrawn=False,
        territory__model_id=row.territory.model_id,
        territory__role_id=row.territory.role_id,
    )
    TerritoryModel.objects.select_for_update(no_key=True).get(pk=row.territory.model_id)
    other = same.filter(kind=PinKind.PIN).exclude(territory=row.territory).first()
    if row.kind == PinKind.PIN and other is not None:
        text = f"{row.account} is pinned to {other.territory} already. Withdraw that pin first."
        raise Invalid(Reason(text, "pinned", "account"))


@transaction.atomic
def withdraw_pin(*, actor: Person | None, pin: Pin, revision: int) -> Pin:
    """Take a pin or an exclusion back: rules decide again. Raises Conflict, Refused, Denied."""
    may_change(actor, pin.territory.model)
    may_touch(actor, pin.territory)
    return change_row(
        actor=actor,
        row=pin,
        revision=revision,
        changes={"is_withdrawn": True},
        verb="pin withdrawn" if pin.kind == PinKind.PIN else "exclusion withdrawn",
    )


@transaction.atomic
def run_now(
    *,
    actor: Person | None,
    model: TerritoryModel,
    from_day: dt.date | None = None,
    keep_decided: bool = True,
) -> RuleRun:
    """Place the accounts as the rules say, from a day on. `keep_decided` leaves alone what people, files
    and realignments decided. Raises Refused, Denied."""
    _may_run(actor, model, from_day)
    run = run_rules(model, by=actor, from_day=from_day, keep_decided=keep_decided)
    after = {"changed": run.changed, "gaps": run.gaps, "overlaps": run.overlaps}
    record(actor=actor, verb="rules run", subject=model, after=after)
    return run


def start_run(
    *,
    actor: Person | None,
    model: TerritoryModel,
    from_day: dt.date | None = None,
    keep_decided: bool = True,
) -> Job:
    """The same as a job, for many accounts; asked twice it is one job. Raises Refused, Denied."""
    _may_run(actor, model, from_day)
    params = {
        "model": model.pk,
        "from_day": from_day.isoformat() if from_day else None,
        "keep_decided": keep_decided,
    }
    return start_job(
        actor=actor,
        kind=RUN,
        label=f"Rules of {model}",
        params=params,
        subject_url=f"/territories/models/{model.pk}/",
        same_work=f"{model.pk}:{from_day}:{keep_decided}",
    )


def is_big() -> bool:
    """Whether a run is work for the background."""
    return Account.objects.filter(is_active=True).count() > MANY


def _may_run(actor: Person | None, model: TerritoryModel, from_day: dt.date | None) -> None:
    require(actor, "territories.plan")
    may_change(actor, model)
    if not sees_all(actor):
        raise Denied("Rules are run for the whole model: ask somebody who plans all territories.")
    if from_day is None:
        return
    if model.days is None:
        text = "A planned model is placed as a whole: leave the day empty until it is in force."
        raise Refused(Reason(text, "planned", "from_day"))
    if from_day < first_day(model):
        raise Refused(Reason("What was is not rewritten. Choose today or a later day.", "past", "from_day"))
