"""What accounts ask of reps and where reps start from: by hand, by API and by file."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.errors import Conflict, Denied, Invalid
from core.models import Event, Person
from crm.models import Account
from territories.models import AccountWork, RepBase
from territories.services.work import import_account_work, import_rep_bases, set_account_work, set_rep_base
from tests.territories import world

pytestmark = pytest.mark.django_db
BERLIN = {"latitude": 52.52, "longitude": 13.405}


@pytest.fixture
def account(db: None) -> Account:
    return world.an_account("A1")


def posted(work: AccountWork | None = None, **values: Any) -> dict[str, Any]:
    """What the form sends."""
    typed = {"latitude": "52.52", "longitude": "13.405", "potential": "1000", "calls_a_year": "6"}
    return typed | {"hours_a_call": "1.5", "needs": "", "revision": work.revision if work else 0} | values


def file_of(text: str, name: str = "work.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


class TestByHand:
    def test_a_planner_says_what_an_account_asks(
        self, analyst: Person, account: Account, signed_in: Any
    ) -> None:
        answer = signed_in(analyst).post(
            reverse("territories:work", args=[account.pk]), posted(needs="Hospital, german")
        )

        assert answer.status_code == 302
        work = AccountWork.objects.get(account=account)
        assert (
            "Work at A1"
            in signed_in(analyst).get(reverse("territories:work", args=[account.pk])).content.decode()
        )
        assert (work.latitude, work.potential, work.calls_a_year) == (52.52, 1000, 6)
        assert work.needs == ["german", "hospital"]
        assert Event.objects.filter(verb="account work set", actor=analyst).count() == 1

    def test_half_a_place_is_refused_beside_the_form(
        self, analyst: Person, account: Account, signed_in: Any
    ) -> None:
        answer = signed_in(analyst).post(reverse("territories:work", args=[account.pk]), posted(longitude=""))

        assert answer.status_code == 400
        assert "Give both latitude" in answer.content.decode()
        assert not AccountWork.objects.exists()

    @pytest.mark.parametrize(
        "values", [{"latitude": 91, "longitude": 0}, {"latitude": 1}, {"potential": -1}, {"hours_a_call": -1}]
    )
    def test_the_database_refuses_what_cannot_be(self, account: Account, values: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountWork.objects.create(account=account, **values)

    def test_a_stale_form_changes_nothing_and_shows_both(
        self, analyst: Person, account: Account, signed_in: Any
    ) -> None:
        work = set_account_work(actor=None, account=account, revision=0, values={"calls_a_year": 6})
        set_account_work(actor=None, account=account, revision=1, values={"calls_a_year": 9})

        answer = signed_in(analyst).post(
            reverse("territories:work", args=[account.pk]), posted(work, calls_a_year="7")
        )

        assert answer.status_code == 409
        assert AccountWork.objects.get().calls_a_year == 9

    def test_two_people_who_say_something_first_are_told(self, account: Account) -> None:
        set_account_work(actor=None, account=account, revision=0, values={"calls_a_year": 6})

        with pytest.raises(Conflict) as refusal:
            set_account_work(actor=None, account=account, revision=0, values={"calls_a_year": 9})

        assert (refusal.value.theirs, refusal.value.revision) == ({"calls_a_year": 6}, 1)
        assert AccountWork.objects.get().calls_a_year == 6

    def test_the_base_of_a_rep_is_set_and_changed(self, analyst: Person, signed_in: Any) -> None:
        rep = world.a_rep("rita")
        url = reverse("territories:base", args=[rep.pk])
        typed = {"latitude": "1", "longitude": "2", "share": "0.5", "skills": "French", "revision": "0"}

        assert signed_in(analyst).post(url, typed).status_code == 302
        assert signed_in(analyst).post(url, typed | {"share": "1", "revision": "1"}).status_code == 302

        base = RepBase.objects.get(rep=rep)
        assert (base.share, base.skills, base.revision) == (1, ["french"], 2)

    def test_nobody_has_a_share_of_nothing(self) -> None:
        with pytest.raises(Invalid, match="A share is above 0"):
            set_rep_base(actor=None, rep=world.a_rep("rita"), revision=0, values={"share": Decimal(0)})


class TestRights:
    def test_a_sales_rep_reads_the_own_accounts_and_changes_none(
        self, sales_rep: Person, signed_in: Any
    ) -> None:
        own = world.an_account("OWN", owner=world.a_rep("rita", person=sales_rep))
        world.an_account("OTHER")
        client = signed_in(sales_rep)

        listed = client.get(reverse("territories:work-list")).content.decode()

        assert "OWN" in listed
        assert "OTHER" not in listed
        assert reverse("territories:work", args=[own.pk]) not in listed  # no link that is refused
        assert client.get(reverse("territories:work", args=[own.pk])).status_code == 403
        with pytest.raises(Denied):
            set_account_work(actor=sales_rep, account=own, revision=0, values={})

    def test_a_sales_manager_changes_only_the_teams(self, sales_manager: Person, account: Account) -> None:
        rep = world.a_rep("ralf")
        with pytest.raises(Denied, match="outside your accounts"):
            set_account_work(actor=sales_manager, account=account, revision=0, values={})
        with pytest.raises(Denied, match="outside your team"):
            set_rep_base(actor=sales_manager, rep=rep, revision=0, values={})

    def test_the_base_of_somebody_elses_rep_is_not_found(self, sales_manager: Person, signed_in: Any) -> None:
        rep = world.a_rep("ralf")

        assert signed_in(sales_manager).get(reverse("territories:base", args=[rep.pk])).status_code == 404

    def test_strangers_see_nothing(self, stranger: Person, api: Any) -> None:
        assert api(stranger).get("/api/v1/account-work/").status_code == 403


class TestByFile:
    def test_a_file_adds_changes_and_leaves_what_it_says_nothing_about(
        self, analyst: Person, account: Account
    ) -> None:
        world.an_account("A2")
        set_account_work(actor=None, account=account, revision=0, values=BERLIN | {"potential": Decimal(5)})
        text = b"account,potential,needs\nA1,2000,German;Hospital\nA2,,\n"

        stored = import_account_work(actor=analyst, name="work.csv", data=text)

        assert vars(stored) == {"added": 1, "changed": 1, "unchanged": 0}
        work = AccountWork.objects.get(account=account)
        assert (work.latitude, work.potential, work.needs) == (52.52, 2000, ["german", "hospital"])
        assert work.revision == 2
        again = import_account_work(actor=analyst, name="work.csv", data=text)
        assert vars(again) == {"added": 0, "changed": 0, "unchanged": 2}
        assert Event.objects.filter(verb__endswith="imported", actor=analyst).count() == 2

    def test_every_bad_row_gets_a_sentence_and_nothing_is_stored(
        self, analyst: Person, account: Account, signed_in: Any
    ) -> None:
        text = (
            "account,latitude,longitude,calls_a_year\n"
            "A1,52.5,13.4,12\nNONE,1,1,1\nA1,1,1,1\n,1,1,1\nA9,91,1,1\nA8,1,,1\nA7,1,1,1.5\n"
        )

        answer = signed_in(analyst).post(reverse("territories:work-import"), {"file": file_of(text)})

        page = answer.content.decode()
        assert answer.status_code == 400
        for said in (
            "line 3: account NONE is not among those that you may see",
            "line 4: account A1 stands in line 2 already",
            "line 5: account is empty",
            "line 6: latitude is 91; it must be 90 or less",
            "line 7: give both latitude and longitude, or neither",
            "line 8: calls_a_year is 1.5; write a whole number",
        ):
            assert said in page
        assert not AccountWork.objects.exists()

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (b"", "work.csv is empty. Its first line names the columns"),
            (b"account,potential\n", "no rows below its head"),
            (b"name\nA1\n", "the column account is missing"),
            (b"account,latitude\nA1,1\n", "the column longitude is missing"),
            (b"account\nA1\n", "the column latitude is missing"),
            (b"account,potential\nA1,\xff\n", "not UTF-8"),
            (b"account,potential\nA1,NaN\n", "write a number as 1234.5"),
        ],
    )
    def test_a_file_that_cannot_be_read_says_why(
        self, analyst: Person, account: Account, text: bytes, said: str
    ) -> None:
        with pytest.raises(Invalid, match=said):
            import_account_work(actor=analyst, name="work.csv", data=text)

    def test_a_sales_manager_imports_only_the_teams_accounts(
        self, sales_manager: Person, account: Account
    ) -> None:
        with pytest.raises(Invalid, match="not among those that you may see"):
            import_account_work(actor=sales_manager, name="w.csv", data=b"account,potential\nA1,1\n")

    def test_bases_come_from_a_file_too(self, analyst: Person, signed_in: Any) -> None:
        rep = world.a_rep("rita")
        text = "rep,latitude,longitude,share,most_accounts,skills\nrita,52.5,13.4,0.5,80,German\n"

        answer = signed_in(analyst).post(
            reverse("territories:base-import"), {"file": file_of(text)}, follow=True
        )

        assert "1 added, 0 changed, 0 as before" in answer.content.decode()
        base = RepBase.objects.get(rep=rep)
        assert (base.share, base.most_accounts, base.skills) == (Decimal("0.5"), 80, ["german"])

    def test_nobody_has_a_share_of_nothing_by_file_either(self, analyst: Person) -> None:
        world.a_rep("rita")
        with pytest.raises(Invalid, match="share is 0; it must be 0"):
            import_rep_bases(actor=analyst, name="b.csv", data=b"rep,share\nrita,0\n")


class TestByApi:
    def test_work_is_added_read_and_changed(self, analyst: Person, account: Account, api: Any) -> None:
        client = api(analyst)
        sent = {"account": "A1", **BERLIN, "calls_a_year": 4}

        added = client.post("/api/v1/account-work/", sent, format="json")
        second = client.post("/api/v1/account-work/", sent, format="json")
        url = f"/api/v1/account-work/{added.data['id']}/"
        stale = client.patch(url, {"revision": 7, "calls_a_year": 5}, format="json")
        changed = client.patch(url, {"revision": 1, "calls_a_year": 5}, format="json")

        assert (added.status_code, second.status_code) == (201, 400)
        assert (stale.status_code, changed.status_code) == (409, 200)
        assert changed.data["calls_a_year"] == 5
        assert client.get("/api/v1/account-work/?place=yes").data["count"] == 1
        assert client.get("/api/v1/account-work/?place=no").data["count"] == 0

    def test_bases_are_added_and_changed(self, analyst: Person, api: Any) -> None:
        world.a_rep("rita")
        client = api(analyst)

        added = client.post("/api/v1/rep-bases/", {"rep": "rita", **BERLIN}, format="json")
        url = f"/api/v1/rep-bases/{added.data['id']}/"
        changed = client.patch(url, {"revision": 1, "share": "0.50"}, format="json")

        assert changed.data["share"] == "0.50"
        assert client.get("/api/v1/rep-bases/?rep=rita").data["count"] == 1

    def test_a_file_is_sent(self, analyst: Person, account: Account, api: Any) -> None:
        client = api(analyst)

        good = client.post(
            "/api/v1/account-work/import/", {"file": file_of("account,potential\nA1,7\n")}, format="multipart"
        )
        bad = client.post(
            "/api/v1/account-work/import/", {"file": file_of("account,potential\nA1,x\n")}, format="multipart"
        )

        assert good.data == {"added": 1, "changed": 0, "unchanged": 0}
        assert bad.status_code == 400
        assert "potential is “x”" in bad.content.decode()


class TestLists:
    def test_the_lists_cost_the_same_for_any_number_of_rows(
        self, analyst: Person, signed_in: Any, pinned_queries: Any
    ) -> None:
        for number in range(3):
            rep = world.a_rep(f"R{number}")
            RepBase.objects.create(rep=rep)
            AccountWork.objects.create(account=world.an_account(f"A{number}", owner=rep))
        client = signed_in(analyst)
        client.get(reverse("territories:work-list"))

        with pinned_queries("accounts"):
            page = client.get(reverse("territories:work-list"))
        with pinned_queries("reps"):
            client.get(reverse("territories:base-list"))

        assert "A2" in page.content.decode()

    def test_what_is_missing_is_found(self, analyst: Person, account: Account, signed_in: Any) -> None:
        AccountWork.objects.create(account=world.an_account("PLACED"), **BERLIN)

        page = signed_in(analyst).get(reverse("territories:work-list") + "?place=no").content.decode()

        assert "A1" in page
        assert "PLACED" not in page

    def test_the_account_and_the_rep_lead_here(
        self, analyst: Person, sales_rep: Person, account: Account, signed_in: Any
    ) -> None:
        rep = world.a_rep("rita", person=sales_rep)
        Account.objects.filter(pk=account.pk).update(owner=rep)
        work, base = (
            reverse(f"territories:{one}", args=[row.pk]) for one, row in (("work", account), ("base", rep))
        )

        assert work in signed_in(analyst).get(reverse("crm:account", args=[account.pk])).content.decode()
        assert base in signed_in(analyst).get(reverse("crm:rep", args=[rep.pk])).content.decode()
        assert (
            work not in signed_in(sales_rep).get(reverse("crm:account", args=[account.pk])).content.decode()
        )
