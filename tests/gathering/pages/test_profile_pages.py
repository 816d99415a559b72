"""Pages of import profiles."""

import pytest
import yaml
from django.urls import reverse

from core.models import Person
from gathering.models import ImportProfile
from tests.gathering.pages.company import GOOD, sales_file, shown

pytestmark = pytest.mark.django_db
TYPED = {"name": "Shop", "code": "web", "dataset": "sales", "definition": "decimal: ','\r\n"}


def test_a_profile_is_written_and_saved_with_plain_line_ends(coordinator: Person, signed_in) -> None:
    response = signed_in(coordinator).post(reverse("gathering:profile-add"), TYPED)

    profile = ImportProfile.objects.get()
    assert response.url == reverse("gathering:profile-detail", args=[profile.pk])
    assert profile.definition == "decimal: ','\n"


def test_every_mistake_is_shown_at_its_line_and_the_text_stays(coordinator: Person, signed_in) -> None:
    text = "delimiter: ';'\ncolumns:\n  dya: Date\ndecimal: x\n"

    response = signed_in(coordinator).post(reverse("gathering:profile-add"), TYPED | {"definition": text})

    errors = response.context["form"].errors["definition"]
    assert [error.partition(",")[0] for error in errors] == ["Line 3", "Line 4"]
    assert [bool(line["mistakes"]) for line in response.context["form"].lines] == [False, False, True, True]
    assert "dya: Date" in response.content.decode()
    assert ImportProfile.objects.count() == 0


def test_a_profile_is_tried_on_a_file_before_it_is_saved(coordinator: Person, signed_in) -> None:
    response = signed_in(coordinator).post(
        reverse("gathering:profile-add"),
        TYPED | {"definition": "", "try": "1", "trial_files": sales_file(GOOD)},
    )

    assert response.status_code == 200
    assert [row.cells[0].text for row in response.context["trial"].rows] == ["SO-1", "SO-2"]
    assert ImportProfile.objects.count() == 0


def test_trying_without_a_file_asks_for_one(coordinator: Person, signed_in) -> None:
    response = signed_in(coordinator).post(reverse("gathering:profile-add"), TYPED | {"try": "1"})

    assert "trial_files" in response.context["form"].errors


def test_a_copy_starts_from_the_profile(coordinator: Person, profile: ImportProfile, signed_in) -> None:
    url = reverse("gathering:profile-add")

    form = signed_in(coordinator).get(url, {"copy": profile.pk}).context["form"]

    assert form["code"].value() == "shop-copy"
    assert form["definition"].value() == profile.definition


def test_an_exported_profile_is_yaml_with_all_of_it(
    coordinator: Person, profile: ImportProfile, signed_in
) -> None:
    found = yaml.safe_load(shown(signed_in(coordinator), "profile-export", profile.pk))

    assert found == {
        "code": "shop",
        "name": "Shop orders",
        "dataset": "sales",
        "definition": profile.definition,
    }


def test_a_change_is_kept_in_the_history_and_a_late_one_shows_both_versions(
    coordinator: Person, analyst: Person, profile: ImportProfile, signed_in
) -> None:
    url = reverse("gathering:profile-edit", args=[profile.pk])
    typed = {"name": "Orders", "definition": "decimal: ','\n", "is_active": "on", "revision": 1}

    assert signed_in(analyst).post(url, typed).status_code == 302
    assert signed_in(coordinator).post(url, typed | {"name": "Mine"}).status_code == 409

    assert "Shop orders" in shown(signed_in(coordinator), "profile-detail", profile.pk)


def test_a_vp_may_read_profiles_and_not_write_them(vp: Person, profile: ImportProfile, signed_in) -> None:
    assert "Shop orders" in shown(signed_in(vp), "profile-list")
    assert signed_in(vp).get(reverse("gathering:profile-add")).status_code == 403


def test_the_queries_of_list_and_detail_are_pinned(
    coordinator: Person, profile: ImportProfile, signed_in, pinned_queries
) -> None:
    client = signed_in(coordinator)

    with pinned_queries("list"):
        assert client.get(reverse("gathering:profile-list")).status_code == 200
    with pinned_queries("detail"):
        assert client.get(reverse("gathering:profile-detail", args=[profile.pk])).status_code == 200
