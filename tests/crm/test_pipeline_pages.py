"""The pipeline's pages: what they show, where their numbers lead, who may move a deal, odd input."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import Event, Person
from crm.models import DealChange, DealStage, Rep
from tests.crm.pipeline_world import a_way_of_selling, day, deal, team_of, tell

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
PAGES = ("board", "table", "risks", "funnel", "cohorts", "changes", "coverage")


@pytest.fixture(autouse=True)
def _a_pipeline() -> None:
    a_way_of_selling()


@pytest.fixture
def some_deals() -> None:
    team_of("EAST", Rep.objects.get(code="INA"))
    tell(
        "big", 20, stage="prospect", amount=9000, owner="INA", account="ALDER", product="SAW", name="Big one"
    )
    tell("big", 3, stage="offer", amount=12000, expected_close=day(-20))
    tell("late", 30, stage="contract", amount=500, owner="BEN", name="Late one", expected_close=day(2))
    tell("won", 30, stage="offer", amount=700, owner="BEN", name="Won one", expected_close=day(1))
    tell("won", 2, stage="won", closed=day(2))
    tell("gone", 90, stage="prospect", amount=40, owner="BEN", name="Gone one", account="BEECH")
    tell("gone", 80, stage="offer")
    tell("gone", 70, stage="lost")
    tell("lost at once", 90, stage="prospect", amount=30, owner="BEN", name="Brief one")
    tell("lost at once", 80, stage="lost")
    tell("back", 90, stage="contract", amount=20, owner="BEN", name="Back one", expected_close=day(-300))
    tell("back", 50, stage="prospect")


def text_of(client: Client, page: str, **asked: Any) -> str:
    answer = client.get(reverse(f"crm:pipeline-{page}"), asked)
    assert answer.status_code == 200
    return answer.content.decode().replace("\u202f", " ")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_with_deals_and_without_any(
    some_deals: None, manager: Person, executive: Person, signed_in: SignIn, page: str
) -> None:
    assert "<h1" in text_of(signed_in(manager), page)
    assert "<h1" in text_of(signed_in(manager), page, rep="BEN", family="TOOLS")  # no such deal
    assert "<h1" in text_of(signed_in(executive), page)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_before_anything_is_set_up(manager: Person, signed_in: SignIn, page: str) -> None:
    DealStage.objects.all().delete()

    assert "<h1" in text_of(signed_in(manager), page)


@pytest.mark.parametrize("page", PAGES)
def test_somebody_without_a_role_sees_no_pipeline(stranger: Person, signed_in: SignIn, page: str) -> None:
    assert signed_in(stranger).get(reverse(f"crm:pipeline-{page}")).status_code == 403


@pytest.mark.parametrize("page", ["board", "table", "funnel", "changes", "coverage"])
def test_a_day_that_is_none_is_said_beside_its_field(manager: Person, signed_in: SignIn, page: str) -> None:
    names = {"funnel": "created_from", "changes": "since", "coverage": "first"}

    assert "Enter a valid date." in text_of(signed_in(manager), page, **{names.get(page, "closes_from"): "x"})


@pytest.mark.parametrize(
    ("page", "asked", "sentence"),
    [
        ("changes", {"since": "2026-02-02", "until": "2026-02-01"}, "Choose a day not before 02 Feb 2026."),
        ("changes", {"since": "2090-01-01"}, "This day is yet to come."),
        ("coverage", {"first": "0001-01-01"}, "Choose a day from 1990 to 2100."),
        ("funnel", {"created_from": "9999-12-31"}, "Choose a day from 1990 to 2100."),
    ],
)
def test_days_that_make_no_sense_are_refused_in_a_sentence(
    manager: Person, signed_in: SignIn, page: str, asked: dict[str, str], sentence: str
) -> None:
    assert sentence in text_of(signed_in(manager), page, **asked)


@pytest.mark.parametrize("place", ["-1", "x", "²", "99999999999999"])
def test_an_odd_place_in_the_list_is_its_beginning(
    some_deals: None, manager: Person, signed_in: SignIn, place: str
) -> None:
    assert "Big one" in text_of(signed_in(manager), "changes", place=place)


def test_the_table_shows_open_deals_and_others_when_asked(
    some_deals: None, manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(manager)

    assert ("Big one" in text_of(client, "table"), "Won one" in text_of(client, "table")) == (True, False)
    assert "Won one" in text_of(client, "table", state="won")
    assert "Big one" not in text_of(client, "table", sign="overdue")
    assert "Late one" in text_of(client, "table", sign="overdue")


def test_what_is_exported_is_what_is_shown(some_deals: None, manager: Person, signed_in: SignIn) -> None:
    client = signed_in(manager)
    answer = client.get(reverse("crm:pipeline-table"), {"export": "csv", "sort": "-chance"})
    lines = b"".join(answer).decode().splitlines()

    assert [line.split(",")[0] for line in lines] == ["Deal", "Late one", "Big one", "Back one"]
    assert "Overdue" in lines[1]


def test_a_sales_rep_sees_the_own_deals_on_every_page(
    some_deals: None, sales_rep: Person, signed_in: SignIn
) -> None:
    Rep.objects.filter(code="INA").update(person=sales_rep)
    client = signed_in(sales_rep)

    for page in ("board", "table", "changes"):
        text = text_of(client, page)
        assert ("Big one" in text, "Late one" in text, "Won one" in text) == (True, False, False)
    assert "Ben" not in text_of(client, "funnel", by="rep")
    assert "Ben" not in text_of(client, "coverage")


def cells(client: Client, page: str, table: str, unit: str, **asked: Any) -> list[tuple[int, str]]:
    """The numbers of a page's table that lead somewhere, in the columns of a unit, and where to."""
    shown = client.get(reverse(f"crm:pipeline-{page}"), asked).context[table]
    found = [
        (cell["text"], cell.get("url"))
        for row in shown["rows"]
        for column, cell in zip(shown["columns"], row["cells"], strict=True)
        if column.get("unit") == unit and cell.get("url")
    ]
    return [(int(text.replace("\u202f", "")), url) for text, url in found]


@pytest.mark.parametrize("by", ["team", "rep", "product", "family", "industry", "size", "market"])
def test_each_count_of_the_funnel_opens_just_the_deals_it_counts(
    some_deals: None, manager: Person, signed_in: SignIn, by: str
) -> None:
    client = signed_in(manager)
    links = [
        pair for table in ("stages", "groups") for pair in cells(client, "funnel", table, "deals", by=by)
    ]

    assert len(links) > 5
    for number, link in links:
        assert client.get(link).context["table"]["count"] == number, link


def test_the_industries_to_choose_from_are_those_of_now_whoever_read_the_filter_before(
    some_deals: None, manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(manager)
    assert client.get("/api/schema/").status_code == 200  # reads the filters without a person

    for industry, number in (("Timber", 1), ("none", 4)):
        page = client.get(reverse("crm:pipeline-table"), {"state": "all", "industry": industry})
        assert page.context["table"]["count"] == number


def test_each_count_of_the_cohorts_opens_just_the_deals_it_counts(
    some_deals: None, manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(manager)
    links = cells(client, "cohorts", "table", "deals")

    assert sum(number for number, _ in links) == 2 * 6  # created, and what became of them
    for number, link in links:
        assert client.get(link).context["table"]["count"] == number, link


def test_each_sum_of_the_coverage_opens_just_the_deals_it_sums(
    some_deals: None, manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(manager)
    days = {"first": day(60).isoformat(), "last": day(-60).isoformat()}
    links = cells(client, "coverage", "table", "EUR", **days)
    sums = [(number, link) for number, link in links if "category" in link or "state=won" in link]

    assert {number for number, _ in sums} == {12000, 500, 700}
    for number, link in sums:
        rows = list(client.get(link).context["page"].object_list)
        assert sum(row.base_amount for row in rows) == number, link


def test_each_step_of_the_bridge_opens_just_the_deals_it_counts(
    some_deals: None, manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(manager)
    address = reverse("crm:pipeline-changes")
    steps = client.get(address).context["chart"]["table"]["rows"][1:-1]

    assert {row["cells"][0]["text"]: row["cells"][1]["text"] for row in steps} == {
        "Raised": "1",
        "Won": "1",
    }
    for row in steps:
        listed = client.get(address + row["cells"][1]["url"]).context["table"]["rows"]
        assert len(listed) == int(row["cells"][1]["text"])


def test_the_changes_of_a_week_are_listed_with_what_was_before(
    some_deals: None, manager: Person, signed_in: SignIn
) -> None:
    text = text_of(signed_in(manager), "changes")

    assert "Prospecting → Offer" in text
    assert "Raised, Stage forward" in text
    assert "Late one" not in text[text.index('id="deals"') :]


def test_only_the_kind_that_was_asked_for_is_listed(
    some_deals: None, manager: Person, signed_in: SignIn
) -> None:
    text = text_of(signed_in(manager), "changes", kind="won")

    assert ("Won one" in text, "Big one" in text) == (True, False)


def test_without_quotas_coverage_says_so(some_deals: None, manager: Person, signed_in: SignIn) -> None:
    assert "No quota" in text_of(signed_in(manager), "coverage")


# --- moving -----------------------------------------------------------------------------------------


def move(client: Client, external_id: str, **typed: Any) -> Any:
    row = deal(external_id)
    return client.post(
        reverse("crm:pipeline-move", args=[row.pk]), {"revision": row.revision, **typed}, follow=True
    )


def test_a_card_moves_by_its_menu_and_its_history_tells_of_it(
    some_deals: None, manager: Person, signed_in: SignIn
) -> None:
    board = reverse("crm:pipeline-board") + "?rep=INA"

    answer = move(signed_in(manager), "big", stage="contract", next=board)

    assert answer.redirect_chain == [(board, 302)]
    assert "Big one is moved." in answer.content.decode()
    step = DealChange.objects.filter(deal=deal("big"), field="stage").latest("occurred")
    assert (deal("big").stage.code, step.before, step.after) == ("contract", "offer", "contract")
    assert Event.objects.filter(subject_id=str(deal("big").pk), actor=manager).exists()


def test_a_lost_deal_asks_why_and_keeps_what_was_chosen(
    some_deals: None, manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(manager)

    answer = move(client, "big", stage="lost", next="/crm/pipeline/?rep=INA")

    assert answer.status_code == 400
    assert "Say in a few words why the deal was lost." in answer.content.decode()
    assert (answer.context["form"]["stage"].value(), answer.context["form"]["next"].value()) == (
        "lost",
        "/crm/pipeline/?rep=INA",
    )
    assert move(client, "big", stage="lost", lost_reason="Too dear").status_code == 200
    assert (deal("big").stage.code, deal("big").lost_reason) == ("lost", "Too dear")
    assert deal("big").closed == timezone.localdate()


def test_a_deal_does_not_close_on_a_day_to_come(some_deals: None, manager: Person, signed_in: SignIn) -> None:
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    answer = move(signed_in(manager), "big", stage="won", closed=tomorrow.isoformat())

    assert answer.status_code == 400
    assert deal("big").stage.code == "offer"


def test_a_move_after_somebody_elses_change_shows_both(
    some_deals: None, manager: Person, signed_in: SignIn
) -> None:
    row = deal("big")
    tell("big", 0, stage="prospect")

    answer = signed_in(manager).post(
        reverse("crm:pipeline-move", args=[row.pk]), {"revision": row.revision, "stage": "contract"}
    )

    assert answer.status_code == 409
    assert deal("big").stage.code == "prospect"


def test_a_move_leads_to_no_foreign_page(some_deals: None, manager: Person, signed_in: SignIn) -> None:
    answer = move(signed_in(manager), "big", stage="contract", next="https://elsewhere.example/")

    assert answer.redirect_chain == [(reverse("crm:pipeline-board"), 302)]


def test_who_only_reads_has_no_menu_and_moves_nothing(
    some_deals: None, analyst: Person, signed_in: SignIn
) -> None:
    client = signed_in(analyst)

    assert "board-move" not in text_of(client, "board")
    assert move(client, "big", stage="contract").status_code == 403
    assert deal("big").stage.code == "offer"


def test_a_rep_moves_the_own_deals_and_no_others(
    some_deals: None, sales_rep: Person, signed_in: SignIn
) -> None:
    Rep.objects.filter(code="INA").update(person=sales_rep)
    client = signed_in(sales_rep)

    assert move(client, "big", stage="contract").status_code == 200
    assert move(client, "late", stage="offer").status_code == 404
    assert (deal("big").stage.code, deal("late").stage.code) == ("contract", "contract")


# --- how much the pages ask the database ------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_as_often_however_many_deals_there_are(
    some_deals: None, manager: Person, signed_in: SignIn, pinned_queries: Any, page: str
) -> None:
    client = signed_in(manager)
    client.get(reverse(f"crm:pipeline-{page}"))
    for number in range(8):
        tell(f"more{number}", 2, stage="offer", amount=5, owner="BEN", account="BEECH")

    with pinned_queries():
        client.get(reverse(f"crm:pipeline-{page}"))
