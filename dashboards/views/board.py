"""What the dashboards share: a cycle as one person sees it, each part read once, when it is asked for."""

from functools import cached_property
from typing import Any

from django.utils import timezone

from core.models import Person
from core.roles import can
from dashboards.selectors.accuracy import Measured, accuracy_trend
from dashboards.selectors.comparison import Comparison, comparison_of
from dashboards.selectors.outlook import Shares, interval_shares
from planning.models import Cycle
from planning.selectors.board import CycleBoard
from planning.views.base import steps_of


class Board:
    """One person and the cycle that people mean now."""

    def __init__(self, person: Person, cycle: Cycle) -> None:
        self.person, self.cycle = person, cycle
        self.today = timezone.localdate()

    def may(self, action: str) -> bool:
        return bool(can(self.person, action))

    @cached_property
    def in_cycle(self) -> CycleBoard:
        return CycleBoard(self.person, self.cycle)

    @cached_property
    def steps(self) -> list[dict[str, Any]]:
        """The five stages as parts/steps.html wants them."""
        return steps_of(self.cycle, "", self.in_cycle.stages, self.in_cycle.colours)

    @cached_property
    def comparison(self) -> Comparison | None:
        return comparison_of(self.person, self.cycle) if self.may("demand.view") else None

    @cached_property
    def shares(self) -> Shares:
        return interval_shares(self.person, self.cycle.forecast_run)

    @cached_property
    def trend(self) -> list[Measured]:
        return accuracy_trend(self.person) if self.may("forecast.view") else []

    @cached_property
    def shows_costs(self) -> bool:
        return self.may("catalog.costs")
