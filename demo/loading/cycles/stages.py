"""Stages 3 to 5, and signing each stage off."""

from collections.abc import Callable

from core.demo_signins import PASSWORD
from demo.company.words import CEO, CFO, COORDINATOR, MANAGER, SECOND_ANALYST, VP, Alternative
from demo.loading.cycles import data, demand
from demo.loading.cycles.meetings import hold, tell_outcomes
from demo.loading.cycles.told import Chapter, tick_all, who
from planning.models import Approval, Decision, Scenario, StageName
from planning.selectors.approvals import request_of
from planning.selectors.contradictions import Contradiction, contradictions_of
from planning.selectors.supply import Gap, open_gaps
from planning.services.approvals import request_approval, sign
from planning.services.moves import make_move
from planning.services.packs import send_pack
from planning.services.reconciliation import settle_contradiction
from planning.services.registers import decide, raise_decision
from planning.services.scenarios import add_scenario, choose_scenario
from planning.services.supply import record_action, solve_now

SUPPLY_MINUTES = "Gaps were gone through one by one; each has an owner and a day."
PREMEETING_MINUTES = (
    "Plan, budget and the last plan were compared. The scenario is recommended to the executives."
)
# What is done about a gap, by its kind, in turn.
ACTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "shortage": (
        ("outsource", "The partner in Porto sews the missing pieces; its price is agreed."),
        ("build", "Built ahead in the two months before, when the line is free."),
    ),
    "overload": (
        ("overtime", "Saturday shifts until the peak is over; the works council agrees."),
        ("build", "Part of the season is built ahead from the month before on."),
    ),
    "excess": (
        ("clear", "Offered to the outlet; what is left goes into the spring sale."),
        ("accept", "The stock does not age and is sold in the next season."),
    ),
}
DECIDED = {
    "supply": (
        "Accept what is not supplied",
        "It is less than the outlets lose to late deliveries in a month.",
    ),
    "budget": (
        "Keep the plan and tell finance",
        "The orders in hand speak for the plan, not for the budget.",
    ),
    "last": ("Accept the change and say what caused it", "Campaign months and the order book explain it."),
    "rest": ("Accept all of them", "Each is within what the season explains."),
}


def supply(chapter: Chapter) -> None:
    """Solve the base, and decide about every gap."""
    base = Scenario.objects.get(cycle=chapter.cycle, is_base=True)
    solve_now(actor=who(SECOND_ANALYST), scenario=base)
    decide_gaps(chapter)
    hold(chapter, "Supply review", SUPPLY_MINUTES)
    tick_all(chapter)


def decide_gaps(chapter: Chapter) -> None:
    """Each gap without an action gets one, in turn."""
    for number, gap in enumerate(open_gaps(chapter.cycle)):
        _act(chapter, gap, number)


def _act(chapter: Chapter, gap: Gap, number: int) -> None:
    choices = ACTIONS[gap.kind]
    action, note = choices[number % len(choices)]
    record_action(
        actor=who(MANAGER),
        cycle=chapter.cycle,
        gap=gap.key,
        action=action,
        note=note,
        owner=who(SECOND_ANALYST if number % 2 else MANAGER),
        due=chapter.stage().due,
        quantity=round(gap.quantity),
    )


def reconciliation(chapter: Chapter) -> None:
    """Compare a second scenario, choose one, settle what contradicts."""
    choose(chapter, chapter.words.alternative)
    for row in contradictions_of(chapter.cycle):
        if not row.is_settled:
            _settle(chapter, row)
    ask_executives(chapter)
    hold(chapter, "Pre-meeting", PREMEETING_MINUTES)
    tick_all(chapter)


def choose(chapter: Chapter, words: Alternative) -> None:
    """Solve the alternative, and choose it or the base."""
    analyst, cycle = who(SECOND_ANALYST), chapter.cycle
    other = Scenario.objects.filter(cycle=cycle, name=words.name).first() or add_scenario(
        actor=analyst, cycle=cycle, name=words.name, text=words.text, changes=list(words.changes)
    )
    base = Scenario.objects.get(cycle=cycle, is_base=True)
    for scenario in (base, other):
        solve_now(actor=analyst, scenario=scenario)
    chosen = other if words.is_chosen else base
    if not Scenario.objects.filter(pk=chosen.pk, is_chosen=True).exists():
        choose_scenario(actor=who(MANAGER), scenario=chosen, reason=words.chosen_because)


def _settle(chapter: Chapter, row: Contradiction) -> None:
    decided, reason = DECIDED[row.kind]
    settle_contradiction(actor=who(MANAGER), cycle=chapter.cycle, gap=row.gap, decided=decided, reason=reason)


def ask_executives(chapter: Chapter) -> None:
    """The question that the executives decide before the release."""
    question = chapter.words.question
    if not Decision.objects.filter(cycle=chapter.cycle, title=question.title).exists():
        raise_decision(
            actor=who(MANAGER),
            cycle=chapter.cycle,
            title=question.title,
            text=question.text,
            options=question.options,
            asks_executives=True,
            money=question.money,
            owner=who(VP),
            due=chapter.stage().due,
        )


def release(chapter: Chapter) -> None:
    """Ask, send the pack, decide, sign. A rejection sends the cycle back; then it comes again."""
    cycle = chapter.cycle
    if request_of(cycle) is None:
        request_approval(actor=who(COORDINATOR), cycle=cycle, approvers=[who(CFO), who(CEO)])
    if (request := request_of(cycle)) is not None and request.pack_sent is None:
        send_pack(actor=who(COORDINATOR), cycle=cycle, wait=True)
    if reject(chapter):
        return
    _decide_question(chapter)
    _approve(chapter)
    hold(chapter, "Executive meeting", chapter.words.executive_minutes)
    tick_all(chapter)


def reject(chapter: Chapter) -> bool:
    """Whether an executive sends the plan back now: once, in the cycle that tells of it."""
    no, request = chapter.words.rejection, request_of(chapter.cycle)
    was = Approval.objects.filter(request__cycle=chapter.cycle, verdict="reject").exists()
    if no is None or request is None or was:
        return False
    sign(
        actor=who(no.by),
        request=request,
        verdict="reject",
        to_stage=no.to_stage,
        text=no.text,
        password=PASSWORD,
    )
    return True


def _decide_question(chapter: Chapter) -> None:
    question = chapter.words.question
    for decision in Decision.objects.filter(cycle=chapter.cycle, title=question.title, decided=""):
        decide(actor=who(question.by), decision=decision, decided=question.decided, reason=question.reason)


def _approve(chapter: Chapter) -> None:
    request = request_of(chapter.cycle)
    if request is None:
        return
    signed = set(request.approvals.values_list("approver__email", flat=True))
    changes = chapter.words.with_changes
    for email in (CFO, CEO):
        if email not in signed:
            text = changes if email == CFO else ""
            verdict = "changes" if text else "approve"
            sign(actor=who(email), request=request, verdict=verdict, text=text, password=PASSWORD)


WORK: dict[str, Callable[[Chapter], None]] = {
    "data": data.work,
    "demand": demand.work,
    "supply": supply,
    "reconciliation": reconciliation,
    "release": release,
}


def work_through(chapter: Chapter) -> None:
    """Do the work of the stage that the cycle is in, and sign it off, unless it was sent back."""
    stage = chapter.cycle.stage
    WORK[stage](chapter)
    chapter.cycle.refresh_from_db()
    if chapter.cycle.stage != stage:
        return
    name = "release" if stage == StageName.RELEASE else f"sign-{stage}"
    signer = VP if stage == StageName.RELEASE else MANAGER
    chapter.cycle = make_move(actor=who(signer), cycle=chapter.cycle, name=name)
    if chapter.cycle.stage == StageName.RELEASED:
        tell_outcomes(chapter)


__all__ = ["WORK", "Chapter", "work_through"]
