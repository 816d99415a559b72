"""How a realignment scenario moves: the guards of the move table, and the one way to move."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.engine.moves import Move
from catalog.workflow import Guard, Workflow
from core.errors import Reason
from core.formats import show
from core.models import Person
from territories.engine.scenario_moves import SCENARIO_MOVES
from territories.models import ModelState, Scenario
from territories.selectors.scenario_changes import changed_since, moved_since_publication, owners_changed
from territories.selectors.scenario_inputs import named
from territories.selectors.scenarios import moved_accounts, scenario_url

LOCKED_WITH = ("model", "owner", "submitted_by", "approved_by")


def something_moves(scenario: Scenario, actor: Person | None) -> list[Reason]:
    """A realignment moves at least one account."""
    if moved_accounts(scenario.accounts.all()).exists():
        return []
    text = "No account moves. Solve the scenario, or move accounts by hand."
    return [Reason(text, "no_moves", url=scenario_url(scenario))]


def day_is_ahead(scenario: Scenario, actor: Person | None) -> list[Reason]:
    """Its first day is today or later."""
    today = timezone.localdate()
    if scenario.publish_on >= today:
        return []
    text = f"Its first day, {_day(scenario)}, is over. Choose {show(today, 'date')[0]} or a later one."
    return [Reason(text, "day_is_over", "publish_on")]


def day_is_still_ahead(scenario: Scenario, actor: Person | None) -> list[Reason]:
    """What has begun is not undone."""
    if scenario.publish_on > timezone.localdate():
        return []
    text = (
        f"It is in force since {_day(scenario)} and can no longer be undone. "
        "Plan another realignment that moves the accounts back."
    )
    return [Reason(text, "in_force")]


def model_is_unchanged(scenario: Scenario, actor: Person | None) -> list[Reason]:
    """Accounts and owners are as they were when it was made."""
    if scenario.model.state == ModelState.ARCHIVED:
        return [Reason(f"{scenario.model} is archived. Plan for the model in force.", "model_is_archived")]
    reasons = []
    if changed := changed_since(scenario):
        text = f"Moved by somebody else since this was made: {named(changed)}. Solve it again."
        reasons.append(Reason(text, "accounts_moved", url=scenario_url(scenario)))
    if territories := owners_changed(scenario):
        text = f"These territories have another owner since this was made: {named(territories)}."
        reasons.append(Reason(f"{text} Solve it again.", "owners_changed", url=scenario_url(scenario)))
    return reasons


def nothing_moved_since(scenario: Scenario, actor: Person | None) -> list[Reason]:
    """Only what nobody moved on is undone."""
    moved = moved_since_publication(scenario)
    if not moved:
        return []
    text = (
        f"Moved again since it was published: {named(moved)}. Undoing it would undo those moves as well: "
        "plan another realignment."
    )
    return [Reason(text, "moved_since")]


def not_own(scenario: Scenario, actor: Person | None) -> list[Reason]:
    """Whoever submitted a realignment does not decide about it."""
    if actor is None or actor.pk != scenario.submitted_by_id:
        return []
    return [Reason("You submitted this realignment yourself. A colleague decides.", "own_scenario")]


GUARDS: dict[str, Guard] = {
    guard.__name__: guard
    for guard in (
        *(something_moves, day_is_ahead, day_is_still_ahead, model_is_unchanged),
        *(nothing_moved_since, not_own),
    )
}


SCENARIOS = Workflow(SCENARIO_MOVES, GUARDS, "realignment")


@transaction.atomic
def perform(
    *, scenario: Scenario, name: str, actor: Person | None, revision: int | None = None, reason: str = ""
) -> Scenario:
    """Make one move, or refuse it with every reason at once and change nothing.

    Locks the scenario: of many who press the same button at once one is accepted. `revision`: what the
    person decided about; a scenario that was changed since is refused. Raises Refused, or Denied where the
    actor's role may not.
    """
    row = locked(scenario.pk)
    move = SCENARIOS.allowed(row, name, actor, reason=reason, besides=_stale(row, revision))
    SCENARIOS.store(row, move, _settling(move, actor, reason.strip()), actor, reason)
    return row


def locked(key: int) -> Scenario:
    """The scenario as it is now, locked until the transaction ends."""
    rows = Scenario.objects.select_related(*LOCKED_WITH)
    return rows.select_for_update(of=("self",)).get(pk=key)


def _stale(scenario: Scenario, revision: int | None) -> list[Reason]:
    if revision is None or revision == scenario.revision:
        return []
    return [Reason("It was changed since you opened it. Reload the page and look at it again.", "stale")]


def _settling(move: Move, actor: Person | None, reason: str) -> dict[str, Any]:
    """Who did what: forgotten when the scenario becomes a draft again."""
    if move.target == "draft":
        return {"submitted_by": None, "approved_by": None, "decision_note": reason}
    told: dict[str, dict[str, Any]] = {
        "submit": {"submitted_by": actor, "submission_note": reason, "decision_note": ""},
        "approve": {"approved_by": actor, "decision_note": reason},
        "publish": {"published_by": actor},
        "undo": {"undone_by": actor, "decision_note": reason},
    }
    return told.get(move.name, {"decision_note": reason})


def _day(scenario: Scenario) -> str:
    return show(scenario.publish_on, "date")[0]
