"""Moving a realignment on: submit, approve, publish, undo; and telling whom it concerns."""

from collections.abc import Callable

from django.db import transaction

from core.formats import show
from core.models import Person
from core.services.notifications import notify
from crm.models import Rep
from territories.models import Scenario, ScenarioAccount, ScenarioQuotas
from territories.pipeline.owners import keep_ownership
from territories.pipeline.publishing import open_placements, restore_placements
from territories.selectors.quota_carrying import account_moves, approved_together
from territories.selectors.scenario_effects import held_until
from territories.selectors.scenarios import approvers, moved_accounts, scenario_url
from territories.services.quota_moves import follow_assignments, take_back
from territories.workflow.scenarios import perform

MOST_NAMED = 12


@transaction.atomic
def move_scenario(
    *, actor: Person | None, scenario: Scenario, name: str, revision: int | None = None, reason: str = ""
) -> Scenario:
    """Make one move of a realignment, with what follows from it, and tell whom it concerns.

    Publishing closes and opens placements on the scenario's day, and the quotas of every measure follow
    pro-rated; undoing restores both. Raises Refused with every reason, Denied where the actor's role may not.
    """
    moved = perform(scenario=scenario, name=name, actor=actor, revision=revision, reason=reason)
    if name in FOLLOWS:
        FOLLOWS[name](moved)
    if name == "submit":
        _tell_approvers(moved, actor, reason)
    elif name in {"approve", "reject"} and moved.submitted_by is not None:
        _tell_submitter(moved, moved.submitted_by, actor, name, reason)
    return moved


def _publish(scenario: Scenario) -> None:
    open_placements(scenario)
    versions = follow_assignments(
        moves=account_moves(scenario),
        day=scenario.publish_on,
        submitted_by=scenario.submitted_by,
        approved_by=scenario.approved_by,
        reason=f"Realignment {scenario}",
    )
    if versions:
        ScenarioQuotas.objects.create(scenario=scenario, version=versions[0])
    keep_ownership()
    tell_those_concerned(scenario)


def _undo(scenario: Scenario) -> None:
    restore_placements(scenario)
    if (followed := ScenarioQuotas.objects.filter(scenario=scenario).first()) is not None:
        for version in approved_together(followed.version):
            take_back(version=version, actor=scenario.undone_by, reason=f"Undone: {scenario}")
    keep_ownership()
    tell_those_concerned(scenario, undone=True)


FOLLOWS: dict[str, Callable[[Scenario], None]] = {"publish": _publish, "undo": _undo}


def _tell_approvers(scenario: Scenario, actor: Person | None, note: str) -> None:
    day = show(scenario.publish_on, "date")[0]
    notify(
        people=approvers(actor),
        title=f"{scenario.name}: a realignment waits for approval",
        text=f"It moves {_count(moved_accounts(scenario.accounts.all()).count())} on {day}. {note}".strip(),
        url=scenario_url(scenario),
    )


def _tell_submitter(scenario: Scenario, person: Person, actor: Person | None, name: str, note: str) -> None:
    word = "approved" if name == "approve" else "rejected"
    by = actor.name if actor else "The system"
    notify(
        people=[person],
        title=f"{scenario.name} is {word}",
        text=f"{by}. {note}".strip(),
        url=scenario_url(scenario),
    )


def tell_those_concerned(scenario: Scenario, *, undone: bool = False) -> None:
    """One message to each rep with the own gains and losses, and to each manager with those of the team."""
    gains, losses = _changes_by_rep(scenario)
    reps = Rep.objects.filter(pk__in={*gains, *losses}).select_related("person", "manager__person")
    teams: dict[Person, list[Rep]] = {}
    for rep in reps:
        if rep.person:
            text = _in_words(scenario, gains.get(rep.pk, []), losses.get(rep.pk, []), undone)
            _send(scenario, rep.person, text, undone)
        if rep.manager and rep.manager.person:
            teams.setdefault(rep.manager.person, []).append(rep)
    for person, team in teams.items():
        lines = [f"{r.name}: {_sums(gains.get(r.pk, []), losses.get(r.pk, []))}" for r in team]
        _send(scenario, person, "\n".join(lines), undone)


def _changes_by_rep(
    scenario: Scenario,
) -> tuple[dict[int, list[ScenarioAccount]], dict[int, list[ScenarioAccount]]]:
    gains: dict[int, list[ScenarioAccount]] = {}
    losses: dict[int, list[ScenarioAccount]] = {}
    rows = moved_accounts(scenario.accounts.all()).select_related("account").order_by("account__name")
    for row in rows:
        if row.from_rep_id == row.to_rep_id:
            continue
        if row.to_rep_id is not None:
            gains.setdefault(row.to_rep_id, []).append(row)
        if row.from_rep_id is not None:
            losses.setdefault(row.from_rep_id, []).append(row)
    return gains, losses


def _send(scenario: Scenario, person: Person, text: str, undone: bool) -> None:
    day = show(scenario.publish_on, "date")[0]
    title = f"Called off: the realignment of {day}" if undone else f"Accounts change hands on {day}"
    notify(people=[person], title=title, text=text, url=scenario_url(scenario))


def _in_words(
    scenario: Scenario, gains: list[ScenarioAccount], losses: list[ScenarioAccount], undone: bool
) -> str:
    if undone:
        return f"Everything stays as it was: {_sums(gains, losses)} are called off."
    parts = []
    if gains:
        parts.append(f"You get {_count(len(gains))}: {_names(gains)}.")
    if losses:
        parts.append(f"You hand over {_count(len(losses))}: {_names(losses)}.")
        last = show(held_until(scenario), "date")[0]
        parts.append(f"Their open deals stay with you until {last}.")
    return " ".join(parts)


def _sums(gains: list[ScenarioAccount], losses: list[ScenarioAccount]) -> str:
    return f"{len(gains)} accounts more, {len(losses)} less"


def _names(rows: list[ScenarioAccount]) -> str:
    more = len(rows) - MOST_NAMED
    return ", ".join(row.account.name for row in rows[:MOST_NAMED]) + (
        f" and {more} more" if more > 0 else ""
    )


def _count(number: int) -> str:
    return f"{number:,} {'account' if number == 1 else 'accounts'}"
