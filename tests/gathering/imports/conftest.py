"""A small catalog, and one call that imports a text as a file."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings

from catalog.models import Currency, Family, Market, Product, Unit
from core.models import Person
from crm.models import Account
from gathering.models import ImportRun
from gathering.services.imports import import_now

HEADER = "order_number,line,day,product,market,quantity,revenue,cost"


@pytest.fixture(autouse=True)
def _own_files(settings: LazySettings, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    monkeypatch.setenv("SOPCYCLE_FILES", str(settings.MEDIA_ROOT))  # a worker's process reads it there


@pytest.fixture
def catalog(db: None) -> None:
    """Products P1 and P2, markets M1 and M2, one account, euro and dollar."""
    for code in ("EUR", "USD"):
        Currency.objects.get_or_create(code=code, defaults={"name": code})
    family = Family.objects.create(code="F1", name="Family")
    unit = Unit.objects.create(code="PCS", name="Piece")
    for number in (1, 2):
        Product.objects.create(code=f"P{number}", name=f"Product {number}", family=family, unit=unit)
        Market.objects.create(code=f"M{number}", name=f"Market {number}")
    Account.objects.create(code="A1", name="Account 1")


@pytest.fixture
def bring(coordinator: Person) -> Callable[..., ImportRun]:
    """`bring("sales", "order_number,…")` imports the text (or bytes) and gives the run."""

    def import_text(dataset: str, content: str | bytes, **options: Any) -> ImportRun:
        data = content.encode() if isinstance(content, str) else content
        options = {"actor": coordinator, "file_name": "file.csv", "allow_rejects": True} | options
        return import_now(file=io.BytesIO(data), dataset=dataset, **options)

    return import_text


def lines(*rows: str, header: str = HEADER) -> str:
    """A CSV text of a header and rows."""
    return "\n".join([header, *rows]) + "\n"
