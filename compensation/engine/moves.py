"""How plan versions, runs, disputes and adjustments move: the tables behind buttons, guards and triggers.

Guards are named here and written in compensation.workflow.
"""

from catalog.engine.moves import Move, MoveTable

VERSION_MOVES = MoveTable(
    (
        Move(
            "submit",
            "Submit for approval",
            "draft",
            "submitted",
            "pay.plan",
            ("reads", "has_people", "starts_in_an_open_month"),
        ),
        Move("take_back", "Take it back", "submitted", "draft", "pay.plan", (), asks_reason=True),
        Move(
            "approve",
            "Approve",
            "submitted",
            "approved",
            "pay.approve_plan",
            ("not_own", "reads", "starts_in_an_open_month"),
        ),
        Move("send_back", "Send back", "submitted", "draft", "pay.approve_plan", (), asks_reason=True),
        Move(
            "withdraw",
            "Withdraw",
            "approved",
            "withdrawn",
            "pay.approve_plan",
            ("not_begun",),
            asks_reason=True,
        ),
    )
)

RUN_MOVES = MoveTable(
    (
        Move("finish", "Calculated", "calculating", "preview", ""),
        Move("fail", "Failed", "calculating", "failed", ""),
        Move("stop", "Stop", "calculating", "failed", "pay.run"),
        Move(
            "take",
            "Take as the month's calculation",
            "preview",
            "calculated",
            "pay.run",
            ("is_current", "only_one", "earlier_months_are_locked"),
        ),
        Move("review", "Reviewed", "calculated", "reviewed", "pay.run", ("is_current", "nothing_open")),
        Move(
            "approve",
            "Approve",
            "reviewed",
            "approved",
            "pay.approve",
            ("not_own", "is_current", "nothing_open"),
        ),
        Move("send_back", "Send back", "calculated", "discarded", "pay.run", (), asks_reason=True),
        Move("send_back", "Send back", "reviewed", "discarded", "pay.approve", (), asks_reason=True),
        Move("send_back", "Send back", "approved", "discarded", "pay.approve", (), asks_reason=True),
        Move("discard", "Throw away", "preview", "discarded", "pay.run"),
        Move(
            "lock",
            "Lock the month",
            "approved",
            "locked",
            "pay.lock",
            ("is_current", "earlier_months_are_locked", "nothing_proposed"),
        ),
        Move("pay", "Mark as paid", "locked", "paid", "pay.lock"),
    )
)

ADJUSTMENT_MOVES = MoveTable(
    (
        Move("approve", "Approve", "proposed", "approved", "pay.approve", ("not_own", "month_is_open")),
        Move("reject", "Reject", "proposed", "rejected", "pay.approve", ("not_own",), asks_reason=True),
        Move("withdraw", "Withdraw", "proposed", "withdrawn", "pay.run"),
        Move("settle", "Paid by a run", "approved", "paid", ""),
        Move("take_back", "Take back", "approved", "withdrawn", "pay.approve", (), asks_reason=True),
    )
)

DISPUTE_MOVES = MoveTable(
    (
        Move("accept", "Agree", "open", "accepted", "pay.decide", ("not_own",), asks_reason=True),
        Move("reject", "Disagree", "open", "rejected", "pay.decide", ("not_own",), asks_reason=True),
        Move("withdraw", "Withdraw", "open", "withdrawn", "pay.dispute", ("own",)),
    )
)
