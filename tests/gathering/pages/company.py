"""A small company that files are imported into, and files with and without mistakes."""

import io

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Currency, Family, Market, Product, Unit
from core.models import Person
from gathering.models import ImportProfile, ImportRun
from gathering.services.imports import import_now

HEADER = "order_number,line,day,product,market,quantity,revenue\n"
GOOD = "SO-1,1,2026-04-03,ESP-100,DE-RETAIL,12,2398.80\nSO-2,1,2026-04-05,GRD-7,DE-RETAIL,4,196.00\n"
BAD = "SO-3,1,2026-04-06,ESP-100,DE-RETAIL,many,897.00\n"
UNKNOWN = "SO-4,1,2026-04-07,Espreso machine Uno,DE-RETAIL,3,599.70\n"


@pytest.fixture
def company(db: None) -> None:
    """One family with two products, one market, and the currency of the company."""
    unit = Unit.objects.create(code="pc", name="Piece")
    family = Family.objects.create(code="ESP", name="Espresso machines")
    for code, name in [("ESP-100", "Espresso machine Uno"), ("GRD-7", "Grinder Seven")]:
        Product.objects.create(code=code, name=name, family=family, unit=unit)
    Market.objects.create(code="DE-RETAIL", name="Germany, retail", kind="channel")
    Currency.objects.get_or_create(code="EUR", defaults={"name": "Euro"})


@pytest.fixture
def profile(company: None) -> ImportProfile:
    return ImportProfile.objects.create(
        code="shop", name="Shop orders", dataset="sales", definition="delimiter: ','\n"
    )


@pytest.fixture(autouse=True)
def _own_files(tmp_path, settings, monkeypatch) -> None:
    """The web's files, and by the environment those of a worker that the test starts."""
    settings.MEDIA_ROOT = tmp_path / "files"
    monkeypatch.setenv("SOPCYCLE_FILES", str(settings.MEDIA_ROOT))


def sales_file(*rows: str) -> io.BytesIO:
    file = io.BytesIO((HEADER + "".join(rows)).encode())
    file.name = "sales.csv"
    return file


def checked(person: Person, *rows: str) -> ImportRun:
    """A run that is read and waits for a decision."""
    return _imported(person, rows, dry_run=True)


def committed(person: Person, *rows: str) -> ImportRun:
    return _imported(person, rows, allow_rejects=True)


def _imported(person: Person, rows: tuple[str, ...], **how: bool) -> ImportRun:
    return import_now(
        actor=person, file=sales_file(*rows), file_name="sales.csv", dataset="sales", source="erp", **how
    )


def shown(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(f"gathering:{name}", args=args)).content.decode()
