"""A data source moves through its month by the table, and only by the table."""

import datetime as dt
from decimal import Decimal
from itertools import product

import pytest
from django.db import DatabaseError, connection, transaction

from core.errors import Conflict, Denied, Refused
from core.models import Event, Notification, Person
from gathering.engine.source_moves import MOVES, TRANSITIONS, find_move
from gathering.models import DataSource, QualityIssue, SourceMonth, SourceState
from gathering.pipeline.sources import remind_owners, source_received
from gathering.selectors.sources import Board, DueDays, this_month
from gathering.services.sources import (
    compare_totals,
    create_source,
    sign_source,
    take_back,
    waive_source,
)
from gathering.workflow import GUARDS, perform
from tests.gathering.world import World


@pytest.fixture
def source(world: World, coordinator: Person) -> DataSource:
    return world.source(coordinator)


def state(source: DataSource) -> str:
    return SourceMonth.objects.get(source=source).state


def bring(world: World, **fields: object) -> None:
    source_received(run=world.new_run(**fields))


def compare(source: DataSource, actor: Person, **totals: object) -> SourceMonth:
    row = SourceMonth.objects.filter(source=source).first()
    revision = row.revision if row else 1
    return compare_totals(actor=actor, source=source, month=this_month(), revision=revision, totals=totals)


def test_a_month_goes_from_missing_to_signed(world: World, source: DataSource, coordinator: Person) -> None:
    bring(world)
    assert state(source) == "received"

    compare(source, coordinator, control_rows=3, control_money=Decimal(3000))
    assert state(source) == "checked"

    row = sign_source(actor=coordinator, source=source, month=this_month())
    assert (row.state, row.settled_by) == ("signed", coordinator)
    assert Event.objects.filter(verb="sign the source", actor=coordinator).exists()


@pytest.mark.parametrize(("old", "new"), list(product(SourceState.values, SourceState.values)))
def test_the_database_refuses_every_change_that_the_table_has_not(
    source: DataSource, coordinator: Person, old: str, new: str
) -> None:
    row = SourceMonth.objects.create(source=source, month=this_month(), due=this_month())
    fields = {"state": old, "settled_by": coordinator, "reason": "x"}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        SourceMonth.objects.filter(pk=row.pk).update(**fields)
        cursor.execute("SET LOCAL session_replication_role = origin")

    legal = old == new or (old, new) in TRANSITIONS
    if legal:
        SourceMonth.objects.filter(pk=row.pk).update(state=new)
    else:
        with pytest.raises(DatabaseError), transaction.atomic():
            SourceMonth.objects.filter(pk=row.pk).update(state=new)


def test_a_month_cannot_begin_signed(source: DataSource, coordinator: Person) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        SourceMonth.objects.create(
            source=source, month=this_month(), due=this_month(), state="signed", settled_by=coordinator
        )


def test_every_guard_of_the_table_exists_and_moves_are_unambiguous() -> None:
    assert {guard for move in MOVES for guard in move.guards} <= set(GUARDS)
    assert all(find_move(move.name, move.source) == move for move in MOVES)


def test_totals_that_differ_open_a_blocking_finding_until_they_agree(
    world: World, source: DataSource, coordinator: Person
) -> None:
    bring(world)

    compare(source, coordinator, control_rows=4)

    assert state(source) == "received"
    issue = QualityIssue.objects.get(rule="control_totals")
    assert (issue.severity, issue.state) == ("blocking", "open")
    assert "rows 4 expected, 3 came" in issue.message

    compare(source, coordinator, control_rows=3)
    issue.refresh_from_db()
    assert (issue.state, state(source)) == ("resolved", "checked")


def test_money_may_differ_by_the_share_in_the_settings(
    world: World, source: DataSource, coordinator: Person
) -> None:
    bring(world)

    compare(source, coordinator, control_money=Decimal("3002"))

    assert state(source) == "checked"


def test_a_source_with_blocking_findings_is_not_signed_and_all_reasons_come_at_once(
    world: World, source: DataSource, coordinator: Person
) -> None:
    bring(world)
    compare(source, coordinator, control_rows=3)
    world.issue(severity="blocking", subject="First")
    world.issue(severity="blocking", subject="Second")
    world.issue(severity="blocking", subject="Of stock", dataset="stock")

    with pytest.raises(Refused) as refused:
        sign_source(actor=coordinator, source=source, month=this_month())

    texts = [reason.text for reason in refused.value.reasons]
    assert len(texts) == 2
    assert state(source) == "checked"


def test_an_analyst_signs_only_own_sources(
    world: World, source: DataSource, analyst: Person, coordinator: Person
) -> None:
    bring(world)
    compare(source, coordinator, control_rows=3)

    with pytest.raises(Refused, match="Only Cora Coordinator"):
        sign_source(actor=analyst, source=source, month=this_month())

    DataSource.objects.filter(pk=source.pk).update(owner=analyst)
    source.refresh_from_db()
    assert sign_source(actor=analyst, source=source, month=this_month()).state == "signed"


def test_an_unchecked_source_is_not_signed(world: World, source: DataSource, coordinator: Person) -> None:
    bring(world)

    with pytest.raises(Refused, match="received"):
        sign_source(actor=coordinator, source=source, month=this_month())


def test_waiving_and_taking_back_need_reasons(source: DataSource, coordinator: Person) -> None:
    with pytest.raises(Refused, match="Say why"):
        waive_source(actor=coordinator, source=source, month=this_month(), reason="")
    assert not SourceMonth.objects.exists()

    waive_source(actor=coordinator, source=source, month=this_month(), reason="The plant is closed.")
    assert state(source) == "waived"

    take_back(actor=coordinator, source=source, month=this_month(), reason="It opened again.")
    assert state(source) == "missing"


def test_an_executive_may_not_waive(source: DataSource, executive: Person) -> None:
    with pytest.raises(Denied):
        waive_source(actor=executive, source=source, month=this_month(), reason="No.")


def test_nobody_receives_by_hand(source: DataSource, coordinator: Person) -> None:
    with pytest.raises(Refused, match="Only a file"):
        perform(source=source, month=this_month(), name="receive", actor=coordinator)


def test_a_new_file_takes_the_signature_away_and_tells_the_signer(
    world: World, source: DataSource, coordinator: Person
) -> None:
    bring(world)
    compare(source, coordinator, control_rows=3)
    sign_source(actor=coordinator, source=source, month=this_month())

    bring(world)

    assert state(source) == "received"
    assert "signed again" in Notification.objects.get(person=coordinator).title


def test_a_file_answers_the_source_of_its_own_name_before_others(world: World, coordinator: Person) -> None:
    world.source(coordinator, code="shop", name="Web shop")
    world.source(coordinator, code="erp", name="ERP")

    bring(world, source="erp")

    assert [row.source.code for row in SourceMonth.objects.all()] == ["erp"]


def test_a_stale_page_does_not_overwrite_totals(
    world: World, source: DataSource, coordinator: Person
) -> None:
    bring(world)
    stale = SourceMonth.objects.get().revision
    compare(source, coordinator, control_rows=5)

    with pytest.raises(Conflict):
        compare_totals(
            actor=coordinator,
            source=source,
            month=this_month(),
            revision=stale,
            totals={"control_rows": 9},
        )


def test_the_due_day_is_the_nth_working_day(world: World) -> None:
    days = DueDays(dt.date(2026, 11, 1))

    assert (days.of(1), days.of(3)) == (dt.date(2026, 11, 2), dt.date(2026, 11, 4))


def test_the_board_shows_untouched_sources_as_missing_and_writes_nothing(source: DataSource) -> None:
    lines = Board(None, dt.date(2020, 1, 1)).lines

    assert [(line.row.state, line.is_late) for line in lines] == [("missing", True)]
    assert not SourceMonth.objects.exists()


def test_owners_of_late_sources_are_reminded_in_one_message(
    world: World, coordinator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.source(coordinator, code="a", name="A", due_workday=1)
    world.source(coordinator, code="b", name="B", due_workday=1)
    world.source(coordinator, code="c", name="C", due_workday=1, is_required=False)
    monkeypatch.setattr("gathering.selectors.sources.timezone.localdate", lambda: dt.date(2026, 11, 20))

    assert remind_owners() == 1

    message = Notification.objects.get(person=coordinator)
    assert message.title == "Data sources: 2 late"
    assert "A: late by 18 days." in message.text


def test_a_source_of_an_unknown_dataset_is_refused(coordinator: Person) -> None:
    with pytest.raises(Refused, match="not a dataset"):
        create_source(actor=coordinator, code="x", name="X", dataset="weather", owner=coordinator)
