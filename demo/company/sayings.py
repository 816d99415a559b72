"""What people said about demand in each cycle: some knew better than the machine, some hoped.

Sales of the first months of a past cycle are known here, so that a good word is near to what came and
a bad one is not; nobody in the product sees more than the words.
"""

from dataclasses import dataclass

import numpy as np

from demo.company.campaigns import Promotion
from demo.company.demand import Demand, alive, expected
from demo.company.products import make_products
from demo.company.span import HISTORY, Floats, chance
from demo.company.trade import LINES, MARKETS

SALES_MANAGER, KEY_ACCOUNTS = "jonas.brandt@tarnfell.example", "lena.vogt@tarnfell.example"
MARKETING, FINANCE = "coordinator@tarnfell.example", "analyst@tarnfell.example"
OWN_REGION = ("DE-RETAIL", "DE-ONLINE", "AT-RETAIL")
MONTHS_SAID, CAMPAIGNS_SAID = 3, 4
KNOWN_CELLS = 4
FAMILIES = tuple(line.code for line in LINES)
PLACES = tuple(market[0] for market in MARKETS)

HOPES = (
    ("competitor", "We want the shelf space back that we lost in spring; the buyer sounded interested."),
    ("new_customer", "A buying group may list us from next month on; talks went well at the trade fair."),
    ("market", "The long weekends fall well this year, shops will order more."),
)
BUDGET_NOTE = "The budget counts on last spring's price rise; we should plan what we promised."


@dataclass(frozen=True)
class Saying:
    """One input: who says what about a family in a market (or in all), for one month.

    `month` counts from year 0; `value` is in units, or in percent for the kind `percent`.
    """

    stream: str
    speaker: str
    family: str
    market: str
    month: int
    kind: str
    value: float
    reason_code: str
    note: str


class Sayings:
    """Every word of every cycle of the company, by the first month planned."""

    def __init__(
        self, demand: Demand, promotions: list[Promotion], scale: int, seed: int, first: int
    ) -> None:
        self._promotions, self._seed, self._first = promotions, seed, first
        self._cells = _by_cell(demand, scale, seed, first)

    def of_cycle(self, month: int) -> list[Saying]:
        """What is said in the cycle whose first planned month this is."""
        return [*self._known(month), *self._hoped(month), *self._campaigns(month), *self._budget(month)]

    def _coming(self, month: int) -> Floats:
        """What sells in the first months, (families, markets, months): known, or smoothly expected."""
        at = month - self._first
        return self._cells[:, :, at : at + MONTHS_SAID]

    def _known(self, month: int) -> list[Saying]:
        """The order book of the own region, where it differs most from last year."""
        coming, before = self._coming(month), self._coming(month - 12)
        worth = np.array([line.price for line in LINES])[:, None] * np.abs(coming - before).sum(axis=2)
        worth[:, [place not in OWN_REGION for place in PLACES]] = 0
        dice = chance(self._seed, f"order book {month}")
        said = []
        for cell in np.argsort(-worth, axis=None, kind="stable")[:KNOWN_CELLS]:
            family, market = divmod(int(cell), len(PLACES))
            change = coming[family, market].sum() / max(before[family, market].sum(), 1) - 1
            code, note = _order_book(change)
            heard = coming[family, market] * dice.lognormal(0, 0.05, MONTHS_SAID)
            said += self._replace(SALES_MANAGER, family, market, month, heard, code, note)
        return said

    def _hoped(self, month: int) -> list[Saying]:
        """One family a cycle in Germany's shops, where a key account manager hopes."""
        dice = chance(self._seed, f"hope {month}")
        family, market = int(dice.integers(len(FAMILIES))), PLACES.index("DE-RETAIL")
        code, note = HOPES[month % len(HOPES)]
        heard = self._coming(month)[family, market] * dice.uniform(1.25, 1.4)
        return self._replace(KEY_ACCOUNTS, family, market, month, heard, code, note)

    def _replace(
        self, speaker: str, family: int, market: int, month: int, heard: Floats, code: str, note: str
    ) -> list[Saying]:
        return [
            Saying(
                stream="sales",
                speaker=speaker,
                family=FAMILIES[family],
                market=PLACES[market],
                month=month + ahead,
                kind="replace",
                value=float(max(round(quantity), 0)),
                reason_code=code,
                note=note,
            )
            for ahead, quantity in enumerate(heard)
        ]

    def _campaigns(self, month: int) -> list[Saying]:
        """Marketing knows its campaigns; of the November week it always expects too much."""
        said = []
        for promotion in self._promotions:
            if not month <= promotion.month < month + CAMPAIGNS_SAID:
                continue
            brightness = 1.6 if promotion.name.startswith("November") else 1.0
            for family in promotion.families:
                for market in promotion.markets:
                    said.append(_campaign(promotion, family, market, brightness))
        return said

    def _budget(self, month: int) -> list[Saying]:
        """Finance would rather see the budget: the two families with the most money, everywhere."""
        price = np.array([line.price for line in LINES])
        money = self._coming(month).sum(axis=(1, 2)) * price
        return [
            Saying(
                stream="finance",
                speaker=FINANCE,
                family=FAMILIES[int(family)],
                market="",
                month=month + ahead,
                kind="percent",
                value=6.0,
                reason_code="price",
                note=BUDGET_NOTE,
            )
            for family in np.argsort(-money, kind="stable")[:2]
            for ahead in range(MONTHS_SAID)
        ]


def _campaign(promotion: Promotion, family: str, market: str, brightness: float) -> Saying:
    return Saying(
        stream="marketing",
        speaker=MARKETING,
        family=family,
        market=market,
        month=promotion.month,
        kind="percent",
        value=float(round(promotion.uplift * 100 * brightness)),
        reason_code="promotion",
        note=f"{promotion.name}: price cut, displays and mailings, {promotion.spend:,} EUR.",
    )


def _order_book(change: float) -> tuple[str, str]:
    """Why sales says so, for a change against last year."""
    percent = abs(round(change * 100))
    if change >= 0:
        return "market", f"Key accounts have ordered {percent} % more than at this time last year."
    return "lost_customer", f"Two key accounts cut their first orders: {percent} % below last year."


def _by_cell(demand: Demand, scale: int, seed: int, first: int) -> Floats:
    """Pieces by family, market and month: what was sold, then what may smoothly be expected."""
    products = make_products(scale, seed, first, HISTORY)
    total = HISTORY + MONTHS_SAID + CAMPAIGNS_SAID
    smooth = expected(demand.units, products, seed, first, total) * alive(demand.units, products, total)
    pieces = np.concatenate([demand.pieces, smooth[:, HISTORY:]], axis=1)
    line = products["line"].to_numpy()[demand.units["product"].to_numpy()]
    cells = np.zeros((len(LINES), len(MARKETS), total))
    np.add.at(cells, (line, demand.units["market"].to_numpy()), pieces)
    return cells
