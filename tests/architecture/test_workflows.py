"""Every workflow of every room: its table, its guards and the rights that it asks for belong together."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from django.conf import settings

from catalog.workflow import Workflow
from core.roles import ACTIONS


def _found() -> Iterator[tuple[str, Workflow]]:
    for room in settings.ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if module.name.split(".")[1] == "workflow":
                names = vars(importlib.import_module(module.name))
                yield from ((f"{module.name}.{name}", one) for name, one in names.items() if _is_one(one))


def _is_one(named: object) -> bool:
    return isinstance(named, Workflow)


WORKFLOWS = dict(_found())


def test_the_workflows_of_the_rooms_are_found() -> None:
    assert {"crm.workflow.papers.PAPERS", "compensation.workflow.runs.RUNS"} <= set(WORKFLOWS)


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)
def test_every_guard_that_a_move_names_is_written_and_none_is_idle(workflow: Workflow) -> None:
    assert {name for move in workflow.moves.moves for name in move.guards} == set(workflow.guards)


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)
def test_every_move_asks_for_a_right_that_there_is(workflow: Workflow) -> None:
    assert {move.action for move in workflow.moves.moves if move.action} <= set(ACTIONS)
