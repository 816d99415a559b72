"""What every test shares: one person per role, a colleague, a stranger, and signed-in clients."""

from collections.abc import Callable, Iterator

import pgtrigger
import pytest
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client, override_settings
from hypothesis import HealthCheck, settings
from rest_framework.test import APIClient

from core import company
from core.models import Person
from core.roles import Role

PASSWORD = "a long test password"
pytest_plugins = ["tests.worker", "tests.killing", "tests.query_counts"]

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("sopcycle", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sopcycle")


def _person(role: Role, name: str, email: str) -> Person:
    return Person.objects.create_user(email, PASSWORD, name=name, roles=[role])


@pytest.fixture(autouse=True, scope="session")
def _each_process_has_a_cache_of_its_own() -> Iterator[None]:
    """Emptied by one test process, a shared cache would forget the rate limits another one counts."""
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    with override_settings(CACHES={"default": memory}):
        yield


@pytest.fixture(autouse=True, scope="session")
def _passwords_are_hashed_fast() -> Iterator[None]:
    """A safe hash takes a third of a second, for each person of each test."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def vp(db: None) -> Person:
    return _person(Role.VP, "Vera VP", "vp@example.com")


@pytest.fixture
def manager(db: None) -> Person:
    return _person(Role.MANAGER, "Max Manager", "manager@example.com")


@pytest.fixture
def analyst(db: None) -> Person:
    return _person(Role.ANALYST, "Ada Analyst", "analyst@example.com")


@pytest.fixture
def colleague(db: None) -> Person:
    """Another analyst: the second person who edits the same thing."""
    return _person(Role.ANALYST, "Carl Colleague", "colleague@example.com")


@pytest.fixture
def coordinator(db: None) -> Person:
    return _person(Role.COORDINATOR, "Cora Coordinator", "coordinator@example.com")


@pytest.fixture
def executive(db: None) -> Person:
    return _person(Role.EXECUTIVE, "Eve Executive", "executive@example.com")


@pytest.fixture
def sales_rep(db: None) -> Person:
    return _person(Role.SALES_REP, "Rita Rep", "rep@example.com")


@pytest.fixture
def sales_manager(db: None) -> Person:
    return _person(Role.SALES_MANAGER, "Sam Sales", "sales.manager@example.com")


@pytest.fixture
def effectiveness_manager(db: None) -> Person:
    return _person(Role.EFFECTIVENESS, "Effie Effect", "effectiveness@example.com")


@pytest.fixture
def advisor(db: None) -> Person:
    return _person(Role.ADVISOR, "Tom Tech", "advisor@example.com")


@pytest.fixture
def service_account(db: None) -> Person:
    return _person(Role.SERVICE, "Loader", "loader@example.com")


@pytest.fixture
def stranger(db: None) -> Person:
    """Somebody with an account and no role at all."""
    return Person.objects.create_user("stranger@example.com", PASSWORD, name="Stan Stranger", roles=[])


@pytest.fixture
def signed_in() -> Callable[[Person], Client]:
    """`signed_in(analyst).get("/products/")`"""

    def sign_in(person: Person) -> Client:
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


@pytest.fixture
def api() -> Callable[[Person], APIClient]:
    """`api(analyst).get("/api/v1/products/")`"""

    def as_person(person: Person) -> APIClient:
        client = APIClient()
        client.force_authenticate(person)
        return client

    return as_person


@pytest.fixture(autouse=True, scope="session")
def _flush_may_truncate() -> Iterator[None]:
    """Tests with real transactions end by truncating every table; the event log forbids just that."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def allowed(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        with pgtrigger.ignore("core.Event:never_truncated"):
            flush(self, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", allowed)
        yield


@pytest.fixture(autouse=True)
def _settings_are_read_anew() -> None:
    """What one test set as company settings is rolled back; the process must not remember it."""
    company.forget()
