"""The demo's plans of pay: they are read without a fault, and won deals are paid one by one."""

from decimal import Decimal
from pathlib import Path

from compensation.engine.plan_reading import plan_from
from demo.company.pay import WON, plans
from tests.compensation.working import plan, worked


def test_the_plans_are_read_and_pay_by_won_deals_and_by_sales() -> None:
    seller, leader = (plan_from(one.terms) for one in plans(2026))
    assert [(one.code, one.measure.of) for one in seller.components] == [
        *(("own", "sales"), ("team", "sales"), ("won", "bookings"), ("race", "bookings"))
    ]
    assert sum(one.weight for one in seller.components) == sum(one.weight for one in leader.components) == 1


def test_each_won_deal_has_pay_of_its_own_that_a_contract_cost_can_be(tmp_path: Path) -> None:
    one = WON | {"measure": {"of": "amount"}}
    deals = "deal,day,person,amount\nd1,2026-03-05,Ann,91500\nd2,2026-03-20,Ann,73100"
    assert worked(tmp_path, plan(one), deals).by_deal() == {"d1": Decimal(366), "d2": Decimal("292.40")}
