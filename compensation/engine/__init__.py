"""Pay: a plan as data and credits → lines that say what was paid for what, to the cent.

Read in this order: exact, plan, plan_cells, plan_reading, plan_checks, terms, book, counting, tiers, tables,
by_tier, by_level, by_result, shared, taking_back, adjustments, calculation, draws, statements, shares.
"""

VERSION = 1
