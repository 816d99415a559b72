"""The tables of data coming in, by subject: imports, sources, quality, facts and notes."""

from gathering.models.facts import (
    Budget,
    Capacity,
    ExternalForecast,
    OpenOrder,
    Sales,
    SalesLine,
    StockLevel,
    Target,
)
from gathering.models.imports import (
    HeldRow,
    ImportProfile,
    ImportRun,
    ImportState,
    Mapping,
    RejectedRow,
    RowProblem,
    UnmappedValue,
)
from gathering.models.notes import Campaign, MarketNote
from gathering.models.quality import IssueState, QualityIssue, Severity
from gathering.models.sources import DataSource, SourceMonth, SourceState

__all__ = [
    "Budget",
    "Campaign",
    "Capacity",
    "DataSource",
    "ExternalForecast",
    "HeldRow",
    "ImportProfile",
    "ImportRun",
    "ImportState",
    "IssueState",
    "Mapping",
    "MarketNote",
    "OpenOrder",
    "QualityIssue",
    "RejectedRow",
    "RowProblem",
    "Sales",
    "SalesLine",
    "Severity",
    "SourceMonth",
    "SourceState",
    "StockLevel",
    "Target",
    "UnmappedValue",
]
