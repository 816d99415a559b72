"""Who is credited: rules by position and day, splits, overlays, managers, teams."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pgtrigger
import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Family, Market, Product, Unit
from compensation.models import Credit, CreditRule, DealSplit, Position
from compensation.pipeline.crediting import make_credits
from crm.models import Deal, DealLine, Rep, Team, TeamMembership
from territories.pipeline.assignments import settle
from territories.pipeline.placing import Move, place
from territories.services.roles import standard_roles
from tests.compensation.company import deal, rep_on, role
from tests.territories.world import BEGIN, a_model_in_force, a_territory, an_overlay, covers

pytestmark = pytest.mark.django_db
MAY, JUNE, ALWAYS = dt.date(2026, 5, 12), dt.date(2026, 6, 1), DateRange(dt.date(2020, 1, 1), None)


def rule(name: str, kind: str, getter: str, **values: Any) -> CreditRule:
    return CreditRule.objects.create(name=name, kind=kind, getter=getter, **({"days": ALWAYS} | values))


def shares(of: Deal | None = None) -> list[tuple[str, str, Decimal]]:
    rows = Credit.objects.filter(is_gone=False).order_by("kind", "rep__code", "day")
    rows = rows.filter(deal=of) if of else rows
    return [(row.kind, row.rep.code, row.amount) for row in rows.select_related("rep")]


def test_who_covered_the_account_on_the_day_is_credited_and_a_later_move_counts_later() -> None:
    model, account_of = a_model_in_force(), rep_on(None, "crm")
    early, late = deal(account_of, 100, MAY), deal(account_of, 70, MAY + dt.timedelta(4))
    north = a_territory(model, "north")
    ann, bob = rep_on(None, "ann"), rep_on(None, "bob")
    covers(ann, north, BEGIN, MAY + dt.timedelta(2))
    covers(bob, north, MAY + dt.timedelta(2))
    assert early.account is not None
    place(model, [Move(early.account.pk, north.pk)], BEGIN)
    settle()
    rule("Owner", "direct", "coverage", coverage_role=standard_roles()["owner"])
    make_credits()
    assert shares(early) == [("direct", "ann", Decimal(100))]
    assert shares(late) == [("direct", "bob", Decimal(70))]
    assert Credit.objects.get(deal=late).territory == north
    assert Credit.objects.get(deal=late).role == "owner"


def test_the_last_day_of_a_coverage_is_outside_of_it() -> None:
    model, won = a_model_in_force(), deal(rep_on(None, "crm"), 100, MAY)
    north = a_territory(model, "north")
    covers(rep_on(None, "ann"), north, BEGIN, MAY)
    assert won.account is not None
    place(model, [Move(won.account.pk, north.pk)], BEGIN)
    settle()
    rule("Owner", "direct", "coverage", coverage_role=standard_roles()["owner"])
    assert make_credits().without_rep == 1
    assert shares() == []


def test_the_first_direct_rule_that_finds_somebody_gives_the_whole_credit() -> None:
    won = deal(rep_on(None, "ann"), 100, MAY)
    bob = rep_on(None, "bob")
    rule("By coverage", "direct", "coverage", coverage_role=standard_roles()["owner"], position=1)
    rule("Bob", "direct", "rep", rep=bob, position=2, pipelines=["Partners"])
    rule("The deal's", "direct", "deal_rep", position=3)
    make_credits()
    assert shares() == [("direct", "ann", Decimal(100))]
    Deal.objects.filter(pk=won.pk).update(pipeline="Partners")
    run = make_credits()
    assert (run.came, run.gone) == (1, 1)
    assert shares() == [("direct", "bob", Decimal(100))]


def test_a_rule_counts_from_its_first_day_and_before_it_the_deals_rep_is_credited() -> None:
    ann, bob = rep_on(None, "ann"), rep_on(None, "bob")
    before, after = deal(ann, 100, JUNE - dt.timedelta(1)), deal(ann, 100, JUNE)
    rule("Bob", "direct", "rep", rep=bob, days=DateRange(JUNE, None))
    make_credits()
    assert (shares(before)[0][1], shares(after)[0][1]) == ("ann", "bob")


def test_an_inactive_rule_gives_nothing() -> None:
    deal(rep_on(None, "ann"), 100, MAY)
    rule("Bob", "direct", "rep", rep=rep_on(None, "bob"), is_active=False)
    make_credits()
    assert shares() == [("direct", "ann", Decimal(100))]


def test_a_market_and_a_family_fit_all_below_them() -> None:
    top = Market.objects.create(code="eu", name="Europe")
    below = Market.objects.create(code="de", name="Germany", parent=top)
    family = Family.objects.create(code="pumps", name="Pumps")
    inner = Family.objects.create(code="small", name="Small", parent=family)
    unit = Unit.objects.create(code="pc", name="Piece")
    product = Product.objects.create(code="p1", name="P1", family=inner, unit=unit)
    ann = rep_on(None, "ann")
    won = deal(ann, 100, MAY, product=product)
    other = deal(ann, 50, MAY)
    assert won.account is not None
    won.account.market = below
    won.account.save()
    rule("Pumps", "overlay", "rep", rep=rep_on(None, "eve"), family=family, market=top)
    make_credits()
    assert shares(won) == [("direct", "ann", Decimal(100)), ("overlay", "eve", Decimal(100))]
    assert shares(other) == [("direct", "ann", Decimal(50))]


def test_only_reps_in_the_role_on_the_day_fit_a_rule_for_it() -> None:
    eve = rep_on(None, "eve")
    Position.objects.create(rep=eve, role=role("se"), days=DateRange(dt.date(2026, 1, 1), MAY))
    ann = rep_on(None, "ann")
    before, after = deal(ann, 100, MAY - dt.timedelta(1)), deal(ann, 100, MAY)
    rule("Engineers", "overlay", "rep", rep=eve, pay_role=role("se"), percent=50)
    make_credits()
    assert shares(before)[1:] == [("overlay", "eve", Decimal(50))]
    assert shares(after)[1:] == []


def test_an_overlay_role_adds_its_share_to_the_direct_credit() -> None:
    model, won = a_model_in_force(), deal(rep_on(None, "ann"), 100, MAY)
    north, specialist = a_territory(model, "north"), an_overlay()
    covers(rep_on(None, "eve"), north, role=specialist, share=Decimal("0.5"))
    assert won.account is not None
    place(model, [Move(won.account.pk, north.pk)], BEGIN)
    settle()
    rule("Specialists", "overlay", "coverage", coverage_role=specialist, percent=40)
    make_credits()
    assert shares() == [("direct", "ann", Decimal(100)), ("overlay", "eve", Decimal(20))]
    assert Credit.objects.get(kind="overlay").role == "specialist"


def test_a_split_wins_over_rules_and_three_thirds_are_exactly_the_deal() -> None:
    won = deal(rep_on(None, "ann"), 100, MAY)
    rule("Zoe", "direct", "rep", rep=rep_on(None, "zoe"))
    for code, percent in (("bob", "33.33"), ("cid", "33.33"), ("dan", "33.34")):
        DealSplit.objects.create(deal=won, rep=rep_on(None, code), percent=percent)
    make_credits()
    assert shares() == [
        ("split", "bob", Decimal("33.33")),
        ("split", "cid", Decimal("33.33")),
        ("split", "dan", Decimal("33.34")),
    ]


def test_managers_get_the_shares_of_all_their_people_together() -> None:
    boss = rep_on(None, "boss")
    head = rep_on(None, "head", manager=boss)
    ann, bob = rep_on(None, "ann", manager=head), rep_on(None, "bob", manager=boss)
    won = deal(ann, Decimal("0.0003"), MAY)
    for rep in (ann, bob):
        DealSplit.objects.create(deal=won, rep=rep, percent=50)
    rule("One level", "roll_up", "manager", levels=1)
    make_credits()
    rolled = [row for row in shares() if row[0] == "roll_up"]
    assert [code for _, code, _ in rolled] == ["boss", "head"]
    CreditRule.objects.update(levels=2)
    make_credits()
    rolled = [row for row in shares() if row[0] == "roll_up"]
    assert rolled[0] == ("roll_up", "boss", Decimal("0.0003"))


def test_a_new_manager_counts_from_the_day_of_the_change_on() -> None:
    old, new = rep_on(None, "old"), rep_on(None, "new")
    ann = rep_on(None, "ann", manager=old)
    with pgtrigger.ignore(), connection.cursor() as cursor:  # as if ann had been there for long
        cursor.execute("UPDATE crm_repevent SET pgh_created_at = '2026-03-01 12:00+00'")
    Rep.objects.filter(pk=ann.pk).update(manager=new)
    today = timezone.localdate()
    earliest, before = deal(ann, 100, dt.date(2026, 1, 5)), deal(ann, 100, today - dt.timedelta(1))
    after = deal(ann, 100, today)
    rule("Managers", "roll_up", "manager")
    make_credits()
    assert [shares(one)[1][1] for one in (earliest, before, after)] == ["old", "old", "new"]


def test_the_rest_of_the_team_is_credited_on_the_days_of_the_team() -> None:
    team = Team.objects.create(code="north", name="North")
    ann, bob, cid = (rep_on(None, code) for code in ("ann", "bob", "cid"))
    for rep in (ann, bob):
        TeamMembership.objects.create(team=team, rep=rep, days=ALWAYS)
    TeamMembership.objects.create(team=team, rep=cid, days=DateRange(JUNE, None))
    early, late = deal(ann, 100, MAY), deal(ann, 100, JUNE)
    rule("Team", "team", "team", percent=10)
    make_credits()
    assert shares(early)[1:] == [("team", "bob", Decimal(10))]
    assert shares(late)[1:] == [("team", "bob", Decimal(10)), ("team", "cid", Decimal(10))]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.integers(1, 40_000_000), min_size=1, max_size=6),
    ticks=st.integers(-(10**9), 10**9),
    quantity=st.integers(0, 10**6),
)
def test_any_split_adds_up_to_the_deal_exactly(parts: list[int], ticks: int, quantity: int) -> None:
    total = sum(parts)
    exact = [Decimal(part * 100_000_000 // total).scaleb(-6) for part in parts]
    exact[0] += 100 - sum(exact)
    exact = [one for one in exact if one > 0]
    amount = Decimal(ticks).scaleb(-4)
    number = Deal.objects.count()
    won = deal(rep_on(None, f"own{number}"), amount, MAY)
    line = DealLine.objects.create(deal=won, position=1, quantity=Decimal(quantity).scaleb(-4), amount=1)
    for place_, percent in enumerate(exact):
        DealSplit.objects.create(deal=won, rep=rep_on(None, f"r{number}.{place_}"), percent=percent)
    make_credits()
    rows = Credit.objects.filter(deal=won)
    assert sum(row.amount for row in rows) == amount
    assert sum(row.quantity for row in rows) == line.quantity
    for row in rows:
        assert abs(row.amount - amount * row.percent / 100) < Decimal("0.0001")
