"""What the reps are selling: deals with every step on their way, cut off at a day.

A deal's whole life is thrown at once, so that it does not depend on the day on which one looks.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from demo.company.span import HISTORY, chance, first_day
from demo.company.trade import LINES, MARKETS, REPS

MONTHS_BACK = 20
A_MONTH = 4  # new deals of a rep
MOST_SCALE = 3  # more products do not mean ever more deals
DAY = dt.timedelta(days=1)

# fmt: off
# code, name, kind, chance to win, forecast category, days that a deal spends there
STAGES = (
    ("QUALIFIED", "Qualified", "open", 0.10, "pipeline", 16),
    ("NEEDS", "Needs known", "open", 0.25, "pipeline", 20),
    ("OFFER", "Offer sent", "open", 0.50, "best_case", 18),
    ("TALKS", "Negotiation", "open", 0.75, "commit", 13),
    ("WON", "Won", "won", 1, "closed", 0),
    ("LOST", "Lost", "lost", 0, "omitted", 0),
)
GOES_ON = (0.80, 0.78, 0.74, 0.82)  # the share of deals that come from a stage to the next
TEAMS = (
    ("DACH", "Germany, Austria", "R02", ("R02", "R04", "R05", "R06", "R07")),
    ("WEST", "Western Europe", "R03", ("R03", "R08", "R09", "R10", "R11", "R12")),
    ("NORDICS", "Nordics", "R01", ("R13", "R14")),
)
KINDS = ("Pre-order of", "Refill of", "First listing of", "Promotion of", "Spring range of", "Display of")
NEXT_STEPS = ("Call the buyer", "Send samples", "Show the new season", "Send the offer again",
              "Agree on the delivery date", "Meet their head of purchasing", "Wait for their budget", "")
WHY_LOST = ("Price", "A competitor was faster", "No budget this season", "Delivery date too late",
            "The buyer left", "Chose fewer brands")
NO_ANSWER = "No answer any more"
CLEARED_AFTER = (60, 130)  # days after which a deal that nobody touches is taken out of the pipeline
DESKS = (("Purchasing", "purchasing", "Buying"), ("Shop floor", "shop", "Store management"))
# fmt: on
WON, LOST = len(STAGES) - 2, len(STAGES) - 1
STEPS = ("stage", "amount", "expected_close", "rep")  # what a row of the history tells


@dataclass
class Deal:
    """A deal and its changes by day: (day, what, value), in the order of time."""

    key: str
    facts: dict[str, Any]
    changes: list[tuple[dt.date, str, Any]]

    def at(self, today: dt.date) -> dict[str, Any]:
        """What is true of it at the end of a day."""
        return self.facts | {what: value for day, what, value in self.changes if day <= today}


def deal_tables(
    accounts: pd.DataFrame,
    products: pd.DataFrame,
    targets: pd.DataFrame,
    *,
    scale: int,
    seed: int,
    first: int,
    today: dt.date,
) -> dict[str, pd.DataFrame]:
    """Stages, teams, contacts, deals as they are on `today`, and the steps that led there."""
    deals = list(_deals(accounts, products, targets, min(scale, MOST_SCALE), seed, first, today))
    begun = [deal for deal in deals if deal.changes[0][0] <= today]
    return {
        "deal_stages": _stages(),
        "teams": pd.DataFrame([{"code": c, "name": n, "leader": who} for c, n, who, _ in TEAMS]),
        "team_members": _members(first),
        "contacts": _contacts(accounts),
        "deals": _newest(begun, today),
        "deal_history": _history(begun, today),
        "deal_lines": _lines(begun, products, seed),
    }


def _stages() -> pd.DataFrame:
    rows = [
        {"code": code, "name": name, "position": place, "kind": kind, "probability": share, "category": group}
        for place, (code, name, kind, share, group, _) in enumerate(STAGES, start=1)
    ]
    return pd.DataFrame(rows)


def _members(first: int) -> pd.DataFrame:
    rows = [
        {"team": code, "rep": rep, "valid_from": first_day(first).isoformat()}
        for code, _, _, reps in TEAMS
        for rep in reps
    ]
    return pd.DataFrame(rows)


def _contacts(accounts: pd.DataFrame) -> pd.DataFrame:
    """Desks instead of people: nobody is invented for a customer."""
    rows = [
        {
            "account": account,
            "name": name,
            "email": f"{desk}@{account.lower()}.example",
            "job_title": title,
        }
        for account in accounts["code"]
        for name, desk, title in DESKS
    ]
    return pd.DataFrame(rows)


def _deals(
    accounts: pd.DataFrame,
    products: pd.DataFrame,
    targets: pd.DataFrame,
    scale: int,
    seed: int,
    first: int,
    today: dt.date,
) -> Iterator[Deal]:
    """Each rep's deals, month by month; the size of a deal follows what the rep is to sell in a month."""
    dice, broom = chance(seed, "deals"), chance(seed, "forgotten deals")
    size = targets.groupby("rep")["amount"].mean()
    sold = products[products["state"] == "active"].reset_index(drop=True)
    number = 0
    for month in range(first + HISTORY - MONTHS_BACK, first + HISTORY + 1):
        for rep in (rep[0] for rep in REPS if (accounts["owner"] == rep[0]).any()):
            own = accounts[accounts["owner"] == rep]
            for _ in range(dice.poisson(A_MONTH) * scale):
                number += 1
                account = own.iloc[int(dice.choice(len(own), p=_weights(own)))]
                product = sold.iloc[int(dice.integers(len(sold)))]
                key = f"CRM-{10_000 + number}"
                yield _cleared(_deal(key, rep, account, product, size[rep], month, dice), broom)


def _weights(accounts: pd.DataFrame) -> np.ndarray:
    weight = accounts["weight"].to_numpy() ** 0.5
    return np.asarray(weight / weight.sum())


def _deal(
    key: str, rep: str, account: Any, product: Any, size: float, month: int, dice: np.random.Generator
) -> Deal:
    begun = _workday(first_day(month) + DAY * int(dice.integers(0, 28)))
    amount = float(np.round(size * dice.lognormal(-0.85, 0.65), -2))
    line = next(line for line in LINES if line.code == product["family"])
    facts = {
        "name": f"{dice.choice(KINDS)} {line.name.lower()}, {account['name']}",
        "account": account["code"],
        "product": product["code"],
        "currency": next(market[4] for market in MARKETS if market[0] == account["market"]),
        "next_step": str(dice.choice(NEXT_STEPS)),
        "lost_reason": str(dice.choice(WHY_LOST)),
    }
    return Deal(key, facts, list(_life(begun, rep, amount, dice)))


def _life(
    begun: dt.date, rep: str, amount: float, dice: np.random.Generator
) -> Iterator[tuple[dt.date, str, Any]]:
    """Through the stages until it is won, lost, or nobody touches it any more (see `_cleared`)."""
    close = _workday(begun + DAY * int(dice.integers(35, 110)))
    yield from ((begun, "stage", 0), (begun, "amount", amount), (begun, "expected_close", close))
    yield begun, "rep", rep
    day, stage = begun, 0
    while stage < WON:
        day = _workday(day + DAY * int(1 + dice.gamma(2.0, STAGES[stage][5] / 2)))
        if dice.random() < 0.01:
            return  # forgotten: it stays where it is
        if day > close or dice.random() < 0.16:
            close = _workday(max(day, close) + DAY * int(dice.integers(10, 60)))
            yield day, "expected_close", close
        stage = _next(stage, dice)
        yield day, "stage", stage
        if stage < WON and dice.random() < 0.25:
            amount = float(np.round(amount * dice.uniform(0.75, 1.25), -2))
            yield day, "amount", amount
    yield day, "closed", day


def _cleared(deal: Deal, broom: np.random.Generator) -> Deal:
    """A deal that was forgotten stands still for a while; then it is called lost."""
    day, what, _ = deal.changes[-1]
    if what == "closed":
        return deal
    over = _workday(day + DAY * int(broom.integers(*CLEARED_AFTER)))
    lost = [(over, "stage", LOST), (over, "lost_reason", NO_ANSWER), (over, "closed", over)]
    return Deal(deal.key, deal.facts, [*deal.changes, *lost])


def _next(stage: int, dice: np.random.Generator) -> int:
    if dice.random() > GOES_ON[stage]:
        return LOST
    return stage + 1


def _workday(day: dt.date) -> dt.date:
    return day + DAY * max(0, 7 - day.weekday() if day.weekday() > 4 else 0)


def _newest(deals: list[Deal], today: dt.date) -> pd.DataFrame:
    """The file of the CRM: every deal as it is now, without the days on which it became so."""
    rows = []
    for deal in deals:
        now = deal.at(today)
        is_open, is_lost = now["stage"] < WON, now["stage"] == LOST
        rows.append(
            {
                "external_id": deal.key,
                "name": now["name"],
                "account": now["account"],
                "rep": now["rep"],
                "stage": STAGES[now["stage"]][0],
                "product": now["product"],
                "amount": now["amount"],
                "currency": now["currency"],
                "expected_close": now["expected_close"].isoformat(),
                "closed": now["closed"].isoformat() if "closed" in now else "",
                "next_step": now["next_step"] if is_open else "",
                "lost_reason": now["lost_reason"] if is_lost else "",
                "as_of": today.isoformat(),
            }
        )
    return pd.DataFrame(rows)


def _history(deals: list[Deal], today: dt.date) -> pd.DataFrame:
    """One row for each deal and day on which something changed, with what changed."""
    by_day: dict[tuple[str, dt.date], dict[str, Any]] = {}
    for deal in deals:
        for day, what, value in deal.changes:
            if day <= today and what in STEPS:
                by_day.setdefault((deal.key, day), {})[what] = value
    rows = [
        {
            "deal": key,
            "occurred": day.isoformat(),
            "stage": STAGES[changed["stage"]][0] if "stage" in changed else "",
            "amount": changed.get("amount", ""),
            "expected_close": changed["expected_close"].isoformat() if "expected_close" in changed else "",
            "rep": changed.get("rep", ""),
        }
        for (key, day), changed in by_day.items()
    ]
    return pd.DataFrame(rows)


def _lines(deals: list[Deal], products: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Every third deal names its products: its own one and others of the family."""
    dice = chance(seed, "deal lines")
    price = products.set_index("code")["price"]
    family = products.set_index("code")["family"]
    rows = []
    for deal in deals[::3]:
        own = str(deal.facts["product"])
        others = [code for code in family.index[family == family[own]] if code != own]
        chosen = [own, *dice.choice(others, int(dice.integers(0, 3)), replace=False)]
        amount = next(value for _, what, value in deal.changes if what == "amount")
        for position, code in enumerate(chosen, start=1):
            part = round(amount / len(chosen), 2)
            quantity = max(1, round(part / float(price[code]) / 0.62))
            rows.append(
                {
                    "deal": deal.key,
                    "position": position,
                    "product": code,
                    "quantity": quantity,
                    "amount": part,
                }
            )
    return pd.DataFrame(rows)
