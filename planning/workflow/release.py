"""The guards of stage 5, release: each gives every reason why its stage cannot be signed yet."""

from collections.abc import Callable

from core import company
from core.errors import Reason
from planning.models import Cycle
from planning.selectors.addresses import cycle_path
from planning.selectors.approvals import changes_since, counting_approvals, days_since_pack, request_of
from planning.selectors.artefacts import colour_of

UPSTREAM = ("demand", "supply", "reconciliation")


def nothing_stale(cycle: Cycle) -> list[Reason]:
    """What is released is what was signed: nothing upstream changed since it was asked for."""
    reasons = stale_upstream(cycle)
    request = request_of(cycle)
    if request is None:
        text = "Nobody was asked to approve this plan yet. Ask for approval first."
        return [*reasons, Reason(text, "not_asked", url=cycle_path(cycle, "release"))]
    changes = changes_since(request)
    if changes:
        text = f"The plan changed after approval was asked for: {'; '.join(changes)}. Ask for approval again."
        reasons.append(Reason(text, "request_stale", url=cycle_path(cycle, "release")))
    return reasons


def stale_upstream(cycle: Cycle) -> list[Reason]:
    """Each earlier artefact that is missing or was made from something that changed since."""
    colours = {stage: colour_of(cycle, stage) for stage in UPSTREAM}
    return [
        Reason(f"{colour.text} Make it again, or reopen its stage.", "stale", url=cycle_path(cycle, stage))
        for stage, colour in colours.items()
        if colour.colour != "green"
    ]


def pack_sent(cycle: Cycle) -> list[Reason]:
    """The executives have had the pack for as long as the company wants them to."""
    request = request_of(cycle)
    if request is None:
        return []  # nothing_stale says that nobody was asked
    days, wanted = days_since_pack(request), int(company.value("pack_days"))
    address = cycle_path(cycle, "release")
    if days is None:
        return [Reason("The pack is not sent to the executives yet. Send it.", "pack_not_sent", url=address)]
    if days < wanted:
        left = wanted - days
        text = (
            f"The pack was sent {'today' if days == 0 else f'{days} days ago'}; the executives have it for "
            f"{wanted} {'day' if wanted == 1 else 'days'} before a release. Release in {left} "
            f"{'day' if left == 1 else 'days'}, or let the VP change the company setting."
        )
        return [Reason(text, "pack_too_late", url=address)]
    return []


def quorum_reached(cycle: Cycle) -> list[Reason]:
    """Enough executives approve, and what they were asked to decide is decided."""
    request = request_of(cycle)
    if request is None:
        return []
    address = cycle_path(cycle, "release")
    reasons = [
        Reason(f"Executives have not decided yet: {row.title}", "decision_open", url=address)
        for row in cycle.decisions.filter(asks_executives=True, decided="")
    ]
    there = counting_approvals(request)
    if there < request.quorum:
        text = f"{there} of {request.quorum} approvals are there. Wait for the others, or remind them."
        reasons.insert(0, Reason(text, "quorum", url=address))
    return reasons


GUARDS: dict[str, Callable[[Cycle], list[Reason]]] = {
    "nothing_stale": nothing_stale,
    "pack_sent": pack_sent,
    "quorum_reached": quorum_reached,
}
