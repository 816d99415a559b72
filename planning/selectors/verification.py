"""Whether a released plan is still what was signed: every hash is taken again, from rows and files."""

import csv
import hashlib
import io
import json
import zlib
from dataclasses import dataclass
from typing import Any

from django.db import connection

from planning.engine.canonical import canonical, fingerprint, number
from planning.models import Release

NUMBERS_FROM = 4  # unit, product, market and month come before the numbers

ROWS = """
    SELECT demand_unit_id, month, baseline, consensus, supplied, price, cost
    FROM planning_releasedvalue WHERE release_id = %s
"""
SUMS = """
    SELECT (SELECT ARRAY[sum(baseline), sum(consensus), sum(supplied), sum(consensus * price),
                         sum(supplied * price), sum(supplied * cost)]
            FROM planning_releasedvalue WHERE release_id = %(release)s),
           (SELECT ARRAY[sum(baseline), sum(consensus), sum(supplied), sum(demand_revenue), sum(revenue),
                         sum(cost)]
            FROM planning_releasedtotal WHERE release_id = %(release)s)
"""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: what, and what is wrong with it (empty: nothing)."""

    label: str
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problem


@dataclass(frozen=True)
class Verification:
    """Every check of a release; `content_hash` is the hash as it was taken again from the rows."""

    release: Release
    content_hash: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check is."""
        return all(check.ok for check in self.checks)

    @property
    def problems(self) -> list[str]:
        """What is wrong, a sentence each."""
        return [check.problem for check in self.checks if not check.ok]


def text_of(release: Release) -> bytes:
    """The exact canonical bytes of the release: their SHA-256 is its hash."""
    return zlib.decompress(bytes(release.content))


def verify(release: Release) -> Verification:
    """Take every hash again: of the stored text, of the rows as they are now, and of what was signed."""
    text = text_of(release)
    content = json.loads(text)
    from_rows = _content_from_rows(release, content)
    again = hashlib.sha256(canonical(from_rows)).hexdigest() if from_rows else ""
    return Verification(
        release,
        again,
        (
            _same("The stored text", hashlib.sha256(text).hexdigest(), release.content_hash),
            _same("The rows in the database", again, release.content_hash),
            _same("The values that were signed", fingerprint(content["values"]), content["asked"]["values"]),
            _signatures(release, content),
            _sums(release),
        ),
    )


def verify_file(release: Release, data: bytes) -> Check:
    """Take the hash again from an exported file: the content itself (JSON), or the CSV of the plan."""
    if data.lstrip().startswith(b"{"):
        found = hashlib.sha256(data).hexdigest()
        return _same("The content in the file", found, release.content_hash)
    signed = json.loads(text_of(release))["asked"]["values"]
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        return Check("The values in the file", "The file is neither the content (JSON) nor the plan (CSV).")
    return _same("The values in the file", fingerprint(lines[1:]), signed)


def _same(label: str, found: str, wanted: str) -> Check:
    if found == wanted:
        return Check(label)
    return Check(label, f"{label} give another hash: {found or 'none'} instead of {wanted}.")


def _content_from_rows(release: Release, content: dict[str, Any]) -> dict[str, Any] | None:
    """The content with the numbers of the rows of today. Codes are those of the release: a product that
    got another code since is the same one. None where rows are missing or were added."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [release.pk])
        rows = {(str(unit), month.isoformat()): numbers for unit, month, *numbers in cursor.fetchall()}
    values = content["values"]
    if len(rows) != len(values) or any((row[0], row[3]) not in rows for row in values):
        return None
    again = [[*row[:NUMBERS_FROM], *map(number, rows[row[0], row[3]])] for row in values]
    return {**content, "values": again}


def _signatures(release: Release, content: dict[str, Any]) -> Check:
    label = "The signatures"
    asked = fingerprint(content["asked"])
    stored = set(
        release.cycle.approval_requests.filter(number=content["request"]).values_list(
            "approvals__approver__email", "approvals__verdict", "approvals__content_hash"
        )
    )
    signed = {(one["approver"], one["verdict"], one["asked"]) for one in content["approvals"]}
    if any(hashed != asked for *_, hashed in signed):
        return Check(label, "A signature stands under something else than this plan.")
    if signed != stored:
        return Check(label, "The signatures in the database are not those of the release.")
    return Check(label)


def _sums(release: Release) -> Check:
    label = "The totals"
    with connection.cursor() as cursor:
        cursor.execute(SUMS, {"release": release.pk})
        of_values, of_totals = cursor.fetchone()
    close = all(
        one is not None and other is not None and abs(one - other) <= 1e-6 * max(1.0, abs(one))
        for one, other in zip(of_values, of_totals, strict=True)
    )
    return Check(label) if close else Check(label, "The totals are not the sums of the values.")
