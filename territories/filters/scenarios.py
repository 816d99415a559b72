"""How scenarios and their accounts are narrowed, the same on the page and in the API."""

import django_filters
from django.db.models import F, Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from catalog.filters import choices_of, search_filter
from crm.models import Rep
from crm.selectors.accounts import reps_visible_to
from territories.models import Scenario, ScenarioAccount, ScenarioSolve, ScenarioState
from territories.selectors.scenarios import models_to_realign, moved_accounts

SHOWN = (("moved", "Moved"), ("staying", "Staying"))
YES = (("true", "Yes"), ("false", "No"))


class ScenarioFilter(django_filters.FilterSet):
    search = search_filter()
    state = django_filters.ChoiceFilter(label="State", choices=ScenarioState.choices)
    model = django_filters.ModelChoiceFilter(
        label="Territory model", queryset=choices_of(models_to_realign), to_field_name="code"
    )

    class Meta:
        model = Scenario
        fields: list[str] = []


@extend_schema_field(OpenApiTypes.STR)
class EitherRepFilter(django_filters.ModelChoiceFilter):
    """The accounts that a rep has or gets."""

    def filter(self, qs: QuerySet, value: Rep | None) -> QuerySet:
        return qs if value is None else qs.filter(Q(from_rep=value) | Q(to_rep=value))


class ScenarioAccountFilter(django_filters.FilterSet):
    search = search_filter("account__")
    moves = django_filters.ChoiceFilter(label="Moves", choices=SHOWN, method="of_moves")
    locked = django_filters.ChoiceFilter(label="Locked", choices=YES, method="of_flag")
    by_hand = django_filters.ChoiceFilter(label="By hand", choices=YES, method="of_flag")
    rep = EitherRepFilter(
        label="Rep, now or then", queryset=choices_of(reps_visible_to), to_field_name="code"
    )

    class Meta:
        model = ScenarioAccount
        fields: list[str] = []

    def of_moves(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if value == "moved":
            return moved_accounts(rows)
        return rows.filter(Q(to_territory=F("from_territory")) | Q(to_territory=None))

    def of_flag(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(**{name: value == "true"})


class AnyScenarioAccountFilter(ScenarioAccountFilter):
    scenario = django_filters.NumberFilter(field_name="scenario", label="Scenario number")


class ScenarioSolveFilter(django_filters.FilterSet):
    scenario = django_filters.NumberFilter(field_name="scenario", label="Scenario number")

    class Meta:
        model = ScenarioSolve
        fields: list[str] = []
