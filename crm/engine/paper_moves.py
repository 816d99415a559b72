"""How an order paper moves from draft to paid: the one table behind buttons, guards and the trigger.

Who delivers what, and how far, is no state: it is a paper's share delivered. Guards are named here
and written in crm.workflow.papers.
"""

from catalog.engine.moves import Move, MoveTable

OPEN = ("draft", "approval", "approved", "sent", "signed", "invoiced")
DONE = ("paid", "declined", "cancelled")
POLICY = ("has_amount", "has_due_day", "discount_within_limit", "amount_within_limit", "has_document")
# These guards say which kind of paper a move is for; a button whose guard fails is not shown.
CHOOSING = frozenset({"is_signed_paper", "is_invoice", "is_billable"})

PAPER_MOVES = MoveTable(
    (
        Move("send", "Send", "draft", "sent", "papers.edit", POLICY),
        Move("ask", "Ask for approval", "draft", "approval", "papers.edit", ("has_amount", "has_document")),
        Move("approve", "Approve", "approval", "approved", "papers.approve", ("not_own",)),
        Move("reject", "Send back", "approval", "draft", "papers.approve", (), asks_reason=True),
        Move("send", "Send", "approved", "sent", "papers.edit", ("has_due_day", "has_document")),
        Move("revise", "Change it again", "approved", "draft", "papers.edit", (), asks_reason=True),
        Move("sign", "Mark as signed", "sent", "signed", "papers.edit", ("is_signed_paper", "has_document")),
        Move("pay", "Mark as paid", "sent", "paid", "papers.edit", ("is_invoice",)),
        Move("decline", "Mark as declined", "sent", "declined", "papers.edit", (), asks_reason=True),
        Move(
            "invoice", "Mark as invoiced", "signed", "invoiced", "papers.edit", ("is_billable", "has_due_day")
        ),
        Move("pay", "Mark as paid", "invoiced", "paid", "papers.edit"),
        *(
            Move("cancel", "Cancel", state, "cancelled", "papers.edit", (), asks_reason=True)
            for state in OPEN
        ),
    )
)
