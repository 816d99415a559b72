"""Reading what accounts ask of reps and where reps start from, within the person's scope."""

from django.db.models import QuerySet

from core.models import Person
from crm.models import Account, Rep
from crm.selectors.accounts import accounts_visible_to, reps_visible_to
from territories.models import AccountWork, RepBase


def account_work_visible_to(user: Person | None) -> QuerySet[AccountWork]:
    """Place, potential and calls of the accounts that a person may see."""
    accounts = accounts_visible_to(user).order_by().values("pk")
    return AccountWork.objects.filter(account__in=accounts).select_related(
        "account__owner", "account__market"
    )


def rep_bases_visible_to(user: Person | None) -> QuerySet[RepBase]:
    """The bases of the reps that a person may see."""
    reps = reps_visible_to(user).order_by().values("pk")
    return RepBase.objects.filter(rep__in=reps).select_related("rep__market")


def accounts_with_work(user: Person | None) -> QuerySet[Account]:
    """The active accounts that a person may see, each with its `work` where something is said of it."""
    return accounts_visible_to(user).filter(is_active=True).select_related("owner", "market", "work")


def reps_with_base(user: Person | None) -> QuerySet[Rep]:
    """The active reps that a person may see, each with its `base` where there is one."""
    return reps_visible_to(user).filter(is_active=True).select_related("market", "base")


def work_at(account: Account) -> AccountWork:
    """What is said of an account; an unsaved row where nothing is."""
    return AccountWork.objects.filter(account=account).first() or AccountWork(account=account)


def base_of(rep: Rep) -> RepBase:
    """A rep's base; an unsaved row where there is none."""
    return RepBase.objects.filter(rep=rep).first() or RepBase(rep=rep)
