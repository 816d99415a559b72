"""How CRMs call our accounts, contacts and deal lines, and what they told of them."""

from django.db import models

from crm.models.accounts import Account, Contact
from crm.models.deals import DealLine


class OutsideRecord(models.Model):
    """A record of a CRM beside the row that it is here, once enough is known to make one.

    `written` keeps, per field, the newest value and when the sender wrote it (as Deal.written), so that
    events may come in any order. Of a contact that was deleted it keeps no personal values.
    """

    source = models.CharField(max_length=60)
    entity = models.CharField(max_length=40)
    external_id = models.CharField(max_length=200)
    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="outside")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="outside")
    line = models.ForeignKey(DealLine, models.SET_NULL, null=True, related_name="outside")
    written = models.JSONField(default=dict)

    class Meta:
        ordering = ["source", "entity", "external_id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "entity", "external_id"], name="outside_record_once")
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.external_id} of {self.source}"
