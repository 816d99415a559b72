"""Pages of the rules of crediting: the list, one rule, adding and changing with a dry run."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from catalog.selectors import base_currency
from compensation.filters.credits import RuleFilter
from compensation.forms.credit_rules import WAYS, RuleForm, initial_of
from compensation.models import CreditKind, CreditRule
from compensation.selectors.credit_rules import rules_visible_to, with_counts
from compensation.services.credit_rules import add_rule, change_rule, try_rule
from compensation.views.credit_words import (
    CREDIT,
    PRETITLE,
    READ,
    conditions_of,
    getter_of,
    last_of,
    percent_words,
    rule_url,
)
from core.access import person_of
from core.errors import Conflict, Refused
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, plain_table, put_reasons
from core.roles import can
from territories.views.covers import with_revision

KIND = Column("kind", "Kind", "get_kind_display", order="kind")
POSITION = Column("position", "Position", "position", "number", order="position")
GETTER = Column("getter", "Who gets it", getter_of)
SHARE = Column("percent", "Share", lambda row: percent_words(row.percent), order="percent")
WHEN = Column("conditions", "Of what", conditions_of)
FIRST = Column("first", "From", "days.lower", "date")
LAST = Column("last", "Up to and with", lambda row: last_of(row.days), "date")
ACTIVE = Column("is_active", "In use", "is_active", "bool", order="is_active")
EMPTY = Empty(
    "No rules",
    "Without a direct rule, the rep whom the deal or order names is credited with all of it. Rules give it "
    "to whoever covered the account that day, and add credit for specialists, managers and teams.",
)


class RuleList(ListPage):
    action = READ
    pretitle = PRETITLE
    title = "Credit rules"
    filterset_class = RuleFilter
    default_order = "kind,position,name"
    empty = EMPTY

    def rows(self, request: HttpRequest) -> QuerySet[CreditRule]:
        return with_counts(rules_visible_to(person_of(request)))

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        given = Column("given", "Credits", "given", "number", order="given")
        money = Column("credited", "Credited", "credited", "money", unit=base_currency(), order="credited")
        name = Column("name", "Rule", "name", order="name")
        return [KIND, POSITION, name, GETTER, SHARE, WHEN, FIRST, LAST, ACTIVE, given, money]

    def row_url(self, row: Any) -> str:
        return rule_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, CREDIT):
            return {}
        return {"primary": Link("Add a rule", reverse("compensation:credit-rule-add"))}


class RulePage(DetailPage):
    action = READ
    pretitle = PRETITLE
    facts = [
        *(KIND, POSITION, GETTER, SHARE, WHEN, FIRST, LAST, ACTIVE),
        Column("reason", "Why"),
        Column("given", "Credits that it gave", "given", "number"),
    ]
    edit = (CREDIT, "compensation:credit-rule-edit")

    def rows(self, request: HttpRequest) -> QuerySet[CreditRule]:
        return with_counts(rules_visible_to(person_of(request)))

    def parents(self, request: HttpRequest, row: CreditRule) -> list[Link]:
        return [Link("Credit rules", reverse("compensation:credit-rule-list"))]

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        url = f"{reverse('compensation:credit-list')}?rule={row.pk}"
        return {"row_links": [{"label": "Its credits", "url": url}]}


class Tried:
    """“See what it changes”: the form stays, with what the rule would do to credits above it."""

    template_name = "compensation/credit_rule_form.html"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "try" not in request.POST:
            return super().post(request, **kwargs)  # type: ignore[misc]
        page: Any = self
        row = page.row(request, **kwargs)
        form = page.make_form(request, row, request.POST)
        if not form.is_valid():
            return page._show(request, row, form, status=400)
        values = dict(form.cleaned_data)
        revision = values.pop("revision", 0)
        try:
            found = try_rule(actor=person_of(request), values=values, rule=row, revision=revision)
        except Conflict:
            return super().post(request, **kwargs)  # type: ignore[misc]
        except Refused as refusal:
            put_reasons(form, refusal)
            return page._show(request, row, form, status=refusal.status)
        self.found = found
        return page._show(request, row, form)

    def way(self, request: HttpRequest, row: Any) -> tuple[str, str]:
        """Kind and getter: as posted, as the address says, else as the rule has them."""
        said = request.POST if request.method == "POST" else request.GET
        there = (row.kind, row.getter) if row is not None else ("", "")
        return said.get("kind") or there[0], said.get("getter") or there[1]

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        way = self.way(request, row)
        name, text = WAYS.get(way, ("", ""))
        others = [(*other, words[0]) for other, words in WAYS.items() if other != way]
        return {"way_name": name, "way_text": text, "other_ways": others} | self._tried()

    def _tried(self) -> dict[str, Any]:
        found = getattr(self, "found", None)
        if found is None:
            return {}
        columns = [
            Column("rep", "Rep"),
            Column("kind", "Kind", lambda row: CreditKind(row.kind).label),
            Column("credits", "Credits", "credits", "number"),
            Column("deals", "Deals", "deals", "number"),
            Column("amount", "Credit", "amount", "money", unit=base_currency()),
        ]
        empty = Empty("It changes nothing", "No credit would come, go or change by this rule.")
        table = plain_table(found.effects, columns, caption="What it changes", empty=empty)
        return {"tried": found, "table": table}


class RuleAdd(Tried, AddPage):
    action = CREDIT
    pretitle = PRETITLE
    form_class = RuleForm
    heading = "Add a rule"
    submit_label = "Add the rule"
    done = "The rule “{row}” is added. It counts when credits are made the next time."

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.way(request, None) in WAYS:
            return super().get(request, **kwargs)
        cancel = self.cancel_url(request, None)
        ways = [(*way, *words) for way, words in WAYS.items()]
        return render(request, "compensation/credit_rule_ways.html", {"ways": ways, "cancel_url": cancel})

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> RuleForm:
        return RuleForm(data, initial=self.initial(request, row), person=person_of(request))

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {name: value for name, value in request.GET.items() if value}

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> CreditRule:
        return add_rule(actor=person_of(request), values=data)

    def done_url(self, request: HttpRequest, saved: CreditRule) -> str:
        return rule_url(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("compensation:credit-rule-list")


class RuleEdit(Tried, EditPage):
    action = CREDIT
    pretitle = PRETITLE
    form_class = RuleForm
    submit_label = "Save the rule"
    done = "The rule “{row}” is saved. It counts when credits are made the next time."

    def rows(self, request: HttpRequest) -> QuerySet[CreditRule]:
        return rules_visible_to(person_of(request))

    def make_form(self, request: HttpRequest, row: CreditRule, data: Any = None) -> Any:
        form = RuleForm(data, initial=self.initial(request, row), person=person_of(request))
        return with_revision(form, row)

    def initial(self, request: HttpRequest, row: CreditRule) -> dict[str, Any]:
        kind, getter = self.way(request, row)
        days = {"first": row.days.lower, "last": last_of(row.days)}
        return {**initial_of(row), **days, "kind": kind, "getter": getter}

    def change(
        self, request: HttpRequest, row: CreditRule, revision: int, data: dict[str, Any]
    ) -> CreditRule:
        return change_rule(actor=person_of(request), rule=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: CreditRule) -> str:
        return rule_url(saved)
