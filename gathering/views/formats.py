"""What files may hold: every dataset with its fields, and an example file of each."""

import csv
import io

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.access import requires
from gathering.datasets import Dataset
from gathering.views.import_wizard import dataset_groups, dataset_or_404


@requires("imports.view")
def format_list(request: HttpRequest) -> HttpResponse:
    return render(request, "gathering/imports/formats.html", {"groups": dataset_groups()})


@requires("imports.view")
def format_detail(request: HttpRequest, dataset: str) -> HttpResponse:
    found = dataset_or_404(dataset)
    return render(request, "gathering/imports/format.html", {"dataset": found, "key": key_words(found)})


@requires("imports.view")
def format_example(request: HttpRequest, dataset: str) -> HttpResponse:
    """A CSV with the header and one row: to fill, or to show to whoever sends the file."""
    found = dataset_or_404(dataset)
    response = HttpResponse(example_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.code}-example.csv"'
    return response


def example_csv(dataset: Dataset) -> str:
    """The header by our names, and one example row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(dataset.names)
    writer.writerow(field.example for field in dataset.fields)
    return text.getvalue()


def key_words(dataset: Dataset) -> str:
    """The labels of the fields by which a later file finds a row again."""
    labels = [dataset.field(name).label.lower() for name in dataset.key]
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
