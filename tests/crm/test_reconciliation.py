"""A CRM's export against the deals here: what is missing, extra, different; repairing; leaving."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core.errors import Denied, Invalid, Refused
from core.models import Event as Entry
from core.models import Job, Person
from crm.engine.webhooks.events import EventKind
from crm.models import Deal, DealChange, DealStage, Difference
from crm.services.reconciliation import (
    add_export,
    compare,
    leave_differences,
    repair_all,
    repair_differences,
)
from crm.tasks import compare_export_of_a_crm, repair_differences_of_an_export
from tests.crm.reconciling import AS_OF, HEAD, MORNING, SAME, deals, differences, export, keys, told

__all__ = ["deals"]

# --- comparing --------------------------------------------------------------------------------


def test_what_says_the_same_in_other_words_does_not_differ(deals: None) -> None:
    row = export(SAME + '3,Stoves,Offer,"3,000.00",Ines,03.12.2026\n')
    assert (row.rows, row.equal, row.newer, differences(row), row.faults) == (3, 3, 0, {}, [])


def test_missing_extra_and_different_are_told_field_by_field(deals: None) -> None:
    row = export(
        HEAD + "1,Tents,Contract,1500,R-1,2026-12-01\n2,Boots,offer,2000,R-1,2026-12-02\n4,New,offer,7,R-1,\n"
    )
    assert differences(row) == {
        "1": ("different", {"stage": ("Offer (offer)", "Contract (contract)"), "amount": ("1000", "1500")}),
        "3": ("extra", {"life": ("there", "not there")}),
        "4": (
            "missing",
            {
                "name": ("", "New"),
                "stage": ("", "Offer (offer)"),
                "amount": ("", "7"),
                "owner": ("", "Ines (R-1)"),
            },
        ),
    }
    assert (row.rows, row.equal) == (3, 1)


def test_zero_is_not_empty(deals: None) -> None:
    told(deal="1", amount="0", at=MORNING + dt.timedelta(hours=1))
    row = export("ID,Amount\n1,\n2,2000\n3,3000\n")
    assert differences(row) == {"1": ("different", {"amount": ("0", "")})}


def test_what_changed_here_after_the_export_is_no_difference(deals: None) -> None:
    told(deal="1", at=AS_OF + dt.timedelta(minutes=1), amount="9999")
    told(deal="9", at=AS_OF + dt.timedelta(minutes=1), amount="5")
    told(deal="2", at=AS_OF + dt.timedelta(minutes=1), kind=EventKind.DELETE)
    row = export(SAME + "3,Stoves,offer,3000,R-1,2026-12-03\n")
    assert (differences(row), row.newer, row.equal) == ({}, 3, 1)


def test_a_part_of_the_deals_makes_none_extra(deals: None) -> None:
    assert differences(export(SAME, is_whole=False)) == {}


def test_a_deal_deleted_here_and_alive_there_differs(deals: None) -> None:
    told(deal="2", at=MORNING + dt.timedelta(hours=1), kind=EventKind.DELETE)
    row = export(SAME, is_whole=False)
    assert differences(row) == {"2": ("different", {"life": ("deleted", "there")})}


def test_lines_that_cannot_be_read_are_told_and_the_rest_is_compared(deals: None) -> None:
    row = export(
        HEAD
        + "1,Tents,offer,much,R-1,2026-12-01\n,Nobody,offer,1,R-1,\n2,Boots,offer,2000,R-1,2026-12-02\n"
        + "2,Boots,offer,2500,R-1,2026-12-02\n3,Stoves,offer,3000,R-1,3/4/2026\n",
    )
    assert [fault.split(":")[0] for fault in row.faults] == ["Line 3", "Line 5", "Line 6", "Deal 1"]
    assert row.equal == 1
    assert "1" not in differences(row)  # it was in the file: not extra either


def test_a_line_that_could_not_be_read_does_not_make_its_deal_extra(deals: None) -> None:
    row = export(SAME + "3,Stoves,offer,3000,R-1,3/4/2026\n")
    assert differences(row) == {}


def test_a_file_without_the_chosen_column_is_refused(deals: None) -> None:
    row = add_export(
        actor=None, source="hubspot", file=SimpleUploadedFile("d.csv", b"ID,Name\n1,A\n"), file_name="d.csv"
    )
    for columns, says in (
        ({"external_id": "ID", "name": "Title"}, "no column “Title”"),
        ({"name": "Name"}, "holds the deal's id"),
        ({"external_id": "ID"}, "at least one more"),
        ({"external_id": "ID", "colour": "Name"}, "no field of a deal"),
    ):
        with pytest.raises(Invalid, match=says):
            compare(actor=None, reconciliation=row, columns=columns)
    with pytest.raises(Invalid, match="future"):
        late = timezone.now() + dt.timedelta(hours=1)
        compare(actor=None, reconciliation=row, columns={"external_id": "ID", "name": "Name"}, as_of=late)
    assert not Job.objects.exists()


def test_an_export_is_compared_once(deals: None) -> None:
    row = export(SAME)
    with pytest.raises(Refused, match="compared already"):
        compare(actor=None, reconciliation=row, columns=row.columns["fields"])


# --- repairing --------------------------------------------------------------------------------


def test_repaired_deals_are_as_the_export_says_and_the_history_shows_it(
    deals: None, coordinator: Person
) -> None:
    row = export(
        HEAD + "1,Tents,Contract,1500,R-1,2026-12-01\n2,Boots,offer,2000,R-1,2026-12-02\n4,New,offer,7,R-1,\n"
    )

    assert repair_differences(actor=coordinator, reconciliation=row, keys=keys(row)) == 3

    one, three, four = (Deal.objects.get(external_id=key) for key in "134")
    assert (one.stage.code, one.amount, three.is_deleted, four.amount) == ("contract", 1500, True, 7)
    step = DealChange.objects.get(deal=one, field="stage", key__startswith="reconciliation:")
    assert (step.before, step.after, step.occurred) == ("offer", "contract", AS_OF)
    assert set(row.differences.values_list("state", "settled_by")) == {("repaired", coordinator.pk)}
    entry = Entry.objects.get(verb="deals repaired")
    assert (entry.actor, entry.after["deals"]) == (coordinator, ["1", "3", "4"])
    again = export(
        HEAD + "1,Tents,Contract,1500,R-1,2026-12-01\n2,Boots,offer,2000,R-1,2026-12-02\n4,New,offer,7,R-1,\n"
    )
    assert differences(again) == {}


def test_only_the_chosen_are_repaired_and_only_once(deals: None) -> None:
    row = export(
        HEAD + "1,Tents,offer,1500,R-1,2026-12-01\n2,Boots,offer,2500,R-1,2026-12-02\n", is_whole=False
    )
    first = row.differences.get(external_id="1")
    assert repair_differences(actor=None, reconciliation=row, keys=[first.pk]) == 1
    assert repair_differences(actor=None, reconciliation=row, keys=[first.pk]) == 0
    assert Deal.objects.get(external_id="2").amount == 2000


def test_a_deal_that_was_deleted_here_comes_back(deals: None) -> None:
    told(deal="2", at=MORNING + dt.timedelta(hours=1), kind=EventKind.DELETE)
    row = export(SAME, is_whole=False)
    assert repair_differences(actor=None, reconciliation=row, keys=keys(row)) == 1
    assert Deal.objects.get(external_id="2").is_deleted is False


def test_a_merged_deal_is_not_brought_back(deals: None) -> None:
    told(deal="1", at=MORNING + dt.timedelta(hours=1), kind=EventKind.MERGE, merged=("2",))
    row = export(SAME, is_whole=False)
    assert repair_differences(actor=None, reconciliation=row, keys=keys(row)) == 0
    assert "merged into another deal" in row.differences.get(external_id="2").error
    assert Deal.objects.get(external_id="2").merged_into is not None


def test_an_unknown_stage_is_told_and_waits_for_its_mapping(deals: None) -> None:
    row = export(HEAD + "1,Tents,Sealed,1500,R-1,2026-12-01\n", is_whole=False)
    assert row.differences.get().fields["stage"] == {
        "theirs": "Sealed",
        "means": "Sealed",
        "ours": "Offer (offer)",
        "unknown": True,
    }

    assert repair_differences(actor=None, reconciliation=row, keys=keys(row)) == 0

    assert "The stage “Sealed” is not known here" in row.differences.get().error
    assert Deal.objects.get(external_id="1").amount == 1000
    DealStage.objects.create(code="sealed", name="Sealed", position=9, probability=Decimal("0.9"))
    assert repair_differences(actor=None, reconciliation=row, keys=keys(row)) == 1
    assert Deal.objects.get(external_id="1").stage.code == "sealed"


def test_what_changed_between_comparing_and_repairing_stays(deals: None) -> None:
    row = export(HEAD + "1,Tents,offer,1500,R-1,2026-12-01\n", is_whole=False)
    told(deal="1", at=AS_OF + dt.timedelta(hours=1), amount="1700")
    assert repair_differences(actor=None, reconciliation=row, keys=keys(row)) == 0
    assert "changed here after the export" in row.differences.get().error
    assert Deal.objects.get(external_id="1").amount == 1700


def test_all_of_a_kind_are_repaired_by_a_job(deals: None) -> None:
    row = export(HEAD + "1,Tents,offer,1500,R-1,2026-12-01\n4,New,offer,7,R-1,\n5,Newer,offer,8,R-1,\n")

    job = repair_all(actor=None, reconciliation=row, kind="missing")
    repair_differences_of_an_export(job.pk)

    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"repaired": 2, "failed": 0})
    assert set(row.differences.filter(state="open").values_list("kind", flat=True)) == {"different", "extra"}
    with pytest.raises(Refused, match="Nothing is left"):
        repair_all(actor=None, reconciliation=row, kind="missing")


def test_a_worker_that_was_killed_compares_again_and_finds_the_same(deals: None) -> None:
    row = export(HEAD + "1,Tents,offer,1500,R-1,2026-12-01\n")
    found = differences(row)
    Job.objects.filter(pk=row.job_id).update(state="queued", claim=None)
    compare_export_of_a_crm(row.job_id)
    assert differences(row) == found


def test_what_is_meant_to_differ_is_left_with_a_reason(deals: None, coordinator: Person) -> None:
    row = export(SAME)
    with pytest.raises(Invalid, match="Say why"):
        leave_differences(actor=coordinator, reconciliation=row, keys=keys(row), reason=" ")
    assert (
        leave_differences(actor=coordinator, reconciliation=row, keys=keys(row), reason="A test deal.") == 1
    )
    assert Difference.objects.values_list("state", "reason").get() == ("left", "A test deal.")
    assert Deal.objects.get(external_id="3").is_deleted is False
    assert repair_differences(actor=coordinator, reconciliation=row, keys=keys(row)) == 0


def test_nothing_or_too_much_at_once_is_refused(deals: None) -> None:
    row = export(SAME)
    for chosen, says in (([], "at least one"), (range(1, 502), "500 deals at most")):
        with pytest.raises(Invalid, match=says):
            repair_differences(actor=None, reconciliation=row, keys=chosen)


def test_an_export_that_is_still_compared_is_not_repaired(deals: None) -> None:
    file = SimpleUploadedFile("d.csv", SAME.encode())
    row = add_export(actor=None, source="hubspot", file=file, file_name="d.csv")
    with pytest.raises(Refused, match="still being compared"):
        repair_differences(actor=None, reconciliation=row, keys=[1])


@pytest.mark.parametrize("what", ["add", "compare", "repair", "all", "leave"])
def test_who_may_not_replay_may_not_reconcile(deals: None, analyst: Person, what: str) -> None:
    row = export(SAME)
    asked: dict[str, Callable[[], Any]] = {
        "add": lambda: add_export(
            actor=analyst, source="hubspot", file=SimpleUploadedFile("d.csv", SAME.encode()), file_name="d"
        ),
        "compare": lambda: compare(actor=analyst, reconciliation=row, columns={}),
        "repair": lambda: repair_differences(actor=analyst, reconciliation=row, keys=keys(row)),
        "all": lambda: repair_all(actor=analyst, reconciliation=row),
        "leave": lambda: leave_differences(actor=analyst, reconciliation=row, keys=keys(row), reason="x"),
    }
    with pytest.raises(Denied):
        asked[what]()
