"""The demo company's past cycles: released by its people, with their words, and one that is open."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import ClassVar

import pytest
from django.db.models import Sum

from core import company
from core.models import Event, Job
from demo.company.words import CFO, CYCLES, OPEN, Words
from demo.loading import load
from demo.loading.cycles import are_complete, load_cycles
from demo.loading.later import LOAD_CYCLE, load_cycles_later
from demo.loading.quotas import load_quotas
from gathering.models import Sales
from planning.models import (
    Approval,
    Assumption,
    Cycle,
    Decision,
    DemandInput,
    FamilyReview,
    Meeting,
    Release,
    StageName,
    Stream,
    SupplyAction,
)
from planning.selectors.supply import open_gaps
from territories.models import Quota, QuotaPlan, QuotaState
from tests.loaded_once import LoadedOnce

UNTIL = dt.date(2026, 10, 1)
TODAY = dt.date(2026, 11, 22)
pytestmark = pytest.mark.slow


def _load() -> None:
    load_cycles(scale=1, seed=7, until=UNTIL, say=lambda line: None, told=DemoCycles.told)


class DemoCycles(LoadedOnce):
    """The cycle that was rejected first, the one after it, and the open one."""

    told: ClassVar[tuple[Words, ...]] = CYCLES[3:5]

    @classmethod
    def setUpTestData(cls) -> None:
        load(scale=1, seed=7, until=UNTIL, say=lambda line: None)
        _load()
        load_quotas(TODAY)

    def test_the_past_months_are_released_and_the_coming_one_is_in_demand_planning(self) -> None:
        stages = dict(Cycle.objects.values_list("month", "stage"))

        assert stages == {
            dt.date(2026, 9, 1): StageName.RELEASED,
            dt.date(2026, 10, 1): StageName.RELEASED,
            dt.date(2026, 11, 1): StageName.DEMAND,
        }

    def test_each_release_has_the_two_executives_signatures(self) -> None:
        for release in Release.objects.select_related("cycle"):
            counting = Approval.objects.filter(request__cycle=release.cycle).exclude(verdict="reject")
            assert set(counting.values_list("approver__email", flat=True)) == {
                "cfo@tarnfell.example",
                "ceo@tarnfell.example",
            }

    def test_the_rejected_plan_went_back_and_came_again(self) -> None:
        first = Cycle.objects.get(month=dt.date(2026, 9, 1))
        no = Approval.objects.get(request__cycle=first, verdict="reject")

        assert (no.approver.email, no.to_stage) == (CFO, "supply")
        assert first.approval_requests.count() == 2
        verbs = Event.objects.filter(subject_type="planning.cycle", subject_id=str(first.pk))
        assert verbs.filter(verb="sign supply off").count() == 2

    def test_every_input_has_an_author_and_a_reason(self) -> None:
        inputs = DemandInput.objects.all()

        assert {"sales", "marketing", "finance", "pipeline"} == set(inputs.values_list("stream", flat=True))
        assert not inputs.filter(note="").exists()
        assert not inputs.filter(reason_code="").exists()
        assert inputs.values("author").distinct().count() == 4

    def test_some_words_were_better_than_the_baseline_and_some_worse(self) -> None:
        better = worse = 0
        sums: dict[tuple[int, int, dt.date], float] = {}
        past = DemandInput.objects.filter(cycle__stage=StageName.RELEASED, month__lte=UNTIL, kind="replace")
        for row in past.select_related("family", "market"):
            key = (row.family_id or 0, row.market_id or 0, row.month)
            if key not in sums:
                sums[key] = _sold(*key)
            if abs(float(row.value) - sums[key]) < abs(float(row.baseline) - sums[key]):
                better += 1
            else:
                worse += 1

        assert better > 0
        assert worse > 0

    def test_gaps_have_actions_and_contradictions_decisions(self) -> None:
        for cycle in Cycle.objects.filter(stage=StageName.RELEASED):
            assert open_gaps(cycle) == []
            assert not Decision.objects.filter(cycle=cycle, decided="").exists()
        assert SupplyAction.objects.exists()

    def test_past_meetings_have_minutes_and_past_assumptions_an_outcome(self) -> None:
        past = Meeting.objects.filter(cycle__stage=StageName.RELEASED)

        assert set(past.values_list("stage", flat=True)) == {
            "demand", "supply", "reconciliation", "release",
        }  # fmt: skip
        assert not past.filter(minutes="").exists()
        outcomes = Assumption.objects.filter(cycle__stage=StageName.RELEASED)
        assert set(outcomes.values_list("outcome", flat=True)) == {"held", "failed"}

    def test_the_open_cycle_still_waits_for_some(self) -> None:
        cycle = Cycle.objects.get(stage=StageName.DEMAND)

        states = dict(Stream.objects.filter(cycle=cycle).values_list("name", "state"))
        assert states["marketing"] == "submitted"
        assert {states["sales"], states["finance"]} == {"open"}
        reviews = set(FamilyReview.objects.filter(cycle=cycle).values_list("state", flat=True))
        assert reviews == {"reviewed", "attention"}
        assert set(Assumption.objects.filter(cycle=cycle).values_list("text", flat=True)) == {
            said.text for said in OPEN.assumptions
        }

    def test_packs_wait_again_for_the_days_of_the_company(self) -> None:
        assert company.value("pack_days") == 1

    def test_quotas_of_the_year_are_approved_by_a_second_person_on_what_was_released(self) -> None:
        plan = QuotaPlan.objects.get(first_month=dt.date(2026, 1, 1))

        assert plan.state == QuotaState.APPROVED
        assert plan.submitted_by != plan.approved_by
        assert "release" in {part["kind"] for part in plan.target_parts}
        coming = QuotaPlan.objects.get(first_month=dt.date(2027, 1, 1))
        assert coming.state == QuotaState.DRAFT

    def test_approved_quotas_add_up_from_reps_to_the_target_and_its_hedge(self) -> None:
        plan = QuotaPlan.objects.get(state=QuotaState.APPROVED)
        quotas = plan.quotas.select_related("territory").filter(territory__role=None)
        below: dict[int | None, Decimal] = defaultdict(Decimal)
        for row in quotas:
            above = row.territory_id if row.rep_id else row.territory.parent_id
            below[above] += row.amount + row.relief

        assert plan.target == sum(Decimal(part["amount"]) for part in plan.target_parts)
        assert below[None] == round(plan.target * Decimal("1.03") / plan.step) * plan.step
        for row in quotas.filter(rep=None):
            assert below[row.territory_id] + row.uncovered == row.amount, row.territory.code
        assert quotas.filter(rep__isnull=False, amount__gt=0).values("rep").distinct().count() == 11
        assert plan.quotas.get(territory__role__isnull=False).amount > 0

    def test_loading_quotas_again_changes_nothing(self) -> None:
        before = Quota.objects.count()

        load_quotas(TODAY)

        assert Quota.objects.count() == before

    def test_loading_again_changes_nothing(self) -> None:
        before = (Cycle.objects.count(), DemandInput.objects.count(), Meeting.objects.count())

        _load()

        assert are_complete()
        assert (Cycle.objects.count(), DemandInput.objects.count(), Meeting.objects.count()) == before

    def test_a_worker_is_asked_once(self) -> None:
        first = load_cycles_later(scale=1, seed=7, until=UNTIL)

        assert load_cycles_later(scale=1, seed=7, until=UNTIL) == first
        assert Job.objects.filter(kind=LOAD_CYCLE).count() == 1


def _sold(family: int, market: int, month: dt.date) -> float:
    """What was sold of a family in a market in a month."""
    rows = Sales.objects.filter(demand_unit__product__family=family, demand_unit__market=market, month=month)
    return float(rows.aggregate(total=Sum("quantity"))["total"] or 0)
