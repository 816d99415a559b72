"""The goals document: what somebody earns for what, made from the version in force, with the own numbers."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from compensation.models import PlanAssignment, PlanVersion
from compensation.pipeline.goals import goals_of_reps, goals_of_version, hash_of, terms_of_document
from compensation.selectors.goals import Due, due_for
from compensation.services.acceptances import standing_of
from core.errors import Refused
from tests.compensation.company import JANUARY, TERMS, plan_of, rep_on

pytestmark = pytest.mark.django_db
THIS_YEAR = dt.date(timezone.localdate().year, 1, 1)


def words_of(document):
    parts = [one["words"] for one in (*document["components"], *document["terms"])]
    return " ".join(word for words in parts for word in words).replace("\u202f", " ")


def document_of(version, rep, day=JANUARY):
    return goals_of_reps(Due(version, day), [rep])[rep.pk]


def test_it_says_what_is_earned_for_what_with_the_own_quota_and_target(db):
    version = plan_of(TERMS | {"draw": {"amount": 500}, "clawback": {"window": 12}})
    rep = rep_on(version, quota=600_000, target=24_000)
    document = document_of(version, rep)
    told = words_of(document)
    assert "Up to your quota every EUR pays 5 %." in told
    assert "From your quota on, every EUR above it pays 8 %." in told
    assert "Paid every month; the level adds up over the year." in told
    assert "You get at least 500 EUR a month" in told
    assert "within 12 months, 100 % of what it paid is taken back" in told
    assert document["components"][0]["quota"] == "600\u202f000 EUR"
    assert ["Variable pay at 100\u202f%", "24\u202f000 EUR"] in document["mix"]
    assert ["Together at 100\u202f%", "84\u202f000 EUR"] in document["mix"]
    assert [Decimal(one) for one in document["example"]["total"]] == [24_000, 30_000, 39_600]
    assert document["for"] == rep.name


def test_own_terms_make_an_own_document(db):
    version = plan_of()
    ann, ben = rep_on(version, quota=600_000), rep_on(version, "ben", quota=600_000)
    PlanAssignment.objects.create(
        plan=version.plan,
        rep=ben,
        days=DateRange(JANUARY, None),
        changes={"components": {"own": {"tiers": [{"from": 0, "rate": "6%"}]}}},
        reason="Came from a competitor",
    )
    documents = goals_of_reps(Due(version, JANUARY), [ann, ben])
    assert "pays 5\u202f%" in " ".join(documents[ann.pk]["components"][0]["words"])
    assert "pays 6\u202f%" in " ".join(documents[ben.pk]["components"][0]["words"])
    assert [Decimal(one) for one in documents[ben.pk]["example"]["total"]] == [28_800, 36_000, 43_200]


def test_without_a_quota_the_example_says_which_one_it_takes(db):
    version = plan_of()
    document = document_of(version, rep_on(version))
    assert document["components"][0]["quota"] == ""
    assert document["example"]["quotas"] == ["Own bookings: 1\u202f200\u202f000 EUR"]


def test_the_hash_covers_every_word_and_the_agreement_leaves_out_what_only_follows(db):
    version = plan_of()
    document = document_of(version, rep_on(version, quota=600_000))
    assert hash_of(document) == hash_of(dict(reversed(document.items())))
    assert hash_of(document) != hash_of(document | {"intro": "Other"})
    agreed = terms_of_document(document)
    assert "example" not in agreed
    assert {"components", "terms", "mix", "intro"} <= set(agreed)


def test_a_version_that_is_approved_but_begins_later_is_due_as_well(db):
    version = plan_of(starts=THIS_YEAR)
    rep = rep_on(version, begin=THIS_YEAR)
    next_year = THIS_YEAR.replace(year=THIS_YEAR.year + 1)
    PlanVersion.objects.filter(pk=version.pk).update(days=DateRange(THIS_YEAR, next_year))
    later = PlanVersion.objects.create(
        plan=version.plan,
        number=2,
        starts=next_year,
        terms=TERMS,
        state="approved",
        days=DateRange(next_year, None),
    )
    assert [(one.version.pk, one.day) for one in due_for(rep)] == [
        (version.pk, timezone.localdate()),
        (later.pk, next_year),
    ]


def test_drafts_and_plans_of_others_are_not_due(db):
    version = plan_of(starts=THIS_YEAR)
    rep = rep_on(version, begin=THIS_YEAR)
    plan_of(code="other", starts=THIS_YEAR)
    PlanVersion.objects.create(plan=version.plan, number=2, starts=THIS_YEAR, terms=TERMS)
    assert [one.version.pk for one in due_for(rep)] == [version.pk]
    off = rep_on(version, "off", begin=THIS_YEAR)
    PlanAssignment.objects.create(
        plan=version.plan, rep=off, days=DateRange(THIS_YEAR, None), is_off=True, reason="On leave"
    )
    assert due_for(off) == []


def test_terms_that_do_not_read_are_refused_in_words(db):
    version = plan_of({"plan": "P", "components": [{"code": "x", "form": "whole"}]})
    with pytest.raises(Refused, match="at least one is needed"):
        goals_of_version(version)


def test_the_rep_comes_from_the_own_page_to_the_own_document(sales_rep, signed_in):
    version = plan_of(starts=THIS_YEAR, intro="We want new business.")
    rep = rep_on(version, person=sales_rep, begin=THIS_YEAR, quota=600_000)
    answer = signed_in(sales_rep).get("/pay/goals/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/pay/goals/{version.pk}/reps/{rep.pk}/"
    shown = answer.content.decode()
    assert "What you earn for what" in shown
    assert "We want new business." in shown
    assert "600\u202f000 EUR" in shown
    assert "30\u202f000" in shown


def test_pages_of_documents_open_for_those_who_may_see_the_pay(
    sales_rep, sales_manager, analyst, stranger, signed_in
):
    version = plan_of(starts=THIS_YEAR)
    boss = rep_on(version, "boss", person=sales_manager, begin=THIS_YEAR)
    mine = rep_on(version, "mine", person=sales_rep, manager=boss, begin=THIS_YEAR)
    other = rep_on(version, "other", begin=THIS_YEAR)
    page = f"/pay/goals/{version.pk}/reps/{{}}/"
    for rest in ("", "pdf/"):
        assert signed_in(sales_rep).get(page.format(mine.pk) + rest).status_code == 200
        assert signed_in(sales_rep).get(page.format(other.pk) + rest).status_code == 404
        assert signed_in(sales_rep).get(page.format(boss.pk) + rest).status_code == 404
        assert signed_in(sales_manager).get(page.format(mine.pk) + rest).status_code == 200
        assert signed_in(sales_manager).get(page.format(other.pk) + rest).status_code == 404
        assert signed_in(analyst).get(page.format(other.pk) + rest).status_code == 200
        assert signed_in(stranger).get(page.format(mine.pk) + rest).status_code in {403, 404}
        assert signed_in(sales_rep).get(f"/pay/goals/{version.pk}/{rest}").status_code == 403
        assert signed_in(analyst).get(f"/pay/goals/{version.pk}/{rest}").status_code == 200


def test_the_paper_is_a_pdf_with_the_same_content(analyst, signed_in):
    version = plan_of(starts=THIS_YEAR)
    rep = rep_on(version, begin=THIS_YEAR, quota=600_000)
    answer = signed_in(analyst).get(f"/pay/goals/{version.pk}/reps/{rep.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_somebody_without_a_plan_or_no_rep_is_told_so(sales_rep, advisor, analyst, signed_in):
    assert "not paid by a plan" in signed_in(advisor).get("/pay/goals/").content.decode()
    rep_on(None, person=sales_rep)
    assert "You are on no plan yet" in signed_in(sales_rep).get("/pay/goals/").content.decode()
    assert signed_in(analyst).get("/pay/goals/").status_code == 302


def test_a_document_has_the_same_words_as_its_standing(db):
    version = plan_of(starts=THIS_YEAR)
    rep = rep_on(version, begin=THIS_YEAR)
    (row,) = standing_of(rep)
    assert row.document == document_of(version, rep, timezone.localdate())
