"""What is refused about rules, pins and runs; runs as jobs."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from core import jobs
from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Job, Person
from territories.models import Pin, Rule
from territories.pipeline.rule_running import ask_rules, run_rules_job
from territories.selectors.rules import newest_run
from territories.services.rules import add_pin, add_rule, change_rule, run_now, start_run, withdraw_pin
from tests.territories.test_rules import GERMANY, a_rule, where
from tests.territories.world import (
    a_model,
    a_model_in_force,
    a_rep,
    a_territory,
    an_account,
    covers,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ({}, "at least one condition"),
        ({"field": "colour", "value": "red"}, "names no known field"),
        ({"field": "market", "is": "is", "value": "NOWHERE"}, "No market has the code NOWHERE"),
        ({"field": "account", "is": "one of", "value": ["X1", "X2"]}, "No account has the code X1, X2"),
    ],
)
def test_a_rule_with_a_bad_condition_is_refused(condition: Any, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence) as refusal:
        a_rule(a_territory(a_model(), "north"), condition)
    assert refusal.value.reasons[0].field == "condition"
    assert not Rule.objects.exists()


def test_a_rule_at_the_top_has_nothing_to_inherit() -> None:
    with pytest.raises(Invalid, match="Nothing lies above"):
        a_rule(a_territory(a_model(), "north"), GERMANY, inherits=True)


def test_a_rule_that_somebody_else_changed_is_not_overwritten() -> None:
    rule = a_rule(a_territory(a_model(), "north"), GERMANY)
    change_rule(actor=None, rule=rule, revision=1, changes={"priority": 10})
    with pytest.raises(Conflict) as conflict:
        change_rule(actor=None, rule=rule, revision=1, changes={"priority": 20})
    assert conflict.value.theirs == {"priority": 10}


def test_rules_are_written_by_those_who_plan_territories(
    analyst: Person, sales_rep: Person, vp: Person
) -> None:
    north = a_territory(a_model(), "north")
    values = {"name": "Germans", "priority": 1, "condition": GERMANY}
    for person in (sales_rep, vp):
        with pytest.raises(Denied):
            add_rule(actor=person, territory=north, values=values)
    assert add_rule(actor=analyst, territory=north, values=values).pk
    assert Event.objects.filter(verb="rule added", actor=analyst).exists()


def test_a_sales_manager_plans_the_territories_of_the_team(sales_manager: Person) -> None:
    model = a_model()
    mine, other = a_territory(model, "mine"), a_territory(model, "other")
    boss = a_rep("B1", person=sales_manager)
    covers(a_rep("R1", manager=boss), mine)
    values = {"name": "Germans", "priority": 1, "condition": GERMANY}
    assert add_rule(actor=sales_manager, territory=mine, values=values).pk
    with pytest.raises(Denied, match="not one of your team"):
        add_rule(actor=sales_manager, territory=other, values=values)
    with pytest.raises(Denied, match="whole model"):
        run_now(actor=sales_manager, model=model)


def test_an_archived_model_is_left_as_it_was(analyst: Person) -> None:
    model = a_model_in_force()
    north = a_territory(model, "north")
    rule = a_rule(north, GERMANY)
    type(model).objects.filter(pk=model.pk).update(state="archived")
    north.refresh_from_db()
    rule = Rule.objects.select_related("territory__model").get(pk=rule.pk)
    with pytest.raises(Refused, match="is archived"):
        change_rule(actor=analyst, rule=rule, revision=1, changes={"priority": 1})


def test_the_past_is_not_rewritten_and_a_plan_has_no_day(analyst: Person) -> None:
    with pytest.raises(Refused, match="What was is not rewritten"):
        run_now(actor=analyst, model=a_model_in_force(), from_day=timezone.localdate() - dt.timedelta(days=1))
    with pytest.raises(Refused, match="placed as a whole"):
        run_now(actor=analyst, model=a_model("fy27"), from_day=timezone.localdate())


def test_a_big_run_is_a_job_and_asked_twice_it_is_one(analyst: Person) -> None:
    model = a_model()
    a_rule(a_territory(model, "north"), GERMANY)
    account = an_account("A1", country="Germany")
    job = start_run(actor=analyst, model=model)
    assert start_run(actor=analyst, model=model).pk == job.pk
    jobs.run(job.pk, run_rules_job)
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.result["changed"], where(account)) == ("done", 1, "north")
    assert newest_run(model).by == analyst


def test_a_condition_that_was_written_around_the_services_takes_nothing() -> None:
    model = a_model()
    Rule.objects.create(territory=a_territory(model, "north"), name="Broken", condition={"field": "x"})
    an_account("A1")
    assert ask_rules(model).gaps == 1


def test_withdrawing_a_pin_twice_is_refused_as_stale() -> None:
    pin = add_pin(
        actor=None,
        territory=a_territory(a_model(), "north"),
        account=an_account("A1"),
        kind="pin",
        reason="So",
    )
    withdraw_pin(actor=None, pin=pin, revision=1)
    with pytest.raises(Conflict):
        withdraw_pin(actor=None, pin=pin, revision=1)
    assert Pin.objects.get().is_withdrawn
