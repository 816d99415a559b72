"""Every write of the catalog."""

from catalog.services.calendars import remove_exception
from catalog.services.dated import Term, change_dated, set_from_day
from catalog.services.masters import change_master, create_master
from catalog.services.money import add_currency, set_rate
from catalog.services.scopes import add_scope, remove_scope

__all__ = [
    "Term",
    "add_currency",
    "add_scope",
    "change_dated",
    "change_master",
    "create_master",
    "remove_exception",
    "remove_scope",
    "set_from_day",
    "set_rate",
]
