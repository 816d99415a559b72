"""Each data set is loaded once for all tests of its module, in a transaction that is rolled back."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from core import company


@pytest.fixture(scope="module")
def one_world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], AbstractContextManager[None]]:
    """`with one_world(): load; yield` in a fixture: tests of the module see what was loaded."""

    @contextmanager
    def world() -> Iterator[None]:
        files: Path = tmp_path_factory.mktemp("files")
        with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=files), transaction.atomic():
            company.forget()
            yield
            transaction.set_rollback(True)
        company.forget()

    return world
