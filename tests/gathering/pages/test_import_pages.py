"""Pages of imports: from choosing a file to its result."""

import pytest
from django.urls import reverse

from core.models import Job, Person
from gathering.models import ImportProfile, ImportRun, ImportState
from gathering.views.run_cards import FACT_PAGES
from tests.gathering.pages.company import BAD, GOOD, UNKNOWN, checked, committed, sales_file, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]


def test_a_file_with_our_column_names_starts_to_be_read(coordinator: Person, signed_in) -> None:
    url = reverse("gathering:import-file", args=["sales"])

    response = signed_in(coordinator).post(
        url, {"file": sales_file(GOOD), "reading": "ours", "source": "erp"}
    )

    run = ImportRun.objects.get()
    assert response.url == reverse("gathering:import-detail", args=[run.pk])
    assert (run.dataset, run.source, run.uploaded_by) == ("sales", "erp", coordinator)
    assert Job.objects.get(pk=run.job_id).kind == "gathering.read_import"


def test_a_file_is_read_by_the_profile_that_was_chosen(
    coordinator: Person, profile: ImportProfile, signed_in
) -> None:
    url = reverse("gathering:import-file", args=["sales"])

    signed_in(coordinator).post(url, {"file": sales_file(GOOD), "reading": f"profile-{profile.pk}"})

    assert ImportRun.objects.get().profile == profile


def test_a_form_without_a_file_says_so_and_keeps_what_was_typed(coordinator: Person, signed_in) -> None:
    url = reverse("gathering:import-file", args=["sales"])

    response = signed_in(coordinator).post(url, {"reading": "ours", "source": "webshop"})

    assert response.status_code == 400
    assert 'value="webshop"' in response.content.decode()
    assert ImportRun.objects.count() == 0


def test_matched_columns_become_a_profile_and_the_file_is_read(coordinator: Person, signed_in) -> None:
    client = signed_in(coordinator)
    file = sales_file(GOOD)
    match = client.post(
        reverse("gathering:import-file", args=["sales"]), {"file": file, "reading": "match"}
    ).url
    page = client.get(match).context["form"]
    data = {name: page[name].value() or "" for name in page.fields} | {"profile_name": "Web shop"}

    response = client.post(match, data)

    run = ImportRun.objects.get()
    assert response.url == reverse("gathering:import-detail", args=[run.pk])
    assert run.profile.code == "web-shop"
    assert "quantity: quantity" in run.definition
    assert client.get(match).url == reverse("gathering:import-start")


def test_a_checked_import_says_what_a_commit_would_do(coordinator: Person, signed_in) -> None:
    run = checked(coordinator, GOOD, BAD, UNKNOWN)

    page = shown(signed_in(coordinator), "import-detail", run.pk)

    assert "Commit the good rows" in page
    assert "Committing adds 2 rows to sales" in page
    assert "1 rejected row stays out until mended" in page
    assert "Quantity is not a number." in page
    assert "Espreso machine Uno" in page
    assert "Espresso machine Uno (ESP-100)" in page


def test_problems_are_listed_filtered_and_exported(coordinator: Person, signed_in) -> None:
    run = checked(coordinator, GOOD, BAD, BAD.replace("SO-3", "SO-5").replace("2026-04-06", "soon"))
    client, url = signed_in(coordinator), reverse("gathering:import-problems", args=[run.pk])

    assert client.get(url).context["page"].paginator.count == 3
    assert client.get(url, {"column": "day"}).context["page"].paginator.count == 1
    exported = b"".join(client.get(url, {"column": "day", "export": "csv"}).streaming_content).decode()
    assert "soon" in exported
    assert "many" not in exported


def test_the_rejects_are_a_file_with_the_problem_beside_each_row(coordinator: Person, signed_in) -> None:
    run = checked(coordinator, GOOD, BAD)

    response = signed_in(coordinator).get(reverse("gathering:import-rejects", args=[run.pk]))

    lines = b"".join(response.streaming_content).decode().splitlines()
    assert f"sales-rejects-{run.pk}.csv" in response["Content-Disposition"]
    assert len(lines) == 2
    assert "Quantity is not a number." in lines[1]
    assert "SO-3" in lines[1]


def test_mended_rows_are_read_like_the_first_file(coordinator: Person, signed_in) -> None:
    run = committed(coordinator, GOOD, BAD)
    client = signed_in(coordinator)
    rejects = client.get(reverse("gathering:import-rejects", args=[run.pk])).streaming_content
    mended = b"".join(rejects).replace(b"many", b"5")
    file = sales_file()
    file.seek(0)
    file.truncate()
    file.write(mended)
    file.seek(0)

    response = client.post(reverse("gathering:import-mend", args=[run.pk]), {"file": file})

    again = ImportRun.objects.get(mends=run)
    assert response.url == reverse("gathering:import-detail", args=[again.pk])
    assert again.source == "erp"


def test_the_same_file_again_says_who_imported_it_with_a_link(
    coordinator: Person, analyst: Person, signed_in
) -> None:
    run = committed(coordinator, GOOD)
    url = reverse("gathering:import-file", args=["sales"])

    response = signed_in(analyst).post(url, {"file": sales_file(GOOD), "reading": "ours", "source": "erp"})

    page = response.content.decode()
    assert response.status_code == 409
    assert "already imported" in page
    assert "Cora Coordinator" in page
    assert reverse("gathering:import-detail", args=[run.pk]) in page


def test_committing_starts_a_job_and_a_second_time_is_refused_with_its_reason(
    coordinator: Person, signed_in
) -> None:
    run = checked(coordinator, GOOD)
    client, url = signed_in(coordinator), reverse("gathering:import-commit", args=[run.pk])

    assert client.post(url).status_code == 302
    run.refresh_from_db()
    assert run.state == ImportState.COMMITTING
    assert client.post(url).status_code == 409


def test_a_cancelled_import_keeps_its_reason(coordinator: Person, signed_in) -> None:
    run = checked(coordinator, GOOD)
    client, url = signed_in(coordinator), reverse("gathering:import-cancel", args=[run.pk])

    assert client.post(url, {"reason": ""}).status_code == 400
    client.post(url, {"reason": "Wrong month"})

    run.refresh_from_db()
    assert run.state == ImportState.CANCELLED
    assert "Wrong month" in shown(client, "import-detail", run.pk)


def test_progress_is_shown_while_a_worker_has_the_file(coordinator: Person, signed_in) -> None:
    client = signed_in(coordinator)
    client.post(
        reverse("gathering:import-file", args=["sales"]), {"file": sales_file(GOOD), "reading": "ours"}
    )
    run = ImportRun.objects.get()
    url = reverse("gathering:import-progress", args=[run.pk])

    assert "Waiting for a worker" in client.get(url).content.decode()

    Job.objects.filter(pk=run.job_id).update(state="done")
    assert client.get(url)["HX-Refresh"] == "true"


def test_a_committed_import_leads_to_its_facts(coordinator: Person, signed_in) -> None:
    run = committed(coordinator, GOOD)

    page = shown(signed_in(coordinator), "import-detail", run.pk)

    assert "Committed by Cora Coordinator" in page
    assert reverse("gathering:line-list") in page


@pytest.mark.parametrize("route", FACT_PAGES.values())
def test_every_page_of_facts_exists(route: str) -> None:
    assert reverse(route)


def test_costs_are_hidden_from_those_who_may_not_see_them(
    coordinator: Person, advisor: Person, signed_in
) -> None:
    run = checked(coordinator, GOOD)
    run.preview["totals"]["cost"] = {"file": "777.77", "accepted": "777.77"}
    run.save(update_fields=["preview"])

    assert "777.77" in shown(signed_in(coordinator), "import-detail", run.pk)
    assert "777.77" not in shown(signed_in(advisor), "import-detail", run.pk)


def test_an_executive_sees_no_imports_and_a_vp_may_only_look(
    coordinator: Person, vp: Person, executive: Person, signed_in
) -> None:
    run = checked(coordinator, GOOD)

    assert signed_in(executive).get(reverse("gathering:import-list")).status_code == 403
    assert "Commit all rows" not in shown(signed_in(vp), "import-detail", run.pk)
    assert signed_in(vp).post(reverse("gathering:import-commit", args=[run.pk])).status_code == 403


def test_the_list_of_imports_filters_by_state_and_rows(coordinator: Person, signed_in) -> None:
    checked(coordinator, GOOD)
    client, url = signed_in(coordinator), reverse("gathering:import-list")

    assert client.get(url, {"state": "checked"}).context["page"].paginator.count == 1
    assert client.get(url, {"state": "committed"}).context["page"].paginator.count == 0
    assert client.get(url, {"dataset": "stock"}).context["page"].paginator.count == 0


def test_the_queries_of_list_and_detail_are_pinned(coordinator: Person, signed_in, pinned_queries) -> None:
    run = checked(coordinator, GOOD, BAD, UNKNOWN)
    committed(coordinator, GOOD)
    client = signed_in(coordinator)

    with pinned_queries("list"):
        assert client.get(reverse("gathering:import-list")).status_code == 200
    with pinned_queries("detail"):
        assert client.get(reverse("gathering:import-detail", args=[run.pk])).status_code == 200
