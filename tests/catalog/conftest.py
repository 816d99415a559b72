"""A small catalog: three families, two regions, four products, their demand units."""

from dataclasses import dataclass

import pytest

from catalog.models import Currency, DemandUnit, Family, Market, Product, Resource, Site, Unit


@dataclass(frozen=True)
class Shop:
    """Drinks (with Coffee below) and Snacks; Europe (with France below) and Asia."""

    drinks: Family
    coffee: Family
    snacks: Family
    europe: Market
    france: Market
    asia: Market
    piece: Unit
    espresso: Product
    lemonade: Product
    crisps: Product
    euro: Currency
    plant: Site
    line: Resource

    def unit_of(self, product: Product, market: Market) -> DemandUnit:
        return DemandUnit.objects.get(product=product, market=market)


@pytest.fixture
def shop(db: None) -> Shop:
    drinks = Family.objects.create(code="DRINKS", name="Drinks")
    coffee = Family.objects.create(code="COFFEE", name="Coffee", parent=drinks)
    snacks = Family.objects.create(code="SNACKS", name="Snacks")
    europe = Market.objects.create(code="EU", name="Europe")
    france = Market.objects.create(code="FR", name="France", parent=europe, kind="country")
    asia = Market.objects.create(code="AS", name="Asia")
    piece = Unit.objects.create(code="PC", name="Piece")
    espresso = Product.objects.create(code="ESP", name="Espresso", family=coffee, unit=piece)
    lemonade = Product.objects.create(code="LEM", name="Lemonade", family=drinks, unit=piece)
    crisps = Product.objects.create(code="CRI", name="Crisps", family=snacks, unit=piece)
    for product in (espresso, lemonade, crisps):
        for market in (france, asia):
            DemandUnit.objects.create(product=product, market=market)
    euro = Currency.objects.create(code="EUR", name="Euro")
    plant = Site.objects.create(code="LYON", name="Lyon", market=france)
    line = Resource.objects.create(code="L1", name="Line 1", site=plant, regular_cost=40, overtime_cost=60)
    return Shop(
        drinks, coffee, snacks, europe, france, asia, piece, espresso, lemonade, crisps, euro, plant, line
    )
