"""The demo company comes in through the imports, once, and with what is wrong in it."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from io import StringIO
from typing import ClassVar

import pandas as pd
import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.test import override_settings
from django.utils import timezone

from core.demo_signins import DEMO_SIGNINS
from core.models import Event, Person
from core.roles import Role
from crm.models import Account, Rep
from demo.company import make_company
from demo.loading import load
from gathering.models import (
    ImportRun,
    ImportState,
    QualityIssue,
    RejectedRow,
    Sales,
    SalesLine,
    SourceMonth,
    SourceState,
    UnmappedValue,
)
from territories.models import (
    Assignment,
    ModelState,
    Placement,
    RoleKind,
    RuleOverlap,
    Scenario,
    ScenarioState,
    TerritoryModel,
)
from territories.selectors.models import active_model, unplaced
from tests.loaded_once import LoadedOnce

UNTIL = dt.date(2026, 10, 1)

WISHES = {
    ("--scale", "0"): "from 1 to 100",
    ("--until", "10/2026"): "YYYY-MM",
    ("--until", "2026-13"): "YYYY-MM",
}

pytestmark = pytest.mark.slow


def _load() -> None:
    load(scale=1, seed=7, until=UNTIL, say=lambda line: None)


def _readable() -> pd.DataFrame:
    """The order lines of the generator that can be read and whose names are known."""
    files = make_company(scale=1, seed=7, until=UNTIL)
    lines = pd.concat([file.rows for file in files if file.dataset == "sales"])
    products = set(next(file.rows for file in files if file.name == "products.csv")["code"])
    numbers = lines[["quantity", "unit_price"]].apply(pd.to_numeric, errors="coerce").notna().all(axis=1)
    days = pd.to_datetime(lines["day"], errors="coerce").notna()
    return lines[numbers & days & (lines["market"] != "") & lines["product"].isin(products)]


def _counts() -> list[int]:
    return [table.objects.count() for table in (ImportRun, Event, SalesLine, Placement, Scenario)]


class DemoCompany(LoadedOnce):
    """The company at scale 1, as `make run` loads it."""

    readable: ClassVar[pd.DataFrame]

    @classmethod
    def setUpTestData(cls) -> None:
        _load()
        cls.readable = _readable()

    def test_every_file_is_committed(self) -> None:
        states = Counter(ImportRun.objects.values_list("state", flat=True))

        assert states == {ImportState.COMMITTED: 38}

    def test_every_readable_line_is_a_fact_and_no_other(self) -> None:
        lines = SalesLine.objects.exclude(run__dataset="returns")

        assert lines.count() == len(self.readable)
        assert lines.aggregate(total=Sum("revenue"))["total"] == sum(self.readable["revenue"].map(Decimal))

    def test_the_months_are_the_sum_of_the_lines(self) -> None:
        sums = Sales.objects.aggregate(quantity=Sum("quantity"), returned=Sum("returned_quantity"))
        lines = SalesLine.objects.exclude(run__dataset="returns").aggregate(total=Sum("quantity"))
        returns = SalesLine.objects.filter(run__dataset="returns").aggregate(total=Sum("quantity"))

        assert sums["quantity"] == lines["total"]
        assert sums["returned"] == abs(returns["total"])
        assert Sales.objects.values("month").distinct().count() == 60

    def test_unreadable_rows_wait_in_the_rejects_and_unknown_names_in_the_queue(self) -> None:
        assert RejectedRow.objects.count() == 4
        assert list(UnmappedValue.objects.values_list("kind", "rows").order_by("-rows")) == [
            ("product", 3),
            ("product", 2),
        ]

    def test_the_planted_mistakes_are_found(self) -> None:
        found = set(QualityIssue.objects.values_list("rule", flat=True))

        assert {"below_cost", "outlier", "price_not_positive", "duplicate_lines", "unmapped"} <= found

    def test_one_source_is_missing_and_some_are_settled(self) -> None:
        states = dict(SourceMonth.objects.values_list("source__code", "state"))

        assert states.get("leeds-stock", SourceState.MISSING) == SourceState.MISSING
        assert states["erp-sales"] == SourceState.RECEIVED
        assert states["erp-returns"] == SourceState.SIGNED
        assert states["sales-targets"] == SourceState.WAIVED

    def test_there_is_a_sign_in_for_each_role_and_reps_are_linked(self) -> None:
        people = Person.objects.filter(is_demo=True)

        assert {role for person in people for role in person.roles} == set(Role)
        assert all(Person.objects.get(email=s.email).check_password(s.password) for s in DEMO_SIGNINS)
        linked = Rep.objects.exclude(person=None).select_related("person")
        assert {rep.person.roles[0] for rep in linked} == {Role.SALES_REP, Role.SALES_MANAGER}

    def test_a_map_is_in_force_since_january_and_says_who_owns_what(self) -> None:
        model = TerritoryModel.objects.get()
        placed = Placement.objects.filter(model=model, role=None)

        assert (active_model(), model.state) == (model, ModelState.ACTIVE)
        assert model.days.lower == timezone.localdate().replace(month=1, day=1)
        owned = set(placed.values_list("account", flat=True))
        today = Assignment.objects.filter(role__kind=RoleKind.OWNER, days__contains=timezone.localdate())
        assert set(today.values_list("account", flat=True)) == owned
        assert len(owned) + unplaced(model, None).count() == Account.objects.filter(is_active=True).count()

    def test_nobody_owns_the_accounts_of_linz_and_two_rules_want_those_of_umea(self) -> None:
        gaps = unplaced(TerritoryModel.objects.get(), None)
        overlaps = RuleOverlap.objects.select_related("account", "rule__territory", "rival__territory")

        assert set(gaps.values_list("city", flat=True)) == {"Linz"}
        assert {row.account.city for row in overlaps} == {"Umeå"}
        assert {row.rule.territory.code for row in overlaps} == {"SE-E"}
        assert {row.rival.territory.code for row in overlaps} == {"SE-W"}

    def test_a_realignment_waits_as_a_draft(self) -> None:
        scenario = Scenario.objects.get()

        assert scenario.state == ScenarioState.DRAFT
        assert scenario.publish_on > timezone.localdate()
        assert scenario.accounts.count() == Placement.objects.filter(role=None).count()

    def test_loading_again_changes_nothing(self) -> None:
        before = _counts()

        _load()

        assert _counts() == before

    def test_if_empty_does_nothing_when_there_are_people(self) -> None:
        before = Event.objects.count()

        call_command("demo", "--if-empty", "--cycles", "none", stdout=(out := StringIO()))

        assert (Event.objects.count(), out.getvalue()) == (before, "")

    def test_real_people_are_never_mixed_with_the_demo(self) -> None:
        Person.objects.create_user("real@example.com", "a long real password", name="Real")

        with pytest.raises(CommandError, match="real people"):
            call_command("demo", stdout=StringIO())
        call_command("demo", "--if-empty", stdout=StringIO())

    def test_production_has_no_demo(self) -> None:
        for command in ("demo", "demo_signins"):
            with override_settings(MODE="production"), pytest.raises(CommandError, match="production"):
                call_command(command, stdout=StringIO())

    def test_impossible_wishes_are_refused_with_a_sentence(self) -> None:
        for arguments, sentence in WISHES.items():
            with pytest.raises(CommandError, match=sentence):
                call_command("demo", *arguments, stdout=StringIO())

    def test_the_sign_ins_are_printed_one_per_line(self) -> None:
        call_command("demo_signins", stdout=(out := StringIO()))
        lines = out.getvalue().splitlines()

        assert len(lines) == len(DEMO_SIGNINS)
        assert all("@tarnfell.example" in line for line in lines[1:])
