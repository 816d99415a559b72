"""How a lead moves from new to a deal: the one table behind buttons, guards, documents and tests."""

from catalog.engine.moves import Move, MoveTable

DISQUALIFIED_BECAUSE = (
    "No budget",
    "No need",
    "No decision in sight",
    "Cannot be reached",
    "Wrong person",
    "Outside of our markets",
    "Competitor or student",
    "Not serious",
)

OPEN = ("new", "working", "qualified")

LEAD_MOVES = MoveTable(
    (
        Move("claim", "Claim", "new", "new", "leads.work", ("can_be_claimed",)),
        Move("answer", "Mark as answered", "new", "working", "leads.work", ("is_own",)),
        Move("qualify", "Qualify", "working", "qualified", "leads.work", ("is_own",)),
        Move("convert", "Make it a deal", "qualified", "converted", "leads.work", ("is_own",)),
        *(
            Move("disqualify", "Disqualify", state, "disqualified", "leads.work", ("is_own",), True)
            for state in OPEN
        ),
        Move("reopen", "Take up again", "disqualified", "working", "leads.work", ("is_own",), True),
    )
)
