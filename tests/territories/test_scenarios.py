"""Realignment scenarios on their pages and by API: planned, locked, moved by hand, compared, decided."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from core.errors import Conflict, Refused
from core.models import Person
from crm.models import Deal, DealStage
from territories.models import Scenario, ScenarioAccount
from territories.selectors.scenario_comparison import compare
from territories.selectors.scenario_effects import Effect, pay_effects, touched_deals, what_follows
from territories.selectors.scenario_figures import figures_of
from territories.selectors.scenarios import scenario_accounts_visible_to, scenarios_visible_to
from territories.services.scenario_accounts import lock_accounts, move_accounts
from territories.services.scenario_moves import move_scenario
from territories.services.scenarios import change_scenario, copy_scenario, read_again, start_solve
from tests.territories.realigning import PUBLISH, Realigned, goes_to, rows_of, run_job
from tests.territories.world import a_territory

BASE = "/territories/realignments/"
API = "/api/v1/realignments/"
SignIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]


@pytest.fixture
def draft(world: Realigned, analyst: Person) -> Scenario:
    """Two accounts go from north to south."""
    scenario = world.scenario(analyst)
    move_accounts(
        actor=analyst, scenario=scenario, rows=rows_of(scenario, "a09", "a10"), territory=world.south
    )
    return scenario


def _text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_from_plan_to_publication_and_back(
    world: Realigned, analyst: Person, manager: Person, signed_in: SignIn
) -> None:
    plans, decides = signed_in(analyst), signed_in(manager)
    sent = {"name": "South", "code": "south", "model": "fy26", "publish_on": PUBLISH.isoformat()}
    sent |= {"accounts_within": "10", "move_penalty": "1", "distance_weight": "1"}
    sent |= {"seed": "0", "time_limit": "20", "holdover_days": "30"}
    assert plans.post(f"{BASE}add/", sent).status_code == 302
    scenario = Scenario.objects.get(code="south")
    page = f"{BASE}{scenario.pk}/"
    plans.post(f"{page}solve/plain/")
    scenario.refresh_from_db()
    assert scenario.job is not None
    run_job(scenario.job)
    ticks = [f"{key}.{revision}" for key, revision in rows_of(scenario, "a07", "a08", "a09").items()]
    plans.post(f"{page}accounts/change/", {"do": "lock", "row": ticks})
    assert ScenarioAccount.objects.filter(scenario=scenario, locked=True).count() == 3

    plans.post(f"{page}moves/submit/", {"reason": "South is thin."})
    own = plans.post(f"{page}moves/approve/")
    decides.post(f"{page}moves/approve/")
    decides.post(f"{page}moves/publish/")
    shown = _text(decides.get(page))

    assert own.status_code == 403
    assert Scenario.objects.get(pk=scenario.pk).state == "published"
    assert "nothing cheaper exists" in shown and "Undo the publication" in shown


def test_figures_are_those_of_a_hand_computation(world: Realigned, draft: Scenario) -> None:
    figures = figures_of(draft)

    assert (figures.accounts, figures.moved, figures.customers) == (12, 2, 2)
    before, after = figures.balance["accounts"]
    assert before.max_deviation == pytest.approx(5 / 6)  # 11 and 1 instead of 6 and 6
    assert after.max_deviation == pytest.approx(3 / 6)
    assert figures.deviation("potential", after=True) == pytest.approx(0.5)
    north, south = figures.reps
    assert (north.gained, north.lost, south.gained, south.lost) == (0, 2, 2, 0)
    assert figures.km_after < figures.km_before


def test_stale_ticks_are_refused_with_both_values(
    world: Realigned, draft: Scenario, analyst: Person, colleague: Person
) -> None:
    seen = rows_of(draft, "a01")
    move_accounts(actor=colleague, scenario=draft, rows=seen, territory=world.south)

    with pytest.raises(Conflict) as conflict:
        lock_accounts(actor=analyst, scenario=draft, rows=seen, locked=True)

    assert conflict.value.theirs == {"a01": "south, locked"}
    assert conflict.value.yours == {"a01": "Locked"}


def test_the_page_says_what_both_chose_and_changes_nothing(
    world: Realigned, draft: Scenario, analyst: Person, colleague: Person, signed_in: SignIn
) -> None:
    (key, revision), *_ = rows_of(draft, "a01").items()
    move_accounts(actor=colleague, scenario=draft, rows={key: revision}, territory=world.south)

    answer = signed_in(analyst).post(
        f"{BASE}{draft.pk}/accounts/change/", {"do": "lock", "row": f"{key}.{revision}"}
    )

    assert answer.status_code == 409
    assert "you chose “Locked”, now it is “south, locked”" in _text(answer)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"do": "lock"}, "Choose the accounts first"),
        ({"do": "move", "row": "1.1"}, "Choose the territory"),
        ({"do": "lock", "row": "nonsense"}, "by their ticks"),
        ({"do": "lock", "row": "999999.1"}, "no longer in this scenario"),
    ],
)
def test_what_cannot_be_done_to_accounts_is_said_in_a_sentence(
    draft: Scenario, analyst: Person, signed_in: SignIn, sent: dict[str, str], says: str
) -> None:
    answer = signed_in(analyst).post(f"{BASE}{draft.pk}/accounts/change/", sent)

    assert answer.status_code in {400, 409}
    assert says in _text(answer)


def test_an_account_is_put_back_where_it_lies(world: Realigned, draft: Scenario, analyst: Person) -> None:
    assert move_accounts(actor=analyst, scenario=draft, rows=rows_of(draft, "a09"), territory=None) == 1

    assert goes_to(draft)["a09"] == "north"
    assert not ScenarioAccount.objects.get(scenario=draft, account__code="a09").locked


def test_accounts_go_only_to_territories_of_the_model_with_an_owner(
    world: Realigned, draft: Scenario, analyst: Person
) -> None:
    empty = a_territory(world.model, "empty")

    with pytest.raises(Refused, match="has no owner"):
        move_accounts(actor=analyst, scenario=draft, rows=rows_of(draft, "a01"), territory=empty)


def test_a_copy_keeps_proposals_locks_and_settings(draft: Scenario, analyst: Person) -> None:
    copy = copy_scenario(actor=analyst, scenario=draft, code="s2", name="Second")

    assert goes_to(copy) == goes_to(draft)
    assert copy.copied_from == draft and copy.accounts_within == draft.accounts_within
    assert copy.accounts.filter(locked=True).count() == 2


def test_reading_again_keeps_what_is_locked(world: Realigned, analyst: Person) -> None:
    scenario = world.scenario(analyst)
    run_job(start_solve(actor=analyst, scenario=scenario))
    lock_accounts(actor=analyst, scenario=scenario, rows=rows_of(scenario, "a09"), locked=True)

    read_again(actor=analyst, scenario=scenario)

    assert [code for code, where in goes_to(scenario).items() if where == "south"] == ["a09", "a11"]


def test_a_stale_edit_of_the_settings_shows_both(draft: Scenario, analyst: Person, colleague: Person) -> None:
    change_scenario(actor=colleague, scenario=draft, revision=draft.revision, changes={"name": "Theirs"})

    with pytest.raises(Conflict):
        change_scenario(actor=analyst, scenario=draft, revision=draft.revision, changes={"name": "Mine"})


def test_the_best_of_each_row_is_marked_unless_all_are_equal(
    world: Realigned, draft: Scenario, analyst: Person
) -> None:
    still = world.scenario(analyst, code="still")

    found = {one.line.key: one for one in compare([draft, still])}

    assert found["moved"].values == (2.0, 0.0) and found["moved"].best == 0.0
    assert found["accounts_deviation"].best == 50.0
    assert found["deals"].best is None


def test_a_comparison_takes_two_to_four(draft: Scenario, analyst: Person, signed_in: SignIn) -> None:
    answer = signed_in(analyst).get(f"{BASE}compare/?scenario={draft.pk}")

    assert answer.status_code == 400
    assert "Choose 2 to 4" in _text(answer)


def test_the_comparison_is_a_page_a_file_and_an_api(
    world: Realigned, draft: Scenario, analyst: Person, signed_in: SignIn, api: Api
) -> None:
    still = world.scenario(analyst, code="still")
    query = f"?scenario={draft.pk}&scenario={still.pk}"

    page = _text(signed_in(analyst).get(f"{BASE}compare/{query}"))
    file = _text(signed_in(analyst).get(f"{BASE}compare/{query}&export=csv"))
    answer = api(analyst).get(f"{API}compare/{query}").json()

    assert "Accounts that move" in page
    assert "Accounts that move,,2.0,0.0" in file
    assert answer["scenarios"] == ["s1", "still"]
    moved = next(one for one in answer["figures"] if one["figure"] == "moved")
    assert (moved["values"], moved["best"]) == ([2.0, 0.0], 0.0)


@pytest.fixture
def deal(world: Realigned) -> Deal:
    stage = DealStage.objects.filter(kind="open").first() or DealStage.objects.create(
        code="open", name="Open", kind="open", position=1, probability=0
    )
    return Deal.objects.create(
        source="test",
        external_id="1",
        name="Big one",
        account=world.accounts[9],
        rep=world.nora,
        stage=stage,
        base_amount=5000,
    )


def test_open_deals_of_accounts_that_change_hands_are_shown(
    draft: Scenario, deal: Deal, analyst: Person
) -> None:
    found = touched_deals(analyst, draft)

    assert [(one.name, one.new_rep) for one in found] == [("Big one", "Sid South")]  # type: ignore[attr-defined]


def test_potential_follows_for_the_rest_of_the_year(draft: Scenario, analyst: Person) -> None:
    (follows,) = what_follows(analyst, draft)

    assert follows.measure is None
    assert follows.changes_hands == pytest.approx(200)
    assert {one.rep.code: one.change for one in follows.effects} == pytest.approx({"nora": -200, "sid": 200})


def test_the_effect_on_pay_is_shown_once_a_room_knows_it(
    world: Realigned, draft: Scenario, analyst: Person, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = f"{BASE}{draft.pk}/"
    assert "Effect on pay" not in _text(signed_in(analyst).get(page))

    monkeypatch.setattr(
        "territories.selectors.scenario_effects.pay_effects",
        [*pay_effects, lambda *_: [Effect(world.sid, 1, 2)]],
    )

    assert "Effect on pay" in _text(signed_in(analyst).get(page))


def test_a_rep_sees_published_changes_of_the_own_accounts_only(
    world: Realigned,
    draft: Scenario,
    analyst: Person,
    manager: Person,
    sales_rep: Person,
    signed_in: SignIn,
    api: Api,
) -> None:
    world.sid.person = sales_rep
    world.sid.save()
    assert not scenarios_visible_to(sales_rep).exists()

    move_scenario(actor=analyst, scenario=draft, name="submit")
    move_scenario(actor=manager, scenario=draft, name="approve")
    move_scenario(actor=manager, scenario=draft, name="publish")

    rows = scenario_accounts_visible_to(sales_rep).filter(scenario=draft)
    assert set(rows.values_list("account__code", flat=True)) == {"a09", "a10", "a11"}
    page = _text(signed_in(sales_rep).get(f"{BASE}{draft.pk}/"))
    assert "a09" in page and "Rep by rep" not in page
    assert signed_in(sales_rep).get(f"{BASE}compare/").status_code == 403
    for whole in (f"{draft.pk}/figures/", f"compare/?scenario={draft.pk}"):
        assert api(sales_rep).get(f"{API}{whole}").status_code == 403


def test_a_sales_manager_reads_the_accounts_of_the_team(
    world: Realigned, draft: Scenario, sales_manager: Person
) -> None:
    world.sid.person = sales_manager
    world.sid.save()

    rows = scenario_accounts_visible_to(sales_manager).filter(scenario=draft)

    assert set(rows.values_list("account__code", flat=True)) == {"a09", "a10", "a11"}


def test_the_api_does_what_the_pages_do(world: Realigned, analyst: Person, manager: Person, api: Api) -> None:
    plans, decides = api(analyst), api(manager)
    sent = {"code": "api", "name": "By API", "model": "fy26", "publish_on": PUBLISH.isoformat()}
    sent |= {"accounts_within": "10", "move_penalty": "1"}
    made = plans.post(API, sent, format="json").json()
    one = f"{API}{made['id']}/"
    started = plans.post(f"{one}solve/")
    scenario = Scenario.objects.get(pk=made["id"])
    assert started.status_code == 202 and scenario.job is not None
    run_job(scenario.job)
    rows = [{"id": key, "revision": revision} for key, revision in rows_of(scenario, "a00").items()]
    moved = plans.post(
        f"{one}change-accounts/", {"do": "move", "territory": "south", "rows": rows}, format="json"
    )
    figures = plans.get(f"{one}figures/").json()
    plans.post(f"{one}move/", {"move": "submit"}, format="json")
    refused = decides.post(f"{one}move/", {"move": "publish"}, format="json")
    decides.post(f"{one}move/", {"move": "approve"}, format="json")
    published = decides.post(f"{one}move/", {"move": "publish"}, format="json").json()

    assert moved.json() == {"changed": 1}
    assert figures["moved"] == 6 and figures["balance"][0]["measure"] == "potential"
    assert refused.status_code == 409
    assert published["state"] == "published"
    listed = plans.get("/api/v1/realignment-accounts/", {"scenario": made["id"], "moves": "moved"}).json()
    assert listed["count"] == 6
    assert plans.get("/api/v1/realignment-solves/", {"scenario": made["id"]}).json()["count"] == 1


def test_the_api_refuses_stale_changes_with_both_values(
    world: Realigned, draft: Scenario, analyst: Person, api: Api
) -> None:
    first = api(analyst).patch(
        f"{API}{draft.pk}/", {"name": "First", "revision": draft.revision}, format="json"
    )
    second = api(analyst).patch(
        f"{API}{draft.pk}/", {"name": "Second", "revision": draft.revision}, format="json"
    )

    assert (first.status_code, second.status_code) == (200, 409)


def test_an_archived_model_is_not_planned_for(world: Realigned, analyst: Person) -> None:
    world.model.state = "archived"
    world.model.save(update_fields=["state"])

    with pytest.raises(Refused, match="archived"):
        world.scenario(analyst)


def test_pages_take_few_queries(
    world: Realigned,
    draft: Scenario,
    deal: Deal,
    analyst: Person,
    signed_in: SignIn,
    pinned_queries: Callable,
) -> None:
    client = signed_in(analyst)
    still = world.scenario(analyst, code="still")
    for label, address in (
        ("list", BASE),
        ("page", f"{BASE}{draft.pk}/"),
        ("accounts", f"{BASE}{draft.pk}/accounts/"),
        ("compare", f"{BASE}compare/?scenario={draft.pk}&scenario={still.pk}"),
    ):
        with pinned_queries(label):
            assert client.get(address).status_code == 200
