"""Pay that waits, until it is released with a reason."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import Currency
from compensation.models import CreditHold, HeldPay, PayRun, Statement
from compensation.selectors.holds import holds_visible_to, waiting_sums
from compensation.services.holds import change_hold, put_hold, release_hold, release_holds
from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Person
from crm.models import Rep
from tests.compensation.company import JANUARY, deal, plan_of, rep_on, run_of, through

pytestmark = pytest.mark.django_db
MAY = dt.date(2026, 5, 12)
SignedIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]


@pytest.fixture
def ann() -> Rep:
    return rep_on(None, "ann")


def test_a_hold_is_put_on_a_deal_a_rep_or_both(analyst: Person, ann: Rep) -> None:
    won = deal(ann, 100, MAY)
    hold = put_hold(actor=analyst, deal=won, rep=ann, percent=Decimal(50), since=MAY, reason="Not delivered")
    assert (hold.held_by, hold.percent, hold.released) == (analyst, 50, None)
    with pytest.raises(Invalid, match="deal, a rep, or both"):
        put_hold(actor=analyst, reason="x")
    with pytest.raises(Invalid, match="why"):
        put_hold(actor=analyst, rep=ann, reason=" ")
    with pytest.raises(Invalid):
        put_hold(actor=analyst, rep=ann, percent=Decimal(101), reason="x")


def test_a_double_click_holds_once(analyst: Person, ann: Rep) -> None:
    hold = put_hold(actor=analyst, rep=ann, since=MAY, reason="Wait")
    with pytest.raises(Refused, match="held already"):
        put_hold(actor=analyst, rep=ann, since=MAY, reason="Wait")
    release_hold(actor=analyst, row=hold, revision=1, released=MAY, reason="Paid")
    assert put_hold(actor=analyst, rep=ann, since=MAY, reason="Wait").pk != hold.pk


def test_a_release_names_its_day_who_and_why(analyst: Person, ann: Rep) -> None:
    hold = put_hold(actor=analyst, rep=ann, since=MAY, reason="Wait")
    with pytest.raises(Invalid, match="begins on 12 May 2026"):
        release_hold(actor=analyst, row=hold, revision=1, released=MAY - dt.timedelta(1), reason="Paid")
    with pytest.raises(Invalid, match="why"):
        release_hold(actor=analyst, row=hold, revision=1, released=MAY, reason="")
    done = release_hold(actor=analyst, row=hold, revision=1, released=MAY, reason="Paid")
    assert (done.released, done.released_by, done.release_reason) == (MAY, analyst, "Paid")
    with pytest.raises(Refused, match="was released on 12 May 2026"):
        release_hold(actor=analyst, row=hold, revision=2, released=MAY, reason="Again")
    with pytest.raises(Refused, match="was released"):
        change_hold(actor=analyst, row=hold, revision=2, changes={"percent": Decimal(5)})
    verbs = Event.objects.filter(subject_type="compensation.credithold").values_list("verb", flat=True)
    assert sorted(verbs) == ["hold released", "pay held"]


def test_several_holds_are_released_together_or_not_at_all(analyst: Person, ann: Rep) -> None:
    early, late = (put_hold(actor=analyst, rep=ann, since=day, reason="Wait") for day in (MAY, JANUARY))
    with pytest.raises(Refused):
        release_holds(actor=analyst, rows=[early, late], released=JANUARY, reason="Paid")
    assert not CreditHold.objects.filter(released__isnull=False).exists()
    assert release_holds(actor=analyst, rows=[early, late], released=MAY, reason="Paid") == 2
    with pytest.raises(Invalid, match="at least one"):
        release_holds(actor=analyst, rows=[], reason="Paid")


def test_a_stale_release_is_refused(analyst: Person, ann: Rep) -> None:
    hold = put_hold(actor=analyst, rep=ann, since=MAY, reason="Wait")
    change_hold(actor=analyst, row=hold, revision=1, changes={"percent": Decimal(40)})
    with pytest.raises(Conflict):
        release_hold(actor=analyst, row=hold, revision=1, released=MAY, reason="Paid")


def test_the_list_says_how_much_waits_and_a_rep_sees_only_the_own(
    analyst: Person, sales_rep: Person, ann: Rep
) -> None:
    version = plan_of()
    rita = rep_on(version, "rita", person=sales_rep)
    run = run_of(JANUARY, {ann: [], rita: []}, version, "calculating")
    holds = [put_hold(actor=analyst, rep=rep, since=JANUARY, reason="Wait") for rep in (ann, rita)]
    for hold in holds:
        HeldPay.objects.create(statement=Statement.objects.get(rep=hold.rep), hold=hold, amount=70)
    through(run, "approved")
    told = [waiting_sums([row.waiting]) for row in holds_visible_to(analyst)]
    assert told == [{"EUR": 70}, {"EUR": 70}]
    assert [row.rep for row in holds_visible_to(sales_rep)] == [rita]


def test_reps_hold_and_release_nothing(sales_rep: Person, analyst: Person, ann: Rep) -> None:
    with pytest.raises(Denied):
        put_hold(actor=sales_rep, rep=ann, reason="x")
    hold = put_hold(actor=analyst, rep=ann, since=MAY, reason="Wait")
    with pytest.raises(Denied):
        release_hold(actor=sales_rep, row=hold, revision=1, released=MAY, reason="Paid")


def test_money_that_waits_is_summed_by_currency(
    analyst: Person, ann: Rep, signed_in: SignedIn, api: Api
) -> None:
    """A deal whose pay waits for a rep in euro and for another one in dollars."""
    Currency.objects.get_or_create(code="USD", defaults={"name": "Dollar"})
    won = deal(ann, 100, JANUARY)
    held = put_hold(actor=analyst, deal=won, since=JANUARY, reason="Wait")
    run = PayRun.objects.create(month=JANUARY, version=1, state="calculating")
    for rep, currency, amount in ((ann, "EUR", 70), (rep_on(None, "bob"), "USD", 40), (ann, "USD", 2)):
        sheet = Statement.objects.create(run=run, rep=rep, currency_id=currency)
        HeldPay.objects.create(statement=sheet, hold=held, deal=won, amount=amount)
    through(run, "approved")
    assert waiting_sums(row.waiting for row in holds_visible_to(analyst)) == {"EUR": 70, "USD": 42}
    page = signed_in(analyst).get("/pay/holds/").text
    assert "70.00 EUR, 42.00 USD" in page
    waiting = api(analyst).get("/api/v1/credit-holds/").json()["results"][0]["waiting"]
    assert [(one["currency"], Decimal(one["amount"])) for one in waiting] == [("EUR", 70), ("USD", 42)]
