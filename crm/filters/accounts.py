"""How accounts, contacts, reps and teams are narrowed, the same on the page and in the API.

Rows are named by code."""

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from catalog.filters import choices_of, code_filter, market_filter, search_filter
from crm.models import Account, Contact, Rep, Team, TeamMembership
from crm.selectors.accounts import reps_below, reps_visible_to


class RepFilter(django_filters.FilterSet):
    search = search_filter()
    market = market_filter("market")
    manager = code_filter("manager", "Manager", reps_visible_to)
    is_active = django_filters.BooleanFilter(label="Active")

    class Meta:
        model = Rep
        fields: list[str] = []


@extend_schema_field(OpenApiTypes.STR)
class TeamFilter(django_filters.ModelChoiceFilter):
    """A rep and everybody below."""

    def filter(self, qs: QuerySet, value: Rep | None) -> QuerySet:
        return qs if value is None else qs.filter(owner__in=reps_below([value.pk]))


class AccountFilter(django_filters.FilterSet):
    search = search_filter()
    owner = code_filter("owner", "Owner", reps_visible_to)
    team = TeamFilter(label="Team of", queryset=choices_of(reps_visible_to), to_field_name="code")
    market = market_filter("market")
    country = django_filters.CharFilter(label="Country", lookup_expr="iexact")
    postcode = django_filters.CharFilter(label="Postcode begins", lookup_expr="istartswith")
    is_active = django_filters.BooleanFilter(label="Active")

    class Meta:
        model = Account
        fields: list[str] = []


class ContactFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="of_text")
    account = django_filters.CharFilter(label="Account code", field_name="account__code")
    is_active = django_filters.BooleanFilter(label="Active")

    class Meta:
        model = Contact
        fields: list[str] = []

    def of_text(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        found = Q(name__icontains=text) | Q(email__icontains=text) | Q(account__name__icontains=text)
        return rows.filter(found)


class TeamListFilter(django_filters.FilterSet):
    search = search_filter()
    is_active = django_filters.BooleanFilter(label="Active")

    class Meta:
        model = Team
        fields: list[str] = []


class MembershipFilter(django_filters.FilterSet):
    team = django_filters.CharFilter(label="Team code", field_name="team__code")
    rep = code_filter("rep", "Rep", reps_visible_to)
    on = django_filters.DateFilter(label="On", field_name="days", lookup_expr="contains")

    class Meta:
        model = TeamMembership
        fields: list[str] = []
