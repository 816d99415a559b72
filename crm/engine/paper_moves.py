"""How an order paper moves from draft to paid: the one table behind buttons, guards and the trigger."""

from catalog.engine.moves import Move, MoveTable

OPEN = ("draft", "approval", "approved", "sent", "signed", "invoiced")
POLICY = ("has_amount", "has_due_day", "discount_within_limit", "amount_within_limit")

PAPER_MOVES = MoveTable(
    (
        Move("send", "Send", "draft", "sent", "papers.edit", (*POLICY, "has_document")),
        Move("ask", "Ask for approval", "draft", "approval", "papers.edit", ("has_amount", "has_document")),
        Move("approve", "Approve", "approval", "approved", "papers.approve", ("not_own",)),
        Move("reject", "Send back", "approval", "draft", "papers.approve", (), asks_reason=True),
        Move("send", "Send", "approved", "sent", "papers.edit", ("has_due_day", "has_document")),
        Move("sign", "Mark as signed", "sent", "signed", "papers.edit", ("has_document",)),
        Move("decline", "Mark as declined", "sent", "declined", "papers.edit", (), asks_reason=True),
        Move("invoice", "Mark as invoiced", "signed", "invoiced", "papers.edit", ("has_due_day",)),
        Move("pay", "Mark as paid", "invoiced", "paid", "papers.edit"),
        *(
            Move("cancel", "Cancel", state, "cancelled", "papers.edit", (), asks_reason=True)
            for state in OPEN
        ),
    )
)
