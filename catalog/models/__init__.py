"""The tables of the catalog. Every table that people edit has a revision and a tracked history.

Dated rows use half-open day ranges, and the database refuses overlaps.
"""

from catalog.models.base import NEVER_DELETED, Named, TreeTrigger, no_overlap, trigrams
from catalog.models.calendars import CalendarException, WorkingCalendar
from catalog.models.money import Currency, MonthRate
from catalog.models.places import CapacityUse, DemandUnit, Market, MarketKind, Resource, Site, SiteKind
from catalog.models.prices import Cost, Price
from catalog.models.products import BillOfMaterials, Family, LifeCycle, Product, Unit, UnitConversion
from catalog.models.scopes import Scope

__all__ = [
    "NEVER_DELETED",
    "BillOfMaterials",
    "CalendarException",
    "CapacityUse",
    "Cost",
    "Currency",
    "DemandUnit",
    "Family",
    "LifeCycle",
    "Market",
    "MarketKind",
    "MonthRate",
    "Named",
    "Price",
    "Product",
    "Resource",
    "Scope",
    "Site",
    "SiteKind",
    "TreeTrigger",
    "Unit",
    "UnitConversion",
    "WorkingCalendar",
    "no_overlap",
    "trigrams",
]
