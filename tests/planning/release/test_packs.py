"""The pack: three files, sent before the signatures, made again from the release."""

import hashlib
import io

import pytest
from python_calamine import CalamineWorkbook

from core.errors import Denied, Refused
from core.models import Job, Notification, Person
from planning.models import Assumption, Cycle, PackFile, Release, RiskOrOpportunity
from planning.pipeline import packs
from planning.pipeline.pack_content import pack_of_release, summary_of
from planning.pipeline.pack_files import csv_of, pdf_of, xlsx_of
from planning.services.approvals import request_approval
from planning.services.packs import make_release_pack, send_pack
from planning.tasks import make_pack


def test_the_pack_is_sent_with_three_files_and_a_notification(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person]
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    send_pack(actor=coordinator, cycle=ready_cycle)
    request.refresh_from_db()
    assert request.pack_sent is not None
    files = {row.form: bytes(row.content) for row in PackFile.objects.filter(request=request)}
    assert set(files) == {"csv", "pdf", "xlsx"}
    assert files["pdf"].startswith(b"%PDF")
    told = Notification.objects.filter(title__contains="the pack is there to read")
    assert {row.person for row in told} == set(executives)
    for row in PackFile.objects.all():
        assert row.content_hash == hashlib.sha256(bytes(row.content)).hexdigest()


def test_the_pack_is_sent_once_a_request(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person]
) -> None:
    request_approval(actor=coordinator, cycle=ready_cycle)
    send_pack(actor=coordinator, cycle=ready_cycle)
    with pytest.raises(Refused, match="sent already"):
        send_pack(actor=coordinator, cycle=ready_cycle)


def test_without_a_request_there_is_nobody_to_send_it_to(ready_cycle: Cycle, coordinator: Person) -> None:
    with pytest.raises(Refused, match="Ask for approval first"):
        send_pack(actor=coordinator, cycle=ready_cycle)


def test_a_pack_of_a_plan_that_changed_is_not_sent(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], manager: Person
) -> None:
    request_approval(actor=coordinator, cycle=ready_cycle)
    Assumption.objects.create(cycle=ready_cycle, text="Snow falls early.", owner=manager)
    with pytest.raises(Refused, match="assumptions changed"):
        send_pack(actor=coordinator, cycle=ready_cycle)


def test_an_executive_does_not_send_packs(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person]
) -> None:
    request_approval(actor=coordinator, cycle=ready_cycle)
    with pytest.raises(Denied):
        send_pack(actor=executives[0], cycle=ready_cycle)


def test_a_big_pack_is_made_by_a_job_and_then_sent(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "BIG", 10)
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    send_pack(actor=coordinator, cycle=ready_cycle)
    job = Job.objects.get(kind="planning.make_pack")
    request.refresh_from_db()
    assert request.pack_sent is None

    make_pack(job.pk)
    request.refresh_from_db()
    assert request.pack_sent is not None
    assert PackFile.objects.filter(request=request).count() == 3


def test_the_workbook_has_units_frozen_panes_and_the_plans_sums(release: Release) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_of(pack_of_release(release))))
    assert book.sheet_names == ["Plan", "Supply", "Decisions", "Assumptions", "Accuracy"]
    head, *rows = book.get_sheet_by_name("Plan").to_python()
    assert head[3:6] == ["Baseline (units)", "Consensus (units)", "Supplied (units)"]
    assert head[6:] == ["Price (EUR)", "Cost (EUR)", "Revenue (EUR)", "Margin (EUR)"]
    assert sum(row[5] for row in rows) == 3 * 18 * 100 - 30
    assert len(book.get_sheet_by_name("Supply").to_python()) == 1 + 2 * 18


def test_text_that_looks_like_a_formula_stays_text(release: Release, manager: Person) -> None:
    Assumption.objects.create(cycle=release.cycle, text="=1+1", owner=manager)
    book = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_of(pack_of_release(release))))
    assert book.get_sheet_by_name("Assumptions").to_python()[1][0] == "'=1+1"


def test_the_paper_says_what_is_signed_and_who_signed(
    release: Release, executives: list[Person], manager: Person
) -> None:
    RiskOrOpportunity.objects.create(
        cycle=release.cycle, leaning="risk", title="Warm winter", money=50_000, probability="0.3",
        owner=manager,
    )  # fmt: skip
    data = summary_of(pack_of_release(release))
    assert data["hash"] == release.content_hash
    assert [row["state"] for row in data["signatures"]] == ["Approve", "Approve"]
    assert data["figures"][0]["value"] == "537 k"
    assert data["figures"][3]["value"] == "99.4 %"
    assert data["risks"][0]["chance"] == "30.0 %"
    assert pdf_of(pack_of_release(release)).startswith(b"%PDF")


def test_the_csv_holds_the_canonical_numbers(release: Release) -> None:
    lines = csv_of(pack_of_release(release)).decode().splitlines()
    assert lines[0] == "demand_unit,product,market,month,baseline,consensus,supplied,price,cost"
    assert len(lines) == 1 + 3 * 18
    assert lines[1].endswith(",RIDGE,NOR,2026-01-01,90,100,85,100,60")


def test_a_released_plans_pack_is_kept(release: Release, manager: Person) -> None:
    assert make_release_pack(actor=manager, release=release) is None
    assert PackFile.objects.filter(release=release).count() == 3
    make_release_pack(actor=manager, release=release)  # a second time changes nothing
    assert PackFile.objects.filter(release=release).count() == 3
