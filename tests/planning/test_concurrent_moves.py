"""Many people who press the same button at once."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core.errors import Refused
from core.models import Event, Person
from core.roles import Role
from planning.engine.moves import STAGES
from planning.models import Cycle, Scenario, Stage
from planning.services.cycles import open_cycle
from planning.services.moves import make_move
from planning.workflow.perform import GUARDS

PEOPLE = 20
MONTH = dt.date(2026, 1, 1)


def together(work: object, count: int) -> list[str]:
    """What each of `count` threads with a connection of its own came to, all starting at once."""
    barrier = threading.Barrier(count)

    def one(number: int) -> str:
        barrier.wait()
        try:
            work(number)  # type: ignore[operator]
            return "accepted"
        except Refused as refusal:
            return refusal.reasons[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
def test_twenty_sign_offs_at_once_are_one_acceptance_and_one_event(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GUARDS:
        monkeypatch.setitem(GUARDS, name, lambda cycle: [])
    people = [
        Person.objects.create_user(f"m{n}@example.com", name=f"Manager {n}", roles=[Role.MANAGER])
        for n in range(PEOPLE)
    ]
    cycle = Cycle.objects.create(month=MONTH, opened_by=people[0])
    for name in STAGES:
        Stage.objects.create(cycle=cycle, name=name, owner=people[0], due=MONTH)
    Scenario.objects.create(cycle=cycle, name="Base", is_base=True)

    came = together(lambda n: make_move(actor=people[n], cycle=cycle, name="sign-data"), PEOPLE)

    assert came.count("accepted") == 1
    assert came.count("wrong_stage") == PEOPLE - 1
    assert Event.objects.filter(subject_type="planning.cycle").count() == 1
    cycle.refresh_from_db()
    assert cycle.stage == "demand"


@pytest.mark.django_db(transaction=True)
def test_of_five_people_who_open_a_month_at_once_one_does() -> None:
    manager = Person.objects.create_user("m@example.com", name="Max", roles=[Role.MANAGER])

    came = together(lambda n: open_cycle(actor=manager, month=MONTH), 5)

    assert sorted(came) == ["accepted", *["month_taken"] * 4]
    assert Cycle.objects.count() == 1
    assert Stage.objects.count() == len(STAGES)
