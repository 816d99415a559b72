"""What goes wrong in real files, planted where a planner would meet it.

The findings that these make appear by themselves in the problems, the mapping queue and the
quality list: nothing is written there by hand.
"""

import pandas as pd

from demo.company.orders import COLUMNS
from demo.company.span import chance

FREE_SAMPLES, DOUBLED = 4, 6
OLD_NAMES = ("Tarn 2-person tent (2019 edition)", "Ember gas stove (bundle with cartridge)")


def spoil(lines: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Samples at price zero, a price typed with a zero too many, and lines that were sent twice."""
    dice = chance(seed, "faults")
    recent = lines.index[lines["month"] >= lines["month"].max() - 5].to_numpy()
    chosen = dice.choice(recent, FREE_SAMPLES + DOUBLED + 1, replace=False)
    free, tenfold, twice = chosen[:FREE_SAMPLES], chosen[FREE_SAMPLES], chosen[FREE_SAMPLES + 1 :]
    spoilt = lines.copy()
    spoilt.loc[free, ["unit_price", "revenue"]] = 0.0
    wrong = spoilt.loc[tenfold, ["unit_price", "revenue"]].astype(float) * 10
    spoilt.loc[tenfold, ["unit_price", "revenue"]] = wrong.round(2)
    again = spoilt.loc[twice].assign(line=lambda rows: rows["line"] + 900)
    order = ["day", "order_number", "line"]
    return pd.concat([spoilt, again]).sort_values(order, kind="stable", ignore_index=True)


def last_month_file(lines: pd.DataFrame) -> pd.DataFrame:
    """The newest file as the ERP wrote it: a few rows are unreadable, two names are nobody's."""
    rows = as_text(lines)
    if len(rows) < 12:
        return rows
    step = len(rows) // 12
    rows.loc[step, "quantity"] = "twelve"
    rows.loc[step * 3, "day"] = str(rows.loc[step * 3, "day"])[:8] + "32"
    rows.loc[step * 5, "market"] = ""
    rows.loc[step * 7, "unit_price"] = "on request"
    rows.loc[[step * 2, step * 4, step * 8], "product"] = OLD_NAMES[0]
    rows.loc[[step * 6, step * 9], "product"] = OLD_NAMES[1]
    return rows


def as_text(lines: pd.DataFrame) -> pd.DataFrame:
    """The file's columns, every value as the text that stands in it."""
    rows = lines[COLUMNS].reset_index(drop=True)
    rows["day"] = rows["day"].dt.strftime("%Y-%m-%d")
    return rows.astype(str)
