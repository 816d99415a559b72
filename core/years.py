"""The years that may be asked for, so that reckoning some years to and fro stays in the calendar."""

YEARS = range(1990, 2101)
SPAN = f"from {YEARS[0]} to {YEARS[-1]}"
