"""Accounts and reps: who sees whom, and how they are changed."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.errors import Conflict, Denied, Invalid
from core.models import Person
from crm.models import Account, Rep
from crm.selectors.accounts import accounts_visible_to, reps_visible_to
from crm.services.accounts import change_crm_row, create_crm_row


@dataclass(frozen=True)
class Team:
    """Sam leads Rita and Paul; Otto stands alone. Each owns one account."""

    sam: Rep
    rita: Rep
    paul: Rep
    otto: Rep

    def account_of(self, rep: Rep) -> Account:
        return Account.objects.get(owner=rep)


@pytest.fixture
def team(sales_rep: Person, sales_manager: Person) -> Team:
    sam = Rep.objects.create(code="SAM", name="Sam Sales", person=sales_manager)
    rita = Rep.objects.create(code="RITA", name="Rita Rep", manager=sam, person=sales_rep)
    paul = Rep.objects.create(code="PAUL", name="Paul Pitch", manager=rita)
    otto = Rep.objects.create(code="OTTO", name="Otto Other")
    for rep in (sam, rita, paul, otto):
        Account.objects.create(code=f"A-{rep.code}", name=f"Shop of {rep.name}", owner=rep)
    return Team(sam, rita, paul, otto)


def test_a_sales_rep_sees_the_own_accounts_and_nobody_else(team: Team, sales_rep: Person) -> None:
    assert list(accounts_visible_to(sales_rep)) == [team.account_of(team.rita)]
    assert list(reps_visible_to(sales_rep)) == [team.rita]


def test_a_sales_manager_sees_the_whole_team_below(team: Team, sales_manager: Person) -> None:
    assert set(reps_visible_to(sales_manager)) == {team.sam, team.rita, team.paul}
    assert accounts_visible_to(sales_manager).count() == 3


def test_a_planner_sees_every_account(team: Team, analyst: Person) -> None:
    assert accounts_visible_to(analyst).count() == 4


def test_a_sales_rep_who_is_no_rep_yet_sees_nothing(sales_rep: Person) -> None:
    assert not accounts_visible_to(sales_rep).exists()


def test_lists_details_export_and_api_agree_on_what_a_rep_sees(
    team: Team,
    sales_rep: Person,
    signed_in: Callable[[Person], Client],
    api: Callable[[Person], APIClient],
) -> None:
    client, theirs = signed_in(sales_rep), team.account_of(team.otto)

    assert "Otto" not in client.get(reverse("crm:account-list")).content.decode()
    exported = b"".join(client.get(reverse("crm:account-list"), {"export": "csv"})).decode()
    assert ("Otto" in exported, "Rita" in exported) == (False, True)
    assert client.get(reverse("crm:account", args=[theirs.pk])).status_code == 404
    assert api(sales_rep).get("/api/v1/accounts/").json()["count"] == 1
    assert api(sales_rep).get(f"/api/v1/accounts/{theirs.pk}/").status_code == 404


def test_a_rep_may_not_change_accounts(team: Team, sales_rep: Person) -> None:
    row = team.account_of(team.rita)

    with pytest.raises(Denied, match="may not change accounts"):
        change_crm_row(actor=sales_rep, row=row, revision=1, changes={"name": "Mine"})


def test_nobody_stands_below_the_own_team(team: Team, coordinator: Person) -> None:
    with pytest.raises(Invalid, match="cannot stand below itself") as refusal:
        change_crm_row(actor=coordinator, row=team.sam, revision=1, changes={"manager": team.paul})

    assert refusal.value.reasons[0].field == "manager"


def test_raw_sql_cannot_make_a_circle_of_managers(team: Team) -> None:
    with pytest.raises(IntegrityError, match="cannot lie below itself"), transaction.atomic():
        Rep.objects.filter(pk=team.sam.pk).update(manager=team.paul)


def test_a_stale_change_of_an_account_is_refused(team: Team, coordinator: Person, manager: Person) -> None:
    row = team.account_of(team.rita)
    change_crm_row(actor=manager, row=row, revision=1, changes={"city": "Lyon"})

    with pytest.raises(Conflict):
        change_crm_row(actor=coordinator, row=row, revision=1, changes={"city": "Paris"})


def test_the_system_adds_accounts_for_imports(db: None) -> None:
    row = create_crm_row(actor=None, model=Account, values={"code": "A1", "name": "First"})

    assert row.revision == 1


@pytest.mark.parametrize("noun", ["account", "rep"])
def test_every_page_opens_and_an_untouched_form_changes_nothing(
    team: Team, coordinator: Person, signed_in: Callable[[Person], Client], noun: str
) -> None:
    client = signed_in(coordinator)
    row = team.rita if noun == "rep" else team.account_of(team.rita)

    for name, keys in ((f"{noun}-list", []), (f"{noun}-add", []), (noun, [row.pk])):
        assert client.get(reverse(f"crm:{name}", args=keys)).status_code == 200
    url = reverse(f"crm:{noun}-edit", args=[row.pk])
    typed = {field.html_name: field.value() for field in client.get(url).context["form"]}
    kept = {name: value for name, value in typed.items() if value not in (None, False)}
    assert client.post(url, kept).status_code == 302
    row.refresh_from_db()
    assert row.revision == 1


def test_an_account_is_added_by_the_page(
    team: Team, coordinator: Person, signed_in: Callable[[Person], Client]
) -> None:
    typed = {"code": "NEW", "name": "New shop", "owner": "OTTO", "is_active": "on"}

    answer = signed_in(coordinator).post(reverse("crm:account-add"), typed, follow=True)

    assert "New shop (NEW) is added." in answer.content.decode()


def test_an_owner_that_nobody_knows_is_refused_beside_the_field(
    team: Team, coordinator: Person, signed_in: Callable[[Person], Client]
) -> None:
    typed = {"code": "NEW", "name": "New shop", "owner": "NOBODY", "is_active": "on"}

    answer = signed_in(coordinator).post(reverse("crm:account-add"), typed)

    assert answer.status_code == 400
    assert "Nothing has the code “NOBODY”" in answer.content.decode()
