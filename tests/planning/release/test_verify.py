"""Verifying a released plan: from its rows, from exports, by command."""

import hashlib
import io
import zlib
from pathlib import Path

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from planning.models import Release
from planning.pipeline.pack_content import pack_of_release
from planning.pipeline.pack_files import csv_of
from planning.selectors.releases import verify
from planning.selectors.verification import text_of, verify_file

ROWS, RELEASE, TOTAL = "planning.ReleasedValue", "planning.Release", "planning.ReleasedTotal"


def _tamper(sql: str, *triggers: str) -> None:
    """What somebody could do who switches the triggers off."""
    with pgtrigger.ignore(*triggers), connection.cursor() as cursor:
        cursor.execute(sql)


def test_an_untouched_release_agrees_in_every_check(release: Release) -> None:
    found = verify(release)
    assert found.ok
    assert found.content_hash == release.content_hash
    assert len(found.checks) == 5


def test_a_number_that_somebody_changed_is_found(release: Release) -> None:
    _tamper("UPDATE planning_releasedvalue SET price = price + 0.01 WHERE month = '2026-05-01'",
            f"{ROWS}:never_changed")  # fmt: skip
    found = verify(release)
    assert not found.ok
    assert any("The rows in the database" in problem for problem in found.problems)
    assert any("totals" in problem for problem in found.problems)


def test_a_row_that_somebody_removed_is_found(release: Release) -> None:
    _tamper("DELETE FROM planning_releasedvalue WHERE month = '2026-05-01'", f"{ROWS}:never_changed")
    assert not verify(release).ok


def test_totals_that_somebody_changed_are_found(release: Release) -> None:
    _tamper("UPDATE planning_releasedtotal SET revenue = revenue * 2", f"{TOTAL}:never_changed")
    assert verify(release).problems == ["The totals are not the sums of the values."]


def test_a_signature_that_somebody_changed_is_found(release: Release) -> None:
    _tamper("UPDATE planning_approval SET content_hash = repeat('0', 64)",
            "planning.Approval:never_changed")  # fmt: skip
    assert verify(release).problems == ["The signatures in the database are not those of the release."]


def test_text_and_hash_changed_together_still_do_not_fit_the_rows(release: Release) -> None:
    text = text_of(release).replace(b'"85"', b'"86"')
    release.content, release.content_hash = zlib.compress(text), hashlib.sha256(text).hexdigest()
    found = verify(release)
    assert any("rows in the database" in problem for problem in found.problems)
    assert any("values that were signed" in problem for problem in found.problems)


def test_another_code_of_a_product_is_no_change_of_the_plan(release: Release) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_product SET code = 'RIDGE-2' WHERE code = 'RIDGE'")
    assert verify(release).ok


def test_the_hash_is_recomputed_from_the_exports(release: Release) -> None:
    assert verify_file(release, text_of(release)).ok
    exported = csv_of(pack_of_release(release))
    assert verify_file(release, exported).ok
    assert not verify_file(release, exported.replace(b",85,", b",86,", 1)).ok
    assert not verify_file(release, text_of(release) + b"\n").ok
    assert not verify_file(release, b"\xff\xfe\x00").ok


def test_the_command_says_ok_or_fails(release: Release, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("verify_release", "2026-01", stdout=out)
    assert release.content_hash in out.getvalue()
    file = tmp_path / "plan.csv"
    file.write_bytes(csv_of(pack_of_release(release)))
    call_command("verify_release", str(release.cycle_id), "--file", str(file), stdout=out)
    file.write_bytes(file.read_bytes().replace(b",85,", b",84,"))
    with pytest.raises(CommandError) as failed:
        call_command("verify_release", str(release.cycle_id), "--file", str(file), stdout=out)
    assert failed.value.returncode == 1


@pytest.mark.parametrize("wanted", ["2031-01", "99999", "soon"])
def test_the_command_names_what_it_does_not_find(release: Release, wanted: str) -> None:
    with pytest.raises(CommandError, match=wanted):
        call_command("verify_release", wanted)
