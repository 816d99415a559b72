"""How a quota plan moves from draft to superseded: the one table behind buttons, guards and the trigger.

Guards are named here and written in territories.workflow.quotas.
"""

from catalog.engine.moves import Move, MoveTable

FROZEN = ("approved", "superseded")

QUOTA_MOVES = MoveTable(
    (
        Move(
            "submit",
            "Submit for approval",
            "draft",
            "submitted",
            "quotas.plan",
            ("has_quotas", "adds_up", "differences_have_reasons", "past_months_stay", "no_open_changes"),
        ),
        Move("take_back", "Take it back", "submitted", "draft", "quotas.plan", (), asks_reason=True),
        Move(
            "approve", "Approve", "submitted", "approved", "quotas.approve", ("not_own", "past_months_stay")
        ),
        Move("send_back", "Send back", "submitted", "draft", "quotas.approve", (), asks_reason=True),
        Move("supersede", "Supersede", "approved", "superseded", ""),
    )
)
