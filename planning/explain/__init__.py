"""Where the numbers of plans come from: demand, supply and released cells, and their totals."""

from planning.explain import demand, released, supply, totals

__all__ = ["demand", "released", "supply", "totals"]
