"""Production refuses demo sign-ins and starts for nobody else's passwords."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from core.models import Person
from core.system_checks import refuse_demo_people


@pytest.fixture
def demo_person(db: None) -> Person:
    return Person.objects.create_user("demo@example.com", name="Demo", roles=["vp"], is_demo=True)


def _found() -> list[str]:
    return [error.id for error in run_checks(databases=["default"]) if (error.id or "").startswith("core.")]


def test_production_refuses_to_start_with_demo_people(demo_person: Person, settings: Any) -> None:
    settings.MODE = "production"

    assert _found() == ["core.E001"]
    with pytest.raises(ImproperlyConfigured, match="passwords are public"):
        refuse_demo_people()


def test_production_starts_when_they_are_deactivated(demo_person: Person, settings: Any) -> None:
    settings.MODE = "production"
    demo_person.is_active = False
    demo_person.save()

    assert _found() == []
    refuse_demo_people()


def test_the_demo_starts_with_them(demo_person: Person, settings: Any) -> None:
    settings.MODE = "demo"

    assert _found() == []
    refuse_demo_people()
