"""What attainment is asked for, the same on pages, in files and in the API: period, measure, whose sale."""

import datetime as dt
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import OuterRef, QuerySet
from django.utils import timezone

from catalog.filters import choices_of
from core import company
from core.forms import MonthChoice
from crm.filters.pipeline import CodeFilter
from crm.models import Deal, Rep
from crm.selectors.accounts import reps_visible_to
from gathering.models import SalesLine
from gathering.selectors.facts import last_day_of_sales
from territories.engine.attainment.periods import Period, PeriodKind, period_of
from territories.models import QuotaMeasure, Territory
from territories.selectors.attainment import Asked
from territories.selectors.attainment_deals import OPEN, WON, day_of_state, lying_in, territories_of
from territories.selectors.attainment_quotas import usual_measure
from territories.selectors.attainment_sums import Credit
from territories.selectors.models import territories_visible_to

KINDS = [(PeriodKind.MONTH, "Month"), (PeriodKind.QUARTER, "Quarter"), (PeriodKind.YEAR, "Year")]


class AttainmentForm(forms.Form):
    """A period is named by any of its months: by this one, unless told otherwise."""

    period = forms.ChoiceField(label="Period", choices=KINDS, required=False)
    month = MonthChoice(label="That holds", required=False)
    measure = forms.ChoiceField(label="Measure", choices=QuotaMeasure.choices, required=False)
    credit = forms.ChoiceField(label="Sales count for", choices=Credit.choices, required=False)

    default_kind = PeriodKind.QUARTER

    def __init__(self, data: Any, **options: Any) -> None:
        """A field that was not asked for shows what holds instead."""
        known = {name: data.get(name) for name in self.base_fields if data.get(name)}
        self.holding = self.usual()
        super().__init__({**self.holding, **known}, **options)

    def usual(self) -> dict[str, str]:
        return {
            "period": self.default_kind.value,
            "month": f"{self.usual_month():%Y-%m}",
            "measure": usual_measure(self.usual_month(), self.usual_month()),
            "credit": Credit.OWNER,
        }

    def usual_month(self) -> dt.date:
        return timezone.localdate().replace(day=1)

    @property
    def asked(self) -> Asked:
        """What was asked for; what cannot be asked for is as usual."""
        said = self.holding | {k: v for k, v in self._said().items() if v}
        month = said["month"]
        if isinstance(month, str):
            month = self.usual_month()
        start = company.value("fiscal_year_start", on=month)
        period = period_of(PeriodKind(said["period"]), month, start)
        return Asked(period, said["measure"], said["credit"], known_before(period, said["measure"]))

    def _said(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


def known_before(period: Period, measure: str) -> dt.date:
    """The days before it are over. Sales come in by import: while a period runs, the days after the newest
    order line are still to come, not days without sales."""
    today = timezone.localdate()
    if measure != QuotaMeasure.SALES or period.last < today:
        return today
    newest = last_day_of_sales()
    return today if newest is None else min(today, newest + dt.timedelta(days=1))


class PeriodForm(AttainmentForm):
    """For what is no question of measure or credit."""

    measure = None  # type: ignore[assignment]
    credit = None  # type: ignore[assignment]


class FairnessForm(AttainmentForm):
    """Whether quotas are fair is asked of a quarter that is over: the last one, unless told otherwise."""

    def usual_month(self) -> dt.date:
        today = timezone.localdate()
        start = company.value("fiscal_year_start", on=today)
        now: Period = period_of(PeriodKind.QUARTER, today, start)
        return now.moved(-1).first


class AskedMonth(django_filters.Filter):
    """A month that the page reads."""

    field_class = MonthChoice


def asked_of(data: Any, **said: str) -> Asked:
    """The question of a page whose filters hold it, with some of it already known."""
    return AttainmentForm({**{name: data[name] for name in data or {}}, **said}).asked


class BehindFilter(django_filters.FilterSet):
    """What is behind a number of attainment, by territory. Period and month are read by the page; `said` is
    what the page knows of the question."""

    said: ClassVar[dict[str, str]] = {}

    period = django_filters.ChoiceFilter(label="Period", choices=KINDS, method="nothing", empty_label=None)
    month = AskedMonth(label="That holds", method="nothing")
    territory = django_filters.ModelChoiceFilter(
        label="Territory",
        queryset=choices_of(territories_visible_to),
        method="of_territory",
        null_label="No territory",
        null_value="none",
    )

    def __init__(self, data: Any = None, *args: Any, **options: Any) -> None:
        """The fields show what holds where nothing was asked for; one chooses from the lines one sees."""
        known = {name: data[name] for name in data or {} if data[name]}
        super().__init__({**AttainmentForm({}).holding, **known}, *args, **options)
        self.question = asked_of(self.data, **self.said)
        person = self.request.user if self.request is not None else None
        self.filters["territory"].queryset = territories_of(person, self.question)

    def of_territory(self, rows: QuerySet, name: str, value: Territory | str | None) -> QuerySet:
        if not value:
            return rows
        shown = self.filters["territory"].queryset
        return lying_in(rows, None if isinstance(value, str) else value, shown, self.day())

    def day(self) -> Any:
        """The day that decides where a row counts."""
        raise TypeError(f"{type(self).__name__} names no day: define day()")

    def nothing(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        return rows


class CreditedLineFilter(BehindFilter):
    """The order lines of a period by the rep they count for."""

    rep = django_filters.ModelChoiceFilter(
        label="Counts for",
        queryset=choices_of(reps_visible_to),
        to_field_name="code",
        method="of_rep",
        null_label="No rep",
        null_value="none",
    )
    credit = django_filters.ChoiceFilter(
        label="Sales count for", choices=Credit.choices, method="nothing", empty_label=None
    )

    class Meta:
        model = SalesLine
        fields: list[str] = []

    def of_rep(self, rows: QuerySet, name: str, value: Rep | str | None) -> QuerySet:
        if not value:
            return rows
        return rows.filter(credited=None if isinstance(value, str) else value.pk)

    def day(self) -> Any:
        return OuterRef("day")


class CountedDealFilter(BehindFilter):
    """The deals of a period that were won, or are open and can still be."""

    said: ClassVar[dict[str, str]] = {"measure": QuotaMeasure.BOOKINGS}

    state = django_filters.ChoiceFilter(
        label="State",
        choices=[(WON, "Won in it"), (OPEN, "Open, to close in it")],
        method="nothing",
        empty_label=None,
    )
    rep = CodeFilter("rep", "Rep", reps_visible_to, "No rep")

    class Meta:
        model = Deal
        fields: list[str] = []

    def __init__(self, data: Any = None, *args: Any, **options: Any) -> None:
        super().__init__({"state": WON, **{name: data[name] for name in data or {}}}, *args, **options)

    def day(self) -> Any:
        return day_of_state(self.question, state_of(self.data))


def state_of(data: Any) -> str:
    """Won deals, unless the open ones are asked for."""
    return OPEN if (data or {}).get("state") == OPEN else WON
