"""A file between being chosen and being matched."""

import os
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from core.errors import Denied, Invalid, Refused
from core.models import Person
from gathering.services.uploads import drop_file, held_file, hold_file

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_store(tmp_path, settings) -> None:
    settings.MEDIA_ROOT = tmp_path


def hold(person: Person, content: bytes = b"a,b\n1,2\n") -> str:
    file = ContentFile(content, name="orders.csv")
    return hold_file(actor=person, file=file, file_name="orders.csv", dataset="sales", source="erp")


def test_the_token_finds_the_file_and_what_was_said_about_it(coordinator: Person) -> None:
    held = held_file(actor=coordinator, token=hold(coordinator))

    assert (held.file_name, held.dataset, held.source) == ("orders.csv", "sales", "erp")
    with held.open() as file:
        assert file.read() == b"a,b\n1,2\n"


def test_a_colleague_may_not_use_the_token(coordinator: Person, analyst: Person) -> None:
    token = hold(coordinator)

    with pytest.raises(Refused, match="no longer here"):
        held_file(actor=analyst, token=token)


def test_a_changed_token_is_refused(coordinator: Person) -> None:
    with pytest.raises(Refused, match="no longer here"):
        held_file(actor=coordinator, token=hold(coordinator) + "x")


def test_a_dropped_file_is_gone(coordinator: Person) -> None:
    token = hold(coordinator)
    drop_file(held=held_file(actor=coordinator, token=token))

    with pytest.raises(Refused, match="Choose the file again"):
        held_file(actor=coordinator, token=token)


def test_a_file_over_the_limit_is_refused_and_not_kept(coordinator: Person, settings) -> None:
    settings.IMPORT_MAX_BYTES = 4

    with pytest.raises(Invalid, match="larger than"):
        hold(coordinator)

    assert not default_storage.exists("held")


def test_a_file_nobody_came_back_for_is_forgotten_after_a_day(coordinator: Person) -> None:
    path = held_file(actor=coordinator, token=hold(coordinator)).path
    full = default_storage.path(path)
    long_ago = os.path.getmtime(full) - timedelta(days=2).total_seconds()
    os.utime(full, (long_ago, long_ago))

    hold(coordinator)

    assert not default_storage.exists(path)


def test_somebody_who_may_not_import_may_not_upload(executive: Person) -> None:
    with pytest.raises(Denied):
        hold(executive)
