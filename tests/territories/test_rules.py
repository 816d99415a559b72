"""Rules place accounts: priority, ties, inheritance, pins and exclusions; dry runs and runs."""

from typing import Any

import pytest
from django.utils import timezone

from core.errors import Invalid
from crm.models import Account
from territories.models import Assignment, Placement, Rule, RuleOverlap, RuleRun, Territory
from territories.pipeline.placing import Move, place
from territories.pipeline.rule_preview import preview
from territories.pipeline.rule_running import run_rules
from territories.selectors.models import PLANNED_FROM, unplaced, vacant
from territories.selectors.rule_reasons import why_here
from territories.selectors.rules import is_stale, newest_run
from territories.services.rules import add_pin, add_rule, change_rule, withdraw_pin
from tests.territories.world import (
    a_model,
    a_model_in_force,
    a_rep,
    a_territory,
    an_account,
    an_overlay,
    covers,
)

GERMANY = {"field": "country", "is": "is", "value": "Germany"}
RETAIL = {"field": "industry", "is": "is", "value": "Retail"}
BIG = {"field": "employees", "is": "at least", "value": 500}
pytestmark = pytest.mark.django_db


def a_rule(territory: Territory, condition: dict[str, Any], **values: Any) -> Rule:
    values = {"name": f"rule of {territory.code}", "priority": 100} | values
    return add_rule(actor=None, territory=territory, values=values | {"condition": condition})


def where(account: Account, role: Any = None) -> str | None:
    found = Placement.objects.filter(account=account, role=role, days__endswith=None).first()
    return found.territory.code if found else None


def test_a_rule_places_the_accounts_that_meet_it() -> None:
    model = a_model()
    north = a_territory(model, "north")
    german, french = an_account("A1", country="germany "), an_account("A2", country="France")
    a_rule(north, GERMANY)
    run = run_rules(model, by=None)
    assert (where(german), where(french)) == ("north", None)
    assert (run.accounts, run.gaps, run.changed) == (2, 1, 1)
    assert Placement.objects.get().days.lower == PLANNED_FROM


def test_the_gap_list_shrinks_as_rules_are_added() -> None:
    model = a_model()
    north, south = a_territory(model, "north"), a_territory(model, "south")
    for number, country in enumerate(["Germany", "Germany", "France", "Spain"]):
        an_account(f"A{number}", country=country)
    counts = [unplaced(model, None).count()]
    for territory, country in ((north, "Germany"), (south, "France")):
        a_rule(territory, {"field": "country", "is": "is", "value": country})
        run_rules(model, by=None)
        counts.append(unplaced(model, None).count())
    assert counts == [4, 2, 1]


def test_run_again_it_changes_nothing() -> None:
    model = a_model()
    a_rule(a_territory(model, "north"), GERMANY)
    an_account("A1", country="Germany")
    run_rules(model, by=None)
    kept = list(Placement.objects.values_list("pk", flat=True))
    assert run_rules(model, by=None).changed == 0
    assert list(Placement.objects.values_list("pk", flat=True)) == kept


def test_the_lowest_priority_number_wins_whatever_the_age() -> None:
    model = a_model()
    old, new = a_territory(model, "old"), a_territory(model, "new")
    account = an_account("A1", country="Germany", industry="Retail")
    a_rule(old, GERMANY, priority=200)
    a_rule(new, RETAIL, priority=100)
    run = run_rules(model, by=None)
    assert where(account) == "new"
    assert run.overlaps == 0


def test_at_the_same_priority_the_older_rule_wins_and_an_overlap_is_listed() -> None:
    model = a_model()
    first, second = a_territory(model, "first"), a_territory(model, "second")
    account = an_account("A1", country="Germany", industry="Retail")
    older = a_rule(first, GERMANY)
    younger = a_rule(second, RETAIL)
    assert run_rules(model, by=None).overlaps == 1
    found = RuleOverlap.objects.get()
    assert (found.account, found.rule, found.rival, found.rivals) == (account, older, younger, 1)
    change_rule(actor=None, rule=younger, revision=1, changes={"priority": 50})
    assert run_rules(model, by=None).overlaps == 0
    assert (where(account), RuleOverlap.objects.count()) == ("second", 0)


def test_two_rules_of_one_territory_are_no_overlap() -> None:
    model = a_model()
    only = a_territory(model, "only")
    an_account("A1", country="Germany", industry="Retail")
    a_rule(only, GERMANY)
    a_rule(only, RETAIL)
    assert run_rules(model, by=None).overlaps == 0


def test_a_rule_that_is_switched_off_takes_nothing() -> None:
    model = a_model()
    account = an_account("A1", country="Germany")
    rule = a_rule(a_territory(model, "north"), GERMANY)
    run_rules(model, by=None)
    change_rule(actor=None, rule=rule, revision=1, changes={"is_active": False})
    run_rules(model, by=None)
    assert where(account) is None


def test_what_is_inherited_must_be_met_all_the_way_up() -> None:
    model = a_model()
    top = a_territory(model, "top")
    middle = a_territory(model, "middle", parent=top)  # has no rule: the one above it counts
    low = a_territory(model, "low", parent=middle)
    german = an_account("A1", country="Germany", industry="Retail")
    french = an_account("A2", country="France", industry="Retail")
    a_rule(top, GERMANY, priority=500)
    a_rule(low, RETAIL, inherits=True)
    run_rules(model, by=None)
    assert (where(german), where(french)) == ("low", None)


def test_pins_go_before_rules_and_exclusions_keep_out() -> None:
    model = a_model()
    north, south = a_territory(model, "north"), a_territory(model, "south")
    pinned, excluded = an_account("A1", country="Germany"), an_account("A2", country="Germany")
    a_rule(north, GERMANY)
    pin = add_pin(actor=None, territory=south, account=pinned, kind="pin", reason="Signed in Graz")
    add_pin(actor=None, territory=north, account=excluded, kind="exclusion", reason="A competitor")
    run_rules(model, by=None)
    assert (where(pinned), where(excluded)) == ("south", None)
    withdraw_pin(actor=None, pin=pin, revision=1)
    run_rules(model, by=None)
    assert where(pinned) == "north"


def test_an_account_is_pinned_to_one_territory_of_a_layer() -> None:
    model, overlay = a_model(), an_overlay()
    north, south = a_territory(model, "north"), a_territory(model, "south")
    beside = a_territory(model, "beside", type="overlay", role=overlay)
    account = an_account("A1")
    add_pin(actor=None, territory=north, account=account, kind="pin", reason="Why not")
    add_pin(actor=None, territory=beside, account=account, kind="pin", reason="Needs help")
    with pytest.raises(Invalid, match="pinned to north already"):
        add_pin(actor=None, territory=south, account=account, kind="pin", reason="Why not")


def test_a_pin_says_why() -> None:
    with pytest.raises(Invalid, match="Say why"):
        add_pin(
            actor=None,
            territory=a_territory(a_model(), "north"),
            account=an_account("A1"),
            kind="pin",
            reason=" ",
        )


def test_each_overlay_role_is_a_layer_by_itself() -> None:
    model, overlay = a_model(), an_overlay()
    north = a_territory(model, "north")
    beside = a_territory(model, "beside", type="overlay", role=overlay)
    account = an_account("A1", country="Germany")
    a_rule(north, GERMANY)
    a_rule(beside, GERMANY)
    run = run_rules(model, by=None)
    assert (where(account), where(account, overlay)) == ("north", "beside")
    assert run.overlaps == 0


def test_inactive_accounts_leave_their_territory() -> None:
    model = a_model()
    a_rule(a_territory(model, "north"), GERMANY)
    account = an_account("A1", country="Germany")
    run_rules(model, by=None)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    run_rules(model, by=None)
    assert where(account) is None


def test_what_people_decided_stays_unless_asked() -> None:
    model = a_model()
    north, south = a_territory(model, "north"), a_territory(model, "south")
    moved, taken_out = an_account("A1", country="Germany"), an_account("A2", country="Germany")
    a_rule(north, GERMANY)
    place(
        model, [Move(moved.pk, south.pk, None, "hand"), Move(taken_out.pk, None, None, "hand")], PLANNED_FROM
    )
    run = run_rules(model, by=None)
    assert (where(moved), where(taken_out), run.changed) == ("south", None, 0)
    run_rules(model, by=None, keep_decided=False)
    assert (where(moved), where(taken_out)) == ("north", "north")


def test_a_dry_run_says_what_would_move_and_stores_nothing() -> None:
    model = a_model()
    north = a_territory(model, "north")
    an_account("A1", country="Germany")
    an_account("A2", country="France")
    a_rule(north, GERMANY, name="Germans")
    seen = preview(model, user=None)
    assert (seen.changed, seen.gaps, seen.gaps_before) == (1, 1, 2)
    assert [(one.code, one.before, one.after, one.come) for one in seen.territories] == [
        ("north", 0, 1, 1),
        ("", 2, 1, 0),
    ]
    assert [(one.account, one.was, one.now, one.why) for one in seen.examples] == [
        ("A1", "", "north", "Germans")
    ]
    assert not Placement.objects.exists() and not RuleRun.objects.exists()


def test_a_run_of_the_model_in_force_settles_who_covers_from_today() -> None:
    model = a_model_in_force()
    north = a_territory(model, "north")
    rep, account = a_rep("R1"), an_account("A1", country="Germany")
    covers(rep, north)
    a_rule(north, GERMANY)
    run_rules(model, by=None)
    held = Assignment.objects.get(account=account)
    assert (held.rep, held.days.lower) == (rep, timezone.localdate())


def test_a_model_in_planning_settles_nothing() -> None:
    model = a_model()
    north = a_territory(model, "north")
    covers(a_rep("R1"), north)
    an_account("A1", country="Germany")
    a_rule(north, GERMANY)
    run_rules(model, by=None)
    assert not Assignment.objects.exists()


def test_a_territory_with_accounts_and_without_a_rep_is_a_gap() -> None:
    model = a_model()
    north, south = a_territory(model, "north"), a_territory(model, "south")
    an_account("A1", country="Germany")
    an_account("A2", industry="Retail")
    a_rule(north, GERMANY)
    a_rule(south, RETAIL)
    covers(a_rep("R1"), south)
    run_rules(model, by=None)
    assert [row.code for row in vacant(model, None)] == ["north"]


def test_a_run_is_stale_after_a_rule_or_an_account_changed() -> None:
    model = a_model()
    rule = a_rule(a_territory(model, "north"), GERMANY)
    assert is_stale(model, newest_run(model))
    run_rules(model, by=None)
    assert not is_stale(model, newest_run(model))
    an_account("A9")
    assert is_stale(model, newest_run(model))
    run_rules(model, by=None)
    change_rule(actor=None, rule=rule, revision=1, changes={"name": "Other"})
    assert is_stale(model, newest_run(model))


def test_why_here_names_the_rule_and_why_the_others_lost() -> None:
    model = a_model()
    north, south = a_territory(model, "north"), a_territory(model, "south")
    west = a_territory(model, "west", parent=north)
    account = an_account("A1", country="Germany", industry="Retail", employees=900)
    a_rule(north, GERMANY, name="Germans")
    a_rule(south, RETAIL, name="Shops")
    a_rule(south, BIG, name="Big ones", priority=300)
    a_rule(west, {"all": [RETAIL, BIG]}, name="Big shops", inherits=True, priority=400)
    run_rules(model, by=None)
    (why,) = why_here(account, model, None)
    assert why.reason == "Rule “Germans” (priority 100): country is Germany."
    assert [(other.rule.name, other.why_not) for other in why.others] == [
        ("Shops", "Overlap: “Germans” has the same priority and is older."),
        ("Big ones", "Priority 300 comes after 100 of “Germans”."),
        ("Big shops", "Priority 400 comes after 100 of “Germans”."),
    ]
    assert not why.is_stale


def test_why_here_names_the_pin_the_exclusion_and_what_is_not_inherited() -> None:
    model = a_model()
    north, south = a_territory(model, "north"), a_territory(model, "south")
    west = a_territory(model, "west", parent=south)
    account = an_account("A1", country="Germany", industry="Retail")
    a_rule(north, GERMANY, name="Germans")
    a_rule(south, BIG, name="Big ones")
    a_rule(west, RETAIL, name="Shops of big ones", inherits=True)
    add_pin(actor=None, territory=south, account=account, kind="pin", reason="They asked for it")
    add_pin(actor=None, territory=north, account=account, kind="exclusion", reason="A quarrel")
    (before,) = why_here(account, model, None)
    assert before.territory is None and before.is_stale and before.expected == south
    run_rules(model, by=None)
    (why,) = why_here(account, model, None)
    assert why.reason == "It is pinned here: They asked for it."
    assert [other.why_not for other in why.others] == [
        "The account is excluded from this territory.",
        "It inherits, and the account meets no rule of the territory above.",
    ]
    assert [pin.reason for pin in why.exclusions] == ["A quarrel"]
