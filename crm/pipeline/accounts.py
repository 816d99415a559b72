"""Accounts as CRMs tell of them. The CRM's id finds the account by a mapping; where there is none, an
account with the same name is taken, or a new one is added where its endpoint says so."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import F

from core import company
from crm.engine.webhooks.events import Event
from crm.engine.webhooks.records import RecordState
from crm.models import Account, Deal, Endpoint, ValueKind, ValueMapping
from crm.pipeline.names import Names, NotKnown
from crm.pipeline.outside import OWNER, Folded, Shape, fold_events, is_gone, names_of, told
from crm.pipeline.settling import Settled, Unknown

MOST_EMPLOYEES = 2_147_483_647
CODE_LENGTH, NAME_LENGTH, TEXT_LENGTH = 60, 200, 80
LENGTHS = {"postcode": 20}
TEXTS = ("industry", "country", "region", "city", "postcode")
# Children wait for their parent: whichever of the two was told first.
PARENTS = """
    UPDATE crm_account AS child SET parent_id = above.account_id, revision = child.revision + 1
    FROM crm_outsiderecord AS own JOIN crm_outsiderecord AS above
      ON above.source = own.source AND above.entity = own.entity
     AND above.external_id = own.written->'parent'->>0
    WHERE own.source = %s AND own.entity = 'account' AND child.id = own.account_id
      AND above.account_id <> child.id AND child.parent_id IS DISTINCT FROM above.account_id
"""


def _employees(text: str) -> str:
    if not text or (text.isdigit() and int(text) <= MOST_EMPLOYEES):
        return ""
    return f"employees is {text[:40]!r}, which is not a whole number."


SHAPE = Shape(
    "account",
    {
        **dict.fromkeys(("name", "accountname", "companyname"), "name"),
        **dict.fromkeys(("industry", "sector"), "industry"),
        **dict.fromkeys(("employees", "numberofemployees"), "employees"),
        **dict.fromkeys(("country", "billingcountry"), "country"),
        **dict.fromkeys(("region", "state", "billingstate"), "region"),
        **dict.fromkeys(("city", "billingcity"), "city"),
        **dict.fromkeys(("postcode", "zip", "postalcode", "billingpostalcode"), "postcode"),
        **dict.fromkeys(("owner", "ownerid", "hubspotownerid"), "owner"),
        **dict.fromkeys(("parent", "parentid", "hsparentcompanyid"), "parent"),
    },
    references={"owner": OWNER},
    checks={"employees": _employees},
)


def apply_account_events(source: str, events: Sequence[Event]) -> list[Settled]:
    """Apply events of one CRM to its accounts, and say of each what became of it, in their order.

    Runs inside the caller's transaction. Accounts are never deleted: one that is gone in its CRM is
    inactive, and the deals of one that was merged move to the winner.
    """
    folded = fold_events(source, SHAPE, events)
    _place(source, folded)
    owners = names_of(source, SHAPE, [told(state) for state in folded.states.values()])
    changed = [account for key in folded.states if (account := _written(folded, key, owners))]
    columns = ["name", *TEXTS, "employees", "owner", "is_active", "revision"]
    Account.objects.bulk_update({account.pk: account for account in changed}.values(), columns)
    folded.store()
    _follow_merges(source, folded)
    with connection.cursor() as cursor:
        cursor.execute(PARENTS, [source])
    return folded.settled


def _place(source: str, folded: Folded) -> None:
    """Find or add the account of each record."""
    adds = Endpoint.objects.filter(source=source, is_active=True, adds_accounts=True).exists()
    wanted = {*folded.states, *(state.value("name") for state in folded.states.values())} - {""}
    names = Names(source, {ValueKind.ACCOUNT: wanted})
    for key, state in folded.states.items():
        record = folded.records[key]
        found = _known(names, key) or record.account
        if found is None and not is_gone(state):
            found = _known(names, state.value("name")) or (_added(source, key, state) if adds else None)
            if found is not None:
                _remember(source, key, found)
            elif not adds:
                folded.wait(key, Unknown(ValueKind.ACCOUNT, key))
        record.account = found


def _known(names: Names, value: str) -> Account | None:
    try:
        return names.find(ValueKind.ACCOUNT, value) if value else None
    except NotKnown:
        return None


def _added(source: str, key: str, state: RecordState) -> Account | None:
    """A new account, once its name is told."""
    name = state.value("name")[:NAME_LENGTH]
    return Account.objects.create(code=_free_code(source, key), name=name) if name else None


def _free_code(source: str, key: str) -> str:
    code = key[:CODE_LENGTH]
    return f"{source}-{key}"[:CODE_LENGTH] if Account.objects.filter(code=code).exists() else code


def _remember(source: str, key: str, account: Account) -> None:
    """The mapping by which deals find the account; people may change it."""
    ValueMapping.objects.get_or_create(
        source=source,
        kind=ValueKind.ACCOUNT,
        value=key,
        defaults={"target_code": account.code, "reason": "The CRM told of it"},
    )


def _written(folded: Folded, key: str, owners: Names) -> Account | None:
    """The account with what the CRM told of it; None where there is none yet."""
    account, state = folded.records[key].account, folded.states[key]
    if account is None:
        return None
    values = told(state)
    for name in TEXTS:
        if name in values:
            setattr(account, name, values[name][: LENGTHS.get(name, TEXT_LENGTH)])
    account.name = values.get("name", "")[:NAME_LENGTH] or account.name
    if "employees" in values:
        account.employees = int(values["employees"]) if values["employees"] else None
    if "owner" in values and (account.owner_id is None or company.value("account_owners") == "crm"):
        account.owner = owners.find(OWNER, values["owner"])
    account.is_active = not is_gone(state)
    account.revision += 1
    return account


def _follow_merges(source: str, folded: Folded) -> None:
    """What the CRM calls by the old id means the winner from now on; its deals go there."""
    for key, state in folded.states.items():
        if state.merged_into is None or state.merged_into.value not in folded.records:
            continue
        loser, winner = folded.records[key].account, folded.records[state.merged_into.value].account
        if winner is None:
            continue
        ValueMapping.objects.update_or_create(
            source=source,
            kind=ValueKind.ACCOUNT,
            value=key,
            defaults={"target_code": winner.code, "reason": "Merged in the CRM"},
        )
        if loser is not None and loser != winner:
            Deal.objects.filter(source=source, account=loser).update(
                account=winner, revision=F("revision") + 1
            )
