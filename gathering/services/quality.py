"""What people do with quality issues: look again, waive with a reason, take back, assign."""

from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from core import company
from core.access import require
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.formats import show
from core.models import Job, Person
from core.roles import Role
from core.services.notifications import notify
from gathering.models import IssueState, QualityIssue
from gathering.pipeline.quality import queue_check
from gathering.selectors.quality import issues_visible_to

SHOWN_REASONS = 10


def run_quality_checks(*, actor: Person | None) -> Job:
    """Queue all quality rules over all facts; a second press while they wait gives the same job."""
    require(actor, "quality.check")
    return queue_check(actor=actor)


@transaction.atomic
def waive_issues(*, actor: Person, issues: Iterable[int], reason: str) -> list[QualityIssue]:
    """Accept findings as they are, with one reason. All or none.

    Raises Refused with every issue that is not open or is above the person's limit.
    """
    require(actor, "quality.waive")
    found = _locked(actor, issues)
    _refuse([*_without_reason(reason), *_not(IssueState.OPEN, found), *_above_limit(actor, found)])
    for issue in found:
        _change(actor, issue, "issue waived", reason, state=IssueState.WAIVED, waived_by=actor, reason=reason)
    return found


@transaction.atomic
def reopen_issue(*, actor: Person, issue: int, reason: str) -> QualityIssue:
    """Take a waiver back, with the reason. Raises Refused unless the issue is waived."""
    require(actor, "quality.waive")
    found = _locked(actor, [issue])
    _refuse([*_without_reason(reason), *_not(IssueState.WAIVED, found)])
    _change(actor, found[0], "waiver taken back", reason, state=IssueState.OPEN, waived_by=None, reason="")
    return found[0]


@transaction.atomic
def assign_issues(*, actor: Person, issues: Iterable[int], owner: Person) -> list[QualityIssue]:
    """Give findings to somebody, who is told. Raises Invalid for a person who works on none."""
    require(actor, "quality.assign")
    if not {Role.MANAGER, Role.ANALYST, Role.COORDINATOR, Role.VP}.intersection(owner.roles):
        raise Invalid(Reason(f"{owner.name} does not work on findings.", "invalid", "owner"))
    found = [issue for issue in _locked(actor, issues) if issue.owner_id != owner.pk]
    for issue in found:
        _change(actor, issue, "issue assigned", "", owner=owner)
    if found and owner != actor:
        title = f"{len(found)} finding{'s' if len(found) > 1 else ''} given to you by {actor.name}"
        notify(
            people=[owner], title=title, text="\n".join(i.subject for i in found[:20]), url="/data/quality/"
        )
    return found


def _locked(actor: Person, issues: Iterable[int]) -> list[QualityIssue]:
    wanted = set(issues)
    if not wanted:
        raise Refused("Choose at least one finding.")
    visible: QuerySet[QualityIssue] = issues_visible_to(actor).filter(pk__in=wanted)
    found = list(visible.select_for_update(of=("self",)).order_by("pk"))
    if len(found) < len(wanted):
        raise Refused("Some of these findings do not exist any more. Reload the page.")
    return found


def _without_reason(reason: str) -> list[Reason]:
    if reason.strip():
        return []
    return [Reason("Say why, in one sentence.", "reason_missing", "reason")]


def _not(state: IssueState, found: list[QualityIssue]) -> list[Reason]:
    wrong = [issue for issue in found if issue.state != state]
    return [
        Reason(f"“{issue.subject}” is {issue.get_state_display().lower()} already.", "wrong_state")
        for issue in wrong[:SHOWN_REASONS]
    ]


def _above_limit(actor: Person, found: list[QualityIssue]) -> list[Reason]:
    limit: Decimal = company.value("waive_money")
    if Role.VP in actor.roles:
        return []
    return [
        Reason(
            f"“{issue.subject}”: {show(issue.money, 'quantity')[0]} at stake. From "
            f"{show(limit, 'quantity')[0]} only the VP waives.",
            "above_limit",
        )
        for issue in [i for i in found if i.money >= limit][:SHOWN_REASONS]
    ]


def _refuse(reasons: list[Reason]) -> None:
    if reasons:
        raise Refused(*reasons)


def _change(actor: Person, issue: QualityIssue, verb: str, why: str, **changes: object) -> None:
    before = {name: getattr(issue, name) for name in changes}
    for name, value in changes.items():
        setattr(issue, name, value)
    issue.revision += 1
    issue.save(update_fields=[*changes, "revision"])
    record(actor=actor, verb=verb, subject=issue, before=before, after=dict(changes), reason=why.strip())
