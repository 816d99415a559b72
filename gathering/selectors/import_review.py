"""What a person looks at before committing an import: problems by kind, names nobody knows."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import Lower

from core.models import Person
from gathering.datasets import DATASETS
from gathering.engine.faults import ProfileFault
from gathering.engine.profile_text import parse_profile
from gathering.models import ImportProfile, ImportRun, Mapping, RowProblem
from gathering.models.imports import MappingKind
from gathering.selectors.imports import preview_of, problems_of


@dataclass(frozen=True)
class UnknownName:
    """A name in a file that nobody knows, and what waits for it in this run."""

    kind: str
    source: str
    value: str
    rows: int
    money: Decimal

    @property
    def kind_label(self) -> str:
        """What the name stands for, as people read it."""
        return MappingKind(self.kind).label


def problem_groups(user: Person, run: ImportRun) -> QuerySet[RowProblem, Any]:
    """The run's problems summed up: how many rows have which problem in which column."""
    return (
        problems_of(user, run)
        .order_by()
        .values("column", "problem", "advice")
        .annotate(count=Count("row_number", distinct=True), example=Min("value"), first=Min("row_number"))
        .order_by("-count", Lower("column"), "problem")
    )


def unknown_names_of(user: Person, run: ImportRun) -> list[UnknownName]:
    """The names of this run that still nobody knows, the most money first."""
    named = [
        UnknownName(item["kind"], run.source, item["value"], item["rows"], Decimal(str(item["money"] or 0)))
        for item in preview_of(user, run).get("unmapped", [])
    ]
    decided = set(
        Mapping.objects.filter(source__in=["", run.source], value__in=[n.value for n in named]).values_list(
            "kind", "value"
        )
    )
    left = [name for name in named if (name.kind, name.value) not in decided]
    return sorted(left, key=lambda name: (-name.money, -name.rows, name.value))


def joined_files(profile: ImportProfile) -> list[str]:
    """The names of the second files that a profile joins; none where its text is not valid."""
    try:
        return [join.file for join in parse_profile(profile.definition, DATASETS[profile.dataset]).joins]
    except (ProfileFault, KeyError):
        return []
