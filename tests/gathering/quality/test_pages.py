"""Pages and API of findings."""

from collections.abc import Callable
from decimal import Decimal

from core.models import Person
from gathering.models import QualityIssue
from gathering.pipeline.quality import RULES, check_facts, store_findings
from tests.gathering.world import World


def test_the_list_shows_open_findings_the_blocking_first(
    world: World, analyst: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    world.issue(subject="Cheap warning", money=Decimal(1_000_000))
    world.issue(subject="Bad stock", severity="blocking", rule="stock_negative")
    world.issue(subject="Gone", state="resolved")
    client = signed_in(analyst)

    with pinned_queries():
        page = client.get("/data/quality/").content.decode()

    assert page.index("Bad stock") < page.index("Cheap warning")
    assert "Gone" not in page


def test_the_list_is_narrowed_by_rule_severity_and_family(
    world: World, analyst: Person, signed_in: Callable
) -> None:
    world.issue(subject="Bad stock", severity="blocking", rule="stock_negative", product=world.ridge)
    world.issue(subject="Sold cheap", product=world.slope)
    client = signed_in(analyst)

    for query in ("rule=stock_negative", "severity=blocking", "family=TOUR", "search=stock"):
        page = client.get(f"/data/quality/?{query}").content.decode()
        assert "Bad stock" in page
        assert "Sold cheap" not in page


def test_every_finding_opens_with_its_rows_and_where_it_is_mended(
    world: World, analyst: Person, signed_in: Callable
) -> None:
    world.history(world.ridge_tyrol, 24, lambda i: 0 if i in {10, 11} else 10)
    world.line(world.ridge_tyrol, revenue=Decimal(50))
    world.line(world.slope_north, revenue=Decimal(-5))
    world.product("RIDGE-2", name="Ridge 92")
    store_findings(found=check_facts(), actor=None)
    client = signed_in(analyst)

    for issue in QualityIssue.objects.all():
        page = client.get(f"/data/quality/{issue.pk}/")
        assert page.status_code == 200
        assert RULES[issue.rule].advice in page.content.decode().replace("&#x27;", "'")


def test_several_findings_are_waived_on_one_page(world: World, analyst: Person, signed_in: Callable) -> None:
    issues = [world.issue().pk, world.issue().pk]
    client = signed_in(analyst)
    assert "2 findings" in client.get("/data/quality/waive/", {"issue": issues}).content.decode()

    refused = client.post("/data/quality/waive/", {"issue": issues, "reason": ""})
    assert refused.status_code == 400
    assert QualityIssue.objects.filter(state="open").count() == 2

    client.post("/data/quality/waive/", {"issue": issues, "reason": "Samples."})
    assert QualityIssue.objects.filter(state="waived").count() == 2


def test_the_list_exports_what_it_shows(world: World, analyst: Person, signed_in: Callable) -> None:
    world.issue(subject="=1+1")

    answer = signed_in(analyst).get("/data/quality/?export=csv")

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("'=1+1")


def test_the_api_waives_assigns_and_shows_rows(world: World, analyst: Person, api: Callable) -> None:
    world.line(world.ridge_tyrol, revenue=Decimal(50))
    store_findings(found=check_facts(only=("below_cost",)), actor=None)
    issue = QualityIssue.objects.get()
    client = api(analyst)

    assert client.get(f"/api/v1/quality-issues/{issue.pk}/rows/").json()[0]["lines"] == 1
    assigned = client.post(
        "/api/v1/quality-issues/assign/", {"issues": [issue.pk], "owner": analyst.email}, format="json"
    )
    assert assigned.json()[0]["owner"] == analyst.email
    waived = client.post(
        "/api/v1/quality-issues/waive/", {"issues": [issue.pk], "reason": "Samples."}, format="json"
    )
    assert waived.json()[0]["state"] == "waived"
    again = client.post(
        "/api/v1/quality-issues/waive/", {"issues": [issue.pk], "reason": "Samples."}, format="json"
    )
    assert again.status_code == 409
    assert client.post("/api/v1/quality-issues/check/").status_code == 202
