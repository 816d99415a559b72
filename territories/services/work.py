"""What accounts ask of whoever covers them, and what reps can give: set by hand, by API or by file."""

from typing import Any

from django.db import transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Conflict, Denied, Invalid, Reason
from core.events import plain, record
from core.models import Person
from core.uploads import refuse_large
from crm.models import Account, Rep
from crm.selectors.accounts import accounts_visible_to, reps_visible_to
from territories.models import AccountWork, RepBase
from territories.pipeline.tables import BadTable
from territories.pipeline.work_files import ACCOUNT_WORK, REP_BASES, Stored, WorkFile, read_work, store_work

ALREADY = 0  # the revision of what did not exist when the person opened the form


@transaction.atomic
def set_account_work(
    *, actor: Person | None, account: Account, revision: int, values: dict[str, Any]
) -> AccountWork:
    """Say where an account is, what it could buy and how often it is called on; `revision` is 0 where
    nothing was said yet. Raises Invalid by field, Conflict, Denied outside the actor's rights or scope."""
    require(actor, "territories.plan")
    if actor and not accounts_visible_to(actor).filter(pk=account.pk).exists():
        raise Denied(f"{account} is outside your accounts and markets.")
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    row = AccountWork.objects.filter(account=account).first()
    return _set(actor, row or AccountWork(account=account), revision, values, "account work set")


@transaction.atomic
def set_rep_base(*, actor: Person | None, rep: Rep, revision: int, values: dict[str, Any]) -> RepBase:
    """Say where a rep starts from, and how much the rep can take; `revision` is 0 where nothing was said
    yet. Raises Invalid by field, Conflict, Denied outside the actor's rights or scope."""
    require(actor, "territories.plan")
    if actor and not reps_visible_to(actor).filter(pk=rep.pk).exists():
        raise Denied(f"{rep} is outside your team and markets.")
    Rep.objects.select_for_update(of=("self",)).get(pk=rep.pk)
    row = RepBase.objects.filter(rep=rep).first()
    return _set(actor, row or RepBase(rep=rep), revision, values, "rep base set")


@transaction.atomic
def import_account_work(*, actor: Person, name: str, data: bytes) -> Stored:
    """Store a CSV file of accounts' work, all of it or nothing. Raises Invalid: a sentence per bad row."""
    require(actor, "territories.plan")
    codes = accounts_visible_to(actor).order_by().values_list("code", "pk")
    return _import(actor, ACCOUNT_WORK, name, data, dict(codes))


@transaction.atomic
def import_rep_bases(*, actor: Person, name: str, data: bytes) -> Stored:
    """Store a CSV file of reps' bases, all of it or nothing. Raises Invalid: a sentence per bad row."""
    require(actor, "territories.plan")
    codes = reps_visible_to(actor).order_by().values_list("code", "pk")
    return _import(actor, REP_BASES, name, data, dict(codes))


def _import(actor: Person, kind: WorkFile, name: str, data: bytes, known: dict[str, int]) -> Stored:
    refuse_large(name, data)
    try:
        stored = store_work(kind, read_work(kind, name, data, known))
    except BadTable as error:
        raise Invalid(*(Reason(one, code="row", field="file") for one in error.sentences)) from error
    verb = f"{kind.model._meta.verbose_name} imported"
    record(actor=actor, verb=verb, subject=actor, after={"file": name, **vars(stored)})
    return stored


def _set(actor: Person | None, row: Any, revision: int, values: dict[str, Any], verb: str) -> Any:
    cleaned = values | ({"needs": _words(values["needs"])} if "needs" in values else {})
    cleaned |= {"skills": _words(values["skills"])} if "skills" in values else {}
    if row.pk is None:
        for name, value in cleaned.items():
            setattr(row, name, value)
        return create_row(actor=actor, row=row, verb=verb)
    if revision == ALREADY:
        raise _made_meanwhile(row, cleaned)
    return change_row(actor=actor, row=row, revision=revision, changes=cleaned, verb=verb)


def _made_meanwhile(row: Any, values: dict[str, Any]) -> Conflict:
    """Somebody else was the first to say something."""
    yours = {name: plain(value) for name, value in values.items() if value != getattr(row, name)}
    theirs = {name: plain(getattr(row, name)) for name in yours}
    return Conflict(label=str(row), yours=yours, theirs=theirs, revision=row.revision)


def _words(words: list[str] | None) -> list[str]:
    """Each once, in lower case and in order, so that two spellings are one skill."""
    return sorted({word.strip().lower() for word in words or [] if word.strip()})
