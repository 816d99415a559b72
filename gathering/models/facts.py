"""The facts: what was sold, is in stock, is ordered, can be made, was budgeted and aimed at.

Every fact carries the import that made it, so that any number can be traced to its file. Facts are
written by the import pipeline alone (gathering.pipeline); an import that restates a fact replaces
its values and is named on it.
"""

import pgtrigger
from django.db import models
from django.db.models import Q

from catalog.models import (
    Currency,
    DemandUnit,
    Family,
    Market,
    Product,
    Resource,
    Site,
)
from core.fields import MoneyField, MonthField, QuantityField, is_first_of_month
from crm.models import Account, Rep
from gathering.models.imports import ImportRun


class LineKind(models.TextChoices):
    """Whether a line adds to what was sold or takes from it."""

    SALE = "sale", "Sale"
    RETURN = "return", "Return"


POINTS_SOMEWHERE = """
    IF EXISTS (
        SELECT 1 FROM lines l
        LEFT JOIN catalog_demandunit d ON d.id = l.demand_unit_id
        LEFT JOIN gathering_importrun i ON i.id = l.run_id
        LEFT JOIN crm_account a ON a.id = l.account_id
        LEFT JOIN crm_rep r ON r.id = l.rep_id
        WHERE d.id IS NULL OR i.id IS NULL
           OR (l.account_id IS NOT NULL AND a.id IS NULL) OR (l.rep_id IS NOT NULL AND r.id IS NULL)
    ) THEN
        RAISE EXCEPTION 'An order line points at a row that does not exist.'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
"""


def _points_somewhere(name: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    """The foreign keys of a whole statement, looked up at once."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(new="lines"),
        func=POINTS_SOMEWHERE,
    )


@pgtrigger.register(
    _points_somewhere("new_lines_point_somewhere", pgtrigger.Insert),
    _points_somewhere("changed_lines_point_somewhere", pgtrigger.Update),
)
class SalesLine(models.Model):
    """One order line as it came, kept raw. Summed into Sales when its import is committed.

    (source, order_number, line) is its identity: the same line in a later file restates it.
    Foreign keys without a constraint: PostgreSQL would look each row up by itself. Two triggers look
    up a whole statement's rows at once, and what they point at is never deleted (docs/adr/0006).
    """

    source = models.CharField(max_length=60)
    order_number = models.CharField(max_length=80)
    line = models.CharField(max_length=120)
    kind = models.CharField(max_length=6, choices=LineKind.choices, default=LineKind.SALE)
    day = models.DateField()
    demand_unit = models.ForeignKey(
        DemandUnit, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="lines"
    )
    account = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="lines"
    )
    rep = models.ForeignKey(
        Rep, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="lines"
    )
    quantity = QuantityField()
    unit_price = MoneyField(null=True)
    revenue = MoneyField()
    cost = MoneyField(null=True)
    currency = models.CharField(max_length=3)
    run = models.ForeignKey(
        ImportRun, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="lines"
    )
    row_number = models.BigIntegerField()

    class Meta:
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "order_number", "line"], name="sales_line_once"),
            models.CheckConstraint(condition=Q(kind__in=LineKind.values), name="sales_line_kind_is_known"),
        ]
        indexes = [models.Index(fields=["demand_unit", "day"], name="sales_line_by_demand_unit")]

    def __str__(self) -> str:
        return f"{self.order_number} / {self.line}"


class Sales(models.Model):
    """What a demand unit sold in a month: the sum of its lines, in base currency.

    Returns are kept apart: `quantity` and `revenue` are gross, `returned_…` what came back.
    """

    demand_unit = models.ForeignKey(DemandUnit, models.PROTECT, related_name="sales")
    month = MonthField()
    quantity = QuantityField(default=0)
    revenue = MoneyField(default=0)
    cost = MoneyField(default=0)
    returned_quantity = QuantityField(default=0)
    returned_revenue = MoneyField(default=0)
    lines = models.PositiveIntegerField(default=0)
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="sales", help_text="The last import.")

    class Meta:
        ordering = ["demand_unit", "month"]
        verbose_name_plural = "sales"
        constraints = [
            models.UniqueConstraint(fields=["demand_unit", "month"], name="sales_once_a_month"),
            is_first_of_month("sales"),
        ]
        indexes = [
            models.Index(fields=["month", "demand_unit"], name="sales_by_month"),
            models.Index(fields=["-revenue", "id"], name="sales_by_revenue"),
        ]

    def __str__(self) -> str:
        return f"{self.demand_unit_id} {self.month:%b %Y}"


class StockLevel(models.Model):
    """What was on hand at a site at the end of a day."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="stock")
    product = models.ForeignKey(Product, models.PROTECT, related_name="stock")
    day = models.DateField()
    quantity = QuantityField()
    value = MoneyField(null=True)
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="stock")

    class Meta:
        ordering = ["product", "site", "-day"]
        constraints = [
            models.UniqueConstraint(fields=["site", "product", "day"], name="stock_level_once_a_day"),
        ]
        indexes = [models.Index(fields=["product", "-day"], name="stock_level_by_product")]

    def __str__(self) -> str:
        return f"{self.product_id} at {self.site_id}"


class OpenOrder(models.Model):
    """An order line that is not delivered yet, as of a day."""

    source = models.CharField(max_length=60)
    order_number = models.CharField(max_length=80)
    line = models.CharField(max_length=120)
    as_of = models.DateField()
    due = models.DateField()
    demand_unit = models.ForeignKey(DemandUnit, models.PROTECT, related_name="open_orders")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="open_orders")
    quantity = QuantityField()
    revenue = MoneyField(null=True)
    currency = models.ForeignKey(Currency, models.PROTECT)
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="open_orders")

    class Meta:
        ordering = ["due", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "order_number", "line", "as_of"], name="open_order_once_a_day"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="open_order_is_not_negative"),
        ]
        indexes = [models.Index(fields=["demand_unit", "due"], name="open_order_by_demand_unit")]

    def __str__(self) -> str:
        return f"{self.order_number} / {self.line}"


class Capacity(models.Model):
    """What a resource can give in a month, in the resource's unit."""

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="capacity")
    month = MonthField()
    regular = QuantityField()
    overtime = QuantityField(default=0)
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="capacity")

    class Meta:
        ordering = ["resource", "month"]
        verbose_name_plural = "capacity"
        constraints = [
            models.UniqueConstraint(fields=["resource", "month"], name="capacity_once_a_month"),
            models.CheckConstraint(
                condition=Q(regular__gte=0, overtime__gte=0), name="capacity_is_not_negative"
            ),
            is_first_of_month("capacity"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.month:%b %Y}"


class Budget(models.Model):
    """What finance budgeted for a month: by product or by family, in one market, in base currency."""

    name = models.CharField(max_length=60, default="budget", help_text="Which budget: Budget 2026, …")
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="budgets")
    family = models.ForeignKey(Family, models.PROTECT, null=True, related_name="budgets")
    market = models.ForeignKey(Market, models.PROTECT, related_name="budgets")
    month = MonthField()
    quantity = QuantityField(null=True)
    revenue = MoneyField(null=True)
    cost = MoneyField(null=True)
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="budgets")

    class Meta:
        ordering = ["month", "market", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "product", "family", "market", "month"],
                nulls_distinct=False,
                name="budget_once_a_month",
            ),
            models.CheckConstraint(
                condition=Q(product=None, family__isnull=False) | Q(product__isnull=False, family=None),
                name="budget_is_for_a_product_or_a_family",
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=False) | Q(revenue__isnull=False), name="budget_says_something"
            ),
            is_first_of_month("budget"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.month:%b %Y}"


class Target(models.Model):
    """What a rep or a market should sell in a month, in base currency."""

    rep = models.ForeignKey(Rep, models.PROTECT, null=True, related_name="targets")
    market = models.ForeignKey(Market, models.PROTECT, null=True, related_name="targets")
    month = MonthField()
    amount = MoneyField()
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="targets")

    class Meta:
        ordering = ["month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rep", "market", "month"], nulls_distinct=False, name="target_once_a_month"
            ),
            models.CheckConstraint(
                condition=Q(rep__isnull=False) | Q(market__isnull=False), name="target_is_somebodys"
            ),
            is_first_of_month("target"),
        ]

    def __str__(self) -> str:
        return f"Target {self.month:%b %Y}"


class ExternalForecast(models.Model):
    """What somebody outside (a customer, a parent company) forecasts for a demand unit."""

    source = models.CharField(max_length=60)
    demand_unit = models.ForeignKey(DemandUnit, models.PROTECT, related_name="external_forecasts")
    month = MonthField()
    quantity = QuantityField()
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="external_forecasts")

    class Meta:
        ordering = ["demand_unit", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "demand_unit", "month"], name="external_forecast_once_a_month"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="external_forecast_is_not_negative"),
            is_first_of_month("external_forecast"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.month:%b %Y}"
