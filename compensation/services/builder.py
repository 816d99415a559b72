"""Building a draft of a plan part by part: settings, components, templates, YAML.

Every step gives the draft other terms as a whole, through the service of versions: nothing is kept that
does not read.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from compensation.engine import plan_editing as editing
from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_templates import terms_of
from compensation.engine.plan_text import terms_of_text, with_lines
from compensation.engine.plan_writing import mapping_of
from compensation.engine.plan_yaml import short_text
from compensation.models import PayPlan, PlanVersion, VersionState
from compensation.selectors.builder import written_terms
from compensation.selectors.plans import faults_of_terms, open_version, read_terms
from compensation.services.plans import NO_COMPONENTS, add_plan, change_version, new_version
from core.access import require
from core.errors import Conflict, Invalid, Reason, Refused
from core.models import Event, Person

PLAN = "pay.plan"
PLACE = re.compile(r"(?:component [^:.]+[.:]\s*|(?:quota|draw|clawback)\.)?([a-z_]+)?(?:\[\d+\])?[.:]")
Edit = Callable[[Mapping[str, Any]], dict[str, Any]]


@transaction.atomic
def save_component(
    *, actor: Person | None, version: PlanVersion, revision: int, code: str, said: Mapping[str, Any]
) -> PlanVersion:
    """Put a component in the place of the one with `code`; without a code it is added.

    Raises Conflict with both versions after somebody else's save, Invalid with a reason for each fault by
    field, Refused for what is no draft or no longer there, Denied.
    """
    row = _draft(actor, version)
    there = editing.component_in(written_terms(row), code) if code else None
    if code and there is None:
        raise Refused(Reason(f"{row} has no component “{code}” any more. Go back to the plan.", "gone"))
    _refuse_stale(row, revision, _as_kept(row, code, said), there or {})
    if not code:
        return _keep(actor, row, revision, lambda terms: editing.added(terms, said))
    return _keep(actor, row, revision, lambda terms: editing.replaced(terms, code, said))


@transaction.atomic
def arrange_component(
    *, actor: Person | None, version: PlanVersion, revision: int, code: str, what: str
) -> PlanVersion:
    """Move a component up or down, duplicate or remove it. Raises as save_component."""
    row = _draft(actor, version)
    if editing.component_in(written_terms(row), code) is None:
        raise Refused(Reason(f"{row} has no component “{code}” any more.", "gone"))
    codes = [str(one.get("code")) for one in editing.components_in(written_terms(row))]
    _refuse_stale(row, revision, {"components": f"{what} {code}"}, {"components": ", ".join(codes)})
    edits: dict[str, Edit] = {
        "up": lambda terms: editing.moved(terms, code, -1),
        "down": lambda terms: editing.moved(terms, code, 1),
        "duplicate": lambda terms: editing.duplicated(terms, code),
        "remove": lambda terms: editing.removed(terms, code),
    }
    if what not in edits:
        raise Invalid(Reason(f"“{what}” is not possible. Choose {', '.join(edits)}.", "invalid", "what"))
    return _keep(actor, row, revision, edits[what])


@transaction.atomic
def save_settings(
    *,
    actor: Person | None,
    version: PlanVersion,
    revision: int,
    said: Mapping[str, Any],
    about: Mapping[str, Any] | None = None,
) -> PlanVersion:
    """Give a draft other settings for the whole plan. about: its first month (`starts`) and `intro`, where
    they change too. Raises as save_component."""
    row = _draft(actor, version)
    more = dict(about or {})
    there = {name: getattr(row, name) for name in more}
    _refuse_stale(row, revision, {**said, **more}, {**editing.settings_in(written_terms(row)), **there})
    return _keep(actor, row, revision, lambda terms: editing.with_settings(terms, said), more)


@transaction.atomic
def use_template(*, actor: Person | None, version: PlanVersion, revision: int, template: str) -> PlanVersion:
    """Begin an empty draft with a template, or add its components to those that are there. Raises as
    save_component."""
    row = _draft(actor, version)
    begun = _template(template, row.plan.name, str(row.terms.get("currency", "")))
    codes = ", ".join(str(one.get("code")) for one in editing.components_in(row.terms))
    _refuse_stale(row, revision, {"components": f"template {template}"}, {"components": codes})
    if not editing.components_in(row.terms):
        settings = editing.settings_in(row.terms)
        return _keep(actor, row, revision, lambda terms: {**begun, **settings})
    return _keep(actor, row, revision, lambda terms: _joined(terms, begun))


@transaction.atomic
def plan_from_template(
    *,
    actor: Person | None,
    code: str,
    name: str,
    template: str,
    currency: str,
    starts: dt.date | None = None,
) -> PlanVersion:
    """A new plan with a first draft made from a template, or an empty one, from a month on: the next open one
    unless told. Raises Invalid by field, Denied."""
    terms = _template(template, name, currency)
    return _first_draft(add_plan(actor=actor, code=code, name=name, terms=terms, starts=starts))


@transaction.atomic
def import_plan(*, actor: Person | None, code: str, name: str, text: str) -> PlanVersion:
    """A new plan with a first draft that a YAML text says. Raises Invalid with every fault and its line,
    Denied."""
    require(actor, PLAN)
    terms = terms_in(text)
    return _first_draft(add_plan(actor=actor, code=code, name=name or str(terms["plan"]), terms=terms))


@transaction.atomic
def import_version(
    *,
    actor: Person | None,
    plan: PayPlan,
    text: str,
    revision: int | None = None,
    starts: dt.date | None = None,
) -> PlanVersion:
    """Give a plan's draft the terms of a YAML text, or make a new draft where it has none.

    revision: of the draft that is there; needed when there is one. Raises Invalid with every fault and its
    line, Refused for a version that waits for approval, Conflict on a stale revision, Denied.
    """
    require(actor, PLAN)
    terms, there = terms_in(text), open_version(plan)
    if there is None:
        return new_version(actor=actor, plan=plan, terms=terms, starts=starts)
    row = _draft(actor, there)
    before = {"components": ", ".join(str(one.get("code")) for one in editing.components_in(row.terms))}
    _refuse_stale(row, -1 if revision is None else revision, {"components": "the uploaded file"}, before)
    return change_version(actor=actor, version=row, revision=row.revision, changes={"terms": terms})


def terms_in(text: str) -> dict[str, Any]:
    """The terms of a YAML text that read as a plan. Raises Invalid with every fault and its line."""
    try:
        terms = terms_of_text(text)
    except BadPlan as error:
        raise Invalid(*(Reason(one, "unreadable", "text") for one in error.sentences)) from error
    if faults := faults_of_terms(terms):
        raise Invalid(*(Reason(one, "unreadable", "text") for one in with_lines(text, faults)))
    return terms


def _template(code: str, name: str, currency: str) -> dict[str, Any]:
    if not code:
        return {"plan": name, "currency": currency, "components": []}
    try:
        return terms_of(code, name=name, currency=currency)
    except KeyError as error:
        text = f"There is no template “{code}”. Choose one of the list."
        raise Invalid(Reason(text, "unknown", "template")) from error


def _first_draft(plan: PayPlan) -> PlanVersion:
    return PlanVersion.objects.select_related("plan").get(plan=plan)


def _joined(terms: Mapping[str, Any], begun: Mapping[str, Any]) -> dict[str, Any]:
    """With a template's components at the end. What they name of each other follows their new codes."""
    codes: dict[str, str] = {}
    grown = dict(terms)
    for one in editing.components_in(begun):
        codes[one["code"]] = editing.free_code(grown, one["code"])
        grown = editing.added(grown, {**one, "code": codes[one["code"]]})
    rows = editing.components_in(grown)
    first = len(rows) - len(codes)
    return editing.with_components(grown, [*rows[:first], *(_renamed(one, codes) for one in rows[first:])])


def _renamed(said: Any, codes: Mapping[str, str]) -> Any:
    """The same with other codes where components are named."""
    if isinstance(said, list):
        return [_renamed(one, codes) for one in said]
    if not isinstance(said, Mapping):
        return said
    names = {"component", "rows_by", "columns_by"}
    return {
        key: codes.get(str(value), value) if key in names else _renamed(value, codes)
        for key, value in said.items()
    }


def _draft(actor: Person | None, version: PlanVersion) -> PlanVersion:
    require(actor, PLAN)
    row = PlanVersion.objects.select_for_update(of=("self",)).select_related("plan").get(pk=version.pk)
    if row.state != VersionState.DRAFT:
        state = row.get_state_display().lower()
        text = f"{row} is {state}: it changes only as a draft. Take it back, or make a new version."
        raise Refused(Reason(text, "not_a_draft"))
    return row


def _refuse_stale(
    row: PlanVersion, revision: int, yours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> None:
    """Both values of every part that differs, if somebody saved since the revision."""
    if row.revision == revision:
        return
    names = [
        name for name in {**theirs, **yours} if short_text(yours.get(name)) != short_text(theirs.get(name))
    ]
    last = Event.objects.filter(subject_type=row._meta.label_lower, subject_id=str(row.pk)).first()
    raise Conflict(
        label=str(row),
        yours={name: short_text(yours.get(name)) for name in names},
        theirs={name: short_text(theirs.get(name)) for name in names},
        revision=row.revision,
        who=last.actor.name if last and last.actor else "",
    )


def _keep(
    actor: Person | None, row: PlanVersion, revision: int, edit: Edit, about: Mapping[str, Any] | None = None
) -> PlanVersion:
    terms = edit(written_terms(row))
    faults = [fault for fault in faults_of_terms(terms) if fault != NO_COMPONENTS]
    if faults:
        raise Invalid(*(Reason(fault, "unreadable", field_of(fault)) for fault in faults))
    kept = _written(terms)
    changes = {name: value for name, value in (about or {}).items() if getattr(row, name) != value}
    if kept != written_terms(row):
        changes["terms"] = kept
    if not changes:
        return row
    return change_version(actor=actor, version=row, revision=revision, changes=changes)


def _written(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Terms without what is the default anyway; those that do not read yet stay as they are."""
    try:
        return mapping_of(read_terms(terms))
    except BadPlan:
        return dict(terms)


def _as_kept(row: PlanVersion, code: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """A component as it would be kept, so that only what differs is compared."""
    if not code:
        return said
    return editing.component_in(_written(editing.replaced(written_terms(row), code, said)), code) or said


def field_of(fault: str) -> str:
    """The setting that a fault is about: “component own.cap: …” → cap."""
    found = PLACE.match(fault)
    return (found[1] or "") if found else ""
