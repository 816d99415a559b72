"""Pages of crediting: what each shows to whom."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from compensation.models import Cancellation, Credit, CreditHold, CreditRule, DealSplit
from compensation.pipeline.crediting import make_credits
from compensation.services.holds import put_hold
from core.formats import show
from core.models import Job, Person
from crm.models import Deal
from tests.compensation.company import deal, plan_of, rep_on, run_of

pytestmark = pytest.mark.django_db
SignedIn = Callable[[Person], Client]
MAY = dt.date(2026, 5, 12)


def page(name: str, *args: Any) -> str:
    return reverse(f"compensation:{name}", args=args)


@pytest.fixture
def won(sales_rep: Person) -> Deal:
    """A deal of the signed-in rep, and one of somebody else."""
    deal(rep_on(None, "bob"), 700, MAY, name="Somebody else's deal")
    mine = deal(rep_on(None, "rita", person=sales_rep), 300, MAY, name="My deal")
    make_credits()
    return mine


def test_the_list_adds_up_what_it_shows_and_narrows_it(
    signed_in: SignedIn, analyst: Person, won: Deal
) -> None:
    client = signed_in(analyst)
    every = client.get(page("credit-list")).content.decode()
    assert f"{show(Decimal(1000), 'money')[0]} EUR" in every
    assert "Make credits" in every
    only = client.get(page("credit-list"), {"deal": won.pk}).content.decode()
    assert "My deal" in only
    assert "Somebody else" not in only
    export = b"".join(client.get(page("credit-list"), {"export": "csv", "rep": "bob"}))
    assert b"Somebody else" in export
    assert b"My deal" not in export


def test_a_rep_sees_only_the_own_credits_on_every_way(
    signed_in: SignedIn, sales_rep: Person, won: Deal
) -> None:
    client = signed_in(sales_rep)
    others = Credit.objects.get(rep__code="bob")
    shown = client.get(page("credit-list")).content.decode()
    assert "My deal" in shown
    assert "Somebody else" not in shown
    assert "Make credits" not in shown
    assert client.get(page("credit", Credit.objects.get(deal=won).pk)).status_code == 200
    assert client.get(page("credit", others.pk)).status_code == 404
    assert client.get(f"/explain/credit/{others.pk}/").status_code == 404
    export = b"".join(client.get(page("credit-list"), {"export": "csv"}))
    assert b"Somebody else" not in export
    for name in ("credit-making", "credit-missing", "credit-rule-list", "cancellation-add", "hold-add"):
        assert client.get(page(name)).status_code == 403
    assert client.get(page("split", won.pk)).status_code == 403


def test_a_credit_says_why(signed_in: SignedIn, analyst: Person, won: Deal) -> None:
    client = signed_in(analyst)
    credit = Credit.objects.get(deal=won)
    shown = client.get(page("credit", credit.pk)).content.decode()
    assert "No direct rule is in force" in shown
    assert "No direct rule is in force" in client.get(f"/explain/credit/{credit.pk}/").content.decode()


def test_the_button_starts_one_job(signed_in: SignedIn, analyst: Person, won: Deal) -> None:
    client = signed_in(analyst)
    assert "up to date" in client.get(page("credit-making")).content.decode()
    Deal.objects.filter(pk=won.pk).update(base_amount=400)
    assert "Something has changed" in client.get(page("credit-making")).content.decode()
    first, second = (client.post(page("credit-making")) for _ in range(2))
    job = Job.objects.get(kind="compensation.make_credits")
    assert first["Location"] == second["Location"] == reverse("core:job", args=[job.pk])


def test_deals_without_anybody_say_what_would_mend_it(
    signed_in: SignedIn, analyst: Person, won: Deal
) -> None:
    Deal.objects.filter(pk=won.pk).update(rep=None)
    make_credits()
    shown = signed_in(analyst).get(page("credit-missing")).content.decode()
    assert "The deal has no rep" in shown
    assert page("split", won.pk) in shown
    assert "Somebody else" not in shown


def test_a_rule_is_tried_before_it_is_saved(signed_in: SignedIn, analyst: Person, won: Deal) -> None:
    rep_on(None, "eve")
    client = signed_in(analyst)
    typed = {
        "name": "Eve too",
        "kind": "overlay",
        "getter": "rep",
        "rep": "eve",
        "percent": "50",
        "position": "10",
        "levels": "1",
        "is_active": "on",
    }
    tried = client.post(page("credit-rule-add"), typed | {"try": "1"})
    assert "Nothing is saved yet" in tried.content.decode()
    assert "500.00" in tried.content.decode()
    assert not CreditRule.objects.exists()
    saved = client.post(page("credit-rule-add"), typed)
    rule = CreditRule.objects.get()
    assert saved["Location"] == page("credit-rule", rule.pk)
    assert "Eve too" in client.get(page("credit-rule-list")).content.decode()
    edit = typed | {"percent": "20", "revision": "1", "try": "1"}
    assert "300.00" in client.post(page("credit-rule-edit", rule.pk), edit).content.decode()
    rule.refresh_from_db()
    assert rule.percent == 50
    edit.pop("try")
    assert client.post(page("credit-rule-edit", rule.pk), edit).status_code == 302
    assert client.post(page("credit-rule-edit", rule.pk), edit | {"percent": "30"}).status_code == 409


def test_the_form_of_a_rule_asks_only_what_its_kind_needs(
    signed_in: SignedIn, analyst: Person, won: Deal
) -> None:
    client, url = signed_in(analyst), page("credit-rule-add")
    chosen = client.get(url).content.decode()
    assert "?kind=roll_up&amp;getter=manager" in chosen and 'name="percent"' not in chosen

    direct = client.get(f"{url}?kind=direct&getter=coverage").context["form"].fields
    assert {"coverage_role", "position"} <= set(direct) and not {"rep", "levels", "percent"} & set(direct)
    roll_up = client.get(f"{url}?kind=roll_up&getter=manager").context["form"].fields
    assert {"levels", "percent"} <= set(roll_up) and not {"rep", "position"} & set(roll_up)


def test_a_rule_of_another_kind_forgets_what_only_the_old_kind_used(
    signed_in: SignedIn, analyst: Person, won: Deal
) -> None:
    rep_on(None, "eve")
    client = signed_in(analyst)
    typed = {"name": "Eve too", "kind": "overlay", "getter": "rep", "percent": "50"}
    missing = client.post(page("credit-rule-add"), typed)
    assert "Choose the rep." in missing.context["form"].errors["rep"]
    client.post(page("credit-rule-add"), typed | {"rep": "eve"})
    rule = CreditRule.objects.get()
    direct = {"name": "All", "kind": "direct", "getter": "deal_rep", "position": "1", "revision": "1"}
    assert client.post(page("credit-rule-edit", rule.pk), direct).status_code == 302
    rule.refresh_from_db()
    assert (rule.kind, rule.rep, rule.percent, rule.position) == ("direct", None, 100, 1)


def test_shares_are_typed_in_rows_and_what_is_left_is_shown(
    signed_in: SignedIn, analyst: Person, won: Deal
) -> None:
    client = signed_in(analyst)
    shown = client.get(page("split", won.pk))
    seen = shown.context["form"]["seen"].value()
    rows = {"rep_0": "rita", "percent_0": "60", "rep_1": "bob", "percent_1": "30"}
    refused = client.post(page("split", won.pk), rows | {"seen": seen, "reason": "Together"})
    assert refused.status_code == 400
    assert "10 % is left" in refused.content.decode()
    good = rows | {"percent_1": "40", "seen": seen, "reason": "Together"}
    assert client.post(page("split", won.pk), good).status_code == 302
    assert DealSplit.objects.filter(deal=won).count() == 2
    stale = client.post(page("split", won.pk), good | {"percent_0": "50", "percent_1": "50"})
    assert stale.status_code == 409
    assert "Somebody changed the shares meanwhile" in stale.content.decode()


def test_a_row_needs_both_a_rep_and_a_share(signed_in: SignedIn, analyst: Person, won: Deal) -> None:
    answer = signed_in(analyst).post(page("split", won.pk), {"rep_0": "rita", "percent_1": "40"})
    assert answer.status_code == 400
    assert "Write the share" in answer.content.decode()
    assert "Choose the rep" in answer.content.decode()


def test_the_split_of_a_closed_month_says_that_a_difference_comes(
    signed_in: SignedIn, analyst: Person, won: Deal
) -> None:
    run_of(dt.date(2026, 5, 1), {}, plan_of(), "locked")
    assert "May 2026 is closed" in signed_in(analyst).get(page("split", won.pk)).content.decode()


def test_a_cancellation_is_entered_changed_and_taken_away(
    signed_in: SignedIn, analyst: Person, won: Deal
) -> None:
    client = signed_in(analyst)
    typed = {"deal": won.external_id, "kind": "returned", "day": "2026-06-01", "percent": "50", "reason": "x"}
    assert client.post(page("cancellation-add"), typed).status_code == 302
    row = Cancellation.objects.get()
    change = typed | {"percent": "40", "revision": "1"}
    assert client.post(page("cancellation-edit", row.pk), change).status_code == 302
    make_credits()
    assert "-120" in client.get(page("cancellation-list")).content.decode().replace("\u2212", "-")
    assert client.get(page("cancellation", row.pk)).status_code == 200
    gone = client.post(page("cancellation-remove", row.pk), {"reason": "Kept", "revision": "2"})
    assert gone.status_code == 302
    assert not Cancellation.objects.exists()


def test_a_hold_is_put_and_several_are_released(signed_in: SignedIn, analyst: Person, won: Deal) -> None:
    client = signed_in(analyst)
    typed = {"deal": won.external_id, "percent": "100", "since": "2026-05-01", "reason": "Not delivered"}
    assert client.post(page("hold-add"), typed).status_code == 302
    put_hold(actor=analyst, rep=won.rep, since=MAY, reason="Papers")
    keys = list(CreditHold.objects.values_list("pk", flat=True))
    assert "Not delivered" in client.get(page("hold-list")).content.decode()
    assert client.get(page("hold", keys[0])).status_code == 200
    client.post(page("hold-release-several"), {"hold": keys, "released": "2026-06-01", "reason": "Done"})
    assert CreditHold.objects.filter(released=dt.date(2026, 6, 1)).count() == 2


def test_the_pages_of_crediting_ask_few_queries(
    signed_in: SignedIn, analyst: Person, won: Deal, pinned_queries: Any
) -> None:
    client = signed_in(analyst)
    for number in range(12):
        deal(won.rep, 10 + number, MAY)  # type: ignore[arg-type]
    make_credits()
    credit = Credit.objects.get(deal=won)
    with pinned_queries("credits"):
        client.get(page("credit-list"))
    with pinned_queries("credit"):
        client.get(page("credit", credit.pk))
