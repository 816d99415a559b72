"""What holds for every plan and every book: sums, order, continuity, clawback, draws."""

import random
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compensation.engine.draws import ledger
from compensation.engine.exact import PARTS, TICKS, Exact, exact_of, fraction_at, product
from compensation.engine.plan import Draw, DrawKind, Rounding
from compensation.engine.statements import rounded, rounded_lines
from tests.compensation.working import Worked, component, plan, tiers, worked

FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
CENTS = st.integers(1, 5_000_000).map(lambda cents: Decimal(cents) / 100)
RATE = st.integers(0, 3000).map(lambda points: Decimal(points) / 10_000)
BOUNDS = st.lists(st.integers(1, 60_000), min_size=0, max_size=3, unique=True).map(sorted)

Deal = tuple[str, int, str, Decimal]
DEALS = st.lists(
    st.tuples(st.sampled_from(["Ann", "Bea"]), st.integers(1, 12), CENTS), min_size=1, max_size=12
).map(
    lambda rows: [(f"d{place}", month, person, amount) for place, (person, month, amount) in enumerate(rows)]
)


def steps(bounds: list[int], rates: list[Decimal]) -> list[dict[str, Any]]:
    return tiers(*zip([0, *bounds], rates, strict=False))


def as_csv(deals: list[Deal], extra: str = "") -> str:
    rows = [
        f"{name},2026-{month:02d}-10,{person},{amount}{extra and ','}"
        for name, month, person, amount in deals
    ]
    return "\n".join([f"deal,day,person,amount{extra}", *rows])


@given(
    st.integers(-(10**15), 10**15),
    st.integers(0, 2 * 10**9),
)
def test_a_product_loses_nothing(ticks: int, rate: int) -> None:
    money = product(np.array([ticks]), np.array([rate]))
    assert fraction_at(money, 0) == Fraction(ticks, TICKS) * Fraction(rate, PARTS)


@given(
    st.integers(-(10**9), 10**9) | st.integers(-300, 300).map(lambda halves: halves * TICKS // 2),
    st.integers(0, PARTS - 1) | st.just(0),
    st.integers(0, 4),
    st.sampled_from(Rounding),
)
def test_money_is_rounded_as_decimals_are(ticks: int, rest: int, places: int, rounding: Rounding) -> None:
    money = Exact(np.array([ticks]), np.array([rest]))
    mode = {"half up": ROUND_HALF_UP, "half even": ROUND_HALF_EVEN, "up": ROUND_UP, "down": ROUND_DOWN}[
        rounding.value
    ]
    expected = money.decimal(0).scaleb(places).to_integral_value(rounding=mode)
    assert rounded(money, 10**places, rounding).tolist() == [int(expected)]


@given(st.lists(st.fractions(-1000, 1000), min_size=1, max_size=5))
def test_exact_money_is_right_to_the_twelfth_place(amounts: list[Fraction]) -> None:
    money = exact_of(amounts)
    assert all(abs(fraction_at(money, n) - one) <= Fraction(1, 2 * 10**12) for n, one in enumerate(amounts))


@FOLDER
@given(DEALS, BOUNDS, st.lists(RATE, min_size=4, max_size=4), st.sampled_from(["marginal", "whole"]))
def test_lines_add_up_to_statements_and_statements_to_the_run(
    tmp_path: Path, deals: list[Deal], bounds: list[int], rates: list[Decimal], form: str
) -> None:
    parts = [
        component(form, "a", over="year", tiers=steps(bounds, rates)),
        component("flat", "b", rate="3.333%"),
    ]
    found = worked(tmp_path, plan(*parts), as_csv(deals))
    units, unit = rounded_lines(found.calculation)
    by_sheet: dict[tuple[int, int], Decimal] = {}
    for place in range(len(units)):
        key = (int(found.calculation.lines.person[place]), int(found.calculation.lines.month[place]))
        by_sheet[key] = by_sheet.get(key, Decimal(0)) + Decimal(int(units[place])) / unit
    assert all(by_sheet.get((sheet.person, sheet.month), 0) == sheet.earned for sheet in found.sheets)
    assert sum(by_sheet.values()) == found.earned()


@FOLDER
@given(
    DEALS, BOUNDS, st.lists(RATE, min_size=4, max_size=4), st.sampled_from(["marginal", "whole", "result"])
)
def test_the_order_of_the_file_changes_nothing(
    tmp_path: Path, deals: list[Deal], bounds: list[int], rates: list[Decimal], form: str
) -> None:
    told = plan(component(form, over="year", tiers=steps(bounds, rates)))
    shuffled = random.Random(0).sample(deals, len(deals))
    one, other = worked(tmp_path, told, as_csv(deals)), worked(tmp_path, told, as_csv(shuffled))
    assert one.by_deal() == other.by_deal()
    assert one.pay() == other.pay()


@FOLDER
@given(DEALS, BOUNDS, st.lists(RATE, min_size=4, max_size=4), st.integers(1, 99))
def test_a_deal_in_two_parts_earns_the_same_by_marginal_tiers(
    tmp_path: Path, deals: list[Deal], bounds: list[int], rates: list[Decimal], percent: int
) -> None:
    told = plan(component("marginal", over="year", tiers=steps(bounds, rates)))
    name, month, person, amount = deals[0]
    first = (amount * percent / 100).quantize(Decimal("0.01"))
    halves = [(name, month, person, first), (f"{name}b", month, person, amount - first), *deals[1:]]
    assert worked(tmp_path, told, as_csv(deals)).pay() == worked(tmp_path, told, as_csv(halves)).pay()


@FOLDER
@given(CENTS, BOUNDS, st.lists(RATE, min_size=4, max_size=4))
def test_marginal_pay_is_continuous_and_never_falls(
    tmp_path: Path, amount: Decimal, bounds: list[int], rates: list[Decimal]
) -> None:
    told = plan(component("marginal", tiers=steps(bounds, rates)))
    less = worked(tmp_path, told, as_csv([("a", 1, "Ann", amount)])).earned()
    more = worked(tmp_path, told, as_csv([("a", 1, "Ann", amount + Decimal("0.01"))])).earned()
    assert 0 <= more - less <= Decimal("0.01")


@FOLDER
@given(DEALS, BOUNDS, st.lists(RATE, min_size=4, max_size=4))
def test_taking_a_deal_back_returns_what_it_paid(
    tmp_path: Path, deals: list[Deal], bounds: list[int], rates: list[Decimal]
) -> None:
    told = plan(component("marginal", over="year", tiers=steps(bounds, rates)), places=4)
    _, _, person, amount = deals[0]
    before = worked(tmp_path, told, as_csv(deals))
    back = f"back,2026-12-31,{person},-{amount},{deals[0][0]}"
    after = worked(tmp_path, told, f"{as_csv(deals, ',reverses')}\n{back}")
    paid, returned = before.by_deal().get(deals[0][0], Decimal(0)), after.by_deal().get("back", Decimal(0))
    assert abs(paid + returned) <= Decimal("0.0004")
    assert abs(before.earned() - paid - after.earned()) <= Decimal("0.0008")


@given(
    st.lists(st.integers(0, 6000).map(Decimal), min_size=1, max_size=24),
    st.integers(0, 4000).map(Decimal),
    st.sampled_from(list(DrawKind)),
    st.booleans(),
    st.booleans(),
)
def test_a_draw_keeps_its_books(
    earned: list[Decimal], money: Decimal, kind: DrawKind, recoverable: bool, forgiven: bool
) -> None:
    steps = ledger(Draw(money, kind, recoverable, forgiven=forgiven), earned)
    advanced = sum(step.advanced for step in steps) if recoverable else Decimal(0)
    assert steps[-1].balance == advanced - sum(step.kept_back + step.forgiven for step in steps)
    assert all(step.balance >= 0 and step.kept_back >= 0 for step in steps)
    if kind is DrawKind.GUARANTEE:
        assert all(step.pay >= money for step in steps)


@pytest.mark.parametrize("form", ["marginal", "whole"])
def test_what_is_paid_by_month_adds_up_to_one_calculation_of_the_year(tmp_path: Path, form: str) -> None:
    deals: list[Deal] = [(f"d{n}", n % 12 + 1, "Ann", Decimal(900 + 777 * n)) for n in range(24)]
    told = plan(component(form, over="year", tiers=tiers((0, "2%"), (20000, "3.5%"), (90000, "6%"))))
    by_month = worked(tmp_path, told, as_csv(deals))
    at_once = worked(tmp_path, told, as_csv([(name, 1, person, amount) for name, _, person, amount in deals]))
    assert by_month.earned() == at_once.earned()


def borders(found: Worked) -> list[int]:
    return (found.calculation.lines.tier + 1).tolist()


@pytest.mark.parametrize(("border", "tier"), [("upper", 2), ("lower", 1)])
def test_an_amount_of_exactly_a_bound_lies_where_the_plan_says(
    tmp_path: Path, border: str, tier: int
) -> None:
    told = plan(component("whole", border=border, tiers=tiers((0, "1%"), (1000, "2%"))))
    assert borders(worked(tmp_path, told, as_csv([("a", 1, "Ann", Decimal(1000))]))) == [tier]
