"""Masters come in by the same door: upserted, revised, traced; dated rows never overlap."""

import datetime as dt
from collections.abc import Callable

import pytest

from catalog.models import BillOfMaterials, Family, Market, MonthRate, Price, Product
from core.models import Person
from crm.models import Account, Rep
from gathering.models import Budget, Campaign, Capacity, ImportRun, MarketNote, OpenOrder, StockLevel, Target
from gathering.models.facts import ExternalForecast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog")]
Bring = Callable[..., ImportRun]


def _ranges() -> list[tuple[dt.date | None, dt.date | None, float]]:
    return [(p.valid.lower, p.valid.upper, float(p.amount)) for p in Price.objects.order_by("valid")]


def test_a_tree_may_come_in_one_file_in_any_order(bring: Bring) -> None:
    bring("families", "code,name,parent\nLEAF,Leaf,TRUNK\nTRUNK,Trunk,\nTWIG,Twig,Leaf\n")

    assert Family.objects.get(code="LEAF").parent.code == "TRUNK"  # type: ignore[union-attr]
    assert Family.objects.get(code="TWIG").parent.code == "LEAF"  # type: ignore[union-attr]


def test_a_second_file_changes_only_its_own_columns_and_bumps_the_revision(bring: Bring) -> None:
    bring("accounts", "code,name,industry,city,postcode\nA7,Seven,Retail,Munich,01067\n")

    run = bring("accounts", "code,name,industry\nA7,Seven,Wholesale\nA1,Account 1,\n")

    account = Account.objects.get(code="A7")
    assert (account.industry, account.city, account.revision) == ("Wholesale", "Munich", 2)
    assert account.postcode == "01067"
    assert (run.rows_new, run.rows_changed, run.rows_unchanged) == (0, 1, 1)


def test_reps_find_their_manager_in_the_same_file_and_accounts_their_owner(bring: Bring) -> None:
    bring("reps", "code,name,manager,market\nR1,Rep One,R2,M1\nR2,Rep Two,,\n")
    bring("accounts", "code,name,owner,parent\nA2,Two,R1,A1\n")

    assert Rep.objects.get(code="R1").manager.code == "R2"  # type: ignore[union-attr]
    account = Account.objects.get(code="A2")
    assert (account.owner.code, account.parent.code) == ("R1", "A1")  # type: ignore[union-attr]


def test_products_and_markets_come_in_with_their_choices(bring: Bring) -> None:
    bring("products", "code,name,family,unit,life_cycle,launched_on\nP7,Seven,F1,PCS,Phase-out,2020-01-01\n")
    bring("markets", "code,name,kind,parent,currency\nM7,Seven,channel,M1,EUR\n")

    assert Product.objects.get(code="P7").life_cycle == "phase_out"
    assert Market.objects.get(code="M7").parent.code == "M1"  # type: ignore[union-attr]


def test_a_new_price_closes_the_open_one_on_the_day_before(bring: Bring) -> None:
    bring("prices", "product,amount,valid_from\nP1,10,2024-01-01\n")
    bring("prices", "product,amount,valid_from,valid_to\nP1,12,2024-07-01,2024-12-31\n")

    assert _ranges() == [
        (dt.date(2024, 1, 1), dt.date(2024, 7, 1), 10.0),
        (dt.date(2024, 7, 1), dt.date(2025, 1, 1), 12.0),
    ]


def test_the_history_of_a_price_may_come_in_one_file_and_again_without_change(bring: Bring) -> None:
    text = "product,amount,valid_from\nP1,12,2024-07-01\nP1,10,\nP1,14,2025-01-01\n"
    bring("prices", text)

    run = bring("prices", text + "P2,1,\n")

    assert (run.rows_new, run.rows_changed) == (1, 0)
    assert len(_ranges()) == 4


def test_bills_rates_and_an_item_in_itself(bring: Bring) -> None:
    run = bring("bills_of_materials", "product,component,quantity\nP1,P2,2.5\nP1,P1,1\n")
    bring("month_rates", "currency,month,rate\nUSD,2024-01,0.92\n")

    assert BillOfMaterials.objects.get().quantity == 2.5
    assert run.problems.get().problem == "Product and Component are the same."
    assert MonthRate.objects.get().month == dt.date(2024, 1, 1)


def test_the_other_facts_come_in_and_are_restated(bring: Bring, coordinator: Person) -> None:
    bring("sites", "code,name,kind\nW1,Warehouse,warehouse\n")
    bring("resources", "code,name,site\nL1,Line,W1\n")
    bring("reps", "code,name\nR1,Rep One\n")
    for quantity in (5, 7):
        bring("stock", f"site,product,day,quantity\nW1,P1,2024-01-31,{quantity}\n")
        bring("capacity", f"resource,month,regular\nL1,2024-01,{quantity}\n")
        bring("budget", f"family,market,month,revenue\nF1,M1,2024-01,{quantity}\n")
        bring("targets", f"rep,month,amount\nR1,2024-01,{quantity}\n")
        bring("external_forecasts", f"product,market,month,quantity\nP1,M1,2024-01,{quantity}\n")
        bring(
            "open_orders",
            f"order_number,line,as_of,due,product,market,quantity\nO,1,2024-01-31,2024-02-05,P1,M1,{quantity}\n",
        )

    found = [
        StockLevel.objects.get().quantity,
        Capacity.objects.get().regular,
        Budget.objects.get().revenue,
        Target.objects.get().amount,
        ExternalForecast.objects.get().quantity,
        OpenOrder.objects.get().quantity,
    ]
    assert found == [7] * 6


def test_campaigns_and_notes_are_linked_to_markets_and_families(bring: Bring, coordinator: Person) -> None:
    header = "name,starts,ends,markets,families,spend,uplift"
    bring("campaigns", f"{header}\nAutumn,2024-10-01,2024-10-31,M1; Market 2,F1,1000,15%\n")
    bring("campaigns", f"{header}\nAutumn,2024-10-01,2024-10-31,M2,F1,1200,15%\n")
    bring("market_notes", "kind,title,starts,markets\ncompetitor,A rival opens,2024-05-01,M1\n")

    campaign = Campaign.objects.get()
    assert (campaign.spend, float(campaign.uplift), campaign.owner) == (1200, 0.15, coordinator)  # type: ignore[arg-type]
    assert [market.code for market in campaign.markets.all()] == ["M2"]
    assert [market.code for market in MarketNote.objects.get().markets.all()] == ["M1"]
