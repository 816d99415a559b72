"""Territory models and territories: copied whole, put into force, archived, deleted; the tree."""

import datetime as dt

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Person
from territories.models import (
    Assignment,
    ModelState,
    Pin,
    Placement,
    Rule,
    Territory,
    TerritoryModel,
    TerritoryRep,
)
from territories.pipeline.rule_running import run_rules
from territories.selectors.model_diff import (
    account_differences,
    account_sums,
    rule_differences,
    territory_differences,
)
from territories.selectors.models import model_on, tree_of
from territories.services.models import (
    activate_model,
    archive_model,
    change_model,
    copy_model,
    delete_model,
)
from territories.services.rules import add_pin
from territories.services.territories import add_territory, change_territory, delete_territory
from tests.territories.test_rules import GERMANY, RETAIL, a_rule
from tests.territories.world import (
    a_model,
    a_model_in_force,
    a_rep,
    a_territory,
    an_account,
    an_overlay,
    covers,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
SOON = TODAY + dt.timedelta(days=10)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests may be read before midnight and run after it."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


def a_whole_model(code: str = "fy26") -> TerritoryModel:
    """With a tree, rules, a pin, a rep and accounts that lie in it."""
    model = a_model(code)
    top = a_territory(model, "top")
    north = a_territory(model, "north", parent=top)
    a_rule(north, GERMANY)
    an_account(f"{code}-G", country="Germany")
    pinned = an_account(f"{code}-P", country="Germany")
    add_pin(actor=None, territory=top, account=pinned, kind="pin", reason="Headquarters")
    covers(a_rep(f"{code}-R"), north)
    covers(a_rep(f"{code}-T"), top)
    run_rules(model, by=None)
    return model


def test_a_copy_holds_everything_of_the_model() -> None:
    model = a_whole_model()
    copy = copy_model(actor=None, model=model, code="fy27", name="Year 27")
    assert (copy.state, copy.version, copy.copied_from) == (ModelState.PLANNING, 2, model)
    assert [(b.territory.code, b.depth, b.accounts, b.rules, b.owner) for b in tree_of(copy, None)] == [
        ("top", 0, 1, 0, "fy26-T"),
        ("north", 1, 1, 1, "fy26-R"),
    ]
    assert Pin.objects.filter(territory__model=copy).count() == 1
    placed = Placement.objects.filter(model=copy).order_by("account__code")
    assert [
        (row.rule and row.rule.territory.model, row.pin and row.pin.territory.model) for row in placed
    ] == [
        (copy, None),
        (None, copy),
    ]
    assert run_rules(copy, by=None).changed == 0


def test_a_copy_differs_from_its_model_in_what_was_changed_since() -> None:
    model = a_whole_model()
    copy = copy_model(actor=None, model=model, code="fy27", name="Year 27")
    assert territory_differences(model, copy, None) == rule_differences(model, copy, None) == []
    assert not account_differences(model, copy, None).exists()
    north = Territory.objects.get(model=copy, code="north")
    change_territory(actor=None, territory=north, revision=1, changes={"name": "Norden", "parent": None})
    south = a_territory(copy, "south")
    a_rule(south, GERMANY, name="All Germans", priority=1)
    late = an_account("LATE", country="Germany")
    run_rules(copy, by=None)
    assert [(d.state, d.name, d.what) for d in territory_differences(model, copy, None)] == [
        ("added", "south", "below nothing"),
        ("changed", "Norden (north)", "name: north → Norden; lies below: top → nothing"),
    ]
    assert [(d.state, d.name) for d in rule_differences(model, copy, None)] == [
        ("added", "All Germans, south")
    ]
    found = account_differences(model, copy, None).order_by("code")
    assert [(row.code, row.change, row.was_code, row.now_code) for row in found] == [
        (late.code, "added", None, "south"),
        ("fy26-G", "moved", "north", "south"),
    ]
    assert {change: one["accounts"] for change, one in account_sums(found).items()} == {
        "added": 1,
        "gone": 0,
        "moved": 1,
    }


def test_putting_a_model_into_force_ends_the_other_and_settles_who_covers() -> None:
    old = a_model_in_force()
    model = a_whole_model("fy27")
    activate_model(actor=None, model=model, revision=1, first_day=SOON)
    old.refresh_from_db()
    assert (old.state, old.days.upper) == (ModelState.ARCHIVED, SOON)
    assert (model_on(SOON), model_on(SOON - dt.timedelta(days=1))) == (model, old)
    held = Assignment.objects.filter(account__code="fy27-G").values_list("rep__code", "days")
    assert list(held) == [("fy27-R", DateRange(SOON, None))]


def test_a_model_is_not_put_into_force_with_every_reason_at_once() -> None:
    a_model_in_force()
    model = a_model("fy27")
    a_rule(a_territory(model, "north"), GERMANY)
    a_territory(model, "bare")
    an_account("A1")
    with pytest.raises(Refused) as refusal:
        activate_model(actor=None, model=model, revision=1, first_day=dt.date(2026, 1, 1))
    text = str(refusal.value)
    for part in (
        "Run them first",
        "Choose a later first day",
        "No rule and no account: bare",
        "has no territory",
    ):
        assert part in text
    model.refresh_from_db()
    assert model.state == ModelState.PLANNING


def test_warnings_are_accepted_but_reasons_are_not() -> None:
    model = a_model()
    a_rule(a_territory(model, "north"), GERMANY)
    an_account("A1")
    with pytest.raises(Refused, match="Run them first"):
        activate_model(actor=None, model=model, revision=1, first_day=SOON, despite=True)
    run_rules(model, by=None)
    with pytest.raises(Refused, match="1 active account has no territory"):
        activate_model(actor=None, model=model, revision=1, first_day=SOON)
    assert activate_model(actor=None, model=model, revision=1, first_day=SOON, despite=True).state == "active"


def test_an_empty_model_and_one_in_force_are_not_put_into_force() -> None:
    with pytest.raises(Refused, match="has no territory yet"):
        activate_model(actor=None, model=a_model(), revision=1, first_day=SOON)
    with pytest.raises(Refused, match="is active"):
        activate_model(actor=None, model=a_model_in_force("old"), revision=1, first_day=SOON)


def test_a_model_somebody_changed_meanwhile_is_not_put_into_force() -> None:
    model = a_whole_model()
    change_model(actor=None, model=model, revision=1, changes={"name": "Other"})
    with pytest.raises(Conflict):
        activate_model(actor=None, model=model, revision=1, first_day=SOON)


def test_only_vp_and_manager_put_into_force(analyst: Person, manager: Person) -> None:
    model = a_whole_model()
    with pytest.raises(Denied):
        activate_model(actor=analyst, model=model, revision=1, first_day=SOON)
    assert activate_model(actor=manager, model=model, revision=1, first_day=SOON).state == "active"


def test_archiving_ends_the_model_after_its_last_day() -> None:
    model = a_model_in_force()
    archive_model(actor=None, model=model, revision=1, last_day=TODAY)
    assert (model_on(TODAY), model_on(TODAY + dt.timedelta(days=1))) == (model, None)
    with pytest.raises(Refused, match="only the one in force"):
        archive_model(actor=None, model=a_model("fy27"), revision=1, last_day=TODAY)


def test_a_model_is_not_archived_before_it_began() -> None:
    with pytest.raises(Refused, match="Choose that day or a later one"):
        archive_model(actor=None, model=a_model_in_force(), revision=1, last_day=dt.date(2020, 1, 1))


def test_a_planned_model_is_deleted_with_everything_in_it() -> None:
    model = a_whole_model()
    delete_model(actor=None, model=model, revision=1)
    for table in (TerritoryModel, Territory, Rule, Pin, Placement, TerritoryRep):
        assert not table._default_manager.exists()


def test_what_is_in_force_or_was_copied_is_not_deleted() -> None:
    model = a_model_in_force()
    copy_model(actor=None, model=model, code="fy27", name="Year 27")
    with pytest.raises(Refused) as refusal:
        delete_model(actor=None, model=model, revision=1)
    assert len(refusal.value.reasons) == 2


def test_a_territory_moves_with_everything_below_it_but_not_below_itself() -> None:
    model = a_model()
    top, other = a_territory(model, "top"), a_territory(model, "other")
    low = a_territory(model, "low", parent=top)
    change_territory(actor=None, territory=top, revision=1, changes={"parent": other})
    assert [(b.territory.code, b.depth) for b in tree_of(model, None)] == [
        ("other", 0),
        ("top", 1),
        ("low", 2),
    ]
    top.refresh_from_db()
    with pytest.raises(Invalid, match="cannot lie below itself"):
        change_territory(actor=None, territory=top, revision=2, changes={"parent": low})


def test_a_territory_lies_below_one_of_its_own_model() -> None:
    elsewhere = a_territory(a_model("other"), "top")
    values = {"code": "low", "name": "Low", "type": "geographic", "parent": elsewhere}
    with pytest.raises(Invalid, match="belongs to another model"):
        add_territory(actor=None, model=a_model(), values=values)


def test_an_overlay_territory_names_its_role_and_others_have_none() -> None:
    model, role = a_model(), an_overlay()
    with pytest.raises(Invalid, match="Choose the overlay role"):
        add_territory(actor=None, model=model, values={"code": "a", "name": "A", "type": "overlay"})
    with pytest.raises(Invalid, match="Only an overlay territory has a role"):
        add_territory(
            actor=None, model=model, values={"code": "a", "name": "A", "type": "named", "role": role}
        )


def test_a_code_is_used_once_in_a_model() -> None:
    model = a_model()
    a_territory(model, "north")
    with pytest.raises(Invalid, match="has a territory with this code already"):
        add_territory(actor=None, model=model, values={"code": "north", "name": "N", "type": "named"})


def test_a_territory_in_force_or_with_others_below_is_not_deleted() -> None:
    model = a_model_in_force()
    top = a_territory(model, "top")
    a_territory(model, "low", parent=top)
    with pytest.raises(Refused) as refusal:
        delete_territory(actor=None, territory=top, revision=1)
    assert len(refusal.value.reasons) == 2


def test_a_territory_with_accounts_keeps_its_role() -> None:
    model = a_whole_model()
    north = Territory.objects.get(code="north")
    with pytest.raises(Invalid, match="Accounts lie here already"):
        change_territory(
            actor=None, territory=north, revision=1, changes={"type": "overlay", "role": an_overlay()}
        )
    assert model.territories.count() == 2


def test_a_deleted_territory_leaves_its_accounts_to_the_next_run() -> None:
    model = a_whole_model()
    south = a_territory(model, "south")
    a_rule(south, RETAIL)
    north = Territory.objects.get(model=model, code="north")
    delete_territory(actor=None, territory=north, revision=1)
    assert not Placement.objects.filter(account__code="fy26-G").exists()
    with pytest.raises(Conflict):
        delete_territory(actor=None, territory=south, revision=7)


def test_a_sales_manager_adds_below_a_territory_of_the_team(sales_manager: Person) -> None:
    model = a_model()
    mine, other = a_territory(model, "mine"), a_territory(model, "other")
    covers(a_rep("R1", manager=a_rep("B1", person=sales_manager)), mine)
    values = {"code": "new", "name": "New", "type": "geographic"}
    assert add_territory(actor=sales_manager, model=model, values=values | {"parent": mine}).pk
    for parent in (None, other):
        with pytest.raises(Denied):
            add_territory(actor=sales_manager, model=model, values=values | {"code": "x", "parent": parent})
