"""The tables of territories: models and rules, dated coverage, work; scenarios; quotas."""

from territories.models.coverage import Assignment, Cover, PlacedBy, Placement, TerritoryRep
from territories.models.ends import PlacementEnd
from territories.models.ownership import ChangeCause, CoverageChange, OwnershipChange, OwnershipExport
from territories.models.quota_changes import ChangeState, QuotaAcceptance, QuotaChange, RepStart
from territories.models.quotas import (
    Quota,
    QuotaMeasure,
    QuotaMonth,
    QuotaPlan,
    QuotaState,
    Seasonality,
    TargetSource,
)
from territories.models.rules import RuleOverlap, RuleRun
from territories.models.scenarios import (
    Scenario,
    ScenarioAccount,
    ScenarioPlacement,
    ScenarioQuotas,
    ScenarioSolve,
    ScenarioState,
    SolveEnding,
)
from territories.models.territories import (
    CoverageRole,
    ModelState,
    Pin,
    PinKind,
    RoleKind,
    Rule,
    Territory,
    TerritoryModel,
    TerritoryType,
)
from territories.models.work import AccountWork, RepBase

__all__ = [
    "AccountWork",
    "Assignment",
    "ChangeCause",
    "ChangeState",
    "Cover",
    "CoverageChange",
    "CoverageRole",
    "ModelState",
    "OwnershipChange",
    "OwnershipExport",
    "Pin",
    "PinKind",
    "PlacedBy",
    "Placement",
    "PlacementEnd",
    "Quota",
    "QuotaAcceptance",
    "QuotaChange",
    "QuotaMeasure",
    "QuotaMonth",
    "QuotaPlan",
    "QuotaState",
    "RepBase",
    "RepStart",
    "RoleKind",
    "Rule",
    "RuleOverlap",
    "RuleRun",
    "Scenario",
    "ScenarioAccount",
    "ScenarioPlacement",
    "ScenarioQuotas",
    "ScenarioSolve",
    "ScenarioState",
    "Seasonality",
    "SolveEnding",
    "TargetSource",
    "Territory",
    "TerritoryModel",
    "TerritoryRep",
    "TerritoryType",
]
