"""Who may say what about demand: streams, scope, stages; and what becomes of each number."""

from typing import Any

import pytest

from catalog.models import Scope
from core.errors import Denied, Invalid, Refused
from core.models import Event, Person
from planning.models import Cycle, DemandInput
from planning.selectors.demand_inputs import change_percent, outcomes_of
from planning.services.demand import withdraw_input, write_input
from planning.services.demand_events import add_event
from planning.services.reviews import review_family
from planning.services.streams import reopen_stream, submit_stream, waive_stream
from tests.planning.conftest import FIRST, Company
from tests.planning.demand_world import demand_cycle

__all__ = ["demand_cycle"]
pytestmark = pytest.mark.django_db


def say(actor: Person | None, cycle: Cycle, **changes: Any) -> DemandInput:
    said: dict[str, Any] = {"stream": "sales", "month": FIRST, "kind": "add", "value": 10}
    return write_input(actor=actor, cycle=cycle, **(said | changes))


def test_sellers_speak_for_sales_only(
    demand_cycle: Cycle, firm: Company, sales_rep: Person, sales_manager: Person
) -> None:
    place = {"product": firm.world.ridge, "market": firm.world.tyrol}
    row = say(sales_rep, demand_cycle, **place)
    assert row.author == sales_rep
    for stream in ("marketing", "finance", "pipeline"):
        with pytest.raises(Denied, match="You speak for sales"):
            say(sales_manager, demand_cycle, stream=stream, **place)


def test_a_sales_manager_settles_only_sales(demand_cycle: Cycle, sales_manager: Person) -> None:
    with pytest.raises(Denied, match="You speak for sales"):
        submit_stream(actor=sales_manager, cycle=demand_cycle, stream="finance")
    assert submit_stream(actor=sales_manager, cycle=demand_cycle, stream="sales").state == "submitted"
    with pytest.raises(Denied):
        waive_stream(actor=sales_manager, cycle=demand_cycle, stream="finance", reason="No")
    reopen_stream(actor=sales_manager, cycle=demand_cycle, stream="sales")


def test_a_rep_may_not_submit_and_an_executive_not_speak(
    demand_cycle: Cycle, sales_rep: Person, executive: Person
) -> None:
    with pytest.raises(Denied):
        submit_stream(actor=sales_rep, cycle=demand_cycle, stream="sales")
    with pytest.raises(Denied):
        say(executive, demand_cycle)


@pytest.mark.parametrize("market", ["alps", "tyrol"])
def test_a_person_speaks_within_the_own_markets(
    demand_cycle: Cycle, firm: Company, sales_rep: Person, market: str
) -> None:
    Scope.objects.create(person=sales_rep, market=firm.world.alps)
    say(sales_rep, demand_cycle, market=getattr(firm.world, market))
    with pytest.raises(Denied, match="not yours"):
        say(sales_rep, demand_cycle, market=firm.world.north)
    with pytest.raises(Denied, match="Name one of them"):
        say(sales_rep, demand_cycle)


def test_a_person_speaks_within_the_own_families(
    demand_cycle: Cycle, firm: Company, sales_rep: Person
) -> None:
    Scope.objects.create(person=sales_rep, family=firm.world.touring)
    say(sales_rep, demand_cycle, product=firm.world.ridge)
    say(sales_rep, demand_cycle, family=firm.world.touring)
    for place in ({"product": firm.world.slope}, {"family": firm.world.skis}, {}):
        with pytest.raises(Denied):
            say(sales_rep, demand_cycle, **place)


def test_nobody_withdraws_outside_the_own_scope(
    demand_cycle: Cycle, firm: Company, analyst: Person, sales_rep: Person
) -> None:
    row = say(analyst, demand_cycle, market=firm.world.north)
    Scope.objects.create(person=sales_rep, market=firm.world.tyrol)
    with pytest.raises(Denied):
        withdraw_input(actor=sales_rep, row=row, revision=row.revision)


def test_events_are_kept_by_planners(demand_cycle: Cycle, firm: Company, sales_manager: Person) -> None:
    with pytest.raises(Denied, match="kept by the planners"):
        add_event(
            actor=sales_manager, cycle=demand_cycle, kind="promotion", title="Fair",
            product=firm.world.ridge, first=FIRST, last=FIRST, units_a_month=1,
        )  # fmt: skip


def test_an_analyst_reviews_only_the_own_families(
    demand_cycle: Cycle, firm: Company, analyst: Person
) -> None:
    Scope.objects.create(person=analyst, family=firm.world.touring)
    review_family(actor=analyst, cycle=demand_cycle, family=firm.world.touring, state="reviewed")
    with pytest.raises(Denied, match="not yours"):
        review_family(actor=analyst, cycle=demand_cycle, family=firm.world.skis, state="reviewed")


def test_numbers_are_given_in_demand_planning_only(cycle: Cycle, analyst: Person) -> None:
    with pytest.raises(Refused, match="in data gathering; this belongs to demand planning"):
        say(analyst, cycle)


def test_a_stream_that_has_spoken_keeps_its_numbers(demand_cycle: Cycle, analyst: Person) -> None:
    row = say(analyst, demand_cycle)
    submit_stream(actor=analyst, cycle=demand_cycle, stream="sales")
    with pytest.raises(Refused, match="Reopen it"):
        say(analyst, demand_cycle, value=20, revision=1)
    with pytest.raises(Refused, match="Reopen it"):
        withdraw_input(actor=analyst, row=row, revision=1)


def test_a_stream_with_numbers_is_not_waived(demand_cycle: Cycle, manager: Person) -> None:
    say(manager, demand_cycle)
    with pytest.raises(Refused, match="holds 1 numbers"):
        waive_stream(actor=manager, cycle=demand_cycle, stream="sales", reason="Too late")


def test_every_number_leaves_an_event_with_before_and_after(demand_cycle: Cycle, analyst: Person) -> None:
    say(analyst, demand_cycle, reason_code="market", note="Growing")
    say(analyst, demand_cycle, value=30, reason_code="market", note="Growing", revision=1)
    changed = Event.objects.filter(verb="demand input written").first()
    assert changed is not None
    assert (changed.before["value"], changed.after["value"]) == ("10", "30")


def test_the_same_number_again_changes_nothing(demand_cycle: Cycle, analyst: Person) -> None:
    first = say(analyst, demand_cycle)
    again = say(analyst, demand_cycle, revision=first.revision)
    assert (again.pk, again.revision) == (first.pk, first.revision)


def test_a_number_that_is_not_one_is_refused(demand_cycle: Cycle, analyst: Person) -> None:
    with pytest.raises(Invalid, match="Write a number"):
        say(analyst, demand_cycle, value=float("nan"))


def test_what_a_number_changes_is_told_against_its_baseline(demand_cycle: Cycle, analyst: Person) -> None:
    assert change_percent(say(analyst, demand_cycle, kind="replace", value=900)) == pytest.approx(50)
    assert change_percent(say(analyst, demand_cycle, stream="finance", value=-60)) == pytest.approx(-10)
    percent = say(analyst, demand_cycle, stream="marketing", kind="percent", value=7)
    assert change_percent(percent) == 7


def test_the_outcome_comes_with_the_sales_of_the_month(
    demand_cycle: Cycle, firm: Company, analyst: Person
) -> None:
    unit = firm.units[0]
    place = {"product": unit.product, "market": unit.market}
    row = say(analyst, demand_cycle, kind="replace", value=500, **place)
    before = outcomes_of(demand_cycle, [row])[row.pk]
    assert (before.actual, before.helped) == (None, None)
    firm.world.sell(unit, FIRST, quantity=400)
    after = outcomes_of(demand_cycle, [row])[row.pk]
    assert (after.actual, after.helped) == (400, True)
    firm.world.sell(firm.units[1], FIRST, quantity=5)  # another unit: not its outcome
    assert outcomes_of(demand_cycle, [row])[row.pk].actual == 400
