"""Open deals go to the new owners of their accounts when the hold-over of a realignment is over."""

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from core import company
from core.errors import Refused
from core.events import record
from core.services.notifications import notify
from crm.models import Deal, Rep
from crm.services.deals import change_deal
from territories.models import Scenario
from territories.selectors.held_deals import HANDED, deals_to_hand_over, scenarios_held_before
from territories.selectors.scenarios import scenario_url

MOST_NAMED = 12


def hand_over_deals(today: dt.date | None = None) -> int:
    """Where territories decide who owns accounts: give the deals that are still open and with the old rep
    to the owner of their account, once per realignment, when its hold-over is over. Says how many."""
    if company.value("account_owners") != "territories":
        return 0
    day = today or timezone.localdate()
    return sum(_hand_over(key) for key in scenarios_held_before(day).values_list("pk", flat=True))


@transaction.atomic
def _hand_over(key: int) -> int:
    """All deals of a scenario, or none: what another worker has begun is left to it."""
    rows = Scenario.objects.select_for_update(skip_locked=True, no_key=True)
    scenario = rows.filter(pk=key).first()
    if scenario is None:
        return 0
    given: dict[Rep, list[Deal]] = defaultdict(list)
    against: list[str] = []
    for deal in deals_to_hand_over(scenario):
        if (reason := _give(deal, scenario)) is None:
            given[deal.account.owner].append(deal)  # type: ignore[union-attr, index]
        else:
            against.append(f"{deal}: {reason}")
    count = sum(len(deals) for deals in given.values())
    record(actor=None, verb=HANDED, subject=scenario, after={"deals": count, "not possible": against})
    for rep, deals in given.items():
        _tell(scenario, rep, deals)
    return count


def _give(deal: Deal, scenario: Scenario) -> str | None:
    """Why a deal cannot go to its account's owner; None when it went."""
    changes = {"rep": deal.account.owner if deal.account else None}
    reason = f"Handed over after realignment {scenario}"
    try:
        with transaction.atomic():
            change_deal(actor=None, deal=deal, revision=deal.revision, changes=changes, reason=reason)
    except Refused as refusal:
        return str(refusal)
    return None


def _tell(scenario: Scenario, rep: Rep, deals: list[Deal]) -> None:
    if rep.person is None:
        return
    more = len(deals) - MOST_NAMED
    names = ", ".join(str(deal) for deal in deals[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    many = "deal is" if len(deals) == 1 else "deals are"
    title = f"{len(deals)} open {many} yours now"
    text = f"The hold-over of {scenario} is over: {names}."
    notify(people=[rep.person], title=title, text=text, url=scenario_url(scenario))
