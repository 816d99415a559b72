"""How accounts with their work, and reps with their bases, are narrowed: on the page and in the API."""

import django_filters
from django.db.models import Q, QuerySet

from catalog.filters import code_filter, market_filter, search_filter
from crm.models import Account, Rep
from crm.selectors.accounts import reps_visible_to
from territories.models import AccountWork, RepBase

KNOWN = [("yes", "Known"), ("no", "Missing")]


class KnownFilter(django_filters.ChoiceFilter):
    """Whether something is said at all."""

    def __init__(self, field_name: str, label: str) -> None:
        super().__init__(field_name=field_name, label=label, choices=KNOWN)

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        return qs.filter(**{f"{self.field_name}__isnull": value == "no"}) if value else qs


class AccountsWithWorkFilter(django_filters.FilterSet):
    search = search_filter()
    owner = code_filter("owner", "Owner", reps_visible_to)
    market = market_filter("market")
    country = django_filters.CharFilter(label="Country", lookup_expr="iexact")
    place = KnownFilter("work__latitude", "Place")
    potential = KnownFilter("work__potential", "Potential")

    class Meta:
        model = Account
        fields: list[str] = []


class RepsWithBaseFilter(django_filters.FilterSet):
    search = search_filter()
    market = market_filter("market")
    base = KnownFilter("base__latitude", "Base")

    class Meta:
        model = Rep
        fields: list[str] = []


class AccountWorkFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Account", method="of_account")
    account = django_filters.CharFilter(label="Account code", field_name="account__code")
    owner = code_filter("account__owner", "Owner", reps_visible_to)
    country = django_filters.CharFilter(label="Country", field_name="account__country", lookup_expr="iexact")
    place = KnownFilter("latitude", "Place")
    potential = KnownFilter("potential", "Potential")

    class Meta:
        model = AccountWork
        fields: list[str] = []

    def of_account(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return rows.filter(Q(account__code__icontains=text) | Q(account__name__icontains=text))


class RepBaseFilter(django_filters.FilterSet):
    rep = code_filter("rep", "Rep", reps_visible_to)
    place = KnownFilter("latitude", "Base")

    class Meta:
        model = RepBase
        fields: list[str] = []
