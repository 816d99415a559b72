"""Sharing a deal's direct credit by hand: the shares of a deal as a whole list that adds up to 100 %."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from compensation.models import DealSplit
from compensation.selectors.splits import mark_of, splits_of
from core.access import require
from core.editing import change_row, create_row
from core.errors import Conflict, Invalid, Reason
from core.events import record
from core.models import Person
from crm.models import Deal, Rep

ALL = Decimal(100)
MOST = 20


@dataclass(frozen=True)
class Share:
    """A rep's part of a deal, in percent."""

    rep: Rep
    percent: Decimal


@transaction.atomic
def set_splits(
    *, actor: Person | None, deal: Deal, shares: Sequence[Share], seen: str, reason: str = ""
) -> list[DealSplit]:
    """Make these the shares of the deal; none gives it back to the rules. `seen`: the mark of the list that
    was read (selectors.splits.mark_of).

    Deals of closed months may change: their pay follows as a difference in the open month. Raises Invalid
    by place, Conflict when the list has changed meanwhile.
    """
    require(actor, "pay.credit")
    Deal.objects.select_for_update(of=("self",)).get(pk=deal.pk)
    before = list(splits_of(deal))
    if seen != mark_of(before):
        raise _conflict(deal, before, shares)
    _refuse_unfit(shares, reason)
    wanted = {share.rep.pk: share.percent for share in shares}
    for row in before:
        if row.rep_id not in wanted:
            record(actor=actor, verb="share taken away", subject=row, before=_words(row), reason=reason)
            row.delete()
    known = {row.rep_id: row for row in before}
    for rep, percent in wanted.items():
        _set(actor, deal, known.get(rep), rep, percent, reason)
    return list(splits_of(deal))


def _set(
    actor: Person | None, deal: Deal, row: DealSplit | None, rep: int, percent: Decimal, reason: str
) -> None:
    if row is None:
        new = DealSplit(deal=deal, rep_id=rep, percent=percent, reason=reason)
        create_row(actor=actor, row=new, verb="share given", reason=reason)
    elif row.percent != percent:
        changes = {"percent": percent, "reason": reason}
        change_row(
            actor=actor,
            row=row,
            revision=row.revision,
            changes=changes,
            verb="share changed",
            reason=reason,
        )


def _refuse_unfit(shares: Sequence[Share], reason: str) -> None:
    if not shares:
        return
    reasons = []
    if len({share.rep.pk for share in shares}) < len(shares):
        reasons.append(Reason("A rep stands in the list twice. Add the shares up in one row.", "twice"))
    if len(shares) > MOST:
        reasons.append(Reason(f"A deal is shared by {MOST} reps at the most.", "many"))
    reasons += [
        Reason(f"{share.rep.name} has {share.percent} %. A share is above 0 %.", "share")
        for share in shares
        if share.percent <= 0
    ]
    total = sum((share.percent for share in shares), Decimal(0))
    if total != ALL:
        reasons.append(Reason(_off(total), "total"))
    if not reason.strip():
        reasons.append(Reason("Say why the deal is shared.", "required", "reason"))
    if reasons:
        raise Invalid(*reasons)


def _off(total: Decimal) -> str:
    left = (ALL - total).normalize()
    if left > 0:
        return f"The shares add up to {total.normalize():f} %: {left:f} % is left. They must add up to 100 %."
    return f"The shares add up to {total.normalize():f} %: {-left:f} % too much. They must add up to 100 %."


def _conflict(deal: Deal, rows: Sequence[DealSplit], shares: Sequence[Share]) -> Conflict:
    theirs = {row.rep.name: f"{row.percent.normalize():f} %" for row in rows}
    yours = {share.rep.name: f"{share.percent.normalize():f} %" for share in shares}
    names = [name for name in {**theirs, **yours} if theirs.get(name) != yours.get(name)]
    return Conflict(
        label=f"The split of {deal}",
        yours={name: yours.get(name, "–") for name in names},
        theirs={name: theirs.get(name, "–") for name in names},
        revision=0,
    )


def _words(row: DealSplit) -> dict[str, str]:
    return {"deal": str(row.deal), "rep": row.rep.name, "percent": f"{row.percent.normalize():f}"}
