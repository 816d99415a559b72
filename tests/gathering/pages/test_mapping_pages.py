"""Pages of the mapping queue."""

import pytest
from django.urls import reverse

from core.models import Person
from gathering.models import Mapping, UnmappedValue
from gathering.services.mappings import save_mapping
from tests.gathering.pages.company import GOOD, UNKNOWN, committed, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]
OTHER = "SO-9,1,2026-04-09,Mistery thing,DE-RETAIL,1,10.00\n"


def decide(client, **typed: str):
    name = {"kind": "product", "source": "erp", "value": "Espreso machine Uno", "decision": "map"}
    return client.post(reverse("gathering:mapping-add"), name | typed)


def test_the_queue_ranks_names_by_money_and_suggests_what_they_may_mean(
    coordinator: Person, signed_in
) -> None:
    committed(coordinator, GOOD, OTHER, UNKNOWN)

    response = signed_in(coordinator).get(reverse("gathering:unmapped-list"))

    assert [item["name"].value for item in response.context["items"]] == [
        "Espreso machine Uno",
        "Mistery thing",
    ]
    assert response.context["items"][0]["suggestions"][0].code == "ESP-100"


def test_a_name_is_mapped_to_a_code_and_leaves_the_queue(coordinator: Person, signed_in) -> None:
    committed(coordinator, GOOD, UNKNOWN)
    client = signed_in(coordinator)

    response = decide(client, target_code="ESP-100", next="/data/imports/")

    assert response.url == "/data/imports/"
    assert Mapping.objects.get().target_code == "ESP-100"
    assert client.get(reverse("gathering:unmapped-list")).context["items"] == []


def test_a_code_that_nobody_has_is_refused_beside_the_field(coordinator: Person, signed_in) -> None:
    response = decide(signed_in(coordinator), target_code="NOPE")

    assert response.status_code == 400
    assert "No product has the code" in response.context["form"].errors["target_code"][0]
    assert Mapping.objects.count() == 0


def test_leaving_rows_out_needs_a_reason(coordinator: Person, signed_in) -> None:
    client = signed_in(coordinator)

    assert "reason" in decide(client, decision="ignore").context["form"].errors
    decide(client, decision="ignore", reason="Test rows of the shop")

    assert Mapping.objects.get().is_ignored


def test_the_way_back_never_leads_to_another_site(coordinator: Person, signed_in) -> None:
    response = decide(signed_in(coordinator), target_code="ESP-100", next="https://elsewhere.example/")

    assert response.url == reverse("gathering:unmapped-list")


def test_a_name_is_searched_for_among_all_rows(coordinator: Person, signed_in) -> None:
    where = {"kind": "product", "source": "erp", "value": "Mill", "search": "grind"}

    page = signed_in(coordinator).get(reverse("gathering:mapping-add"), where).content.decode()

    assert "Grinder Seven" in page


def test_many_names_are_decided_together_or_not_at_all(coordinator: Person, signed_in) -> None:
    committed(coordinator, GOOD, OTHER, UNKNOWN)
    first, second = UnmappedValue.objects.order_by("-money")
    client, url = signed_in(coordinator), reverse("gathering:mapping-batch")
    typed = {"name": [first.pk, second.pk], f"choice_{first.pk}": "code:ESP-100", "reason": "Spelling"}

    wrong = client.post(url, typed | {f"choice_{second.pk}": "other", f"code_{second.pk}": "NOPE"})
    assert wrong.status_code == 400
    assert f"code_{second.pk}" in wrong.context["form"].errors
    assert Mapping.objects.count() == 0

    assert client.post(url, typed | {f"choice_{second.pk}": "ignore"}).status_code == 302
    assert set(Mapping.objects.values_list("target_code", "is_ignored")) == {("ESP-100", False), ("", True)}


def test_choosing_no_name_leads_back_to_the_queue(coordinator: Person, signed_in) -> None:
    response = signed_in(coordinator).get(reverse("gathering:mapping-batch"))

    assert response.url == reverse("gathering:unmapped-list")


def test_a_saved_mapping_is_changed_with_history_and_conflict(
    coordinator: Person, analyst: Person, signed_in
) -> None:
    save_mapping(actor=coordinator, kind="product", source="erp", value="Mill", target_code="GRD-7")
    mapping = Mapping.objects.get()
    url = reverse("gathering:mapping-edit", args=[mapping.pk])
    typed = {"decision": "map", "target_code": "ESP-100", "reason": "Renamed", "revision": 1}

    assert signed_in(analyst).post(url, typed).status_code == 302
    late = signed_in(coordinator).post(url, typed | {"decision": "ignore", "reason": "Late"})

    assert late.status_code == 409
    assert "Ada Analyst" in late.content.decode()
    assert "Renamed" in shown(signed_in(analyst), "mapping-detail", mapping.pk)


def test_those_who_may_only_look_get_no_forms(coordinator: Person, vp: Person, signed_in) -> None:
    committed(coordinator, GOOD, UNKNOWN)

    page = shown(signed_in(vp), "unmapped-list")

    assert "Espreso machine Uno" in page
    assert 'name="target_code"' not in page
    assert decide(signed_in(vp), target_code="ESP-100").status_code == 403


def test_the_queries_of_the_queue_are_pinned(coordinator: Person, signed_in, pinned_queries) -> None:
    committed(coordinator, GOOD, OTHER, UNKNOWN)
    client = signed_in(coordinator)

    with pinned_queries():
        assert client.get(reverse("gathering:unmapped-list")).status_code == 200
