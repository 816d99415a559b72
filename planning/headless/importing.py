"""The files of a folder, taken in by the same import that people use."""

from contextlib import ExitStack
from typing import Any

from core.errors import Invalid, Reason, Refused
from core.models import Person
from core.roles import Role
from gathering.models import ImportRun, ImportState, IssueState, QualityIssue, Severity
from gathering.pipeline.quality import check_facts, store_findings
from gathering.services.imports import import_now
from gathering.services.quality import waive_issues
from planning.headless.folder import Folder, Incoming
from planning.headless.run import Run

MOST_SHOWN = 20


def import_all(run: Run, folder: Folder) -> None:
    """Import each file in order. Raises Refused with the rejected rows of the first that has some."""
    for path in folder.left_alone:
        run.say(f"{path.name}: left alone, nothing says what it is")
    counts = [_import(run, incoming) for incoming in folder.imports]
    run.figures["imports"] = counts
    run.figures["layout"] = folder.layout
    run.figures["left_alone"] = [path.name for path in folder.left_alone]


def check_quality(run: Run) -> None:
    """Look for what is wrong in the data, and waive what blocks if that was asked for."""
    store_findings(found=check_facts(), actor=run.people[Role.COORDINATOR])
    findings = QualityIssue.objects.filter(state=IssueState.OPEN)
    blocking = list(findings.filter(severity=Severity.BLOCKING))
    run.figures["findings"] = {"open": findings.count(), "blocking": len(blocking)}
    reason = run.wishes.waive_findings.strip()
    if not reason or not blocking:
        return
    for finding in blocking:
        run.accept("data", f"Waived: {finding.subject}: {finding.message}", reason)
    waive_issues(actor=run.people[Role.VP], issues=[finding.pk for finding in blocking], reason=reason)


def _import(run: Run, incoming: Incoming) -> dict[str, Any]:
    name = incoming.path.name
    try:
        done = _imported(run.people[Role.COORDINATOR], run, incoming)
    except Refused as refusal:
        if not any(reason.code == "already imported" for reason in refusal.reasons):
            raise _with_name(refusal, incoming) from refusal
        run.say(f"{name} → {incoming.dataset}: already there")
        return {"file": name, "dataset": incoming.dataset, "state": "already there"}
    _refuse_unfinished(done, incoming)
    run.say(f"{name} → {incoming.dataset}: {done.rows_good:,} of {done.rows_read:,} rows")
    return _counts(done, incoming)


def _imported(actor: Person, run: Run, incoming: Incoming) -> ImportRun:
    with ExitStack() as stack:
        return import_now(
            actor=actor,
            file=stack.enter_context(incoming.path.open("rb")),
            file_name=incoming.path.name,
            dataset=incoming.dataset,
            definition=incoming.definition,
            source=run.wishes.source,
            allow_rejects=run.wishes.allow_rejects,
            extra_files={path.name: stack.enter_context(path.open("rb")) for path in incoming.companions},
        )


def _with_name(refusal: Refused, incoming: Incoming) -> Invalid:
    """A file that cannot be read at all: one sentence with its name."""
    return Invalid(*(Reason(f"{incoming.path.name}: {r.text}", r.code, "data") for r in refusal.reasons))


def _refuse_unfinished(done: ImportRun, incoming: Incoming) -> None:
    if done.state == ImportState.COMMITTED:
        return
    if done.state != ImportState.CHECKED:
        raise Invalid(f"{incoming.path.name}: {done.error or done.get_state_display()}")
    problems = done.problems.order_by("row_number", "id")
    reasons = [
        Reason(
            f"{incoming.path.name}, row {p.row_number}{f', {p.column}' if p.column else ''}"
            f"{f' “{p.value}”' if p.value else ''}: {p.problem} {p.advice}",
            "rejected_row",
        )
        for p in problems[:MOST_SHOWN]
    ]
    blocking = [
        Reason(f"{incoming.path.name}: {text}", "blocking") for text in done.preview.get("blocking", [])
    ]
    hint = Reason("Mend the rows, or import the others with --allow-rejects.", "rejected_rows")
    raise Refused(*blocking, *reasons, *([hint] if reasons else []))


def _counts(done: ImportRun, incoming: Incoming) -> dict[str, Any]:
    names = ("read", "good", "rejected", "held", "new", "changed", "unchanged")
    counts = {f"rows_{name}": getattr(done, f"rows_{name}") for name in names}
    profile = {"profile": incoming.profile} if incoming.profile else {}
    return {"file": done.file_name, "dataset": done.dataset, **profile, "state": done.state, **counts}
