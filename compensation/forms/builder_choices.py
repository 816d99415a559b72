"""What the forms of the plan builder offer to choose from, in plain words."""

from compensation.engine.plan import Against, Period, Whose

MEASURES = (
    ("amount", "Bookings: deals won"),
    ("invoiced", "Invoiced sales"),
    ("cash", "Cash received"),
    ("sales", "Sales"),
    ("margin", "Margin"),
    ("units", "Units"),
    ("count", "Number of deals"),
)
DIVISORS = (
    ("", "Nothing: the sum counts"),
    ("amount", "The amount: a share of it"),
    ("margin", "The margin"),
    ("units", "Units: for each unit"),
    ("count", "Number of deals: for each deal"),
)
WHOSE = (
    (Whose.OWN, "Their own"),
    (Whose.REPORTS, "Those of direct reports"),
    (Whose.BELOW, "Those of everybody below"),
    (Whose.TEAM, "The team's, the own ones included"),
    (Whose.COMPANY, "The whole company's"),
)
LOOKS = (("", "Shares of its quota, or its ratio"), (Against.AMOUNT, "Its amount"))
LEVEL_OF = (("quota", "of its quota, or its ratio"), ("amount", "its amount"))
PERIODS = (
    (Period.MONTH, "Every month"),
    (Period.QUARTER, "Every quarter"),
    (Period.HALF, "Every half-year"),
    (Period.YEAR, "Every year"),
)
OVER = (
    (Period.MONTH, "The month"),
    (Period.QUARTER, "The quarter"),
    (Period.HALF, "The half-year"),
    (Period.YEAR, "The year"),
    (Period.DEAL, "Each deal by itself"),
)
PER = (
    (Period.DEAL, "deal"),
    (Period.MONTH, "month"),
    (Period.QUARTER, "quarter"),
    (Period.HALF, "half"),
    (Period.YEAR, "year"),
)
TIMES = (("after", "after multipliers"), ("before", "before multipliers"))
HOW = (
    ("steps", "by steps"),
    ("line", "by a line"),
    ("steps, first below", "by steps, the first factor below too"),
    ("line, first below", "by a line, the first factor below too"),
    ("line, goes on", "by a line that goes on"),
    ("line, first below, goes on", "by a line, the first below too, that goes on"),
)
CURVES = (
    ("line", "a line"),
    ("line, first below", "a line, the first value below too"),
    ("line, goes on", "a line that goes on"),
)
