"""What holds keep back of lines and of shares in pay for whole periods, without the database."""

from collections import Counter
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import assume, given
from hypothesis import strategies as st

from compensation.engine.exact import TICKS, from_ticks
from compensation.engine.shares import Counts
from compensation.models import CreditHold
from compensation.pipeline.run_counted import Behind
from compensation.pipeline.run_holds import Holding, by_deal

ANN = (1, "EUR")
MANY = Decimal(10**12)
CENTS = st.integers(-(10**7), 10**7)
COUNTED = st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=8)
PERCENT = st.decimals("0.000001", 100, places=6)


def table(*rows: tuple[int, int]) -> pd.DataFrame:
    """Lines of Ann: the deal (0 for one about a whole period) and the pay in cents."""
    found = [(*ANN, "own", deal, cents * TICKS // 100) for deal, cents in rows]
    return pd.DataFrame(found, columns=["rep", "currency", "component", "deal", "pay"])


def counted(amounts: list[int]) -> Behind:
    """Credits 1, 2, 3 …, of deals 101, 102, 103 …"""
    return Behind(Counts(np.arange(1, len(amounts) + 1), np.array(amounts, np.int64)))


def deals(count: int) -> dict[int, int]:
    return {credit: 100 + credit for credit in range(1, count + 1)}


def hold(pk: int = 1, **values: Any) -> CreditHold:
    return CreditHold(**({"pk": pk, "percent": Decimal(100)} | values))


def kept(lines: pd.DataFrame, behind: dict[int, Behind], *holds: CreditHold, **given: Any) -> list[Decimal]:
    """What each hold keeps back, in their order."""
    many = deals(max((len(one.counts) for one in behind.values()), default=0))
    found = Holding(holds, still=given.get("still", {}), deals=many).held(
        lines, behind, {ANN: given.get("payable", MANY)}
    )
    sums = Counter[int]()
    for one in found:
        sums[one.hold] += one.amount  # type: ignore[assignment]
    return [Decimal(sums[one.pk]) for one in holds]


@given(st.lists(st.tuples(CENTS, COUNTED), min_size=1, max_size=4), st.lists(CENTS, max_size=4))
def test_the_rows_by_deal_add_up_to_each_line(periods: list, own: list[int]) -> None:
    assume(all(sum(amounts) for _, amounts in periods))
    lines = table(*((0, pay) for pay, _ in periods), *((101, pay) for pay in own))
    behind = {place: counted(amounts) for place, (_, amounts) in enumerate(periods)}
    found = by_deal(lines, behind, {1: 101, 3: 103})
    assert found["pay"].sum() == lines["pay"].sum()
    shares = [one.shares(int(lines.at[place, "pay"])) for place, one in behind.items()]
    of_first = sum(int(one[0]) for one in shares) + int(lines.loc[lines["deal"] == 101, "pay"].sum())
    assert found.loc[found["deal"] == 101, "pay"].sum() == of_first
    assert set(found["deal"]) <= {0, 101, 103}


@given(st.integers(0, 10**7), st.lists(st.integers(1, 10**9), min_size=1, max_size=8))
def test_holds_of_all_deals_hold_the_whole_line_to_the_cent(cents: int, amounts: list[int]) -> None:
    holds = [hold(deal_id=deal, pk=deal) for deal in deals(len(amounts)).values()]
    found = kept(table((0, cents)), {0: counted(amounts)}, *holds)
    assert sum(found) == Decimal(cents) / 100
    assert [one * TICKS for one in found] == counted(amounts).shares(cents * TICKS // 100).tolist()


@given(st.integers(1, 10**7), COUNTED, st.lists(PERCENT, min_size=1, max_size=4))
def test_holds_of_one_deal_never_hold_more_than_its_share(
    cents: int, amounts: list[int], percents: list[Decimal]
) -> None:
    assume(sum(amounts))
    share = from_ticks(int(counted(amounts).shares(cents * TICKS // 100)[0]))
    assume(share > 0)
    holds = [hold(pk, deal_id=101, percent=one) for pk, one in enumerate(percents, 1)]
    lines, behind = table((0, cents)), {0: counted(amounts)}
    assert 0 <= sum(kept(lines, behind, *holds)) <= share
    assert sum(kept(lines, behind, *holds, hold(9, deal_id=101))) == share


def test_half_a_deal_is_half_its_line_and_half_its_share() -> None:
    lines, behind = table((101, 100_00), (0, 90_00)), {1: counted([200, 100])}
    assert kept(lines, behind, hold(deal_id=101, percent=Decimal(50))) == [80]


def test_a_negative_share_lowers_what_the_deal_holds_back() -> None:
    lines, behind = table((101, 100_00), (0, -30_00)), {1: counted([200, 100])}
    assert kept(lines, behind, hold(deal_id=101)) == [80]


def test_a_share_below_nothing_is_taken_from_what_waits_and_from_no_more() -> None:
    lines, behind = table((0, 50_00)), {0: counted([-100, 200])}
    assert kept(lines, behind, hold(deal_id=101)) == [0]
    assert kept(lines, behind, hold(deal_id=101), still={(1, ANN): Decimal(70)}) == [-50]
    assert kept(lines, behind, hold(deal_id=101), still={(1, ANN): Decimal(20)}) == [-20]


def test_no_more_is_held_than_would_be_paid() -> None:
    lines, behind = table((0, 90_00)), {0: counted([200, 100])}
    found = kept(lines, behind, hold(deal_id=101), hold(2, deal_id=102), payable=Decimal(70))
    assert found == [60, 10]


def test_a_line_that_no_credit_made_waits_with_all_pay_of_the_rep_only() -> None:
    lines = table((0, 90_00))
    assert kept(lines, {}, hold(deal_id=101)) == [0]
    assert kept(lines, {}, hold(rep_id=1)) == [90]


def test_a_hold_of_a_component_holds_the_shares_of_that_component() -> None:
    lines = pd.concat([table((0, 90_00)), table((0, 30_00)).assign(component="team")], ignore_index=True)
    behind = {0: counted([200, 100]), 1: counted([200, 100])}
    assert kept(lines, behind, hold(deal_id=101, component="team")) == [20]


def test_what_a_first_hold_leaves_a_cent_of_is_whole_for_the_second() -> None:
    """Half of 100.01 is rounded; the rest of it is what the second hold keeps back."""
    lines, behind = table((0, 300_03)), {0: counted([100, 200])}
    found = kept(lines, behind, hold(deal_id=101, percent=Decimal(50)), hold(2, deal_id=101))
    assert found == [50, Decimal("50.01")]
