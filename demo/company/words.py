"""What people wrote down around the cycles: assumptions, risks, decisions, scenarios, minutes."""

from dataclasses import dataclass, field
from typing import Any

CFO, CEO = "cfo@tarnfell.example", "ceo@tarnfell.example"
VP, MANAGER = "vp@tarnfell.example", "manager@tarnfell.example"
ANALYST, SECOND_ANALYST = "analyst@tarnfell.example", "analyst2@tarnfell.example"
COORDINATOR, SALES_MANAGER = "coordinator@tarnfell.example", "jonas.brandt@tarnfell.example"


@dataclass(frozen=True)
class Assumption:
    """What a plan took for granted, and whether it held (known once the cycle is past)."""

    text: str
    owner: str
    family: str = ""
    outcome: str = "held"


@dataclass(frozen=True)
class Risk:
    """Money in base currency over the horizon, chance from 0 to 1."""

    leaning: str
    title: str
    text: str
    money: int
    probability: float
    owner: str
    family: str = ""


@dataclass(frozen=True)
class Question:
    """What the executives were asked, and what they said."""

    title: str
    text: str
    options: tuple[str, ...]
    decided: str
    reason: str
    by: str
    money: int


@dataclass(frozen=True)
class Alternative:
    """The scenario that a cycle compared with its base."""

    name: str
    text: str
    changes: tuple[dict[str, Any], ...]
    chosen_because: str
    is_chosen: bool = False


@dataclass(frozen=True)
class Rejection:
    """An executive's no, before the second try was signed."""

    by: str
    to_stage: str
    text: str


@dataclass(frozen=True)
class Words:
    """Everything that was said in one cycle beside the numbers."""

    assumptions: tuple[Assumption, ...]
    risks: tuple[Risk, ...]
    question: Question
    alternative: Alternative
    demand_minutes: str
    executive_minutes: str
    rejection: Rejection | None = None
    with_changes: str = ""
    actions: tuple[tuple[str, str], ...] = field(default=())  # who, what


LINE_DOWN = {"kind": "capacity", "percent": -15, "resource": "SEW-1"}
THIRD_SHIFT = {"kind": "capacity", "percent": 12, "resource": "SEW-1"}

CYCLES: tuple[Words, ...] = (
    Words(
        assumptions=(
            Assumption("The spring price rise holds; no dealer gets the old price any more.", MANAGER),
            Assumption("No second heat wave: tents sell as in a usual summer.", ANALYST, "TENTS", "failed"),
        ),
        risks=(
            Risk("risk", "Down stays short", "Fourteen weeks instead of eight; bags and jackets wait for it.",
                 310_000, 0.35, ANALYST, "BAGS"),
            Risk("opportunity", "The rival's recall goes on", "Dealers ask us for stoves instead.",
                 120_000, 0.5, SALES_MANAGER, "STOVES"),
        ),
        question=Question(
            "Buy down for the whole winter now?",
            "The supplier offers last year's price if we commit by the end of the month.",
            ("Commit to the whole winter", "Commit to half", "Buy month by month"),
            "Commit to half",
            "The price is good, but half a winter is what we are sure to sew.", CFO, 310_000,
        ),
        alternative=Alternative(
            "Sewing line 1 loses a shift", "Two machines are due for an overhaul.", (LINE_DOWN,),
            "The overhaul waits until January; the base holds until then.",
        ),
        demand_minutes="Sales brought the order book of the key accounts. Marketing confirmed the summer "
        "campaign. "
        "The analysts will look at tents again before the next review.",
        executive_minutes="The plan was approved as asked. Down is bought for half of the winter.",
        actions=((SECOND_ANALYST, "Look at the trend of tents with and without last summer"),),
    ),
    Words(
        assumptions=(
            Assumption("Leeds delivers from stock while its system is changed.", COORDINATOR),
            Assumption("The chain that closes eleven shops keeps its range elsewhere.", SALES_MANAGER),
        ),
        risks=(
            Risk("risk", "The pound falls", "A tenth less for everything sold in the United Kingdom.",
                 240_000, 0.25, VP),
            Risk("risk", "Down stays short", "The second supplier has not answered yet.",
                 280_000, 0.3, ANALYST, "BAGS"),
        ),
        question=Question(
            "Clear the old shell jackets below cost?",
            "The old membrane may not be sold after the winter.",
            ("Clear them now", "Wait for the autumn"),
            "Clear them now", "Every month in the warehouse costs more than the loss.", CEO, 95_000,
        ),
        alternative=Alternative(
            "Demand 10 % lower", "What if households save?", ({"kind": "demand", "percent": -10},),
            "Orders do not show it so far; we look again in a month.",
        ),
        demand_minutes="Two families were looked at twice: shells and travel bags. Finance would like to "
        "see the budget; "
        "sales does not see it in the orders.",
        executive_minutes="Approved. The old shell jackets are cleared now.",
        actions=((COORDINATOR, "Ask Leeds for the date of the new system"),),
        with_changes="Show the stock of old shell jackets by warehouse in the next pack.",
    ),
    Words(
        assumptions=(
            Assumption("The November week brings what it brought last year.", COORDINATOR, "SHELLS",
                       "failed"),
            Assumption("A third shift can be staffed from September on.", MANAGER),
        ),
        risks=(
            Risk("risk", "Sewing line 1 is the bottleneck of autumn",
                 "Insulated jackets and tents want the same hours.",
                 420_000, 0.55, MANAGER, "INSULATED"),
            Risk("opportunity", "Online grows faster than planned", "Both web shops ask for larger lots.",
                 180_000, 0.4, SALES_MANAGER),
        ),
        question=Question(
            "A third shift on sewing line 1 from September on?",
            "It costs 38,000 a month and takes the autumn's overload away.",
            ("Yes, until December", "Yes, for good", "No"),
            "Yes, until December", "The overload is a season, not a year.", CEO, 420_000,
        ),
        alternative=Alternative(
            "A third shift on sewing line 1", "Twelve percent more hours.", (THIRD_SHIFT,),
            "It takes the autumn's shortages away for less than outsourcing them.", is_chosen=True,
        ),
        demand_minutes="Marketing expects more of the November week than last year gave; the analysts "
        "doubt it. "
        "Sales confirmed its order book.",
        executive_minutes="Approved with the third shift until December.",
        actions=((MANAGER, "Staff the third shift of sewing line 1"),),
    ),
    Words(
        assumptions=(
            Assumption("Snowshoes start small: dealers sit on last winter's goods.", ANALYST, "SNOWSHOES"),
            Assumption("The price of aluminium stays where it is.", SECOND_ANALYST, "", "failed"),
        ),
        risks=(
            Risk("risk", "Too many snowshoes at the end of the winter", "Stock would last into the next one.",
                 150_000, 0.45, ANALYST, "SNOWSHOES"),
            Risk("risk", "A discounter comes back with tents", "Entry tents lost shelf space last time.",
                 210_000, 0.3, SALES_MANAGER, "TENTS"),
        ),
        question=Question(
            "Build snowshoes ahead in the quiet months?",
            "Metal forming is free in September; the first orders may be small.",
            ("Build half ahead", "Build as asked for"),
            "Build as asked for", "Last winter's stock is still there.", CFO, 150_000,
        ),
        alternative=Alternative(
            "Demand 10 % lower", "What if the dealers' shelves stay full?", ({"kind": "demand",
            "percent": -10},),
            "The first orders of the season are in line with the plan.",
        ),
        demand_minutes="Snowshoes were cut after the word of two dealers. The key account manager hopes "
        "for flasks.",
        executive_minutes="Rejected at first: the stock at the end of the winter was not explained. "
        "Approved after the "
        "actions on excess stock were added.",
        rejection=Rejection(CFO, "supply",
        "Stock of winter goods ends far too high; say what is done about it."),
        actions=((ANALYST, "Explain the stock of winter goods in one picture"),),
    ),
    Words(
        assumptions=(
            Assumption("The web shops' November lots are ordered by the middle of October.", SALES_MANAGER),
            Assumption("The membrane's new supplier passes the tests.", MANAGER, "SHELLS"),
        ),
        risks=(
            Risk("risk", "The new membrane fails its test", "Six weeks without shell jackets.",
                 260_000, 0.2, MANAGER, "SHELLS"),
            Risk("opportunity", "A long-distance trail opens in France",
                 "Trekking packs and mats should profit.",
                 90_000, 0.6, SALES_MANAGER, "PACKS"),
        ),
        question=Question(
            "Order the membrane before the test is over?",
            "Waiting costs two weeks; a failed test costs the lot.",
            ("Order now", "Wait for the test"),
            "Wait for the test", "Two weeks are in the stock target.", CFO, 130_000,
        ),
        alternative=Alternative(
            "Online 15 % higher", "The web shops ask for larger lots.",
            ({"kind": "demand", "percent": 15, "market": "DE-ONLINE"},),
            "Kept as the upside: the base can be raised when the lots are ordered.",
        ),
        demand_minutes="The web shops' lots were added as sales input. Finance withdrew its doubts about "
        "packs.",
        executive_minutes="Approved. The membrane is ordered after its test.",
        actions=((COORDINATOR, "Ask for the test report of the membrane"),),
    ),
    Words(
        assumptions=(
            Assumption("Christmas comes as every year: no strike at the parcel services.", VP, "", "open"),
            Assumption("Nordwand takes what its forecast says.", SALES_MANAGER, "", "open"),
        ),
        risks=(
            Risk("risk", "A strike at the parcel services", "Online orders of two weeks would wait.",
                 330_000, 0.15, VP),
            Risk("risk", "Down stays short", "The second supplier delivers its first lot in December.",
                 190_000, 0.25, ANALYST, "INSULATED"),
        ),
        question=Question(
            "Raise the stock target of flasks before the trade fair?",
            "A big chain decides there; it wants to see deliveries within a week.",
            ("Raise it", "Leave it"),
            "Raise it", "The stock is cheap and does not age.", CEO, 45_000,
        ),
        alternative=Alternative(
            "Demand 10 % lower", "What if the November week disappoints?", ({"kind": "demand",
            "percent": -10},),
            "The orders in hand cover the plan.",
        ),
        demand_minutes="The November week was cut back after last year's figures were shown. Nordwand's "
        "forecast is in.",
        executive_minutes="Approved as asked.",
        actions=((SECOND_ANALYST, "Compare Nordwand's forecast with what it took"),),
        with_changes="Say in the pack which products the flask target is for.",
    ),
)  # fmt: skip

# The cycle that is open now has its words, too; its question is not decided yet.
OPEN = Words(
    assumptions=(
        Assumption("The winter starts with the first snow in the second half of November.", ANALYST,
                   "SNOWSHOES",
                   "open"),
        Assumption("The third shift of sewing line 1 ends in December, as decided.", MANAGER, "", "open"),
    ),
    risks=(
        Risk("risk", "A strike at the parcel services", "Talks go on; the web shops would be hit first.",
             330_000, 0.2, VP),
        Risk("opportunity", "Nordwand lists our flasks", "The chain decides after the trade fair.",
             140_000, 0.4, SALES_MANAGER, "FLASKS"),
        Risk("risk", "Sewing line 1 without its third shift", "January's tents want the hours again.",
             260_000, 0.35, MANAGER, "TENTS"),
    ),
    question=Question(
        "Keep the third shift of sewing line 1 in January?",
        "It ends in December by the decision of autumn; tents for spring want the hours.",
        ("Keep it until March", "Let it end"), "", "", CEO, 260_000,
    ),
    alternative=CYCLES[0].alternative,
    demand_minutes="",
    executive_minutes="",
    actions=((SALES_MANAGER, "Bring the order book of the key accounts"),
             (COORDINATOR, "Ask finance for its word on the first quarter")),
)  # fmt: skip
