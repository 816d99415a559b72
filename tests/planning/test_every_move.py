"""Every move × stage × role: the table's are made by whom the matrix allows, all others change nothing."""

import datetime as dt
from itertools import product

import pytest

from catalog.engine.moves import Move
from core.errors import Denied, Refused
from core.models import Event, Person
from core.roles import ACTIONS, Role
from planning.engine.moves import MOVES, NAMES, STAGES, find_move
from planning.models import Cycle, Scenario, Stage, StageName
from planning.workflow.perform import GUARDS, perform

# A way of legal moves to every stage, so that the database's own trigger lets the tests get there.
WAYS = {
    **{name: STAGES[1 : place + 1] for place, name in enumerate(STAGES)},
    "released": (*STAGES[1:], "released"),
    "superseded": (*STAGES[1:], "released", "superseded"),
    "abandoned": ("abandoned",),
}


@pytest.fixture(autouse=True)
def _guards_are_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rights and stages are tried here; each guard has its own test."""
    for name in GUARDS:
        monkeypatch.setitem(GUARDS, name, lambda cycle: [])


@pytest.fixture
def actor(db: None) -> Person:
    return Person.objects.create_user("actor@example.com", name="Ann Actor", roles=[])


@pytest.fixture
def month(actor: Person) -> Cycle:
    """A cycle with its stages and base scenario, and nothing else."""
    cycle = Cycle.objects.create(month=dt.date(2026, 1, 1), opened_by=actor)
    for name in STAGES:
        Stage.objects.create(cycle=cycle, name=name, owner=actor, due=dt.date(2026, 1, 9))
    Scenario.objects.create(cycle=cycle, name="Base", is_base=True)
    return cycle


def put(cycle: Cycle, stage: str) -> Cycle:
    for name in WAYS[stage]:
        Cycle.objects.filter(pk=cycle.pk).update(stage=name)
    cycle.refresh_from_db()
    return cycle


@pytest.mark.parametrize(
    ("name", "stage", "role"),
    [
        pytest.param(name, stage, role, id=f"{name}-from-{stage}-by-{role}")
        for name, stage, role in product(NAMES, StageName.values, Role.values)
    ],
)
def test_a_move_is_made_only_where_the_table_has_it_by_whom_the_matrix_allows(
    month: Cycle, actor: Person, name: str, stage: str, role: str
) -> None:
    cycle = put(month, stage)
    actor.roles = [role]
    move = find_move(name, stage)

    if move is not None and role in ACTIONS[move.action].roles:
        assert perform(cycle=cycle, name=name, actor=actor, reason="Because.").stage == move.target
        assert Event.objects.filter(subject_type="planning.cycle").count() == 1
        return
    with pytest.raises(Refused if move is None else Denied):
        perform(cycle=cycle, name=name, actor=actor, reason="Because.")
    cycle.refresh_from_db()
    assert cycle.stage == stage
    assert not Event.objects.filter(subject_type="planning.cycle").exists()


@pytest.mark.parametrize(
    "move", [move for move in MOVES if move.asks_reason], ids=lambda m: f"{m.name}-{m.source}"
)
def test_a_move_that_asks_why_is_refused_without_a_reason(month: Cycle, move: Move) -> None:
    with pytest.raises(Refused, match="Say why"):
        perform(cycle=put(month, move.source), name=move.name, actor=None, reason="  ")


@pytest.mark.parametrize("move", MOVES, ids=lambda m: f"{m.name}-{m.source}")
def test_every_guard_of_the_table_is_written(move: Move) -> None:
    assert set(move.guards) <= set(GUARDS)
