"""How bookings are narrowed, the same on the page and in the API. The rows are won deals."""

import django_filters

from catalog.filters import code_filter, family_filter, market_filter
from crm.filters.pipeline import DealTeamFilter
from crm.models import Deal
from crm.selectors.accounts import reps_visible_to
from crm.selectors.teams import teams_visible_to


class BookingFilter(django_filters.FilterSet):
    since = django_filters.DateFilter(label="From", field_name="closed", lookup_expr="gte")
    until = django_filters.DateFilter(label="To", field_name="closed", lookup_expr="lte")
    rep = code_filter("rep", "Rep", reps_visible_to)
    team = DealTeamFilter("rep", "Team", teams_visible_to, "No team")
    market = market_filter("account__market")
    family = family_filter("product__family")
    account = django_filters.CharFilter(label="Account code", field_name="account__code")

    class Meta:
        model = Deal
        fields: list[str] = []
