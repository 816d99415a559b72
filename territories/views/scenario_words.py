"""What a realignment comes to, in words, tables and charts."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from catalog.selectors import base_currency
from core.formats import grouped, short, show
from core.listing import Column, Empty
from core.pages import Section, chart_section, plain_table, table_section
from territories.models import Scenario, ScenarioSolve, ScenarioState, SolveEnding
from territories.selectors.scenario_comparison import MEASURE_LABELS
from territories.selectors.scenario_effects import Effect, held_until
from territories.selectors.scenario_figures import Figures, RepRow

TONES = {
    ScenarioState.DRAFT: "quiet",
    ScenarioState.SUBMITTED: "warn",
    ScenarioState.APPROVED: "info",
    ScenarioState.PUBLISHED: "good",
    ScenarioState.UNDONE: "quiet",
    ScenarioState.REJECTED: "bad",
    ScenarioState.WITHDRAWN: "quiet",
}
MOST_BARS = 30


@dataclass(frozen=True)
class BalanceRow:
    """A line of the table of balance; deviations and coefficients as shares."""

    label: str
    within: float | None
    before: float
    after: float
    cv_before: float
    cv_after: float
    gini_before: float
    gini_after: float

    @property
    def verdict(self) -> str:
        if self.within is None:
            return "Not balanced"
        return "Kept" if self.after <= self.within + 5e-5 else "Wider than wished"

    @property
    def tone(self) -> str:
        return {"Kept": "good", "Not balanced": "quiet"}.get(self.verdict, "warn")


def tone_of(scenario: Scenario) -> str:
    return TONES[ScenarioState(scenario.state)]


def percent(share: float, places: int = 1) -> str:
    return f"{grouped(100 * share, places)}\u202f%"


def key_figures(scenario: Scenario, figures: Figures, deals: tuple[int, float]) -> list[dict[str, Any]]:
    """The four figures on top of a scenario."""
    count, amount = deals
    companies = f"{grouped(figures.customers, 0)} companies change hands"
    until = show(held_until(scenario), "date")[0]
    measure = worst_measure(figures, balance_rows(scenario, figures))
    return [
        {
            "label": "Accounts that move",
            "value": grouped(figures.moved, 0),
            "unit": f"of {grouped(figures.accounts, 0)}",
            "change": f"{percent(figures.moved_share)}; {companies}",
            "url": f"{reverse('territories:scenario-accounts', args=[scenario.pk])}?moves=moved",
        },
        {
            "label": "Distance to base",
            "value": grouped(figures.km_after, 0),
            "unit": "km",
            "change": f"before {grouped(figures.km_before, 0)} km",
        },
        {
            "label": f"Furthest from fair: {MEASURE_LABELS[measure].lower()}",
            "value": percent(figures.deviation(measure, after=True)),
            "change": f"before {percent(figures.deviation(measure, after=False))}",
        },
        {
            "label": "Open deals touched",
            "value": grouped(count, 0),
            "change": f"{short(amount)} {base_currency()}, held until {until}",
        },
    ]


def worst_measure(figures: Figures, rows: list[BalanceRow]) -> str:
    """The balanced measure that is furthest off afterwards; potential where none is balanced."""
    wished = [name for name, row in zip(MEASURE_LABELS, rows, strict=True) if row.within is not None]
    return max(wished, key=lambda name: figures.deviation(name, after=True), default="potential")


def balance_rows(scenario: Scenario, figures: Figures) -> list[BalanceRow]:
    rows = []
    for name, label in MEASURE_LABELS.items():
        before, after = figures.balance[name]
        within = getattr(scenario, f"{name}_within")
        rows.append(
            BalanceRow(
                *(label, None if within is None else float(within) / 100),
                *(before.max_deviation, after.max_deviation, before.cv, after.cv, before.gini, after.gini),
            )
        )
    return rows


BALANCE = [
    Column("label", "Measure"),
    Column("within", "Wished within ±", kind="percent"),
    Column("before", "Largest deviation before", kind="percent"),
    Column("after", "After", kind="percent"),
    Column("cv_before", "Variation before", kind="percent", help="Standard deviation over mean."),
    Column("cv_after", "After", kind="percent"),
    Column("gini_before", "Gini before", lambda row: f"{row.gini_before:.3f}", help="0 is even."),
    Column("gini_after", "After", lambda row: f"{row.gini_after:.3f}"),
    Column("verdict", "Balance", "verdict", "badge", tone=lambda row: row.tone),
]


def balance_section(scenario: Scenario, figures: Figures) -> Section:
    note = (
        "The largest deviation is that of the rep furthest from the fair part: everything, shared out by "
        "what part of a full territory each rep covers. Travel counts as from today's rep."
    )
    empty = Empty("No accounts", "The scenario has no accounts yet.")
    return table_section("Balance", balance_rows(scenario, figures), BALANCE, empty=empty, note=note)


def rep_columns() -> list[Column]:
    money = base_currency()

    def pair(key: str, label: str, name: str, unit: str, kind: str = "quantity") -> list[Column]:
        return [
            Column(f"{key}_before", label, lambda row: row.before[name], kind, unit),
            Column(f"{key}_after", "after", lambda row: row.after[name], kind, unit),
        ]

    return [
        Column("rep", "Rep", "rep.name"),
        Column("share", "Share", "share", "percent", help="Of a full territory."),
        *pair("accounts", "Accounts", "accounts", ""),
        Column("gained", "Gained", kind="quantity"),
        Column("lost", "Lost", kind="quantity"),
        *pair("potential", "Potential", "potential", money),
        *pair("revenue", "Revenue", "revenue", money),
        *pair("workload", "Workload", "workload", "h a year"),
        *pair("km", "Distance", "km", "km"),
    ]


def rep_section(scenario: Scenario, rows: list[RepRow]) -> Section:
    accounts = reverse("territories:scenario-accounts", args=[scenario.pk])
    return table_section(
        "Rep by rep, before and after",
        rows,
        rep_columns(),
        empty=Empty("No reps", "No territory of the model has an owner on this day."),
        row_url=lambda row: f"{accounts}?rep={row.rep.code}",
    )


def rep_chart(figures: Figures, measure: str) -> Section | None:
    """The index of each rep before and after: 100 is the fair part."""
    rows = sorted(figures.reps, key=lambda row: -row.index_before[measure])[:MOST_BARS]
    if not rows:
        return None
    label = MEASURE_LABELS[measure].lower()
    before = [round(row.index_before[measure], 1) for row in rows]
    after = [round(row.index_after[measure], 1) for row in rows]
    names = [row.rep.name for row in rows]
    text = (
        f"Each rep's {label} against the fair part, which is 100. The rep furthest off goes from "
        f"{percent(figures.deviation(measure, after=False))} to "
        f"{percent(figures.deviation(measure, after=True))}."
    )
    series = [
        {"name": "Before", "role": "history", "values": before},
        {"name": "After", "role": "consensus", "values": after},
    ]
    columns = [
        Column("rep", "Rep", "rep.name"),
        Column("before", "Before", lambda row: round(row.index_before[measure], 1), "number"),
        Column("after", "After", lambda row: round(row.index_after[measure], 1), "number"),
    ]
    table = plain_table(rows, columns, caption="Index by rep", empty=Empty("No reps", "Nobody has accounts."))
    chart = {
        "id": "reps",
        "kind": "bars",
        "title": f"{MEASURE_LABELS[measure]} by rep, before and after",
        "subtitle": "Index, 100 is the fair part",
        "text": text,
        "data": {"x": names, "unit": "", "series": series},
        "table": table,
    }
    return chart_section("Index by rep", chart)


def solve_in_words(solve: ScenarioSolve) -> str:
    """How good a plan is, in a sentence."""
    seconds = f"{grouped(solve.seconds, 1 if solve.seconds < 10 else 0)} s"
    if solve.objective is None:
        return f"No plan keeps every limit (looked for {seconds})."
    cost = f"The plan costs {grouped(solve.objective, 0)} km in distance and penalties"
    if solve.gap is None:
        return f"{cost}; how far from the cheapest is not known (seed {solve.seed}, {seconds})."
    if solve.ending == SolveEnding.OPTIMAL:
        return f"{cost}, and nothing cheaper exists (seed {solve.seed}, {seconds})."
    return (
        f"{cost}; no plan can cost less than {grouped(solve.bound or 0, 0)} km, so it is at most "
        f"{percent(solve.gap, 2)} above the cheapest ({solve.get_ending_display().lower()}, "
        f"seed {solve.seed}, {seconds})."
    )


EFFECT_EMPTY = Empty("Nothing changes", "No account changes hands.")


def effect_section(title: str, note: str, rows: list[Effect]) -> Section:
    """Before, after and difference by rep, in base currency."""
    money = base_currency()
    columns = [
        Column("rep", "Rep", "rep.name"),
        Column("before", "Before", kind="quantity", unit=money),
        Column("after", "After", kind="quantity", unit=money),
        Column("change", "Change", "change", "quantity", money),
    ]
    return table_section(title, rows, columns, empty=EFFECT_EMPTY, note=note)
