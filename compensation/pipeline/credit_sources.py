"""What may be credited: won deals line by line, invoices, paid invoices, sales lines; in a temporary table.

A row of `credit_source` is one event of one basis. `source` is its identity, `amount` its worth in base
currency at the rate of its month (the newest known before it, as for deals), `own_amount` in its own money;
`rep_id` the rep that the CRM or the order names. Events without a worth are left out.
"""

from collections.abc import Sequence
from typing import Any

from catalog.selectors import base_currency
from compensation.models import Basis
from core import company
from crm.selectors.bookings import bookings_of, won_deals

TABLE = """
    CREATE TEMP TABLE credit_source (
        place bigint GENERATED ALWAYS AS IDENTITY, basis text, source text, deal_id bigint, paper_id bigint,
        line bigint, label text, day date, account_id bigint, product_id bigint, family_id bigint,
        market_id bigint, territory_id bigint, pipeline text, rep_id bigint, amount numeric(18,4),
        quantity numeric(18,4), margin numeric(18,4), currency text, own_amount numeric(18,4),
        rate numeric(18,8)
    )"""
INTO = """
    INSERT INTO credit_source (basis, source, deal_id, paper_id, line, label, day, account_id, product_id,
        family_id, market_id, territory_id, pipeline, rep_id, amount, quantity, margin, currency, own_amount,
        rate)"""
# The rate of the month, or the newest before it; NULL where nobody knows one.
RATE = """
    LEFT JOIN LATERAL (
        SELECT rate FROM catalog_monthrate
        WHERE currency_id = {currency} AND month <= {day} ORDER BY month DESC LIMIT 1
    ) {alias} ON TRUE"""
# Where the account lay that day, by the model that was in force.
PLACED = """
    LEFT JOIN (
        SELECT p.account_id, p.territory_id, p.days * model.days AS days
        FROM territories_placement p
        JOIN territories_territorymodel model ON model.id = p.model_id AND p.days && model.days
        WHERE p.role_id IS NULL
    ) placed ON placed.account_id = {account} AND placed.days @> {day}"""
# What one of a product costs on a day: the cost that holds everywhere, else that of the first site with one.
COST = """
    LEFT JOIN LATERAL (
        SELECT amount, currency_id FROM catalog_cost
        WHERE product_id = {product} AND valid @> {day} ORDER BY site_id NULLS FIRST LIMIT 1
    ) cost ON TRUE"""
BOOKED = """{into}
    SELECT 'bookings', 'd' || deal.id || '.' || coalesce(booked.line, 0), deal.id, NULL, NULL,
        coalesce(nullif(deal.name, ''), deal.external_id), deal.closed, deal.account_id, product.id,
        product.family_id, account.market_id, placed.territory_id, deal.pipeline, deal.rep_id,
        booked.base_money, coalesce(booked.quantity, 0),
        round(booked.base_money - booked.quantity * cost.amount *
            CASE WHEN cost.currency_id = '{base}' THEN 1 ELSE cost_rate.rate END, 4),
        coalesce(deal.currency_id, '{base}'), booked.money,
        CASE WHEN coalesce(deal.currency_id, '{base}') = '{base}' THEN 1 ELSE known.rate END
    FROM ({bookings}) booked JOIN crm_deal deal ON deal.id = booked.deal
    LEFT JOIN crm_dealline line ON line.deal_id = deal.id AND line.position = booked.line
    LEFT JOIN catalog_product product ON product.id = coalesce(line.product_id, deal.product_id)
    LEFT JOIN crm_account account ON account.id = deal.account_id
    {placed} {cost} {rate} {cost_rate}
    WHERE booked.base_money IS NOT NULL
    ORDER BY deal.closed, deal.id, booked.line"""
# The first day on which the paper stood in one of the states, as its history tells.
PAPERS = """{into}
    WITH told AS (
        SELECT pgh_obj_id AS paper_id, min(coalesce(changed_state, pgh_created_at)) AS at
        FROM crm_orderpaperevent WHERE kind = 'invoice' AND state = ANY(%(states)s) GROUP BY 1
    )
    SELECT %(basis)s, 'p' || paper.id, paper.deal_id, paper.id, NULL, 'Invoice ' || paper.number,
        at.day, account.id, product.id, product.family_id, account.market_id, placed.territory_id,
        coalesce(deal.pipeline, ''), deal.rep_id,
        round(paper.amount * worth.rate, 4), 0, NULL, coalesce(paper.currency_id, '{base}'), paper.amount,
        worth.rate
    FROM crm_orderpaper paper LEFT JOIN told ON told.paper_id = paper.id
    LEFT JOIN crm_deal deal ON deal.id = paper.deal_id
    LEFT JOIN crm_account account ON account.id = coalesce(paper.account_id, deal.account_id)
    LEFT JOIN catalog_product product ON product.id = deal.product_id
    CROSS JOIN LATERAL (
        SELECT (coalesce(told.at, paper.changed_state) AT TIME ZONE %(zone)s)::date AS day
    ) at
    {placed} {rate}
    CROSS JOIN LATERAL (
        SELECT CASE WHEN coalesce(paper.currency_id, '{base}') = '{base}' THEN 1 ELSE known.rate END AS rate
    ) worth
    WHERE paper.kind = 'invoice' AND NOT paper.is_deleted AND paper.state = ANY(%(states)s)
        AND paper.amount IS NOT NULL AND worth.rate IS NOT NULL AND at.day IS NOT NULL
        AND (deal.id IS NULL OR (NOT deal.is_deleted AND deal.merged_into_id IS NULL))
    ORDER BY at.day, paper.id"""
SOLD = """{into}
    SELECT 'sales', 'l' || line.id, NULL, NULL, line.id, line.order_number || ' / ' || line.line, line.day,
        line.account_id, unit.product_id, product.family_id, unit.market_id, placed.territory_id, '',
        line.rep_id, round(signed.revenue * worth.rate, 4), signed.quantity,
        round((signed.revenue - signed.cost) * worth.rate, 4), line.currency, signed.revenue, worth.rate
    FROM gathering_salesline line JOIN catalog_demandunit unit ON unit.id = line.demand_unit_id
    JOIN catalog_product product ON product.id = unit.product_id
    {placed} {rate}
    CROSS JOIN LATERAL (SELECT CASE WHEN line.currency = '{base}' THEN 1 ELSE known.rate END AS rate) worth
    CROSS JOIN LATERAL (SELECT CASE WHEN line.kind = 'return' THEN -1 ELSE 1 END AS sign) turned
    CROSS JOIN LATERAL (
        SELECT sign * line.revenue AS revenue, sign * line.quantity AS quantity, sign * line.cost AS cost
    ) signed
    WHERE worth.rate IS NOT NULL"""
INVOICED, PAID = ["invoiced", "sent", "paid"], ["paid"]


def gather(cursor: Any, bases: Sequence[Basis]) -> None:
    """Make `credit_source` anew with the events of these bases."""
    cursor.execute("DROP TABLE IF EXISTS credit_source")
    cursor.execute(TABLE)
    for basis in bases:
        GATHERED[basis](cursor)
    cursor.execute("ALTER TABLE credit_source ADD PRIMARY KEY (place)")
    cursor.execute("ANALYZE credit_source")


def _bookings(cursor: Any) -> None:
    rows = bookings_of(won_deals(None).filter(base_amount__isnull=False))
    query, params = rows.query.get_compiler("default").as_sql()
    cost_rate = RATE.format(currency="cost.currency_id", day="deal.closed", alias="cost_rate")
    sql = BOOKED.format(
        into=INTO,
        base=_base(),
        bookings=query,
        placed=PLACED.format(account="deal.account_id", day="deal.closed"),
        cost=COST.format(product="product.id", day="deal.closed"),
        rate=RATE.format(currency="deal.currency_id", day="deal.closed", alias="known"),
        cost_rate=cost_rate,
    )
    cursor.execute(sql, params)


def _papers(cursor: Any, basis: str, states: list[str]) -> None:
    sql = PAPERS.format(
        into=INTO,
        base=_base(),
        placed=PLACED.format(account="account.id", day="at.day"),
        rate=RATE.format(currency="paper.currency_id", day="at.day", alias="known"),
    )
    cursor.execute(sql, {"basis": basis, "states": states, "zone": company.value("time_zone")})


def _invoiced(cursor: Any) -> None:
    _papers(cursor, Basis.INVOICED, INVOICED)


def _cash(cursor: Any) -> None:
    _papers(cursor, Basis.CASH, PAID)


def _sales(cursor: Any) -> None:
    sql = SOLD.format(
        into=INTO,
        base=_base(),
        placed=PLACED.format(account="line.account_id", day="line.day"),
        rate=RATE.format(currency="line.currency", day="line.day", alias="known"),
    )
    cursor.execute(sql)


def _base() -> str:
    """Three capital letters, as the table of currencies demands: safe inside a statement."""
    return base_currency()


GATHERED = {Basis.BOOKINGS: _bookings, Basis.INVOICED: _invoiced, Basis.CASH: _cash, Basis.SALES: _sales}
