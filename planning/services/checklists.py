"""What must have been looked at before a stage is signed: the template of every new cycle."""

CHECKLISTS: dict[str, tuple[tuple[str, bool], ...]] = {
    "data": (
        ("Sales of the last month agree with the ledger", True),
        ("New and discontinued products are in the catalog", True),
        ("The data pack was read by somebody who did not load it", False),
    ),
    "demand": (
        ("The demand review met and its actions have owners", True),
        ("Assumptions behind the big changes are written down", True),
        ("Launches and phase-outs of the next half year are dated", False),
    ),
    "supply": (
        ("The supply review met and its actions have owners", True),
        ("Lead times of the main suppliers were confirmed", False),
    ),
    "reconciliation": (
        ("The pre-meeting met and its actions have owners", True),
        ("Decisions for the executives are drafted with options", False),
    ),
    "release": (("The executive meeting met and its minutes are written", False),),
}
