"""Open deals stay with the old rep until the hold-over is over; then they go to the account's owner."""

import datetime as dt

import pytest

from core import company
from core.models import Event, Notification, Person
from core.services import change_setting
from crm.models import Deal, DealChange, DealStage
from territories.models import Scenario
from territories.pipeline.handing_over import hand_over_deals
from territories.pipeline.owners import keep_ownership
from territories.services.scenario_accounts import move_accounts
from territories.services.scenario_moves import move_scenario
from tests.territories.realigning import PUBLISH, Realigned, rows_of

LAST = PUBLISH + dt.timedelta(days=30)
AFTER = LAST + dt.timedelta(days=1)
STAGES = ("open", "won")


@pytest.fixture
def published(world: Realigned, analyst: Person, manager: Person) -> Scenario:
    """a09 goes from Nora in the north to Sid in the south."""
    scenario = world.scenario(analyst)
    rows = rows_of(scenario, "a09")
    move_accounts(actor=analyst, scenario=scenario, rows=rows, territory=world.south)
    move_scenario(actor=analyst, scenario=scenario, name="submit")
    move_scenario(actor=manager, scenario=scenario, name="approve")
    return move_scenario(actor=manager, scenario=scenario, name="publish")


@pytest.fixture
def territories_decide(published: Scenario, vp: Person) -> None:
    """From the scenario's day on the accounts have the owners that it gave them."""
    change_setting(actor=vp, key="account_owners", value="territories", revision=0, reason="")
    company.forget()
    keep_ownership(PUBLISH)


def _deal(world: Realigned, key: str, spot: int = 9, kind: str = "open", **values: object) -> Deal:
    stage, _ = DealStage.objects.get_or_create(
        code=kind, defaults={"name": kind, "kind": kind, "position": STAGES.index(kind), "probability": 0}
    )
    values = {"rep": world.nora, "account": world.accounts[spot], "stage": stage} | values
    return Deal.objects.create(source="test", external_id=key, name=key, base_amount=5000, **values)


def _rep(deal: Deal) -> str:
    deal.refresh_from_db()
    return deal.rep.code if deal.rep else ""


@pytest.mark.usefixtures("territories_decide")
def test_a_deal_stays_until_the_last_day_and_goes_over_on_the_next(world: Realigned) -> None:
    deal = _deal(world, "d1")

    assert (hand_over_deals(LAST), _rep(deal)) == (0, "nora")
    assert (hand_over_deals(AFTER), _rep(deal)) == (1, "sid")


@pytest.mark.usefixtures("territories_decide")
def test_the_history_of_the_deal_and_of_the_realignment_tell_it(
    world: Realigned, published: Scenario
) -> None:
    deal = _deal(world, "d1")
    hand_over_deals(AFTER)

    told = Event.objects.get(subject_type="crm.deal", subject_id=str(deal.pk))
    assert told.reason == f"Handed over after realignment {published}"
    step = DealChange.objects.get(deal=deal, field="owner")
    assert step.after == "sid"
    done = Event.objects.get(verb="open deals handed over", subject_id=str(published.pk))
    assert done.after == {"deals": 1, "not possible": []}


@pytest.mark.usefixtures("territories_decide")
def test_closed_deals_those_of_others_and_of_accounts_that_stay_are_left_alone(world: Realigned) -> None:
    closed = _deal(world, "d1", kind="won")
    of_sid = _deal(world, "d2", rep=world.sid)
    stays = _deal(world, "d3", spot=2)
    deleted = _deal(world, "d4", is_deleted=True)

    assert hand_over_deals(AFTER) == 0
    assert [_rep(deal) for deal in (closed, of_sid, stays, deleted)] == ["nora", "sid", "nora", "nora"]


@pytest.mark.usefixtures("territories_decide")
def test_a_deal_that_is_given_back_by_hand_is_not_taken_again(world: Realigned) -> None:
    deal = _deal(world, "d1")
    hand_over_deals(AFTER)
    Deal.objects.filter(pk=deal.pk).update(rep=world.nora)

    assert (hand_over_deals(AFTER), _rep(deal)) == (0, "nora")


@pytest.mark.usefixtures("territories_decide")
def test_the_new_rep_hears_of_it(world: Realigned, sales_rep: Person) -> None:
    world.sid.person = sales_rep
    world.sid.save()
    _deal(world, "Big one")

    hand_over_deals(AFTER)

    assert "Big one" in Notification.objects.get(person=sales_rep, title="1 open deal is yours now").text


@pytest.mark.usefixtures("published")
def test_where_the_crm_decides_who_owns_accounts_no_deal_changes_hands(world: Realigned) -> None:
    deal = _deal(world, "d1")

    assert (hand_over_deals(AFTER), _rep(deal)) == (0, "nora")


@pytest.mark.usefixtures("territories_decide")
def test_a_realignment_that_was_undone_hands_nothing_over(
    world: Realigned, published: Scenario, manager: Person
) -> None:
    deal = _deal(world, "d1")
    move_scenario(actor=manager, scenario=published, name="undo", reason="Called off.")

    assert (hand_over_deals(AFTER), _rep(deal)) == (0, "nora")


@pytest.mark.usefixtures("territories_decide")
def test_a_deal_that_cannot_be_changed_is_named_and_holds_nothing_up(
    world: Realigned, published: Scenario
) -> None:
    odd = _deal(world, "odd", created=dt.date(2199, 1, 1))
    deal = _deal(world, "d1")

    assert hand_over_deals(AFTER) == 1
    assert (_rep(odd), _rep(deal)) == ("nora", "sid")
    done = Event.objects.get(verb="open deals handed over", subject_id=str(published.pk))
    assert "created on a day to come" in done.after["not possible"][0]
