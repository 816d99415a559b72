"""How a realignment scenario moves from draft to published: the one table behind buttons, guards, the
database trigger and tests. Guards are named here and written in territories.workflow."""

from catalog.engine.moves import Move, MoveTable

PLAN, APPROVE, PUBLISH = "realignment.plan", "realignment.approve", "realignment.publish"
CURRENT = ("day_is_ahead", "model_is_unchanged")
OPEN = ("draft", "submitted", "approved")

SCENARIO_MOVES = MoveTable(
    (
        Move("submit", "Submit for approval", "draft", "submitted", PLAN, ("something_moves", *CURRENT)),
        Move("approve", "Approve", "submitted", "approved", APPROVE, ("not_own", *CURRENT)),
        Move("reject", "Reject", "submitted", "rejected", APPROVE, ("not_own",), asks_reason=True),
        Move("publish", "Publish", "approved", "published", PUBLISH, CURRENT),
        Move(
            "undo",
            "Undo the publication",
            "published",
            "undone",
            PUBLISH,
            ("day_is_still_ahead", "nothing_moved_since"),
            asks_reason=True,
        ),
        *(
            Move("revise", "Change it again", state, "draft", PLAN, (), asks_reason=state == "approved")
            for state in ("submitted", "approved", "rejected")
        ),
        *(Move("withdraw", "Withdraw", state, "withdrawn", PLAN, (), asks_reason=True) for state in OPEN),
    )
)
