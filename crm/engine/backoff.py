"""When to try again what failed: ever later, and not everything at the same moment."""

import datetime as dt

MOST_ATTEMPTS = 8
FIRST = dt.timedelta(seconds=10)
LONGEST = dt.timedelta(hours=1)
JITTER = 0.25


def wait_after(attempts: int, chance: float) -> dt.timedelta | None:
    """How long to wait after so many failures (≥ 1); None when it was tried often enough.

    Doubles twice each time (10 s, 40 s, 160 s …) up to an hour; `chance` in [0, 1) moves it by up
    to a quarter either way. Full back-off with jitter as in "Exponential Backoff And Jitter" (AWS
    Architecture Blog, 2015).
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    wait = min(FIRST * 4 ** (attempts - 1), LONGEST)
    return wait * (1 + JITTER * (2 * chance - 1))
