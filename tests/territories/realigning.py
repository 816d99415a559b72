"""A small realignment for tests: two reps far apart, one with nearly all accounts."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from core import jobs
from core.models import Job
from crm.models import Account, Rep
from territories.models import AccountWork, RepBase, Scenario, ScenarioAccount, Territory, TerritoryModel
from territories.pipeline.assignments import settle
from territories.pipeline.optimising import solve_job
from territories.pipeline.placing import Move, place
from territories.services.scenarios import create_scenario
from tests.territories.world import BEGIN, a_model_in_force, a_rep, a_territory, an_account, covers

PUBLISH = dt.date(2099, 1, 1)  # ahead of every clock


@dataclass(frozen=True)
class Realigned:
    """Accounts lie on a line of 12 degrees of longitude; north sits at 0, south at 11."""

    model: TerritoryModel
    north: Territory
    south: Territory
    nora: Rep
    sid: Rep
    accounts: list[Account]

    def scenario(self, actor: Any, code: str = "s1", **values: Any) -> Scenario:
        values = {"publish_on": PUBLISH, "accounts_within": 10, "move_penalty": 1, "time_limit": 20} | values
        return create_scenario(actor=actor, model=self.model, code=code, name=code, **values)


def a_realigned_world(count: int = 12) -> Realigned:
    """North owns all accounts but the last; each is worth 100 and takes 12 hours."""
    model = a_model_in_force()
    north, south = a_territory(model, "north"), a_territory(model, "south")
    nora, sid = a_rep("nora", name="Nora North"), a_rep("sid", name="Sid South")
    covers(nora, north), covers(sid, south)
    RepBase.objects.create(rep=nora, latitude=50, longitude=0)
    RepBase.objects.create(rep=sid, latitude=50, longitude=count - 1)
    accounts = [an_account(f"a{number:02}", owner=nora) for number in range(count)]
    AccountWork.objects.bulk_create(
        AccountWork(account=account, latitude=50, longitude=spot, potential=100)
        for spot, account in enumerate(accounts)
    )
    homes = [north] * (count - 1) + [south]
    place(model, [Move(a.pk, t.pk) for a, t in zip(accounts, homes, strict=True)], BEGIN)
    settle()
    return Realigned(model, north, south, nora, sid, accounts)


def run_job(job: Job) -> Job:
    """As a worker would."""
    jobs.run(job.pk, solve_job)
    job.refresh_from_db()
    return job


def goes_to(scenario: Scenario) -> dict[str, str]:
    """Account → territory then, by code."""
    rows = ScenarioAccount.objects.filter(scenario=scenario).select_related("account", "to_territory")
    return {row.account.code: row.to_territory.code if row.to_territory else "" for row in rows}


def rows_of(scenario: Scenario, *codes: str) -> dict[int, int]:
    """Key → revision of the scenario's accounts, as a page would send them."""
    rows = ScenarioAccount.objects.filter(scenario=scenario, account__code__in=codes)
    return dict(rows.values_list("pk", "revision"))
