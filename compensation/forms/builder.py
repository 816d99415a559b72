"""The forms of the plan builder. A component's form shows what its form of pay needs."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from catalog.selectors import base_currency
from compensation.engine.plan import (
    Against,
    Border,
    Form,
    Gives,
    PoolShare,
    QuotaOf,
    Ties,
)
from compensation.engine.plan_vocabulary import WORDS
from compensation.forms.builder_choices import (
    CURVES,
    DIVISORS,
    HOW,
    LEVEL_OF,
    LOOKS,
    MEASURES,
    OVER,
    PER,
    PERIODS,
    TIMES,
    WHOSE,
)
from compensation.forms.builder_rows import Cell, Rows
from compensation.forms.builder_values import said_of
from core.forms import DayField, MonthChoice

COUNTS = ("name", "of", "per", "whose", "where", "roles")
WHEN = ("period", "starts", "ends")
LIMITS = ("weight", "threshold", "gate", "multiplier", "cap", "budget", "never_negative")
TIERED = ("against", "over", "tiers", "by", "rates", "quota_of", "border")
PAYS: dict[Form, tuple[str, ...]] = {
    Form.FLAT: ("rate", "by", "rates_flat"),
    Form.MARGINAL: ("against", "over", "tiers", "by", "rates", "border"),
    Form.WHOLE: TIERED,
    Form.WHOLE_UNTIL: ("against", "over", "tiers", "until", "by", "rates", "quota_of", "border"),
    Form.CURVE: ("against", "over", "gives", "points", "below_as_first", "goes_on", "quota_of"),
    Form.STEPS: ("against", "over", "gives", "steps", "adds_up", "below_as_first", "quota_of", "border"),
    Form.MATRIX: ("gives", "rows_by", "rows_in", "columns_by", "columns_in", "values", "straight"),
    Form.SCORECARD: ("objectives", "objective_points"),
    Form.POOL: ("pot", "tiers", "pool_share", "shares"),
    Form.CONTEST: ("prizes", "ties"),
    Form.RESULT: ("over", "tiers", "by", "rates", "border"),
}
NO_LIMITS = {Form.POOL: {"multiplier", "cap"}, Form.CONTEST: {"multiplier", "cap"}}
BUDGETED = frozenset({Form.FLAT, Form.MARGINAL, Form.WHOLE, Form.WHOLE_UNTIL, Form.RESULT})
RATIOS = frozenset({Form.FLAT, Form.CURVE, Form.STEPS})
MATRIX_WIDTH = 7
OPTIONAL = "Limits and conditions"
NEEDED = ("tiers", "points", "steps", "values", "objectives", "prizes")
USUAL = {"of": "amount", "whose": "own"}


def groups_of(form: Form) -> dict[str, list[str]]:
    """The names of the fields of a form of pay, by part of the page: first what counts, and how it adds up
    where levels do. What a scorecard counts matters only for its limits."""
    without = NO_LIMITS.get(form, set()) | ({"budget"} if form not in BUDGETED else set())
    limits = [name for name in LIMITS if name not in without]
    counts = [name for name in COUNTS if name != "per" or form in RATIOS]
    when = [*WHEN[:1], *(() if "over" in PAYS[form] else ("over",)), *WHEN[1:]]
    if form is Form.SCORECARD:
        return {
            "What it is called": counts[:1],
            "What it pays": list(PAYS[form]),
            "When it pays": when,
            OPTIONAL: [*limits, *counts[1:]],
        }
    return {
        "What counts": counts,
        "What it pays": list(PAYS[form]),
        "When it pays": when,
        OPTIONAL: limits,
    }


def line(label: str, help_text: str = "", required: bool = False, max_length: int = 200) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=max_length)


class Chosen(forms.ChoiceField):
    """One of several: the first unless told."""

    def clean(self, value: Any) -> Any:
        first = next((str(key) for key, _ in self.choices), "")  # type: ignore[union-attr, misc]
        return super().clean(value or first)


def choice(label: str, choices: Sequence[tuple[Any, str]], help_text: str = "") -> forms.ChoiceField:
    """Always chosen, unless an empty choice stands first."""
    offered = [(str(key), words) for key, words in choices]
    required = not offered or bool(offered[0][0])
    return Chosen(label=label, choices=offered, help_text=help_text, required=required)


def tick(label: str, help_text: str = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=help_text, required=False)


BOUND = "Such as 100% of the quota, or 50000."


class ComponentForm(forms.Form):
    """Every setting a component can have; those its form of pay does not use are taken away."""

    name = line("Name", "As people read it on their statement.", required=True)
    of = choice("What is counted", MEASURES)
    per = choice(
        "Divided by",
        DIVISORS,
        "A ratio, such as margin divided by the amount, has no quota: its levels are amounts, such as 20%.",
    )
    whose = choice("Whose", WHOSE)
    where = Rows(
        [Cell("Only where", [(word, word) for word in WORDS]), Cell("is one of", hint="new, renewal")],
        label="Only some of it",
        help_text="Leave it empty to count everything.",
    )
    roles = line(
        "Only credit as", "Roles of credit with commas between, such as owner, overlay. Empty for all."
    )
    against = choice("Levels are", ((Against.QUOTA, "Shares of the quota"), (Against.AMOUNT, "Amounts")), "")
    rate = line("Rate", "Such as 5% of what counts, or 12.50 for each unit or deal.")
    tiers = Rows(
        [Cell("From", hint="0"), Cell("Rate", hint="5%")],
        label="Tiers",
        help_text=f"Where each begins and what it pays. {BOUND}",
    )
    by = forms.ChoiceField(
        label="Other rates by",
        choices=[("", "No other rates"), *((word, word) for word in WORDS)],
        required=False,
        help_text="Where a product family, say, has rates of its own.",
    )
    rates = Rows(
        [Cell("From"), Cell("Value"), Cell("Rate")],
        label="Rates by value",
        help_text="The tier they belong to, the value of that column, and its rate.",
    )
    rates_flat = Rows([Cell("Value"), Cell("Rate")], label="Rates by value")
    until = line("For everything up to", f"Above it each rate pays only for its own part. {BOUND}")
    gives = choice(
        "A level gives",
        (
            (Gives.TARGET, "A share of the target pay"),
            (Gives.MONEY, "An amount of money"),
            (Gives.RATE, "A rate on what counts"),
        ),
    )
    points = Rows(
        [Cell("At", hint="80%"), Cell("Pays", hint="40%")],
        label="Points of the curve",
        help_text="Between two points pay follows a straight line.",
    )
    steps = Rows([Cell("From", hint="80%"), Cell("Pays", hint="1000")], label="Steps")
    adds_up = tick("All levels reached add up")
    below_as_first = tick("Below the first level its value is paid too")
    goes_on = tick("Beyond the last point the last line goes on")
    rows_by = choice("Rows by the attainment of", ())
    rows_in = choice("Levels of the rows are", LOOKS)
    columns_by = choice("Columns by the attainment of", ())
    columns_in = choice("Levels of the columns are", LOOKS)
    values = Rows(
        [Cell("Level"), *(Cell(f"Column {place}") for place in range(1, MATRIX_WIDTH))],
        label="The matrix",
        help_text="The first row: an empty cell, then the levels of the columns. Then a row for each level: "
        "the level, and what each cell gives.",
    )
    straight = tick("Between the levels in straight lines")
    objectives = Rows(
        [Cell("Objective"), Cell("Weight", hint="40%"), Cell("Counts at most", hint="120%")],
        label="Objectives",
    )
    objective_points = Rows(
        [Cell("Objective"), Cell("Achieved"), Cell("Counts as"), Cell("By", CURVES)],
        label="Curves of objectives",
        help_text="For objectives whose achievement does not count as it is.",
    )
    pot = line("Pot", "For each period, such as 12000. Empty where the team's result fills it by the tiers.")
    pool_share = choice(
        "It is divided",
        (
            (PoolShare.EQUAL, "Equally"),
            (PoolShare.ROLE, "By role"),
            (PoolShare.CREDIT, "By the own credits"),
        ),
    )
    shares = Rows([Cell("Role"), Cell("Share", hint="60%")], label="Parts by role")
    prizes = Rows([Cell("Prize", hint="3000")], label="Prizes", help_text="First place first.")
    ties = choice(
        "When two are equal",
        (
            (Ties.SHARE, "They share the prizes of their places"),
            (Ties.BOTH, "Each gets the better prize"),
            (Ties.FIRST, "Who was there first ranks first"),
        ),
    )
    quota_of = choice(
        "Compared with",
        (
            ("", "What is usual"),
            (QuotaOf.WHOLE, "The whole quota"),
            (QuotaOf.TO_DATE, "The quota up to then"),
        ),
    )
    border = choice(
        "Exactly at a bound",
        ((Border.UPPER, "The upper level counts"), (Border.LOWER, "The lower one counts")),
    )
    period = choice("Paid", PERIODS)
    over = choice("Levels add up over", OVER)
    starts = DayField(label="Only deals from", required=False)
    ends = DayField(label="Only deals up to", required=False)
    weight = line("Part of the target incentive", "75% for three quarters of it. Empty for all.")
    threshold = line("Pays only from", "A share of the quota, such as 50%.")
    gate = Rows(
        [
            Cell("Component"),
            Cell("At least", hint="90%"),
            Cell("Otherwise pays", hint="0%"),
            Cell("Level is", LEVEL_OF),
        ],
        label="Only if another component",
    )
    multiplier = Rows(
        [
            Cell("By the attainment of"),
            Cell("From"),
            Cell("Factor", hint="110%"),
            Cell("How", HOW),
            Cell("Level is", LEVEL_OF),
        ],
        label="Multipliers",
        help_text="Without a component the factor always holds.",
    )
    cap = Rows(
        [Cell("Per", PER), Cell("Amount"), Cell("Or share of target pay"), Cell("When", TIMES)],
        label="The most it pays",
        help_text="An amount, or a share of the target pay such as 250%. What is above is lost.",
    )
    budget = line("Budget", "The most for everybody together, first come first served, such as 100000.")
    never_negative = tick("What would be below 0 is not taken from people")

    def __init__(
        self,
        *args: Any,
        form: Form,
        components: Sequence[tuple[str, str]],
        known: Mapping[str, Any],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.form_of_pay = form
        self.groups = groups_of(form)
        used = {name for names in self.groups.values() for name in names}
        for name in set(self.fields) - used:
            del self.fields[name]
        for name in NEEDED if form is not Form.POOL else ():
            if name in self.fields:
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = "Fill in at least one row."
        if form is Form.CONTEST:
            self.fields["over"].label = "Ranked by the result of"
        self._offer(components)
        for name in ("of", "per", "by", "period"):
            self._keep(name, str(known.get(name) or ""))
        self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """What was typed, as the plan is written: `said`, and the revision it was made from."""
        cleaned = super().clean() or {}
        said = said_of(self.form_of_pay, cleaned, lambda name, error: self.add_error(name, error))
        return {"said": said, "revision": cleaned.get("revision")}

    def _offer(self, components: Sequence[tuple[str, str]]) -> None:
        for name in ("gate", "multiplier"):
            if name in self.fields:
                self.fields[name].offer(0, components)  # type: ignore[attr-defined]
        for name in ("rows_by", "columns_by"):
            if name in self.fields:
                self.fields[name].choices = components  # type: ignore[attr-defined]

    def _keep(self, name: str, value: str) -> None:
        """A value that is no longer offered stays choosable where it is set."""
        field: Any = self.fields.get(name)
        if isinstance(field, forms.ChoiceField) and value and not field.valid_value(value):
            field.choices = [*field.choices, (value, value)]  # type: ignore[misc]

    def fieldsets(self) -> list[tuple[str, list[Any], bool]]:
        """(title, fields, whether it is open) for the page."""
        return [
            (title, [self[name] for name in names], title != OPTIONAL or self._used(names))
            for title, names in self.groups.items()
        ]

    def _used(self, names: Sequence[str]) -> bool:
        unused: tuple[Any, ...] = ("", None, [], False)
        return any(
            self[name].errors or self[name].value() not in (*unused, USUAL.get(name)) for name in names
        )


class TermsImportForm(forms.Form):
    """A plan as a YAML file, or pasted."""

    file = forms.FileField(label="YAML file", required=False)
    text = forms.CharField(
        label="Or paste it", required=False, widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"})
    )

    @staticmethod
    def revision_field() -> forms.IntegerField:
        """The revision of the draft that the terms go into; empty where there is none."""
        return forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        upload = cleaned.pop("file", None)
        if upload is not None:
            try:
                cleaned["text"] = upload.read(500_000).decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", "The file is no text. Save it as YAML in UTF-8.")
        if not cleaned.get("text") and not self.errors:
            self.add_error("file", "Choose a file, or paste the plan.")
        return cleaned


class NewPlanForm(forms.Form):
    """What a plan is called."""

    code = forms.SlugField(label="Code", max_length=60, help_text="Short and unique, such as ae-2027.")
    name = forms.CharField(label="Name", max_length=120, help_text="As people know it.")


class PlanFromTemplateForm(NewPlanForm):
    template = forms.CharField(required=False, widget=forms.HiddenInput)
    starts = MonthChoice(
        label="First month", required=False, help_text="The first month that it pays. Empty: the next one."
    )
    currency = forms.CharField(label="Currency", max_length=3)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["currency"].initial = base_currency()


class PlanImportForm(TermsImportForm, NewPlanForm):
    field_order = ("code", "name", "file", "text")
