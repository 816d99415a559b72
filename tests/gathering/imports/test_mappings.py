"""Unknown names: nothing is guessed; the rows wait, and the mapping replays them."""

from collections.abc import Callable

import pytest

from catalog.models import Product
from core.errors import Conflict, Invalid
from core.jobs import Progress
from core.models import Job, Person
from gathering.models import HeldRow, ImportRun, Mapping, Sales, SalesLine, UnmappedValue
from gathering.pipeline.jobs import replay_job
from gathering.services.imports import cancel_import
from gathering.services.mappings import change_mapping, save_mapping
from tests.gathering.imports.conftest import lines

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog")]
Bring = Callable[..., ImportRun]
KNOWN = "S1,1,2024-01-05,P1,M1,2,20.00,12.00"
FOREIGN = "S2,1,2024-01-06,Widget,M1,3,30.00,18.00"


class Unwatched(Progress):
    """A job's progress that is not claimed by a worker."""

    def report(self, *, done: int | None = None, total: int | None = None, step: str = "") -> None:
        assert self.job.pk


def _map(person: Person, value: str = "Widget", source: str = "", **meaning: object) -> Job | None:
    job = save_mapping(actor=person, kind="product", source=source, value=value, **meaning)  # type: ignore[arg-type]
    if job:
        replay_job(Unwatched(job))
    return job


def test_a_row_with_an_unknown_name_waits_and_the_others_are_committed(bring: Bring) -> None:
    run = bring("sales", lines(KNOWN, FOREIGN))

    assert (run.rows_good, run.rows_held) == (1, 1)
    assert SalesLine.objects.count() == 1
    assert HeldRow.objects.get().waits_for == ["product:Widget"]
    queued = UnmappedValue.objects.get()
    assert (queued.kind, queued.value, queued.rows, queued.money, queued.is_open) == (
        "product",
        "Widget",
        1,
        30,
        True,
    )


def test_saving_the_mapping_replays_the_row_under_its_own_import(bring: Bring, analyst: Person) -> None:
    run = bring("sales", lines(KNOWN, FOREIGN))

    _map(analyst, target_code="P2")

    line = SalesLine.objects.get(order_number="S2")
    assert (line.demand_unit.product.code, line.run_id, line.row_number) == ("P2", run.pk, 3)
    assert Sales.objects.get(demand_unit__product__code="P2").revenue == 30
    assert not UnmappedValue.objects.filter(is_open=True).exists()
    run.refresh_from_db()
    assert (run.rows_held, run.rows_good) == (0, 2)


def test_a_later_file_uses_the_mapping_at_once(bring: Bring, analyst: Person) -> None:
    _map(analyst, target_code="P2")

    assert bring("sales", lines(FOREIGN)).rows_held == 0


def test_a_name_may_be_left_out_with_a_reason(bring: Bring, analyst: Person) -> None:
    bring("sales", lines(KNOWN, FOREIGN))

    _map(analyst, ignore=True, reason="A test article")

    assert SalesLine.objects.count() == 1
    assert not HeldRow.objects.filter(replayed=None).exists()


@pytest.mark.parametrize(
    ("meaning", "field"),
    [({"ignore": True}, "reason"), ({}, "target_code"), ({"target_code": "P9"}, "target_code")],
)
def test_a_mapping_without_a_known_target_or_a_reason_is_refused(
    analyst: Person, meaning: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        _map(analyst, **meaning)

    assert refusal.value.reasons[0].field == field
    assert not Mapping.objects.exists()


def test_a_mapping_of_one_source_does_not_hold_for_another(bring: Bring, analyst: Person) -> None:
    _map(analyst, source="shop", target_code="P2")

    assert bring("sales", lines(FOREIGN), source="erp").rows_held == 1
    assert bring("sales", lines(FOREIGN), source="shop").rows_held == 0


def test_a_name_that_two_products_have_is_unknown(bring: Bring) -> None:
    Product.objects.filter(code="P2").update(name="Product 1")

    run = bring("sales", lines("S1,1,2024-01-05,Product 1,M1,1,1,1"))

    assert run.rows_held == 1


def test_a_unique_name_is_as_good_as_the_code(bring: Bring) -> None:
    assert bring("sales", lines("S1,1,2024-01-05,Product 1,Market 1,1,1,1")).rows_good == 1


def test_creating_the_product_by_import_replays_the_waiting_rows(bring: Bring) -> None:
    bring("sales", lines(FOREIGN))

    bring("products", "code,name,family,unit\nWidget,Widget,F1,PCS\n")

    assert SalesLine.objects.get().demand_unit.product.code == "Widget"


def test_an_old_row_that_waited_does_not_overwrite_a_newer_file(bring: Bring, analyst: Person) -> None:
    bring("sales", lines(FOREIGN))
    bring("sales", lines("S2,1,2024-01-06,P2,M1,9,90.00,54.00"))

    _map(analyst, target_code="P2")

    assert SalesLine.objects.get().quantity == 9


def test_somebody_elses_mapping_is_a_conflict_with_both_versions(analyst: Person, colleague: Person) -> None:
    _map(colleague, target_code="P1")

    with pytest.raises(Conflict) as conflict:
        _map(analyst, target_code="P2")

    assert (conflict.value.yours["target_code"], conflict.value.theirs["target_code"]) == ("P2", "P1")


def test_a_mapping_is_changed_for_files_to_come(analyst: Person) -> None:
    _map(analyst, target_code="P1")
    mapping = Mapping.objects.get()

    change_mapping(actor=analyst, mapping=mapping, revision=1, changes={"target_code": "P2"})

    mapping.refresh_from_db()
    assert (mapping.target_code, mapping.revision) == ("P2", 2)


def test_a_cancelled_import_leaves_nothing_in_the_queue(bring: Bring, coordinator: Person) -> None:
    run = bring("sales", lines(FOREIGN), dry_run=True)
    assert UnmappedValue.objects.filter(is_open=True).exists()

    cancel_import(actor=coordinator, run=run, reason="The wrong file")

    assert not UnmappedValue.objects.filter(is_open=True).exists()
