"""The tables of territories: models and rules, dated coverage, work; scenarios; quotas."""

from territories.models.coverage import Assignment, Cover, PlacedBy, Placement, TerritoryRep
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
    "Cover",
    "CoverageRole",
    "ModelState",
    "Pin",
    "PinKind",
    "PlacedBy",
    "Placement",
    "RepBase",
    "RoleKind",
    "Rule",
    "Territory",
    "TerritoryModel",
    "TerritoryRep",
    "TerritoryType",
]
