"""The matrix answers with a reason, and knows every action."""

import pytest

from core.models import Person
from core.roles import ACTIONS, Role, can


def test_a_misspelt_action_never_passes(vp: Person) -> None:
    with pytest.raises(KeyError):
        can(vp, "peeple.manage")


def test_a_refusal_says_what_is_refused_and_who_may(analyst: Person) -> None:
    decision = can(analyst, "people.manage")

    assert not decision
    assert "may not add people" in decision.reason
    assert "Technical operations advisor" in decision.reason


def test_somebody_without_roles_may_do_nothing(stranger: Person) -> None:
    assert [name for name in ACTIONS if can(stranger, name)] == []


def test_two_roles_add_up(analyst: Person) -> None:
    analyst.roles = [Role.ANALYST, Role.ADVISOR]

    assert can(analyst, "people.manage")
    assert can(analyst, "quality.waive")
