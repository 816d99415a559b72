"""Rows that people edit: checked, revised, recorded, and never lost to a second editor."""

import pytest

from catalog.models import Market
from core.editing import change_row, create_row
from core.errors import Conflict, Invalid
from core.models import Event, Person


def _market(person: Person, **fields: object) -> Market:
    values = {"code": "DE", "name": "Germany"} | fields
    return create_row(actor=person, row=Market(**values), verb="market added")


def test_a_new_row_is_recorded_with_its_values(analyst: Person) -> None:
    market = _market(analyst)

    event = Event.objects.get(verb="market added")
    assert (event.actor, event.subject_type, event.subject_id) == (analyst, "catalog.market", str(market.pk))
    assert event.after["name"] == "Germany"


def test_a_change_records_only_what_differs_and_raises_the_revision(analyst: Person) -> None:
    market = _market(analyst)

    changed = change_row(
        actor=analyst,
        row=market,
        revision=1,
        changes={"name": "Deutschland", "kind": "region"},
        verb="market changed",
        reason="As the board calls it.",
    )

    event = Event.objects.get(verb="market changed")
    assert changed.revision == 2
    assert event.before == {"name": "Germany"}
    assert event.after == {"name": "Deutschland"}
    assert event.reason == "As the board calls it."


def test_no_difference_leaves_no_trace(analyst: Person) -> None:
    market = _market(analyst)

    same = change_row(
        actor=analyst, row=market, revision=1, changes={"name": "Germany"}, verb="market changed"
    )

    assert same.revision == 1
    assert not Event.objects.filter(verb="market changed").exists()


def test_the_second_of_two_editors_sees_both_values(analyst: Person, colleague: Person) -> None:
    market = _market(analyst)
    change_row(actor=analyst, row=market, revision=1, changes={"name": "Deutschland"}, verb="market changed")

    with pytest.raises(Conflict) as refused:
        change_row(
            actor=colleague, row=market, revision=1, changes={"name": "Allemagne"}, verb="market changed"
        )

    assert refused.value.yours == {"name": "Allemagne"}
    assert refused.value.theirs == {"name": "Deutschland"}
    assert refused.value.revision == 2
    assert refused.value.who == analyst.name
    assert Market.objects.get().name == "Deutschland"


def test_every_wrong_field_is_named_and_nothing_is_saved(analyst: Person) -> None:
    with pytest.raises(Invalid) as refused:
        _market(analyst, code="", kind="galaxy")

    assert {reason.field for reason in refused.value.reasons} >= {"code", "kind"}
    assert not Market.objects.exists()
    assert not Event.objects.exists()


def test_a_rule_of_the_database_is_told_in_a_sentence(analyst: Person) -> None:
    top = _market(analyst)
    below = _market(analyst, code="BY", name="Bavaria", parent=top)

    with pytest.raises(Invalid) as refused:
        change_row(actor=analyst, row=top, revision=1, changes={"parent": below}, verb="market changed")

    assert "below itself" in refused.value.reasons[0].text
