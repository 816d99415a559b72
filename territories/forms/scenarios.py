"""Forms of realignment scenarios."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from core.forms import DayInput, RowForm
from territories.models import Scenario, Territory
from territories.selectors.scenarios import models_to_realign

WITHIN = "Each rep's part may differ so much from the fair one. Empty: not balanced."
LABELS = {
    "code": "Short name",
    "model": "Territory model",
    "publish_on": "From day",
    "potential_within": "Potential within ± (%)",
    "revenue_within": "Revenue within ± (%)",
    "workload_within": "Workload within ± (%)",
    "accounts_within": "Accounts within ± (%)",
    "move_penalty": "Penalty for a move (km)",
    "distance_weight": "Weight of distance",
    "most_accounts": "Most accounts a rep",
    "keeps_families": "Keep companies together",
    "by_needs": "Only reps with the skills and languages an account needs",
    "by_market": "Only reps of the account's market",
    "by_industry": "Industries that reps name as a skill go only to those reps",
    "spreads_vacant": "Spread the accounts of territories without a rep",
    "fills_gaps": "Give accounts without a territory to a rep",
    "time_limit": "Time limit (s)",
    "holdover_days": "Open deals stay (days)",
}
HELP = {
    "code": "For files and addresses, such as fy27-north.",
    "publish_on": "The first day on which the new owners count.",
    "potential_within": WITHIN,
    "move_penalty": "What moving an account of average revenue weighs: moved only if it saves more km.",
    "distance_weight": "1 counts every km from base to account once; 0 ignores distance.",
    "most_accounts": "Empty: only the limits of the reps themselves.",
    "keeps_families": "Accounts of one company go to one rep.",
    "seed": "The same seed, settings and accounts give the same plan.",
    "holdover_days": "From the first day on, open deals of moved accounts stay so long with who has them.",
}
FIELDS = [
    *("name", "code", "model", "publish_on", "description", "potential_within", "revenue_within"),
    *("workload_within", "accounts_within", "move_penalty", "distance_weight", "most_accounts"),
    *("keeps_families", "by_needs", "by_market", "by_industry", "spreads_vacant", "fills_gaps"),
    *("holdover_days", "time_limit", "seed"),
]


class ScenarioForm(RowForm):
    """Everything about a scenario but its accounts."""

    visible: ClassVar[dict[str, Any]] = {"model": models_to_realign}

    class Meta:
        model = Scenario
        fields = FIELDS
        labels = LABELS
        help_texts = HELP
        widgets = {"publish_on": DayInput, "description": forms.Textarea(attrs={"rows": 2})}


class ScenarioSettingsForm(RowForm):
    """A scenario keeps its territory model."""

    class Meta(ScenarioForm.Meta):
        fields = [name for name in FIELDS if name != "model"]


class CopyForm(forms.Form):
    """What the copy is called."""

    name = forms.CharField(label="Name", max_length=200)
    code = forms.CharField(label="Short name", max_length=60, help_text=HELP["code"])


class ReasonForm(forms.Form):
    """Why, or a note to whoever decides."""

    reason = forms.CharField(
        label="Why?", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class BulkForm(forms.Form):
    """What to do with the chosen accounts."""

    DOINGS = (("lock", "Lock"), ("unlock", "Unlock"), ("move", "Move"), ("back", "Put back"))
    do = forms.ChoiceField(choices=DOINGS)
    territory = forms.ModelChoiceField(
        queryset=Territory.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="Choose a territory",
    )

    def __init__(self, data: Any, *, territories: QuerySet[Territory]) -> None:
        super().__init__(data)
        self.fields["territory"].queryset = territories  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("do") == "move" and not found.get("territory") and "territory" not in self.errors:
            self.add_error("territory", "Choose the territory that the accounts go to.")
        return found
