"""Open deals that stayed with the old rep of an account that moved, and for how long."""

import datetime as dt

from django.db.models import DateField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import CombinedExpression, ExpressionWrapper

from core.models import Event
from crm.models import Deal, StageKind
from crm.selectors.deals import live_deals_visible_to
from territories.models import Scenario, ScenarioAccount, ScenarioState
from territories.selectors.scenario_figures import HANDED_OVER

HANDED = "open deals handed over"
LAST_DAY = ExpressionWrapper(
    CombinedExpression(F("publish_on"), "+", F("holdover_days")), output_field=DateField()
)


def scenarios_held_before(day: dt.date) -> QuerySet[Scenario]:
    """The published scenarios whose hold-over ended before a day and whose deals were not handed over yet,
    the oldest first."""
    done = Event.objects.filter(verb=HANDED, subject_type=Scenario._meta.label_lower)
    keys = [int(key) for key in done.values_list("subject_id", flat=True)]
    rows = Scenario.objects.filter(state=ScenarioState.PUBLISHED).annotate(last=LAST_DAY)
    return rows.filter(last__lt=Value(day)).exclude(pk__in=keys).order_by("publish_on", "pk")


def deals_to_hand_over(scenario: Scenario) -> QuerySet[Deal]:
    """The open deals of accounts that changed hands which their old rep still has, where the account has
    another owner by now."""
    handed = ScenarioAccount.objects.filter(HANDED_OVER, scenario=scenario, account=OuterRef("account"))
    rows = live_deals_visible_to(None).filter(stage__kind=StageKind.OPEN, account__owner__isnull=False)
    rows = rows.annotate(old_rep=Subquery(handed.order_by().values("from_rep")[:1]))
    kept = Q(rep=F("old_rep")) & ~Q(rep=F("account__owner"))
    return rows.filter(kept).select_related("account__owner__person").order_by("pk")
