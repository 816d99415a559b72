"""Every read of deals. A sales rep sees the own deals, a sales manager those of the team below;
everybody else sees all, within the scope of families and markets."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from catalog.selectors import reach_of
from core import company
from core.models import Person
from crm.models import Deal, DealChange, DealLine, DealStage
from crm.selectors.accounts import own_reps

LIVE = Q(is_deleted=False, merged_into=None)
SHOWN_WITH = ("account", "rep", "stage", "product", "currency")


def deals_visible_to(user: Person | None) -> QuerySet[Deal]:
    """The deals a person may see, live and dead; `live` narrows. Families and markets are those of the
    product and of the account; a deal without one is not narrowed by it."""
    own, reach = own_reps(user), reach_of(user)
    allowed = Q() if own is None else Q(rep__in=own.values("pk"))
    if reach.families:
        allowed &= reach.of_family("product__family") | Q(product=None)
    allowed &= reach.of_market("account__market", or_everywhere=True)
    return Deal.objects.filter(allowed).select_related(*SHOWN_WITH)


def live(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    """Without the deals that were deleted in their CRM or merged into another."""
    return deals.filter(LIVE)


def live_deals_visible_to(user: Person | None) -> QuerySet[Deal]:
    """The deals that are there for a person: neither deleted nor merged."""
    return live(deals_visible_to(user))


def deal_stages_visible_to(user: Person | None) -> QuerySet[DealStage]:
    """The stages of deals: the same for everybody."""
    return DealStage.objects.all()


def lines_visible_to(user: Person | None) -> QuerySet[DealLine]:
    """The lines of the deals that a person may see."""
    deals = deals_visible_to(user).order_by().values("pk")
    return DealLine.objects.filter(deal__in=deals).select_related("deal", "product")


def steps_of(deal: Deal) -> QuerySet[DealChange]:
    """The history of a deal in the order of time. Rows that changed nothing are left out: they are
    kept only so that late news finds its place."""
    steps = DealChange.objects.filter(deal=deal).exclude(before=F("after"))
    return steps.select_related("stage").order_by("occurred", "version", "key", "id")


def end_of(day: dt.date) -> dt.datetime:
    """The first moment after a day, in the company's time."""
    zone = ZoneInfo(str(company.value("time_zone")))
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, zone)


def stage_at(user: Person | None, day: dt.date) -> QuerySet[Deal]:
    """The deals a person may see that had a stage when `day` ended, each with `stage_then`: the id of
    that stage. Deals that are dead today are among them; `live` narrows."""
    steps = DealChange.objects.filter(deal=OuterRef("pk"), field="stage", occurred__lt=end_of(day))
    newest = steps.order_by("-occurred", "-version", "-key").values("stage")[:1]
    return deals_visible_to(user).annotate(stage_then=Subquery(newest)).filter(stage_then__isnull=False)
