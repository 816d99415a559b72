"""Pay is secret: every way to somebody else's pay is tried by everybody who may not see it.

All rows about ann's pay have the same key, so that one number opens them all, and amounts that stand nowhere
else. Every route of the room is walked, with every method that reads, and with exports.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from rest_framework.test import APIClient

from compensation.models import (
    Adjustment,
    CreditHold,
    Dispute,
    ObjectiveScore,
    PlanAssignment,
    PlanQuota,
    Position,
    Statement,
)
from core.events import record
from core.explain import kinds as explained_kinds
from core.jobs import start_job
from core.models import Comment, Event, Job, Notification, Person
from core.services import write_comment
from core.subjects import kinds as commented_kinds
from crm.models import Rep
from tests.architecture.routes import Route, guarded_routes
from tests.compensation.company import (
    FLAT,
    JANUARY,
    credit,
    deal,
    euro,
    line,
    plan_of,
    rep_on,
    role,
    run_of,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]
JUNE = dt.date(2026, 6, 1)
KEY = 424_242
# What is written nowhere else: pay of a line, the payout, an adjustment, what is held, expected, owed, the
# salary, the target, a quota for pay.
SECRETS = ("7341.77", "7512.88", "171.11", "4411.33", "8877.55", "913.57", "81234", "45671", "98765.4")
# What may hold the same digits by chance: parts of a second, keys of rows, hashes.
BY_CHANCE = re.compile(r"(?<=:\d\d)\.\d{6}|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{32,}\b")
STRANGERS = (
    "another_rep",
    "another_manager",
    "coordinator",
    "advisor",
    "effectiveness_manager",
    "stranger",
)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2026, 7, 20))


@pytest.fixture
def ann(db: None) -> Rep:
    """Her pay of June, with everything about it under one key."""
    version = plan_of(FLAT, pk=KEY)
    rep = rep_on(None, "ann", pk=KEY, name="Ann Able")
    days = PlanAssignment.objects.get().days
    Position.objects.create(
        pk=KEY, rep=rep, role=role(), days=days, base_salary=81_234, target_incentive=45_671
    )
    PlanAssignment.objects.create(
        pk=KEY,
        plan=version.plan,
        rep=rep,
        days=days,
        target_incentive=45_671,
        reason="Agreed",
    )
    PlanQuota.objects.create(
        pk=KEY, plan=version.plan, rep=rep, first_month=JANUARY, amount=Decimal("98765.4")
    )
    ObjectiveScore.objects.create(
        pk=KEY, plan=version.plan, rep=rep, component="own", objective="x", month=JUNE, achieved=1
    )
    of = deal(rep, 10, JUNE, name="Quiet deal")
    paid = line(credit(rep, 10, JUNE, deal=of, pk=KEY), pay=Decimal("7341.77"), pk=KEY)
    sheet = {
        "pk": KEY,
        "adjustments": Decimal("171.11"),
        "owed": Decimal("913.57"),
        "part": {"pk": KEY},
    }
    run_of(JUNE, {rep: [paid]}, version, "paid", {rep: sheet}, pk=KEY)
    _beside(rep)
    return rep


def _beside(rep: Rep) -> None:
    """An adjustment, a hold and a dispute about the statement."""
    Adjustment.objects.create(
        pk=KEY,
        rep=rep,
        month=JUNE,
        currency=euro(),
        amount=Decimal("4411.33"),
        label="Quiet bonus",
        reason="Told to nobody",
    )
    CreditHold.objects.create(pk=KEY, rep=rep, since=JUNE, reason="Quiet hold")
    Dispute.objects.create(
        pk=KEY,
        statement_id=KEY,
        line_id=KEY,
        rep=rep,
        about="amount",
        text="Quiet dispute",
        expected=Decimal("8877.55"),
        due=timezone.now(),
    )


@pytest.fixture
def another_rep(sales_rep: Person, ann: Rep) -> Person:
    """Of the same plan, beside ann."""
    rep_on(None, "bob", person=sales_rep)
    return sales_rep


@pytest.fixture
def another_manager(sales_manager: Person, ann: Rep) -> Person:
    """Of another team, with a rep below."""
    sam = rep_on(None, "sam", person=sales_manager)
    rep_on(None, "cid", manager=sam)
    return sales_manager


@pytest.fixture(params=STRANGERS)
def nosy(request: pytest.FixtureRequest, ann: Rep) -> Person:
    """Everybody who may not see ann's pay, one after the other."""
    person: Person = request.getfixturevalue(request.param)
    return person


def told(answer: Any) -> str:
    """The body as plain text, without the marks between thousands."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return re.sub("[\u202f,]", "", body.decode("utf-8", "ignore"))


def leaks(answer: Any) -> list[str]:
    text = BY_CHANCE.sub("", told(answer))
    names = ("Quiet bonus", "Quiet hold", "Quiet dispute", "Told to nobody")
    return [secret for secret in (*SECRETS, *names) if secret in text]


def of_the_room() -> list[Route]:
    """The pages and resources of compensation."""
    return [
        route
        for route in guarded_routes()
        if getattr(getattr(route.view, "cls", None) or getattr(route.view, "view_class", None) or route.view,
                   "__module__", "").startswith("compensation.")
    ]  # fmt: skip


QUERIES: tuple[dict[str, str], ...] = ({}, {"export": "csv", "rep": "ann", "month": "2026-06-01"})
VALUES: dict[str, Any] = {"code": "ann", "rep": "ann", "month": "2026-06"}


def addresses(route: Route) -> Iterator[str]:
    """The route of ann's rows; nothing where its arguments are of another kind."""
    for rep in ("ann", KEY):
        values = {name: VALUES.get(name, KEY) for name in route.arguments if name != "format"}
        values |= {"rep": rep} if "rep" in values else {}
        try:
            url = reverse(route.name, kwargs=values)
        except NoReverseMatch:
            continue
        yield url
        return


def test_there_are_routes_to_walk() -> None:
    names = {route.name for route in of_the_room()}
    assert len(names) > 40
    assert {"compensation:statement", "compensation:statement-list", "compensation:own-pay"} <= names


def _asked(client: Any, url: str, data: dict[str, str]) -> HttpResponse:
    with transaction.atomic():
        answer: HttpResponse = client.get(url, data)
        transaction.set_rollback(True)
    return answer


def test_no_address_of_the_room_tells_ann_s_pay(nosy: Person, signed_in: SignIn, api: Api) -> None:
    page, program = signed_in(nosy), api(nosy)
    page.raise_request_exception = program.raise_request_exception = False
    wrong = []
    for route in of_the_room():
        client: Any = program if route.is_api else page
        for url in addresses(route):
            for query in QUERIES:
                answer = _asked(client, url, query)
                if found := leaks(answer):
                    wrong.append((route.name, url, query, answer.status_code, found))
                if answer.status_code != 200:
                    break
    assert wrong == []


OF_ONE = (
    "compensation:statement",
    "compensation:statement-lines",
    "compensation:statement-pdf",
    "compensation:rep-pay",
    "compensation:rep-what-if",
)


@pytest.mark.parametrize("name", OF_ONE)
def test_a_statement_is_not_there_for_strangers(nosy: Person, signed_in: SignIn, name: str) -> None:
    assert signed_in(nosy).get(reverse(name, args=[KEY])).status_code in {403, 404}


def test_the_api_gives_strangers_nothing_of_it(nosy: Person, api: Api) -> None:
    client = api(nosy)
    for url in (f"pay-statements/{KEY}/", f"pay-statements/{KEY}/pdf/", f"pay-lines/{KEY}/"):
        assert client.get(f"/api/v1/{url}").status_code in {403, 404}
    for url in ("pay/year/", "pay/estimate/"):
        assert client.get(f"/api/v1/{url}", {"rep": "ann"}).status_code in {403, 404}
    sent = {"rep": "ann", "month": "2026-06-01", "amounts": [{"amount": "1"}]}
    assert client.post("/api/v1/pay/what-if/", sent, format="json").status_code in {403, 404}
    for url in ("pay-statements/", "pay-lines/"):
        answer = client.get(f"/api/v1/{url}")
        assert answer.status_code == 403 or answer.json()["results"] == []


def test_those_who_may_do_find_it(
    analyst: Person, ann: Rep, signed_in: SignIn, sales_manager: Person
) -> None:
    """The walk above would find it: the same addresses tell it to those who may see it."""
    sam = rep_on(None, "sam", person=sales_manager)
    Rep.objects.filter(pk=ann.pk).update(manager=sam)
    for person in (analyst, sales_manager):
        text = told(signed_in(person).get(reverse("compensation:statement", args=[KEY])))
        assert "7341.77" in text and "7512.88" in text and "913.57" in text
        assert "7512.88" in told(signed_in(person).get(reverse("compensation:statement-list")))


def test_no_number_of_it_is_explained_to_strangers(nosy: Person, signed_in: SignIn) -> None:
    client = signed_in(nosy)
    for name in sorted(explained_kinds()):
        answer = client.get(f"/explain/{name}/{KEY}/")
        assert not leaks(answer), name
        if name in {"statement", "pay_part", "pay_line", "held_pay"}:
            assert answer.status_code in {403, 404}


def test_search_finds_no_pay(nosy: Person, signed_in: SignIn) -> None:
    client = signed_in(nosy)
    for words in ("Ann Able", "7341.77", "Quiet bonus", "Quiet dispute"):
        answer = client.get("/search/", {"q": words}, follow=True)
        text = told(answer).replace(words, "")
        assert not [secret for secret in SECRETS if secret in text]


def test_strangers_neither_read_nor_write_comments_about_it(nosy: Person, api: Api, analyst: Person) -> None:
    subjects = [label for label in commented_kinds() if label.startswith("compensation.")]
    assert "compensation.statement" in subjects
    for label in subjects:
        Comment.objects.create(
            subject_type=label, subject_id=str(KEY), subject_label="x", author=analyst, text="7341.77"
        )
        asked = {"subject_type": label, "subject_id": str(KEY)}
        read = api(nosy).get("/api/v1/comments/", asked)
        written = api(nosy).post("/api/v1/comments/", asked | {"text": "Hello"}, format="json")
        assert read.status_code in {403, 404} and written.status_code in {403, 404}, label


def test_a_mention_tells_nobody_who_may_not_see_the_statement(nosy: Person, analyst: Person) -> None:
    write_comment(
        actor=analyst,
        subject_type="compensation.statement",
        subject_id=str(KEY),
        text=f"@{nosy.name} it is 7341.77",
    )
    assert not Notification.objects.filter(person=nosy).exists()


def test_the_event_log_hides_pay_from_those_who_may_not_see_it(
    advisor: Person, manager: Person, analyst: Person, ann: Rep, signed_in: SignIn, api: Api
) -> None:
    row = Adjustment.objects.get()
    record(
        actor=analyst,
        verb="adjustment proposed",
        subject=row,
        after={"amount": row.amount},
        reason="Told to nobody",
    )
    write_comment(
        actor=analyst,
        subject_type="compensation.statement",
        subject_id=str(KEY),
        text="It is 7341.77",
    )
    comment = Comment.objects.get()
    record(actor=analyst, verb="comment edited", subject=comment, after={"text": "It is 7341.77"})
    start_job(actor=analyst, kind="compensation.run", label="Quiet run", params={"pay": "7341.77"})
    for url in (reverse("core:events"), f"{reverse('core:events')}?export=csv"):
        assert not leaks(signed_in(advisor).get(url))
        assert "Quiet run" not in told(signed_in(advisor).get(url))
    listed = api(advisor).get("/api/v1/events/")
    assert listed.status_code == 200 and not leaks(listed)
    event = Event.objects.filter(subject_type="compensation.adjustment").first()
    assert event is not None
    assert api(advisor).get(f"/api/v1/events/{event.pk}/").status_code == 404
    assert "4411.33" in told(api(manager).get("/api/v1/events/"))


def test_jobs_of_pay_are_seen_by_those_who_see_pay(
    nosy: Person, manager: Person, analyst: Person, api: Api, signed_in: SignIn
) -> None:
    job = start_job(actor=analyst, kind="compensation.run", label="Quiet run", params={"pay": "7341.77"})
    Job.objects.filter(pk=job.pk).update(result={"total": "7512.88"})
    for url in ("/api/v1/jobs/", f"/api/v1/jobs/{job.pk}/"):
        answer = api(nosy).get(url)
        assert "Quiet run" not in told(answer) and not leaks(answer)
    assert signed_in(nosy).get(reverse("core:job", args=[job.pk])).status_code in {403, 404}
    assert "7512.88" in told(api(manager).get(f"/api/v1/jobs/{job.pk}/"))


def test_who_sells_sees_the_own_pay_only_after_its_approval(
    sales_rep: Person, ann: Rep, signed_in: SignIn, api: Api
) -> None:
    Rep.objects.filter(pk=ann.pk).update(person=sales_rep)
    version = Statement.objects.get().parts.get().version
    month = dt.date(2026, 7, 1)
    run = run_of(month, {ann: [line(credit(ann, 10, month), pay=Decimal("3131.31"))]}, version, "reviewed")
    early = Statement.objects.get(run=run)
    client = signed_in(sales_rep)
    assert client.get(reverse("compensation:statement", args=[early.pk])).status_code == 404
    assert "3131.31" not in told(client.get(reverse("compensation:own-pay")))
    assert api(sales_rep).get(f"/api/v1/pay-statements/{early.pk}/").status_code == 404
    assert "7512.88" in told(client.get(reverse("compensation:own-pay")))
