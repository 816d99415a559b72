"""The pages about file formats, and the example files."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils.html import escape

from core.models import Person
from gathering.datasets import DATASETS
from gathering.engine.opening import open_rows
from gathering.engine.profile import Profile
from gathering.engine.shaping import Shaper

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", DATASETS)
def test_every_dataset_documents_all_its_fields(code: str, coordinator: Person, signed_in) -> None:
    page = signed_in(coordinator).get(reverse("gathering:format-detail", args=[code])).content.decode()

    for field in DATASETS[code].fields:
        assert f"<code>{field.name}</code>" in page


@pytest.mark.parametrize("code", DATASETS)
def test_the_example_file_of_every_dataset_reads_without_a_problem(
    code: str, coordinator: Person, signed_in
) -> None:
    response = signed_in(coordinator).get(reverse("gathering:format-example", args=[code]))

    opened = open_rows(io.BytesIO(response.content), Profile())
    shaped = Shaper(DATASETS[code], Profile(), opened.header, []).shape(next(opened.chunks))

    assert response["Content-Type"].startswith("text/csv")
    assert shaped.problems == []
    assert len(shaped.rows) == 1


def test_the_example_file_has_our_names_as_its_header(coordinator: Person, signed_in) -> None:
    response = signed_in(coordinator).get(reverse("gathering:format-example", args=["sales"]))

    header = next(csv.reader(io.StringIO(response.content.decode())))

    assert tuple(header) == DATASETS["sales"].names


def test_the_list_names_every_dataset(coordinator: Person, signed_in) -> None:
    page = signed_in(coordinator).get(reverse("gathering:format-list")).content.decode()

    for dataset in DATASETS.values():
        assert escape(dataset.what) in page


def test_an_unknown_dataset_is_not_found(coordinator: Person, signed_in) -> None:
    assert (
        signed_in(coordinator).get(reverse("gathering:format-detail", args=["nonsense"])).status_code == 404
    )


def test_a_sales_rep_may_not_open_the_formats(sales_rep: Person, signed_in) -> None:
    assert signed_in(sales_rep).get(reverse("gathering:format-list")).status_code == 403
