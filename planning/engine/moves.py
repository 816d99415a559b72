"""The moves of a cycle through its stages, as data.

Buttons, the API's refusals, docs/stages.md, the tests of every move × stage × role, and the
database trigger (planning.models.cycles) are all derived from this one table. Guards are named
here and written in planning.workflow.
"""

from catalog.engine.moves import Move, MoveTable

STAGES = ("data", "demand", "supply", "reconciliation", "release")
WORKDAYS = {
    "data": (1, 3),
    "demand": (4, 8),
    "supply": (9, 13),
    "reconciliation": (14, 16),
    "release": (17, 20),
}


SIGNING: tuple[Move, ...] = (
    Move(
        "sign-data",
        "Sign data gathering off",
        "data",
        "demand",
        "stage.sign_data",
        (
            "sources_settled",
            "no_blocking_issue",
            "data_frozen",
            "forecast_complete",
            "accuracy_known",
            "checklist_done",
        ),
    ),
    Move(
        "sign-demand",
        "Sign demand off",
        "demand",
        "supply",
        "stage.sign_demand",
        (
            "forecast_fresh",
            "streams_settled",
            "families_reviewed",
            "inputs_have_reasons",
            "events_dated",
            "demand_frozen",
            "checklist_done",
        ),
    ),
    Move(
        "sign-supply",
        "Sign supply off",
        "supply",
        "reconciliation",
        "stage.sign_supply",
        ("stock_and_capacity_current", "supply_solved", "gaps_have_actions", "checklist_done"),
    ),
    Move(
        "sign-reconciliation",
        "Sign reconciliation off",
        "reconciliation",
        "release",
        "stage.sign_reconciliation",
        ("supply_fresh", "scenarios_compared", "scenario_chosen", "gaps_decided", "checklist_done"),
    ),
    Move(
        "release",
        "Release the plan",
        "release",
        "released",
        "stage.release",
        ("nothing_stale", "pack_sent", "quorum_reached"),
    ),
)


def _reopen(source: str, target: str) -> Move:
    return Move(f"reopen-{target}", "Reopen", source, target, "stage.reopen", asks_reason=True)


REOPENING: tuple[Move, ...] = tuple(
    _reopen(source, target) for at, source in enumerate(STAGES) for target in STAGES[:at]
)

ENDING: tuple[Move, ...] = (
    *(
        Move("abandon", "Abandon the cycle", source, "abandoned", "cycle.abandon", asks_reason=True)
        for source in STAGES
    ),
    Move("supersede", "Supersede", "released", "superseded", "stage.release", ("revision_released",)),
)

TABLE = MoveTable((*SIGNING, *REOPENING, *ENDING))
MOVES, NAMES, TRANSITIONS = TABLE.moves, TABLE.names, TABLE.transitions
moves_from, find_move = TABLE.leaving, TABLE.find

# What each guard asks, for docs/stages.md. The guards themselves are in planning.workflow.
ASKED: dict[str, str] = {
    "sources_settled": "Every required data source of the month is signed, or waived with a reason.",
    "no_blocking_issue": "No blocking finding about the data is open.",
    "data_frozen": "The data is frozen, and nothing was imported since.",
    "forecast_complete": "A finished forecast run on the frozen data covers every active demand unit.",
    "accuracy_known": "The accuracy of the last cycle is worked out.",
    "checklist_done": "Every required point of the stage's checklist is ticked off.",
    "forecast_fresh": "Nothing that demand is made of came in after the freeze that the forecast is of.",
    "streams_settled": "Every stream of inputs is submitted, or waived with a reason.",
    "families_reviewed": "Every family is reviewed.",
    "inputs_have_reasons": "Every input that moves the plan beyond the threshold says why.",
    "events_dated": "Launches and phase-outs are dated, and events lie in the horizon or say why not.",
    "demand_frozen": "The consensus is frozen, from today's inputs.",
    "stock_and_capacity_current": "Stock and capacity of the month are there.",
    "supply_solved": "The supply plan is solved for this very demand version.",
    "supply_fresh": "The plan that counts is made from today's demand, scenario, stock and capacity.",
    "gaps_have_actions": "Every shortage, overload and excess has an action with an owner and a day.",
    "scenarios_compared": "At least two scenarios have a plan for today's demand.",
    "scenario_chosen": "One scenario is chosen, with a reason.",
    "gaps_decided": "Every contradiction above the threshold is decided, or handed to the executives.",
    "nothing_stale": "What is released is what was signed: nothing upstream changed since.",
    "pack_sent": "The executives have had the pack for as long as the company wants them to.",
    "quorum_reached": "Enough executives approve; nobody approves own work.",
    "revision_released": "A revision of the plan is released.",
}
