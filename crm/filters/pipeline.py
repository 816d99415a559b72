"""How the pipeline pages narrow deals, the same on the page and in the API. Rows are named by code."""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from catalog.filters import choices_of, family_filter, market_filter
from catalog.selectors import families_visible_to, markets_visible_to, products_visible_to
from core import company
from core.forms import DayInput
from core.years import SPAN, YEARS
from crm.engine.periods import quarter_of
from crm.models import Deal, DealStage, ForecastCategory, StageKind, Team
from crm.selectors.accounts import reps_visible_to
from crm.selectors.deals import deal_stages_visible_to
from crm.selectors.pipeline_funnel import came_no_further, came_to
from crm.selectors.pipeline_groups import NONE, SIZE_CHOICES, in_team, industries_visible_to, of_size
from crm.selectors.pipeline_moves import ANY, CHANGES, Window
from crm.selectors.pipeline_signs import CHOICES, with_sign
from crm.selectors.teams import teams_visible_to

CARD_ORDERS = (("amount", "Most money"), ("close", "Closes first"), ("age", "Longest in its stage"))
CHANGE_CHOICES = [(change.key, change.label) for change in CHANGES]
Days = tuple[dt.date, dt.date]
WEEK, YEAR = dt.timedelta(days=7), dt.timedelta(days=365)
STATES = (("open", "Open"), ("won", "Won"), ("lost", "Lost"), ("all", "All"))


@extend_schema_field(OpenApiTypes.STR)
class CodeFilter(django_filters.ModelChoiceFilter):
    """One row, chosen by its code, or `none`: deals without one."""

    def __init__(self, field: str, label: str, selector: Any, none: str, **options: Any) -> None:
        super().__init__(
            field_name=field,
            label=label,
            queryset=choices_of(selector),
            to_field_name="code",
            null_label=none,
            null_value=NONE,
            **options,
        )


@extend_schema_field(OpenApiTypes.STR)
class DealTeamFilter(CodeFilter):
    """The team the rep is in, or was in when the deal closed."""

    def filter(self, qs: QuerySet, value: Team | str | None) -> QuerySet:
        if not value:
            return qs
        return in_team(qs, None if isinstance(value, str) else value.code)


class PipelineFilter(django_filters.FilterSet):
    """What every page of the pipeline can be narrowed by: whose deals, of what, to whom."""

    team = DealTeamFilter("rep", "Team", teams_visible_to, "No team")
    rep = CodeFilter("rep", "Rep", reps_visible_to, "No rep")
    family = family_filter("product__family")
    product = CodeFilter("product", "Product", products_visible_to, "No product", widget=forms.HiddenInput)
    market = market_filter("account__market")
    in_family = CodeFilter(
        "product__family", "Just the family", families_visible_to, "No product", widget=forms.HiddenInput
    )
    in_market = CodeFilter(
        "account__market", "Just the market", markets_visible_to, "No market", widget=forms.HiddenInput
    )
    industry = django_filters.ChoiceFilter(label="Industry", choices=[], method="of_industry")
    size = django_filters.ChoiceFilter(
        label="Company size",
        choices=[*SIZE_CHOICES, (NONE, "Size not known")],
        method="of_size",
        widget=forms.HiddenInput,
    )

    class Meta:
        model = Deal
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The industries to choose from are those of the accounts that the person sees."""
        super().__init__(*args, **kwargs)
        person = self.request.user if self.request is not None else None
        known = [(one, one) for one in industries_visible_to(person)]
        self.filters["industry"].field.choices = [*known, (NONE, "No industry")]

    def of_industry(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if value == NONE:
            return rows.filter(Q(account=None) | Q(account__industry=""))
        return rows.filter(account__industry=value)

    def of_size(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return of_size(rows, None if value == NONE else value)


def _day(field: str, lookup: str, label: str, *, hidden: bool = True) -> django_filters.DateFilter:
    widget = forms.HiddenInput if hidden else DayInput
    return django_filters.DateFilter(field_name=field, lookup_expr=lookup, label=label, widget=widget)


class PipelineTableFilter(PipelineFilter):
    """The same, and how far the deals are. Without a state only open deals are shown."""

    search = django_filters.CharFilter(label="Search", method="of_text")
    state = django_filters.ChoiceFilter(label="State", choices=STATES, method="of_state", empty_label="Open")
    stage = django_filters.ModelChoiceFilter(
        label="Stage", queryset=choices_of(deal_stages_visible_to), to_field_name="code"
    )
    category = django_filters.ChoiceFilter(
        label="Category", choices=ForecastCategory.choices, field_name="category_now"
    )
    sign = django_filters.ChoiceFilter(
        label="Sign", choices=CHOICES, method="of_sign", empty_label="Any deal"
    )
    closes_from = _day("expected_close", "gte", "Closes from", hidden=False)
    closes_to = _day("expected_close", "lte", "Closes to", hidden=False)
    created_from = _day("created", "gte", "Created from")
    created_to = _day("created", "lte", "Created to")
    closed_from = _day("closed", "gte", "Closed from")
    closed_to = _day("closed", "lte", "Closed to")
    furthest = django_filters.ModelChoiceFilter(
        label="Came as far as",
        queryset=choices_of(deal_stages_visible_to),
        to_field_name="code",
        method="came_to",
        widget=forms.HiddenInput,
    )

    ended = django_filters.ModelChoiceFilter(
        label="Came no further than",
        queryset=choices_of(deal_stages_visible_to),
        to_field_name="code",
        method="came_no_further",
        widget=forms.HiddenInput,
    )

    def of_text(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(
            Q(name__icontains=value) | Q(account__name__icontains=value) | Q(external_id__iexact=value)
        )

    def of_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows if value == "all" else rows.filter(stage__kind=value)

    def of_sign(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return with_sign(rows, value)

    def came_to(self, rows: QuerySet, name: str, value: DealStage) -> QuerySet:
        return came_to(rows, value)

    def came_no_further(self, rows: QuerySet, name: str, value: DealStage) -> QuerySet:
        return came_no_further(rows, value)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Open deals, unless a state or a stage is asked for."""
        asked = self.form.cleaned_data
        rows = super().filter_queryset(queryset)
        return rows if asked.get("state") or asked.get("stage") else rows.filter(stage__kind=StageKind.OPEN)


def this_quarter() -> Days:
    """The first and last day of the quarter of the fiscal year that today lies in."""
    today = timezone.localdate()
    return quarter_of(today, company.value("fiscal_year_start", on=today))


def last_year() -> Days:
    """The last twelve months up to today: from the first of a month."""
    today = timezone.localdate()
    return (today - YEAR).replace(day=1), today


class DaysForm(forms.Form):
    """Days are asked for in pairs; the first of a pair does not lie after the last."""

    pairs = (("closes_from", "closes_to"), ("created_from", "created_to"), ("first", "last"))
    past = (("since", "until"),)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for name, given in list(found.items()):
            if isinstance(given, dt.date) and given.year not in YEARS:
                self.add_error(name, f"Choose a day {SPAN}.")
        for first, last in (*self.pairs, *self.past):
            if found.get(first) and found.get(last) and found[first] > found[last]:
                self.add_error(last, f"Choose a day not before {found[first]:%d %b %Y}.")
        for name in (name for pair in self.past for name in pair):
            if found.get(name) and found[name] > timezone.localdate():
                self.add_error(name, "This day is yet to come. Choose today or an earlier day.")
        return found


class AskedFilter(PipelineFilter):
    """Pages that ask for days or a grouping as well: `asked` is read by the page, it narrows nothing."""

    class Meta(PipelineFilter.Meta):
        form = DaysForm

    def asked(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        return rows

    def value(self, name: str, default: Any) -> Any:
        """What was asked for; the default where nothing was, or nothing that can be."""
        return default if self.form.errors.get(name) else self.form.cleaned_data.get(name) or default


def _asked_day(label: str) -> django_filters.DateFilter:
    return django_filters.DateFilter(label=label, method="asked", widget=DayInput)


class BoardFilter(AskedFilter):
    """The board: cards in an order, of deals that close in some days."""

    closes_from = _day("expected_close", "gte", "Closes from", hidden=False)
    closes_to = _day("expected_close", "lte", "Closes to", hidden=False)
    order = django_filters.ChoiceFilter(
        label="First on top", choices=CARD_ORDERS, method="asked", empty_label=None
    )

    @property
    def card_order(self) -> str:
        return self.value("order", CARD_ORDERS[0][0])


class FunnelFilter(AskedFilter):
    """The funnel of the deals created in some days: the last twelve months unless others are asked for."""

    created_from = _asked_day("Created from")
    created_to = _asked_day("Created to")

    @property
    def days(self) -> Days:
        first, last = last_year()
        return self.value("created_from", first), self.value("created_to", last)


class PeriodFilter(AskedFilter):
    """Coverage of the days from … to …: this quarter unless others are asked for."""

    first = _asked_day("From day")
    last = _asked_day("To day")

    @property
    def days(self) -> Days:
        first, last = this_quarter()
        return self.value("first", first), self.value("last", last)


class ChangesFilter(AskedFilter):
    """What changed between the ends of two days (the last week unless others are asked for), of deals
    that close in some days."""

    since = _asked_day("Since the end of")
    until = _asked_day("Until the end of")
    closes_from = _asked_day("Closes from")
    closes_to = _asked_day("Closes to")
    kind = django_filters.ChoiceFilter(
        label="Change", choices=CHANGE_CHOICES, method="asked", empty_label="Any change"
    )

    @property
    def window(self) -> Window:
        until = self.value("until", timezone.localdate())
        since = self.value("since", until - WEEK)
        return Window(since, until, self.value("closes_from", None), self.value("closes_to", None))

    @property
    def change(self) -> str:
        return self.value("kind", ANY)
