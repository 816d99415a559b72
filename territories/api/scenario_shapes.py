"""What the API of realignments sends and takes."""

from typing import Any

from rest_framework import serializers

from catalog.api.base import code, code_of
from territories.engine.scenario_moves import SCENARIO_MOVES
from territories.models import Scenario, ScenarioAccount, ScenarioSolve
from territories.selectors.scenario_figures import AMOUNTS, Figures
from territories.selectors.scenarios import models_to_realign
from territories.services.scenarios import SETTINGS

MOST = 2**31 - 1
MOVE_NAMES = [(name, name) for name in SCENARIO_MOVES.names]
DOINGS = [
    ("lock", "Lock where they go"),
    ("unlock", "Unlock"),
    ("move", "Move and lock there"),
    ("back", "Put back, unlocked"),
]
DECIDERS = ("owner", "submitted_by", "approved_by", "published_by", "undone_by")


def _email(name: str) -> Any:
    return serializers.EmailField(source=f"{name}.email", default=None, allow_null=True, read_only=True)


class RealignmentSerializer(serializers.ModelSerializer):
    model = code()
    copied_from = code()
    owner, submitted_by, approved_by = _email("owner"), _email("submitted_by"), _email("approved_by")
    published_by, undone_by = _email("published_by"), _email("undone_by")
    moves = serializers.IntegerField(read_only=True, help_text="Accounts that change their territory.")

    class Meta:
        model = Scenario
        fields = [
            *("id", "code", "name", "model", "publish_on", "state", "description", *SETTINGS, "moves"),
            *(*DECIDERS, "submission_note", "decision_note", "copied_from", "job", "revision"),
        ]


class RealignmentInput(serializers.ModelSerializer):
    model = code_of(models_to_realign, help_text="Needed to add; it never changes.")
    revision = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST, help_text="Needed in a PATCH."
    )

    class Meta:
        model = Scenario
        fields = ["code", "name", "model", "publish_on", "description", *SETTINGS, "revision"]
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"code": {"validators": []}}


class RealignmentCopyInput(serializers.Serializer):
    code = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=200)


class RealignmentSolveInput(serializers.Serializer):
    relaxes = serializers.BooleanField(
        default=False, help_text="Limits that cannot be kept give way as little as possible."
    )


class RealignmentMoveInput(serializers.Serializer):
    move = serializers.ChoiceField(choices=MOVE_NAMES)
    revision = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST, help_text="What you decide about: refused if it changed."
    )
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class RealignmentSolveSerializer(serializers.ModelSerializer):
    requested_by = _email("requested_by")

    class Meta:
        model = ScenarioSolve
        fields = [
            *("id", "scenario", "engine_version", "settings", "input_hash", "seed", "ending", "objective"),
            *("bound", "gap", "seconds", "accounts", "reps", "moves", "relaxations", "can_relax"),
            *("requested_by", "created"),
        ]


class RealignmentAccountSerializer(serializers.ModelSerializer):
    account, from_territory, from_rep, to_territory, to_rep = code(), code(), code(), code(), code()
    moves = serializers.BooleanField(read_only=True)

    class Meta:
        model = ScenarioAccount
        fields = [
            *("id", "scenario", "account", "from_territory", "from_rep", "to_territory", "to_rep", "moves"),
            *("locked", "by_hand", "solve", "potential", "revenue", "workload", "from_km", "to_km"),
            "revision",
        ]


class TickedAccountInput(serializers.Serializer):
    id = serializers.IntegerField(min_value=1, max_value=2**62)
    revision = serializers.IntegerField(min_value=1, max_value=MOST)


class RealignmentAccountsInput(serializers.Serializer):
    do = serializers.ChoiceField(choices=DOINGS)
    territory = serializers.CharField(
        required=False, max_length=60, help_text="Code of the territory that accounts are moved to."
    )
    rows = TickedAccountInput(many=True, allow_empty=False)


class ChangedAccountsSerializer(serializers.Serializer):
    changed = serializers.IntegerField()


class BalanceFigureSerializer(serializers.Serializer):
    measure = serializers.CharField()
    deviation_before = serializers.FloatField(help_text="Of the rep furthest off, 0.05 for 5 %.")
    deviation_after = serializers.FloatField()
    cv_before = serializers.FloatField()
    cv_after = serializers.FloatField()
    gini_before = serializers.FloatField()
    gini_after = serializers.FloatField()


class RealignmentFiguresSerializer(serializers.Serializer):
    accounts = serializers.IntegerField()
    moved = serializers.IntegerField()
    customers = serializers.IntegerField(help_text="Companies with an account that changes hands.")
    revenue = serializers.FloatField(help_text="A year, in base currency.")
    moved_revenue = serializers.FloatField()
    km_before = serializers.FloatField()
    km_after = serializers.FloatField()
    open_deals = serializers.IntegerField()
    open_deals_amount = serializers.FloatField()
    quota_that_changes_hands = serializers.FloatField(help_text="Bookings where both measures have quotas.")
    quotas_that_change_hands = serializers.DictField(
        child=serializers.FloatField(), help_text="By measure; empty where no quota plan holds."
    )
    held_until = serializers.DateField(help_text="Open deals stay with who has them until then.")
    balance = BalanceFigureSerializer(many=True)
    reps = serializers.ListField(child=serializers.DictField(), help_text="Before and after, by rep.")


class ComparedFigureSerializer(serializers.Serializer):
    figure = serializers.CharField()
    title = serializers.CharField(help_text="What it is, in words.")
    unit = serializers.CharField(allow_blank=True)
    values = serializers.ListField(child=serializers.FloatField(), help_text="In the order of scenarios.")
    best = serializers.FloatField(allow_null=True, help_text="The lowest; none where all are equal.")


class ComparisonSerializer(serializers.Serializer):
    scenarios = serializers.ListField(child=serializers.CharField(), help_text="Short names.")
    figures = ComparedFigureSerializer(many=True)


def balance_shape(figures: Figures) -> list[dict[str, Any]]:
    """The balance of each measure before and after."""
    return [
        {
            "measure": name,
            "deviation_before": before.max_deviation,
            "deviation_after": after.max_deviation,
            "cv_before": before.cv,
            "cv_after": after.cv,
            "gini_before": before.gini,
            "gini_after": after.gini,
        }
        for name, (before, after) in figures.balance.items()
    ]


def reps_shape(figures: Figures, visible: set[int] | None) -> list[dict[str, Any]]:
    """The reps that a caller may see (None: all), with their amounts before and after."""
    return [
        {
            "rep": row.rep.code,
            "share": row.share,
            "gained": row.gained,
            "lost": row.lost,
            **{f"{name}_before": row.before[name] for name in AMOUNTS},
            **{f"{name}_after": row.after[name] for name in AMOUNTS},
        }
        for row in figures.reps
        if visible is None or row.rep.pk in visible
    ]
