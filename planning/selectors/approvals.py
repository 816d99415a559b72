"""What is asked to be signed, who may sign it, who has, and whether it is still what was asked."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.selectors import base_currency
from core import company
from core.models import Person
from core.roles import Role, can
from planning.models import Approval, ApprovalRequest, Cycle, DemandVersion, SupplyRun, Verdict
from planning.selectors import demand, supply

FORMAT = "sopcycle plan 1"
COUNTING = (Verdict.APPROVE, Verdict.APPROVE_WITH_CHANGES)
WORDS = {
    "cycle": "the cycle's month or horizon changed",
    "demand": "the demand was frozen again",
    "supply": "another supply plan counts",
    "values": "the values of the plan changed",
    "decisions": "decisions changed",
    "questions": "what the executives are asked to decide changed",
    "assumptions": "assumptions changed",
    "risks": "risks and opportunities changed",
}


def request_of(cycle: Cycle) -> ApprovalRequest | None:
    """The open request of the cycle."""
    return cycle.approval_requests.filter(closed=None).select_related("requested_by").first()


def last_request_of(cycle: Cycle) -> ApprovalRequest | None:
    """The newest request of the cycle, open or not."""
    return cycle.approval_requests.select_related("requested_by").first()


def requests_visible_to(user: Person | None) -> QuerySet[ApprovalRequest]:
    """Every request for approval with its signatures; a plan is asked for as a whole."""
    rows = ApprovalRequest.objects.select_related("cycle", "requested_by")
    return rows.prefetch_related("approvals__approver", "approvers")


def what_is_asked(cycle: Cycle, run: SupplyRun) -> dict[str, Any]:
    """Everything a signature stands under but the values, as it is today."""
    return {
        "format": FORMAT,
        "company": company.value("company_name"),
        "currency": base_currency(),
        "cycle": {"month": cycle.month.isoformat(), "issue": cycle.issue, "horizon": cycle.horizon},
        "demand": _demand(run.version),
        "supply": _supply(run),
        "decisions": decided(cycle.decisions.filter(asks_executives=False)),
        "questions": [
            {"title": row.title, "text": row.text, "options": list(row.options)}
            for row in cycle.decisions.filter(asks_executives=True).order_by("pk")
        ],
        "assumptions": [
            {"text": row.text, "outcome": row.outcome} for row in cycle.assumptions.order_by("pk")
        ],
        "risks": [
            {"leaning": r.leaning, "title": r.title, "money": str(r.money), "probability": str(r.probability)}
            for r in cycle.risks_and_opportunities.filter(is_open=True).order_by("pk")
        ],
    }


def _demand(version: DemandVersion) -> dict[str, Any]:
    return {"version": version.number, "fingerprint": version.fingerprint}


def _supply(run: SupplyRun) -> dict[str, Any]:
    return {
        "run": run.pk,
        "input_hash": run.input_hash,
        "engine": run.engine_version,
        "scenario": run.scenario.name,
        "changes": run.made_from.get("scenario", [None, []])[1],
    }


def decided(rows: QuerySet) -> list[dict[str, Any]]:
    """Decisions that were made, with who made them and why."""
    return [
        {
            "title": row.title,
            "money": str(row.money),
            "decided": row.decided,
            "reason": row.reason,
            "by": row.decided_by.email if row.decided_by else "",
        }
        for row in rows.exclude(decided="").select_related("decided_by").order_by("pk")
    ]


def changes_since(request: ApprovalRequest) -> list[str]:
    """What is not any more as it was asked to be signed, in words. Empty: nothing changed."""
    run = supply.run_of(request.cycle)
    if run is None:
        return ["the supply plan is gone"]
    now = what_is_asked(request.cycle, run)
    asked = {name: value for name, value in request.asked.items() if name != "values"}
    differing = [name for name in now.keys() | asked.keys() if now.get(name) != asked.get(name)]
    words = [WORDS.get(name, f"{name} changed") for name in sorted(differing)]
    newest = demand.version_of(request.cycle)
    if newest is not None and newest.pk != run.version_id and WORDS["demand"] not in words:
        words.append(WORDS["demand"])
    return words


def counting_approvals(request: ApprovalRequest) -> int:
    """How many signatures count towards the quorum."""
    return request.approvals.filter(verdict__in=COUNTING).count()


def own_work_of(cycle: Cycle, person: Person, request: ApprovalRequest | None = None) -> str:
    """Why this person may not approve this plan: it is their own work. Empty where it is not."""
    if request is not None and request.requested_by_id == person.pk:
        return f"{person.name} asked for this approval; nobody approves own work."
    signed = cycle.stages.filter(signed_by=person).first()
    if signed is not None:
        stage = signed.get_name_display().lower()
        return f"{person.name} signed {stage} of this cycle; nobody approves own work."
    return ""


def possible_approvers(cycle: Cycle, asker: Person | None) -> list[Person]:
    """Who may be asked, executives first: active, with the right to sign, and not about own work."""
    workers = Q(signed_stages__cycle=cycle) | (Q(pk=asker.pk) if asker else Q(pk=None))
    people = Person.objects.filter(is_active=True).exclude(pk__in=Person.objects.filter(workers).values("pk"))
    allowed = [person for person in people.order_by("name") if can(person, "approval.sign")]
    return sorted(allowed, key=lambda person: Role.EXECUTIVE not in person.roles)


@dataclass(frozen=True)
class Signer:
    """One person who was asked, and what they said, if they did."""

    person: Person
    approval: Approval | None

    @property
    def state(self) -> str:
        """What the signer said, as people read it."""
        return self.approval.get_verdict_display() if self.approval else "Not signed yet"


def signers_of(request: ApprovalRequest) -> list[Signer]:
    """Everybody who was asked, those who signed first, in order of time."""
    approvals = {row.approver_id: row for row in request.approvals.select_related("approver")}
    signed = [Signer(row.approver, row) for row in approvals.values()]
    waiting = [Signer(person, None) for person in request.approvers.all() if person.pk not in approvals]
    return [*signed, *waiting]


def days_since_pack(request: ApprovalRequest) -> int | None:
    """Whole days, by the calendar, since the pack was sent; None before."""
    if request.pack_sent is None:
        return None
    return (timezone.localdate() - timezone.localdate(request.pack_sent)).days
