"""How cycles and what people do around them are narrowed, the same on the page and in the API."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from catalog.filters import family_filter, market_filter
from core.models import Person
from gathering.filters import Months, product_search
from planning.engine.moves import STAGES
from planning.models import (
    Assumption,
    ChecklistItem,
    Cycle,
    Decision,
    Meeting,
    RiskOrOpportunity,
    Stage,
    StageName,
    Task,
)
from planning.models.cycles import Leaning

TASK_STATES = [("open", "Open"), ("late", "Late"), ("done", "Done")]
STAGE_CHOICES = [(name, StageName(name).label) for name in STAGES]
OUTCOMES = [("open", "Open"), ("held", "Held"), ("failed", "Did not hold")]


def _people(request: Any) -> QuerySet[Person]:
    return Person.objects.filter(is_active=True).order_by("name")


@extend_schema_field(OpenApiTypes.INT)
class OfCycle(django_filters.ModelChoiceFilter):
    """One month's cycle."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Cycle.objects.all(), label="Cycle", **kwargs)


@extend_schema_field(OpenApiTypes.EMAIL)
class OfPerson(django_filters.ModelChoiceFilter):
    """One person, named by e-mail address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=_people, to_field_name="email", **kwargs)


class CycleFilter(django_filters.FilterSet):
    stage = django_filters.MultipleChoiceFilter(choices=StageName.choices, label="Stands in")

    class Meta:
        model = Cycle
        fields = ["stage"]


class CycleListFilter(django_filters.FilterSet):
    """On the page one stage at a time; the API takes several."""

    stage = django_filters.ChoiceFilter(choices=StageName.choices, label="Stands in")

    class Meta:
        model = Cycle
        fields = ["stage"]


class StageFilter(django_filters.FilterSet):
    cycle = OfCycle()
    owner = OfPerson(label="Owner")

    class Meta:
        model = Stage
        fields = ["cycle", "owner"]


class ChecklistFilter(django_filters.FilterSet):
    cycle = OfCycle(field_name="stage__cycle")
    stage = django_filters.ModelChoiceFilter(queryset=Stage.objects.all(), label="Stage")

    class Meta:
        model = ChecklistItem
        fields = ["cycle", "stage"]


class TaskFilter(django_filters.FilterSet):
    cycle = OfCycle()
    owner = OfPerson(label="Owner")
    stage = django_filters.ChoiceFilter(choices=STAGE_CHOICES, label="Stage")
    state = django_filters.ChoiceFilter(choices=TASK_STATES, label="State", method="by_state")

    class Meta:
        model = Task
        fields = ["cycle", "owner", "stage", "state"]

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "done":
            return rows.exclude(done=None)
        rows = rows.filter(done=None)
        return rows.filter(due__lt=timezone.localdate()) if state == "late" else rows


class MeetingFilter(django_filters.FilterSet):
    cycle = OfCycle()
    stage = django_filters.ChoiceFilter(choices=STAGE_CHOICES, label="Stage")

    class Meta:
        model = Meeting
        fields = ["cycle", "stage"]


class AssumptionFilter(django_filters.FilterSet):
    cycle = OfCycle()
    family = family_filter("family")
    outcome = django_filters.ChoiceFilter(choices=OUTCOMES, label="Outcome")

    class Meta:
        model = Assumption
        fields = ["cycle", "family", "outcome"]


class RiskFilter(django_filters.FilterSet):
    cycle = OfCycle()
    leaning = django_filters.ChoiceFilter(choices=Leaning.choices, label="Kind")
    family = family_filter("family")
    is_open = django_filters.BooleanFilter(label="Open")

    class Meta:
        model = RiskOrOpportunity
        fields = ["cycle", "leaning", "family", "is_open"]


class DecisionFilter(django_filters.FilterSet):
    cycle = OfCycle()
    is_decided = django_filters.BooleanFilter(label="Decided", method="by_decided")
    asks_executives = django_filters.BooleanFilter(label="For the executives")

    class Meta:
        model = Decision
        fields = ["cycle", "is_decided", "asks_executives"]

    def by_decided(self, rows: QuerySet, name: str, wanted: bool) -> QuerySet:
        undecided = Q(decided="")
        return rows.exclude(undecided) if wanted else rows.filter(undecided)


class ReleasedValueFilter(Months):
    """Released values by month, family, market and product."""

    family = family_filter("demand_unit__product__family")
    market = market_filter("demand_unit__market")
    product = product_search("demand_unit__product")
