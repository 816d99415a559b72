"""Pages of rules, pins and exclusions."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from crm.selectors.accounts import accounts_visible_to
from territories.engine.conditions import in_words, parse
from territories.filters.models import RuleFilter
from territories.forms.models import DeleteForm
from territories.forms.rules import PinForm, RuleForm
from territories.models import Pin, Rule, Territory
from territories.selectors.models import territories_visible_to, unplaced
from territories.selectors.rules import (
    accounts_meeting,
    condition_of,
    pins_visible_to,
    rules_visible_to,
    words_of,
)
from territories.services.rules import add_pin, add_rule, change_rule, condition_reasons, withdraw_pin
from territories.views.model_words import rule_url, territory_url, trail, why_url

VIEW, PLAN = "territories.view", "territories.plan"
SHOWN = 25
STATE = Column(
    "state",
    "State",
    lambda row: "On" if row.is_active else "Off",
    "badge",
    order="is_active",
    tone=lambda row: "good" if row.is_active else "quiet",
)
MEETING = [
    Column("name", "Account"),
    Column("code", "Code", kind="code"),
    Column("country", "Country", lambda row: row.country or None),
    Column("city", "City", lambda row: row.city or None),
    Column("industry", "Industry", lambda row: row.industry or None),
]


class RuleList(ListPage):
    """Every rule, in the order in which they are asked."""

    action = VIEW
    title = "Rules"
    pretitle = "Territories"
    filterset_class = RuleFilter
    default_order = "territory__model,priority,pk"
    columns = [
        Column("name", "Rule", order="name"),
        Column("territory", "Territory", "territory.name", order="territory__name"),
        Column("model", "Model", "territory.model.name", order="territory__model__name"),
        Column("priority", "Priority", kind="number", order="priority", help="The lowest number wins."),
        Column("condition", "Accounts with", words_of),
        STATE,
    ]
    empty = Empty(
        "No rules here",
        "A rule says which accounts belong to a territory. Open a territory of a model and add one.",
    )

    def rows(self, request: HttpRequest) -> QuerySet[Rule]:
        return rules_visible_to(person_of(request))

    def row_url(self, row: Rule) -> str:
        return rule_url(row)


class RulePage(DetailPage):
    """One rule in words, and the accounts that meet its condition now."""

    action = VIEW
    edit = (PLAN, "territories:rule-edit")
    facts = [
        Column("territory", "Leads to", "territory.name", link=lambda row: territory_url(row.territory)),
        Column("condition", "Accounts with", words_of),
        Column("priority", "Priority", kind="number"),
        STATE,
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Rule]:
        return rules_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Rule) -> list[Link]:
        return [*trail(row.territory.model), Link(row.territory.name, territory_url(row.territory))]

    def sections(self, request: HttpRequest, row: Rule) -> list[Section]:
        keys = accounts_meeting(condition_of(row), person_of(request))
        model = row.territory.model
        shown = accounts_visible_to(person_of(request)).filter(pk__in=keys).order_by("name")[:SHOWN]
        note = (
            "By its condition alone: pins, exclusions, what it inherits and rules before it may take some "
            "away."
        )
        return [
            table_section(
                f"Accounts that meet it ({len(keys):,})",
                shown,
                MEETING,
                empty=Empty("None", "No active account meets the condition now."),
                note=f"{note} The first {SHOWN} stand here." if len(keys) > SHOWN else note,
                row_url=lambda account: why_url(account.pk, model),
            )
        ]


class RuleWords:
    """What adding and editing a rule share: the rows, more of them, and the count of accounts."""

    template_name = "territories/rule_form.html"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not {"more", "count"} & set(request.POST):
            return super().post(request, **kwargs)  # type: ignore[misc]
        page: Any = self
        row = page.row(request, **kwargs)
        form = page.make_form(request, row, request.POST)
        form.is_valid()
        return page._show(request, row, form)

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """How many accounts the condition on the page meets, and how many of them have no territory."""
        return {"territory": territory_of(row)}

    def _show(self, request: HttpRequest, row: Any, form: Any, *, status: int = 200) -> HttpResponse:
        form.met = met_by(request, form, territory_of(row))
        return super()._show(request, row, form, status=status)  # type: ignore[misc]


def territory_of(row: Any) -> Territory:
    return row if isinstance(row, Territory) else row.territory


def met_by(request: HttpRequest, form: RuleForm, territory: Territory) -> dict[str, Any] | None:
    """The count beside the form; None while the condition cannot be read."""
    if form.is_bound:
        tree = form.cleaned_data.get("condition") if hasattr(form, "cleaned_data") else None
    else:
        tree = form.condition
    if not tree:
        return None
    if reasons := condition_reasons(tree):
        return {"reasons": [reason.text for reason in reasons]}
    person = person_of(request)
    keys = accounts_meeting(parse(tree), person)
    gaps = unplaced(territory.model, person).filter(pk__in=keys).count() if territory.role_id is None else 0
    return {"words": in_words(parse(tree)), "accounts": len(keys), "gaps": gaps}


class RuleAdd(RuleWords, AddPage):
    """A new rule of the territory in the address."""

    action = PLAN
    form_class = RuleForm
    pretitle = "Territories"
    submit_label = "Add this rule"

    def row(self, request: HttpRequest, **kwargs: Any) -> Territory:
        return get_object_or_404(territories_visible_to(person_of(request)), pk=kwargs["territory"])

    def title(self, row: Any) -> str:
        return f"Add a rule to {row.name}"

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> RuleForm:
        return RuleForm(data, initial=request.GET.dict())

    def save(self, request: HttpRequest, row: Territory, data: dict[str, Any]) -> Rule:
        return add_rule(actor=person_of(request), territory=row, values=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return rule_url(saved) if isinstance(saved, Rule) else territory_url(saved)


class RuleEdit(RuleWords, EditPage):
    """Change a rule, its priority, or switch it off."""

    action = PLAN
    form_class = RuleForm
    pretitle = "Territories"
    submit_label = "Save this rule"

    def rows(self, request: HttpRequest) -> QuerySet[Rule]:
        return rules_visible_to(person_of(request))

    def make_form(self, request: HttpRequest, row: Rule, data: Any = None) -> RuleForm:
        names = ("name", "priority", "inherits", "is_active")
        initial = {name: getattr(row, name) for name in names}
        form = RuleForm(data, initial=initial, condition=row.condition)
        form.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput, initial=row.revision)
        return form

    def change(self, request: HttpRequest, row: Rule, revision: int, data: dict[str, Any]) -> Rule:
        return change_rule(actor=person_of(request), rule=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Rule) -> str:
        return rule_url(saved)


class PinAdd(AddPage):
    """Pin an account to the territory in the address, or keep it out."""

    action = PLAN
    form_class = PinForm
    pretitle = "Territories"
    submit_label = "Save"
    note = "It holds with the next run of the rules, and goes before every rule."

    def row(self, request: HttpRequest, **kwargs: Any) -> Territory:
        return get_object_or_404(territories_visible_to(person_of(request)), pk=kwargs["territory"])

    def title(self, row: Any) -> str:
        return f"Pin or exclude an account: {row.name}"

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> PinForm:
        return PinForm(data, initial=request.GET.dict(), person=person_of(request))

    def save(self, request: HttpRequest, row: Territory, data: dict[str, Any]) -> Pin:
        return add_pin(actor=person_of(request), territory=row, **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return territory_url(saved.territory if isinstance(saved, Pin) else saved)


class PinWithdraw(EditPage):
    """Take a pin or an exclusion back."""

    action = PLAN
    form_class = DeleteForm
    pretitle = "Territories"
    submit_label = "Withdraw it"
    danger = True
    done = "{row} is withdrawn: rules decide again with the next run."

    def rows(self, request: HttpRequest) -> QuerySet[Pin]:
        return pins_visible_to(person_of(request)).filter(is_withdrawn=False)

    def title(self, row: Pin) -> str:
        return f"{row.account.name}: {row.get_kind_display().lower()}"

    def more(self, request: HttpRequest, row: Pin) -> dict[str, Any]:
        return {"note": f"{row.territory.name}. Why it stands: {row.reason}"}

    def change(self, request: HttpRequest, row: Pin, revision: int, data: dict[str, Any]) -> Pin:
        return withdraw_pin(actor=person_of(request), pin=row, revision=revision)

    def done_url(self, request: HttpRequest, saved: Pin) -> str:
        return territory_url(saved.territory)
