"""Whose dispute it is: a rep's account may change hands after a dispute was raised."""

import datetime as dt
from decimal import Decimal

import pytest

from compensation.models import Dispute, PayLine
from compensation.services.disputes import decide_dispute, raise_dispute, withdraw_dispute
from compensation.workflow.disputes import offered_moves
from core.errors import Refused
from core.models import Person
from crm.models import Rep
from tests.compensation.company import FLAT, credit, line, plan_of, rep_on, run_of

pytestmark = pytest.mark.django_db
MARCH = dt.date(2026, 3, 1)


@pytest.fixture
def dispute(sales_rep: Person, manager: Person) -> Dispute:
    """Raised by who was Ann's rep then; Ann's pay is the manager's now."""
    version = plan_of(FLAT)
    ann = rep_on(version, "ann", person=sales_rep)
    run_of(MARCH, {ann: [line(credit(ann, 1000, MARCH))]}, version)
    paid = PayLine.objects.get()
    made = raise_dispute(
        actor=sales_rep,
        statement=paid.statement,
        about="amount",
        text="The deal was 3,000.",
        expected=Decimal(150),
        line=paid,
    )
    Rep.objects.filter(pk=ann.pk).update(person=manager)
    return Dispute.objects.get(pk=made.pk)


def decided_by(actor: Person, dispute: Dispute) -> Dispute:
    return decide_dispute(actor=actor, dispute=dispute, accept=True, reason="So it is", revision=1)


def test_whose_pay_it_is_now_does_not_decide_what_another_raised(dispute: Dispute, manager: Person) -> None:
    with pytest.raises(Refused, match="your own pay"):
        decided_by(manager, dispute)
    assert not offered_moves(dispute, manager)


def test_who_raised_it_does_not_decide_though_the_pay_is_anothers_now(
    dispute: Dispute, sales_rep: Person
) -> None:
    sales_rep.roles = ["sales_rep", "vp"]
    sales_rep.save()

    with pytest.raises(Refused, match="your own pay"):
        decided_by(sales_rep, dispute)
    assert [move.name for move in offered_moves(dispute, sales_rep)] == ["withdraw"]


def test_what_a_colleague_decided_is_not_withdrawn(dispute: Dispute, sales_rep: Person, vp: Person) -> None:
    assert decided_by(vp, dispute).state == "accepted"
    with pytest.raises(Refused):
        withdraw_dispute(actor=sales_rep, dispute=dispute, revision=2)


def test_a_double_click_asks_about_a_missing_deal_once(dispute: Dispute, sales_rep: Person) -> None:
    Rep.objects.filter(pk=dispute.rep_id).update(person=sales_rep)

    def asked(text: str) -> Dispute:
        return raise_dispute(actor=sales_rep, statement=dispute.statement, about="missing", text=text)

    asked("One deal is missing.")
    with pytest.raises(Refused, match="You asked exactly this already"):
        asked("One deal is missing.")
    assert asked("Two are missing.").state == "open"
