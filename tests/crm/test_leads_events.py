"""Leads that a CRM pushes: in any order, however often, they end the same and somebody has them."""

import datetime as dt
import itertools
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models import Person
from crm.engine.webhooks.events import Event, EventKind
from crm.models import Deal, EventState, Lead, LeadSource, ValueMapping
from crm.pipeline.leads import apply_lead_events, link_leads
from crm.pipeline.records import APPLIERS
from crm.services.value_mappings import decide
from crm.tasks import link_leads_to_deals
from sopcycle.celery import app
from tests.crm.lead_world import NOW, Sales, now, sales

__all__ = ["now", "sales"]
HOUR = dt.timedelta(hours=1)
CRM = "salesforce"


def change(hours: int, key: str = "L1", **fields: str) -> Event:
    return Event(
        "lead", key, EventKind.CHANGE, NOW - 100 * HOUR + hours * HOUR, f"{key}-{hours}", fields=fields
    )


def told(*events: Event) -> list[EventState]:
    with transaction.atomic():
        return [settled.outcome for settled in apply_lead_events(CRM, events)]


def the_lead(key: str = "L1") -> Lead:
    return Lead.objects.select_related("owner", "source").get(system=CRM, external_id=key)


def test_the_inbox_knows_leads() -> None:
    assert APPLIERS["lead"] is apply_lead_events


def test_a_lead_of_a_crm_is_given_like_any_other(sales: Sales) -> None:
    assert told(change(1, company="Acme", email="ann@acme.example", LeadSource="Spring fair")) == ["applied"]

    lead = the_lead()
    assert (lead.owner, lead.source, lead.due) == (sales.otto, sales.fair, NOW + 24 * HOUR)
    assert lead.arrived == NOW - 99 * HOUR


def test_a_source_nobody_knows_is_added_and_without_one_it_is_the_crm(sales: Sales) -> None:
    told(change(1, company="Acme", source="Autumn Campaign 2026"), change(2, "L2", company="Else"))

    assert the_lead().source.name == "Autumn Campaign 2026"
    assert the_lead("L2").source.code == CRM
    assert LeadSource.objects.count() == 4


def test_the_owner_of_the_crm_keeps_the_lead(sales: Sales) -> None:
    told(change(1, company="Acme", owner="Rita Rep"))

    assert the_lead().owner == sales.rita
    told(change(2, owner="PAUL"))
    assert the_lead().owner == sales.paul


def test_an_unknown_owner_or_state_waits_for_a_mapping(sales: Sales, advisor: Person) -> None:
    (settled,) = apply_lead_events(CRM, [change(1, company="Acme", owner="0057", status="Nurture")])

    assert settled.outcome == EventState.NEEDS_MAPPING
    assert [str(one) for one in settled.unknown] == ["owner:0057", "lead:Nurture"]
    assert not Lead.objects.exists()
    decide(actor=advisor, source=CRM, kind="owner", value="0057", target_code="RITA")
    decide(actor=advisor, source=CRM, kind="lead", value="nurture", target_code="working")
    assert told(change(1, company="Acme", owner="0057", status="Nurture")) == ["applied"]
    assert (the_lead().owner, the_lead().state) == (sales.rita, "working")


def test_an_unknown_market_waits_for_a_mapping_and_then_routes_the_lead(
    sales: Sales, advisor: Person
) -> None:
    sent = change(1, company="Acme", Territory__c="Alps West")
    (settled,) = apply_lead_events(CRM, [sent])

    assert (settled.outcome, [str(one) for one in settled.unknown]) == ("needs_mapping", ["market:Alps West"])
    decide(actor=advisor, source=CRM, kind="market", value="alps west", target_code="tyr")
    assert told(sent) == ["applied"]
    assert (the_lead().market, the_lead().rule) == (sales.tyrol, sales.rule)


@pytest.mark.parametrize("name", ["TYR", "tyr", "Tyrol", "tyrol"])
def test_a_market_is_known_by_its_code_and_its_name(sales: Sales, name: str) -> None:
    assert told(change(1, company="Acme", market=name)) == ["applied"]
    assert the_lead().market == sales.tyrol


def test_an_ignored_state_changes_nothing(sales: Sales) -> None:
    ValueMapping.objects.create(source=CRM, kind="lead", value="Nurture", is_ignored=True, reason="Ours")

    told(change(1, company="Acme", status="Nurture"))

    assert the_lead().state == "new"


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"company": "Acme", "employees": "many"}, "dead"),
        ({"company": "Acme", "created": "yesterday"}, "dead"),
        ({"Fax": "1"}, "skipped"),
    ],
)
def test_what_cannot_be_read_is_set_aside_with_its_reason(
    sales: Sales, fields: dict[str, str], outcome: str
) -> None:
    (settled,) = apply_lead_events(CRM, [change(1, **fields)])

    assert settled.outcome == outcome
    assert settled.error


def test_a_change_that_only_names_the_lead_waits_for_the_record(sales: Sales) -> None:
    event = Event("lead", "L1", EventKind.FETCH, NOW, "k")

    assert told(event) == ["needs_record"]


def test_late_news_changes_nothing_that_is_known_better(sales: Sales) -> None:
    told(change(5, company="New name", phone="1"))

    assert told(change(3, company="Old name", country="Austria")) == ["partly"]
    assert told(change(2, company="Older name")) == ["superseded"]
    lead = the_lead()
    assert (lead.company, lead.country) == ("New name", "Austria")


def test_a_deleted_lead_is_kept_but_gone_and_comes_back(sales: Sales) -> None:
    told(change(1, company="Acme"))
    told(Event("lead", "L1", EventKind.DELETE, NOW, "gone"))
    assert the_lead().is_deleted

    told(Event("lead", "L1", EventKind.RESTORE, NOW + HOUR, "back"))
    assert not the_lead().is_deleted


def test_leads_that_the_crm_merged_are_one_here(sales: Sales) -> None:
    told(change(1, company="Acme"), change(2, "L2", company="ACME"))

    told(Event("lead", "L1", EventKind.MERGE, NOW, "m", merged=("L2",)))

    assert the_lead("L2").duplicate_of == the_lead("L1")


def test_a_name_that_is_only_heard_of_is_given_to_nobody_until_it_speaks(sales: Sales) -> None:
    told(Event("lead", "L1", EventKind.DELETE, NOW - 200 * HOUR, "gone"))
    assert (the_lead().owner, the_lead().is_deleted) == (None, True)

    told(Event("lead", "L1", EventKind.RESTORE, NOW - 150 * HOUR, "back"), change(1, company="Acme"))
    assert (the_lead().owner, the_lead().company) == (sales.otto, "Acme")


def test_an_answer_in_the_crm_stops_the_clock(sales: Sales) -> None:
    told(change(1, company="Acme"), change(4, status="Contacted"))

    lead = the_lead()
    assert (lead.state, lead.answered) == ("working", NOW - 96 * HOUR)


def a_deal(external_id: str, source: str = CRM) -> Deal:
    return Deal.objects.create(source=source, external_id=external_id, name=external_id)


def test_a_lead_that_the_crm_made_a_deal_is_linked_to_it(sales: Sales) -> None:
    deal = a_deal("006X")
    a_deal("006X", "another")

    told(change(1, company="Acme"), change(2, status="Closed - Converted", ConvertedOpportunityId="006X"))

    assert (the_lead().state, the_lead().deal) == ("converted", deal)


def test_a_deal_that_is_told_after_its_lead_is_linked_when_it_comes(sales: Sales) -> None:
    told(change(1, company="Acme", status="Converted", deal_id="006X"), change(1, "L2", company="Else"))
    assert the_lead().deal is None
    assert link_leads() == 0

    deal = a_deal("006X")

    assert (link_leads(), link_leads()) == (1, 0)
    assert (the_lead().deal, the_lead("L2").deal) == (deal, None)
    assert link_leads_to_deals.name in {entry["task"] for entry in app.conf.beat_schedule.values()}


def test_newer_news_of_the_deal_replaces_it_and_a_merged_deal_is_its_winner(sales: Sales) -> None:
    winner, first = a_deal("006W"), a_deal("006X")
    Deal.objects.create(source=CRM, external_id="006M", merged_into=winner)

    told(change(1, company="Acme", status="Converted", deal="006X"), change(3, deal="006M"))
    assert the_lead().deal == winner
    told(change(2, deal="006X"))
    assert the_lead().deal == winner
    told(change(4, deal="006X"))
    assert the_lead().deal == first
    told(change(5, deal=""))
    assert the_lead().deal is None


def test_a_disqualified_lead_without_a_reason_says_that_none_was_given(sales: Sales) -> None:
    told(change(1, company="Acme", status="Junk Lead"))

    assert the_lead().disqualified_because == "Not said by the CRM"


HISTORY: list[Event] = [
    change(1, company="Acme", status="New"),
    change(2, name="Ann", email="ann@acme.example"),
    change(3, status="Contacted"),
    change(4, company="Acme GmbH", employees="40"),
    change(5, status="Converted"),
    Event("lead", "L1", EventKind.DELETE, NOW - 94 * HOUR, "gone"),
    Event("lead", "L1", EventKind.RESTORE, NOW - 93 * HOUR, "back"),
]
KEPT = (
    *("company", "name", "email", "employees", "state", "is_deleted", "arrived", "answered", "converted"),
    *("keys", "written"),
)


def ending(events: list[Event]) -> dict[str, Any]:
    """What the lead is after its events came one delivery at a time; undone at the end."""
    with transaction.atomic():
        for event in events:
            told(event)
        lead = the_lead()
        transaction.set_rollback(True)
    return {name: getattr(lead, name) for name in KEPT}


@pytest.mark.usefixtures("sales")
class TestAnyOrder:
    @settings(max_examples=40, deadline=None)
    @given(events=st.permutations(HISTORY), again=st.lists(st.sampled_from(HISTORY), max_size=4))
    def test_any_order_and_repetition_gives_the_same_lead(
        self, events: list[Event], again: list[Event]
    ) -> None:
        assert ending([*events, *again]) == ending(HISTORY)


def test_one_delivery_with_everything_is_the_same_as_many(sales: Sales) -> None:
    one_by_one = ending(HISTORY)

    told(*itertools.chain(HISTORY, HISTORY))

    assert {name: getattr(the_lead(), name) for name in KEPT} == one_by_one
