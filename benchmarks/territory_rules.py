"""500 rules over 100,000 accounts, from the rows of the tables to stored placements.

    python -m benchmarks territory_rules

Each rule asks for a country or a market, and one of: a range of postcodes, industries and a size, a
region, a named list. The run that finds nothing to change and a look at one rule's accounts are timed
beside it.
"""

import random
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from territories.engine.conditions import parse
from territories.models import Placement, Rule, Territory, TerritoryModel
from territories.pipeline.rule_running import run_rules
from territories.selectors.rules import accounts_meeting

ACCOUNTS, RULES, TERRITORIES = 100_000, 500, 100
BAR_SECONDS = 10.0
COUNTRIES = ("Germany", "France", "Austria", "Italy", "Spain", "Poland")
INDUSTRIES = tuple(f"Industry {number}" for number in range(30))
MARKETS = 24


def run() -> dict[str, Any]:
    """Seconds of the first run, of a second one, and of the accounts of a single rule."""
    _accounts()
    model = _rules()
    first, made = _timed(lambda: run_rules(model, by=None))
    second, again = _timed(lambda: run_rules(model, by=None))
    look, _ = _timed(lambda: accounts_meeting(parse(Rule.objects.all()[0].condition), None))
    stored = Placement.objects.filter(model=model).count()
    return {
        "accounts": ACCOUNTS,
        "rules": RULES,
        "stored": stored,
        "gaps": made.gaps,
        "overlaps": made.overlaps,
        "seconds": round(first, 2),
        "second_run_seconds": round(second, 2),
        "one_rule_seconds": round(look, 2),
        "passes": first <= BAR_SECONDS
        and again.changed == 0
        and stored == made.changed == ACCOUNTS - made.gaps,
    }


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def _accounts(seed: int = 3) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT setseed(0.{seed})")
        cursor.execute(
            f"""
            INSERT INTO catalog_market (code, name, kind, revision)
            SELECT 'M' || n, 'Market ' || n, 'region', 1 FROM generate_series(0, {MARKETS - 1}) n
            """
        )
        cursor.execute(
            f"""
            INSERT INTO crm_account (code, name, industry, employees, country, region, city, postcode,
                is_active, market_id, revision)
            SELECT 'A' || to_char(n, 'FM000000'), 'Account ' || n,
                'Industry ' || floor(random() * {len(INDUSTRIES)}), floor(random() * 5000),
                (%s::text[])[1 + floor(random() * {len(COUNTRIES)})::int],
                'Region ' || floor(random() * 60), 'City ' || floor(random() * 3000),
                to_char(floor(random() * 100000), 'FM00000'), true,
                (SELECT min(id) FROM catalog_market) + n %% {MARKETS}, 1
            FROM generate_series(0, {ACCOUNTS - 1}) n
            """,
            [list(COUNTRIES)],
        )
        cursor.execute("ANALYZE crm_account")


def _rules(seed: int = 5) -> TerritoryModel:
    chance = random.Random(seed)
    model = TerritoryModel.objects.create(code="bench", name="Bench")
    territories = [
        Territory(model=model, code=f"T{number}", name=f"T{number}", type="geographic")
        for number in range(TERRITORIES)
    ]
    Territory.objects.bulk_create(territories)
    Rule.objects.bulk_create(
        Rule(
            territory=chance.choice(territories),
            name=f"Rule {number}",
            priority=chance.choice((10, 20, 30, 100)),
            condition=_condition(chance),
        )
        for number in range(RULES)
    )
    return model


def _condition(chance: random.Random) -> dict[str, Any]:
    place = {"field": "country", "value": chance.choice(COUNTRIES)}
    if chance.random() < 0.3:
        place = {"field": "market", "value": f"M{chance.randrange(MARKETS)}"}
    low = chance.randrange(0, 90_000)
    kinds: list[dict[str, Any]] = [
        {"field": "postcode", "is": "between", "value": [f"{low:05d}", f"{low + 8000:05d}"]},
        {
            "all": [
                {"field": "industry", "is": "one of", "value": chance.sample(INDUSTRIES, 4)},
                {"field": "employees", "is": "at least", "value": chance.randrange(100, 3000)},
            ]
        },
        {"field": "region", "is": "starts with", "value": f"Region {chance.randrange(1, 7)}"},
        {"field": "account", "is": "one of", "value": _named(chance)},
    ]
    return {"all": [place, chance.choice(kinds)]}


def _named(chance: random.Random) -> list[str]:
    return [f"A{chance.randrange(ACCOUNTS):06d}" for _ in range(200)]
