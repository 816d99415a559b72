"""Order papers: quotes, contracts, orders and invoices as states with due days. Not an ERP."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from catalog.models import NEVER_DELETED, Currency
from core.fields import MoneyField
from core.models import Person, Revised
from crm.engine.paper_moves import PAPER_MOVES
from crm.models.accounts import Account
from crm.models.deals import Deal


class PaperKind(models.TextChoices):
    """What an order paper is."""

    QUOTE = "quote", "Quote"
    CONTRACT = "contract", "Contract"
    ORDER = "order", "Order"
    INVOICE = "invoice", "Invoice"


class PaperState(models.TextChoices):
    """How far an order paper is; crm/workflow/papers.py says who moves it."""

    DRAFT = "draft", "Draft"
    APPROVAL = "approval", "Waiting for approval"
    APPROVED = "approved", "Approved"
    SENT = "sent", "Sent"
    SIGNED = "signed", "Signed"
    INVOICED = "invoiced", "Invoiced"
    PAID = "paid", "Paid"
    DECLINED = "declined", "Declined"
    CANCELLED = "cancelled", "Cancelled"


@pghistory.track(exclude=["written"])
@pgtrigger.register(
    pgtrigger.FSM(
        name="only_moves_of_the_table",
        field="state",
        transitions=list(PAPER_MOVES.transitions),
        condition=pgtrigger.Q(old__source="here"),  # another system's papers move as they move there
    ),
    NEVER_DELETED,
)
class OrderPaper(Revised):
    """A quote, contract, order or invoice of a deal, wherever it was written.

    What another system writes may come piece by piece: account and amount are empty until it tells them,
    and `written` keeps, per field, when it did. A paper deleted there is a tombstone.
    """

    source = models.CharField(max_length=60, default="here")
    external_id = models.CharField(max_length=200, blank=True, default="", help_text="Its id in the source.")
    number = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=PaperKind.choices)
    state = models.CharField(max_length=9, choices=PaperState.choices, default=PaperState.DRAFT)
    deal = models.ForeignKey(Deal, models.PROTECT, null=True, blank=True, related_name="papers")
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="papers")
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    amount = MoneyField(null=True, blank=True, help_text="In the paper's currency.")
    currency = models.ForeignKey(Currency, models.PROTECT, null=True, blank=True, related_name="+")
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    delivered_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    due = models.DateField(null=True, blank=True, help_text="Answer, signature, delivery or payment by then.")
    document = models.URLField(max_length=500, blank=True, default="")
    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="papers")
    submitted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    changed_state = models.DateTimeField(null=True, blank=True)
    is_deleted = models.BooleanField(default=False)
    written = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        ordering = ["due", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind", "number"],
                name="order_paper_once",
                violation_error_message="There is a paper of this kind with this number already.",
            ),
            models.UniqueConstraint(
                fields=["source", "kind", "external_id"],
                condition=~Q(external_id=""),
                name="order_paper_once_in_its_source",
            ),
            models.CheckConstraint(
                condition=~Q(source="here")
                | Q(account__isnull=False, amount__isnull=False, currency__isnull=False),
                name="order_paper_of_ours_is_complete",
                violation_error_message="A paper has an account, an amount and a currency.",
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0),
                name="order_paper_amount_is_not_negative",
                violation_error_message="An amount is 0 or more.",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | Q(submitted_by=None)
                | ~Q(approved_by=models.F("submitted_by")),
                name="order_paper_is_not_approved_by_its_submitter",
                violation_error_message="Nobody approves the own paper. Ask a colleague.",
            ),
            models.CheckConstraint(condition=Q(kind__in=PaperKind.values), name="order_paper_kind_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=PaperState.values), name="order_paper_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(discount_percent__gte=0, discount_percent__lte=100),
                name="order_paper_discount_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(delivered_percent__gte=0, delivered_percent__lte=100),
                name="order_paper_delivery_is_a_percentage",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due"], name="order_paper_by_state"),
            models.Index(fields=["-changed_state"], name="order_paper_by_change"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"
