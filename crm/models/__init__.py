"""The tables of customers, deals, leads, order papers, and what CRMs push."""

from crm.models.accounts import Account, Contact, Rep, Team, TeamMembership
from crm.models.deals import Deal, DealChange, DealLine, DealStage, ForecastCategory, StageKind
from crm.models.inbox import (
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointSecret,
    EventState,
    InboxEvent,
    ValueKind,
    ValueMapping,
)
from crm.models.leads import (
    Absence,
    Lead,
    LeadAgreement,
    LeadCost,
    LeadSource,
    LeadState,
    LeadStep,
    LeadStepKind,
    RoutingRule,
    RoutingSeat,
)
from crm.models.outside import OutsideRecord
from crm.models.papers import OrderPaper, PaperKind, PaperState
from crm.models.reconciliation import Difference, DifferenceKind, DifferenceState, Reconciliation

__all__ = [
    "Absence",
    "Account",
    "Contact",
    "Deal",
    "DealChange",
    "DealLine",
    "DealStage",
    "Delivery",
    "DeliveryState",
    "Difference",
    "DifferenceKind",
    "DifferenceState",
    "Endpoint",
    "EndpointSecret",
    "EventState",
    "ForecastCategory",
    "InboxEvent",
    "Lead",
    "LeadAgreement",
    "LeadCost",
    "LeadSource",
    "LeadState",
    "LeadStep",
    "LeadStepKind",
    "OrderPaper",
    "OutsideRecord",
    "PaperKind",
    "PaperState",
    "Reconciliation",
    "Rep",
    "RoutingRule",
    "RoutingSeat",
    "StageKind",
    "Team",
    "TeamMembership",
    "ValueKind",
    "ValueMapping",
]
