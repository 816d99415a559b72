"""The tables of pay: plans, credits, runs and statements, disputes, studies, contract costs."""

from compensation.models.contracts import (
    ContractMonth,
    ContractTerm,
    ContractTotal,
)
from compensation.models.counted import (
    CountedCredits,
)
from compensation.models.credits import (
    Basis,
    Cancellation,
    CancellationKind,
    Credit,
    CreditHold,
    CreditKind,
    CreditRule,
    CreditRun,
    DealSplit,
    Getter,
)
from compensation.models.disputes import (
    Dispute,
    DisputeAbout,
    DisputeState,
)
from compensation.models.plans import (
    ObjectiveScore,
    PayPlan,
    PayRole,
    PlanAcceptance,
    PlanAssignment,
    PlanQuota,
    PlanVersion,
    Position,
    VersionState,
)
from compensation.models.runs import (
    CLOSED,
    OF_THE_MONTH,
    Adjustment,
    AdjustmentState,
    PayRun,
    RunState,
    closed_runs,
)
from compensation.models.statements import (
    HeldPay,
    LineKind,
    PayLine,
    Statement,
    StatementAdjustment,
    StatementPart,
)
from compensation.models.studies import (
    Study,
    StudyState,
)

__all__ = [
    "CLOSED",
    "OF_THE_MONTH",
    "Adjustment",
    "AdjustmentState",
    "Basis",
    "Cancellation",
    "CancellationKind",
    "ContractMonth",
    "ContractTerm",
    "ContractTotal",
    "CountedCredits",
    "Credit",
    "CreditHold",
    "CreditKind",
    "CreditRule",
    "CreditRun",
    "DealSplit",
    "Dispute",
    "DisputeAbout",
    "DisputeState",
    "Getter",
    "HeldPay",
    "LineKind",
    "ObjectiveScore",
    "PayLine",
    "PayPlan",
    "PayRole",
    "PayRun",
    "PlanAcceptance",
    "PlanAssignment",
    "PlanQuota",
    "PlanVersion",
    "Position",
    "RunState",
    "Statement",
    "StatementAdjustment",
    "StatementPart",
    "Study",
    "StudyState",
    "VersionState",
    "closed_runs",
]
