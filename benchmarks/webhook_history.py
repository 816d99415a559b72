"""A CRM's year: deals that are changed, deleted, restored and merged, and what must come of it.

`expected` applies the unique events in their true order by the plainest means, independent of the
product: a dictionary in which the last one wins.
"""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 1, tzinfo=UTC)
STAGES = ("new", "offer", "contract", "closedwon", "closedlost")
DUPLICATES, OUT_OF_ORDER, ENDS = 0.20, 0.20, 0.05
Message = dict[str, Any]


def unique_events(count: int, seed: int = 11) -> list[Message]:
    """So many events in their true order, twenty to a deal; a twentieth of them deletes and merges."""
    chance = random.Random(seed)
    deals = max(2, count // 20)
    return [_event(number, deals, chance) for number in range(count)]


def _event(number: int, deals: int, chance: random.Random) -> Message:
    deal = chance.randrange(deals)
    moment = START + timedelta(seconds=number * 60, milliseconds=chance.randrange(1000))
    data: Message = {"external_id": f"D{deal:06d}"}
    kind = "updated"
    draw = chance.random()
    if draw < ENDS * 0.5:
        kind = "deleted"
    elif draw < ENDS * 0.6:
        kind = "restored"
    elif draw < ENDS:
        kind = "merged"  # an even deal takes in the odd one after it: no circles
        data = {"external_id": f"D{deal - deal % 2:06d}", "merged": [f"D{deal - deal % 2 + 1:06d}"]}
    else:
        data |= _fields(number, chance)
    return {"type": f"deal.{kind}", "timestamp": moment.isoformat(), "data": data}


def _fields(number: int, chance: random.Random) -> Message:
    day = START + timedelta(days=chance.randrange(720))
    fields = {
        "name": f"Deal as of {number}",
        "amount": f"{chance.randrange(1, 900_000)}.50",
        "stage": chance.choice(STAGES),
        "expected_close_date": day.date().isoformat(),
    }
    return {name: fields[name] for name in chance.sample(list(fields), chance.randrange(1, 3))}


def as_sent(events: list[Message], seed: int = 12) -> list[Message]:
    """The events as a CRM sends them: a fifth of what is sent are duplicates, a fifth comes out of order."""
    chance = random.Random(seed)
    again = chance.choices(events, k=round(len(events) * DUPLICATES / (1 - DUPLICATES)))
    places = [(float(number), one) for number, one in enumerate(events)]
    places += [(chance.uniform(0, len(events)), one) for one in again]
    moved = [
        (place + (chance.uniform(-2000, 2000) if chance.random() < OUT_OF_ORDER else 0), number, one)
        for number, (place, one) in enumerate(places)
    ]
    return [one for *_, one in sorted(moved, key=lambda row: row[:2])]


def expected(events: Iterable[Message]) -> dict[str, dict[str, Any]]:
    """What each deal must be in the end, from the unique events in true order."""
    deals: dict[str, dict[str, Any]] = {}
    for event in events:
        data, kind = event["data"], event["type"].partition(".")[2]
        key = data["external_id"]
        deal = deals.setdefault(key, _unknown())
        if kind in {"deleted", "restored"}:
            deal["deleted"] = kind == "deleted"
        elif kind == "merged":
            for other in data["merged"]:
                deals.setdefault(other, _unknown())["merged_into"] = key
        else:
            deal |= {name: data[name] for name in _unknown() if name in data}
            deal["stages"] = deal["stages"] + ("stage" in data)
    return deals


def _unknown() -> dict[str, Any]:
    names = ("name", "amount", "stage", "expected_close_date")
    return {**dict.fromkeys(names, ""), "deleted": False, "merged_into": "", "stages": 0}
