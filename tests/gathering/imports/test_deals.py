"""Files about deals: they become history, meet the webhooks of their CRM, and wait for what is unknown."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db.models import F

from core.models import Person
from crm.engine.webhooks.events import Event, EventKind
from crm.models import Contact, Deal, DealLine, DealStage, Rep, Team, TeamMembership, ValueMapping
from crm.pipeline.deals import apply_deal_events
from gathering.models import HeldRow, ImportRun
from gathering.pipeline.reading import Silent
from gathering.pipeline.replaying import replay_held
from gathering.services.mappings import save_mapping

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog")]
Bring = Callable[..., ImportRun]
STAGES = """code,name,position,kind,probability,category
NEW,New,1,open,10%,pipeline
OFFER,Offer,2,open,0.5,best_case
WON,Won,3,won,1,closed
LOST,Lost,4,lost,0,omitted
"""


@pytest.fixture
def selling(bring: Bring) -> None:
    bring("deal_stages", STAGES)
    bring("reps", "code,name\nR1,Rep One\nR2,Rep Two\n")


def way(key: str, field: str = "stage") -> list[tuple[str, str, str]]:
    """The steps of a deal: day, before, after."""
    steps = Deal.objects.get(external_id=key).changes.filter(field=field).exclude(before=F("after"))
    found = steps.order_by("occurred", "version")
    return [(step.occurred.date().isoformat(), step.before, step.after) for step in found]


def tell(key: str, day: str, **fields: str) -> None:
    """A webhook of the CRM “crm” about a deal."""
    occurred = dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")
    event = Event("deal", key, EventKind.CHANGE, occurred, f"{key} {day} {fields}", 0, fields)
    apply_deal_events("crm", [event])


@pytest.mark.usefixtures("selling")
def test_a_file_of_the_newest_state_yields_history(bring: Bring) -> None:
    run = bring(
        "deals",
        "external_id,name,account,rep,stage,product,amount,created,closed,expected_close\n"
        "D1,First,A1,R1,WON,P1,500,2026-01-05,2026-03-01,2026-02-20\n"
        "D2,Second,,R2,OFFER,P2,,2026-02-01,,2026-09-30\n",
    )

    won, offered = Deal.objects.order_by("external_id")
    assert way("D1") == [("2026-01-05", "", "NEW"), ("2026-03-01", "NEW", "WON")]
    assert (won.closed, won.created) == (dt.date(2026, 3, 1), dt.date(2026, 1, 5))
    assert (won.account.code, won.rep.code, won.product.code) == ("A1", "R1", "P1")  # type: ignore[union-attr]
    assert (offered.account, offered.amount, offered.closed) == (None, None, None)
    assert (run.rows_new, run.rows_changed, run.source) == (2, 0, "file")


@pytest.mark.usefixtures("selling")
def test_the_file_says_where_deals_began_and_since_when_they_are_where_they_are(bring: Bring) -> None:
    bring(
        "deals",
        "external_id,stage,created,first_stage,stage_since\nD1,OFFER,2026-01-05,OFFER,\n"
        "D2,OFFER,2026-01-05,,2026-02-07\nD3,OFFER,,,\n",
    )

    assert way("D1") == [("2026-01-05", "", "OFFER")]
    assert way("D2") == [("2026-01-05", "", "NEW"), ("2026-02-07", "NEW", "OFFER")]
    assert [after for _, _, after in way("D3")] == ["OFFER"]


@pytest.mark.usefixtures("selling")
def test_the_same_file_again_adds_no_step_and_a_newer_one_only_what_is_new(bring: Bring) -> None:
    text = "external_id,name,stage,amount,created,expected_close,as_of\n"
    bring("deals", text + "D1,First,NEW,100,2026-01-05,2026-06-01,2026-02-01\n")
    run = bring("deals", text + "D1,First,NEW,100,2026-01-05,2026-06-01,2026-02-08\n")
    assert (run.rows_new, run.rows_changed, run.rows_unchanged) == (0, 0, 1)

    newer = bring("deals", text + "D1,First,OFFER,120,2026-01-05,2026-07-01,2026-02-15\n")

    assert (newer.rows_new, newer.rows_changed) == (0, 1)
    assert way("D1") == [("2026-01-05", "", "NEW"), ("2026-02-15", "NEW", "OFFER")]
    assert way("D1", "amount") == [("2026-01-05", "", "100"), ("2026-02-15", "100", "120")]
    assert Deal.objects.get().pushes == 1


@pytest.mark.usefixtures("selling")
def test_the_codes_of_a_file_are_ours_whatever_the_webhooks_of_its_crm_mean(bring: Bring) -> None:
    ValueMapping.objects.create(source="crm", kind="stage", value="OFFER", target_code="NEW")

    bring("deals", "external_id,name,stage,amount\nD1,First,OFFER,100\n", source="crm")

    assert Deal.objects.get().stage.code == "OFFER"  # type: ignore[union-attr]


@pytest.mark.usefixtures("selling")
@pytest.mark.parametrize("file_first", [True, False])
def test_a_file_and_the_webhooks_of_one_crm_meet_in_one_deal_whichever_comes_first(
    bring: Bring, file_first: bool
) -> None:
    def file() -> None:
        text = "external_id,name,stage,amount,as_of\nD1,From the file,OFFER,100,2026-02-10\n"
        bring("deals", text, source="crm")

    def webhooks() -> None:
        tell("D1", "2026-02-01", stage="NEW", amount="50")
        tell("D1", "2026-02-20", amount="130")

    for step in (file, webhooks) if file_first else (webhooks, file):
        step()

    deal = Deal.objects.get()
    assert (deal.stage.code, deal.amount, deal.name) == ("OFFER", 130, "From the file")  # type: ignore[union-attr]
    assert way("D1") == [("2026-02-01", "", "NEW"), ("2026-02-10", "NEW", "OFFER")]


@pytest.mark.usefixtures("selling")
def test_deals_of_two_crms_with_one_id_are_two(bring: Bring) -> None:
    for source in ("hubspot", "pipedrive"):
        bring("deals", f"external_id,name,stage\nD1,Of {source},NEW\n", source=source)

    assert Deal.objects.count() == 2


@pytest.mark.usefixtures("selling")
def test_the_profile_names_the_system_that_the_file_comes_from(bring: Bring) -> None:
    definition = "source: hubspot\ncolumns: {external_id: Record ID, stage: Deal Stage}\n"

    run = bring("deals", "Record ID,Deal Stage\n77,NEW\n", definition=definition)

    assert run.source == Deal.objects.get().source == "hubspot"


@pytest.mark.usefixtures("selling")
def test_a_column_that_is_missing_changes_nothing_and_an_empty_cell_clears(bring: Bring) -> None:
    bring("deals", "external_id,stage,next_step,account,as_of\nD1,NEW,Call,A1,2026-02-01\n")

    bring("deals", "external_id,next_step,as_of\nD1,,2026-02-02\n")

    deal = Deal.objects.get()
    assert (deal.next_step, deal.account.code, deal.stage.code) == ("", "A1", "NEW")  # type: ignore[union-attr]


@pytest.mark.usefixtures("selling")
def test_unknown_stages_owners_and_products_wait_and_follow_when_they_are_mapped(
    bring: Bring, coordinator: Person
) -> None:
    run = bring("deals", "external_id,stage,rep,product\nD1,Negotiating,R1,P1\nD2,NEW,R1,P1\n")
    assert (run.rows_good, run.rows_held) == (1, 1)
    assert list(HeldRow.objects.values_list("waits_for", flat=True)) == [["stage:Negotiating"]]

    save_mapping(actor=coordinator, kind="stage", source="file", value="Negotiating", target_code="OFFER")
    replay_held(Silent(), kind="stage", value="Negotiating", source="file")

    assert Deal.objects.get(external_id="D1").stage == DealStage.objects.get(code="OFFER")


@pytest.mark.usefixtures("selling")
def test_history_and_lines_wait_for_their_deals(bring: Bring) -> None:
    history = bring(
        "deal_history",
        "deal,occurred,stage,amount,expected_close,rep\nD1,2026-01-05,NEW,100,2026-05-01,R1\n"
        "D1,2026-02-01,OFFER,,2026-06-15,\nD1,2026-03-01,,140,2026-07-31,R2\n",
    )
    lines = bring("deal_lines", "deal,position,product,quantity,amount\nD1,1,P1,3,90\nD1,2,P2,1,50\n")
    assert (history.rows_held, lines.rows_held) == (3, 2)

    bring("deals", "external_id,name,as_of\nD1,First,2026-04-01\n")

    deal = Deal.objects.get()
    assert way("D1") == [("2026-01-05", "", "NEW"), ("2026-02-01", "NEW", "OFFER")]
    assert way("D1", "owner") == [("2026-01-05", "", "R1"), ("2026-03-01", "R1", "R2")]
    assert (deal.pushes, deal.amount, deal.rep.code) == (2, 140, "R2")  # type: ignore[union-attr]
    assert [(line.position, line.amount) for line in DealLine.objects.all()] == [(1, 90), (2, 50)]


@pytest.mark.usefixtures("selling")
def test_history_twice_is_history_once(bring: Bring) -> None:
    text = "deal,occurred,stage\nD1,2026-01-05,NEW\nD1,2026-02-01,OFFER\n"
    bring("deals", "external_id,as_of\nD1,2026-01-01\n")
    bring("deal_history", text)
    again = bring("deal_history", text + "D1,2026-03-01,NEW\n")

    assert (again.rows_new, again.rows_unchanged) == (1, 2)
    assert [after for _, _, after in way("D1")] == ["NEW", "OFFER", "NEW"]


@pytest.mark.usefixtures("selling")
def test_lines_are_restated_by_their_position(bring: Bring) -> None:
    bring("deals", "external_id,stage\nD1,NEW\n")
    bring("deal_lines", "deal,position,product,amount\nD1,1,P1,90\n")

    run = bring("deal_lines", "deal,position,product,text,amount\nD1,1,P1,,95\nD1,2,,Freight,5\n")

    assert (run.rows_new, run.rows_changed) == (1, 1)
    assert [(line.amount, line.quantity) for line in DealLine.objects.all()] == [(95, 1), (5, 1)]


@pytest.mark.usefixtures("selling")
def test_a_code_that_two_rows_share_but_for_its_case_means_the_one_written_the_same(bring: Bring) -> None:
    DealStage.objects.create(code="offer", name="Offer", position=9, probability=0)

    bring("deals", "external_id,stage\nD1,OFFER\nD2,offer\n")

    assert [deal.stage.code for deal in Deal.objects.order_by("external_id")] == ["OFFER", "offer"]  # type: ignore[union-attr]


@pytest.mark.usefixtures("selling")
def test_rows_that_close_before_they_begin_are_rejected(bring: Bring) -> None:
    run = bring("deals", "external_id,stage,created,closed\nD1,WON,2026-03-01,2026-02-01\n")

    assert run.rows_rejected == 1
    assert run.problems.get().problem == "Closed is before Created."


def test_stages_are_restated_and_their_chance_is_a_share(bring: Bring) -> None:
    run = bring("deal_stages", STAGES + "ODD,Odd,5,open,150%,pipeline\n")
    assert run.rows_rejected == 1
    assert DealStage.objects.get(code="NEW").probability == Decimal("0.1")

    run = bring("deal_stages", STAGES.replace("OFFER,Offer,2,open,0.5", "OFFER,Offer sent,2,open,0.6"))

    assert (run.rows_changed, DealStage.objects.get(code="OFFER").name) == (1, "Offer sent")


def test_contacts_are_found_again_by_account_and_address(bring: Bring) -> None:
    bring("contacts", "account,name,email,phone\nA1,Ada Berg,ada@example.com,1\n")

    run = bring(
        "contacts",
        "account,name,email,job_title\nA1,Ada Holm,ada@example.com,Buyer\nA1,Bo Lund,bo@example.com,\n",
    )

    assert (run.rows_new, run.rows_changed) == (1, 1)
    ada = Contact.objects.get(email="ada@example.com")
    assert (ada.name, ada.phone, ada.job_title, ada.revision) == ("Ada Holm", "1", "Buyer", 2)


def test_a_newer_team_of_a_rep_ends_the_one_before(bring: Bring) -> None:
    bring("reps", "code,name\nR1,Rep One\nR9,The boss\n")
    bring("teams", "code,name,leader\nNORTH,North,R9\nSOUTH,South,\n")
    bring("team_members", "team,rep,valid_from\nNORTH,R1,2026-01-01\n")
    bring("team_members", "team,rep,valid_from\nSouth,R1,2026-07-01\n")

    assert Team.objects.get(code="NORTH").leader == Rep.objects.get(code="R9")
    found = TeamMembership.objects.order_by("days").values_list("team__code", "days")
    assert [(team, days.lower, days.upper) for team, days in found] == [
        ("NORTH", dt.date(2026, 1, 1), dt.date(2026, 7, 1)),
        ("SOUTH", dt.date(2026, 7, 1), None),
    ]
