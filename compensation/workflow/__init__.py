"""How plans, runs, adjustments and disputes move."""
