"""Every read of accounts and reps. A sales rep sees the own accounts, a sales manager those of the
team below; everybody else sees all, within the market scope."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, Q, QuerySet

from catalog.selectors import ids_below, reach_of
from core.models import Person
from core.once_a_request import once
from core.roles import Role
from crm.models import Account, Contact, Rep

SELLING = {Role.SALES_REP, Role.SALES_MANAGER}


def reps_below(ids: list[int]) -> QuerySet[Rep]:
    """These reps and everybody who reports to them, directly or not."""
    return Rep.objects.filter(pk__in=ids_below(Rep._meta.db_table, ids, "manager_id"))


def accounts_below(ids: list[int]) -> QuerySet[Account]:
    """These accounts and every account below them."""
    return Account.objects.filter(pk__in=ids_below(Account._meta.db_table, ids))


def own_reps(user: Person | None) -> QuerySet[Rep] | None:
    """Whom a person who only sells is narrowed to; None for everybody else."""
    if user is None or set(user.roles) - SELLING:
        return None
    if Role.SALES_MANAGER in user.roles:
        return reps_below(list(rows_of_rep(user)))
    return Rep.objects.filter(person=user)


def rows_of_rep(user: Person) -> tuple[int, ...]:
    """The keys of a person's own rows among the reps; a page that asks again has them already."""
    rows = Rep.objects.filter(person=user).values_list("pk", flat=True)
    return once(("rows of rep", user.pk), lambda: tuple(rows))


def reps_visible_to(user: Person | None) -> QuerySet[Rep]:
    """A sales rep sees the own row, a sales manager the team below, others all, within their markets."""
    own = own_reps(user)
    allowed = Q() if own is None else Q(pk__in=own.values("pk"))
    rows = Rep.objects.filter(allowed, reach_of(user).of_market("market", or_everywhere=True))
    return rows.select_related("manager", "market", "person")


def accounts_visible_to(user: Person | None) -> QuerySet[Account]:
    """The accounts of the reps one sees as the own or the team's; others see all in their markets."""
    own = own_reps(user)
    allowed = Q() if own is None else Q(owner__in=own.values("pk"))
    rows = Account.objects.filter(allowed, reach_of(user).of_market("market", or_everywhere=True))
    return rows.select_related("parent", "owner", "market")


def contacts_visible_to(user: Person | None) -> QuerySet[Contact]:
    """The contacts of the accounts that a person may see."""
    accounts = accounts_visible_to(user).order_by().values("pk")
    return Contact.objects.filter(account__in=accounts).select_related("account")


def names_of_reps(codes: set[str]) -> dict[str, str]:
    """Reps' names by code, for histories that a person may see."""
    return dict(Rep.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}


def people_who_may_be_reps(user: Person | None) -> QuerySet[Person]:
    """Active people; the form of a rep links one of them."""
    return Person.objects.filter(is_active=True)


VISIBLE: dict[type[Model], Callable[[Person | None], QuerySet[Any]]] = {
    Account: accounts_visible_to,
    Rep: reps_visible_to,
}
