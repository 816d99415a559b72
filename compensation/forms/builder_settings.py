"""The form of what holds for a whole plan: year, currency, quota, draw, what is taken back, rounding."""

import calendar
from collections.abc import Mapping
from typing import Any

from django import forms

from compensation.engine.plan import (
    Attained,
    DrawKind,
    Proration,
    RatesOf,
    RoundedBy,
    Rounding,
    TakenBackAt,
    WindowIn,
)
from compensation.forms import builder_numbers as numbers
from compensation.forms.builder import choice, line, tick
from core.forms import MonthChoice

Said = dict[str, Any]
PRORATED = (
    (Proration.DAYS, "By calendar days"),
    (Proration.WORKING_DAYS, "By working days"),
    (Proration.MONTHS, "Every month begun is whole"),
    (Proration.FULL_MONTHS, "Only whole months"),
    (Proration.NONE, "Not at all"),
)
PLAIN = ("plan", "currency", "places", "rounding", "rounded_by", "rates")
GROUPS = {
    "From when on, and what for": ("starts", "intro"),
    "The plan": (
        "plan",
        "currency",
        "year_begins",
        "target_incentive",
        "places",
        "rounding",
        "rounded_by",
        "rates",
    ),
    "Quota": ("weights", "prorate", "start_day_counts", "ramp"),
    "Draw": ("draw_amount", "draw_kind", "recoverable", "draw_months", "forgiven", "most_back"),
    "When a deal is taken back": ("share", "window", "window_in", "by_months_left", "attainment", "at"),
}


class SettingsForm(forms.Form):
    """What holds for the whole plan."""

    starts = MonthChoice(label="First month", help_text="The first month that is paid by this version.")
    intro = forms.CharField(
        label="What the plan wants",
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 3}),
        help_text="In plain words: it stands on top of the goals document of the people who are paid by it.",
    )
    plan = line("Name on documents", required=True)
    currency = line("Currency", "Three letters, such as EUR.", max_length=3)
    year_begins = forms.ChoiceField(
        label="The year begins with", choices=[(str(n), calendar.month_name[n]) for n in range(1, 13)]
    )
    target_incentive = line(
        "Target incentive", "A year's variable pay at 100 %, unless a person has an own one."
    )
    places = forms.IntegerField(label="Decimal places of pay", min_value=0, max_value=4)
    rounding = choice(
        "Rounding",
        (
            (Rounding.HALF_UP, "Half up"),
            (Rounding.HALF_EVEN, "Half to even"),
            (Rounding.UP, "Up"),
            (Rounding.DOWN, "Down"),
        ),
    )
    rounded_by = choice(
        "What is rounded",
        (
            (RoundedBy.COMPONENT, "Each component of a month, once"),
            (RoundedBy.LINE, "Every line of pay by itself"),
        ),
    )
    rates = choice(
        "Other money counts at",
        (
            (RatesOf.DEAL, "The rate of the deal's month"),
            (RatesOf.START, "The rate with which the year begins"),
        ),
    )
    weights = line("Season", "Weights of the year's parts with commas between, such as 20, 20, 20, 40.")
    prorate = choice("Who comes or goes in a month", PRORATED)
    start_day_counts = tick("The first day counts")
    ramp = line("Ramp for new people", "Shares of a full quota in the first months, such as 0%, 25%, 50%.")
    draw_amount = line("Draw a month", "Empty for none.")
    draw_kind = choice(
        "It is", ((DrawKind.GUARANTEE, "A guarantee: pay is topped up"), (DrawKind.ADDITIVE, "On top of pay"))
    )
    recoverable = tick("It is kept back from later pay")
    draw_months = forms.IntegerField(label="For how many months", min_value=0, max_value=120, required=False)
    forgiven = tick("What is owed at the end of the year is forgiven")
    most_back = line("The most kept back at once", "A share of the pay, such as 50%.")
    share = line("How much of what it paid", "100% for all of it, 0% for nothing.", required=True)
    window = forms.IntegerField(label="Within how many", min_value=0, max_value=3660, required=False)
    window_in = choice("Counted in", ((WindowIn.MONTHS, "Calendar months"), (WindowIn.DAYS, "Days")))
    by_months_left = tick("In proportion to what of them is left")
    attainment = choice(
        "The attainment", ((Attained.RESTATED, "Loses the deal"), (Attained.KEPT, "Keeps the deal"))
    )
    at = choice(
        "At which rates",
        ((TakenBackAt.HISTORIC, "Those that the deal was paid at"), (TakenBackAt.TODAY, "Those of today")),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["starts"].required = not self.is_bound or "starts" in self.data

    def clean(self) -> dict[str, Any]:
        """What was typed: `said` as the plan is written, `about` the version, and the revision it was made
        from."""
        cleaned = super().clean() or {}
        said = {
            **{name: cleaned.get(name) for name in PLAIN},
            "year_begins": int(cleaned.get("year_begins") or 1),
            "target_incentive": self._one(cleaned, "target_incentive", numbers.amount),
            "quota": self._quota(cleaned),
            "draw": self._draw(cleaned),
            "clawback": self._clawback(cleaned),
        }
        kept = {key: value for key, value in said.items() if value not in (None, "", {})}
        about = {name: cleaned[name] for name in ("starts", "intro") if name in self.data and name in cleaned}
        return {"said": kept, "about": about, "revision": cleaned.get("revision")}

    def fieldsets(self) -> list[tuple[str, list[Any], bool]]:
        """(title, fields, whether it is open) for the page."""
        return [(title, [self[name] for name in names], True) for title, names in GROUPS.items()]

    def _quota(self, cleaned: Mapping[str, Any]) -> Said:
        said = {
            "weights": self._many(cleaned, "weights", numbers.amount),
            "prorate": cleaned.get("prorate"),
            "start_day_counts": bool(cleaned.get("start_day_counts")),
            "ramp": self._many(cleaned, "ramp", numbers.share),
        }
        return {key: value for key, value in said.items() if value not in (None, "", [])}

    def _draw(self, cleaned: Mapping[str, Any]) -> Said | None:
        if not cleaned.get("draw_amount"):
            return None
        said = {
            "amount": self._one(cleaned, "draw_amount", numbers.amount),
            "kind": cleaned.get("draw_kind"),
            "recoverable": bool(cleaned.get("recoverable")),
            "months": cleaned.get("draw_months"),
            "forgiven": bool(cleaned.get("forgiven")),
            "most_back": self._one(cleaned, "most_back", numbers.share),
        }
        return {key: value for key, value in said.items() if value not in (None, "")}

    def _clawback(self, cleaned: Mapping[str, Any]) -> Said:
        said = {
            "share": self._one(cleaned, "share", numbers.share),
            "window": cleaned.get("window"),
            "window_in": cleaned.get("window_in"),
            "by_months_left": bool(cleaned.get("by_months_left")),
            "attainment": cleaned.get("attainment"),
            "at": cleaned.get("at"),
        }
        return {key: value for key, value in said.items() if value not in (None, "")}

    def _one(self, cleaned: Mapping[str, Any], name: str, read: Any) -> str | None:
        found = self._many(cleaned, name, read, split=False)
        return found[0] if found else None

    def _many(self, cleaned: Mapping[str, Any], name: str, read: Any, split: bool = True) -> list[str]:
        text = str(cleaned.get(name) or "")
        parts = [part for part in (text.split(",") if split else [text]) if part.strip()]
        try:
            return [read(part) for part in parts]
        except forms.ValidationError as error:
            self.add_error(name, error)
            return []


def settings_fields(said: Mapping[str, Any]) -> Said:
    """What the fields hold for settings as they are written."""
    quota, draw, back = (said.get(name) or {} for name in ("quota", "draw", "clawback"))
    return {
        "plan": said.get("plan", ""),
        "currency": said.get("currency", ""),
        "year_begins": str(said.get("year_begins", 1)),
        "target_incentive": said.get("target_incentive", ""),
        "places": said.get("places", 2),
        "rounding": said.get("rounding", Rounding.HALF_UP.value),
        "rounded_by": said.get("rounded_by", RoundedBy.COMPONENT.value),
        "rates": said.get("rates", RatesOf.DEAL.value),
        "weights": ", ".join(str(one) for one in quota.get("weights", [])),
        "prorate": quota.get("prorate", Proration.DAYS.value),
        "start_day_counts": quota.get("start_day_counts", True),
        "ramp": ", ".join(str(one) for one in quota.get("ramp", [])),
        "draw_amount": draw.get("amount", ""),
        "draw_kind": draw.get("kind", DrawKind.GUARANTEE.value),
        "recoverable": draw.get("recoverable", True),
        "draw_months": draw.get("months"),
        "forgiven": draw.get("forgiven", False),
        "most_back": draw.get("most_back", ""),
        "share": back.get("share", "100%"),
        "window": back.get("window"),
        "window_in": back.get("window_in", WindowIn.MONTHS.value),
        "by_months_left": back.get("by_months_left", False),
        "attainment": back.get("attainment", Attained.RESTATED.value),
        "at": back.get("at", TakenBackAt.HISTORIC.value),
    }
