"""What the documents mention exists: recipes, commands, modules, files, settings, sign-ins."""

import importlib.util
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from core.company_settings import SETTINGS
from core.demo_signins import DEMO_SIGNINS, PASSWORD
from tests.docs.documents import PROJECT, documents, name_of

MAKE = re.compile(r"`make ([a-z]+)`|^make ([a-z]+)", re.MULTILINE)
MANAGE = re.compile(r"manage\.py ([a-z_]+)")
MODULE = re.compile(r"python -m ((?:sopcycle|bootstrap|benchmarks)[\w.]*)")
FILE = re.compile(
    r"`((?:core|catalog|crm|gathering|demo|dashboards|sopcycle|templates|static|tests|docs)/[\w./-]+)`"
)
READ = re.compile(r"""env\.\w+\(\s*"([A-Z_]+)"|environ(?:\.get\(|\[)"([A-Z_]+)\"""")
SETTING = re.compile(r"^\|\s*`([A-Z][A-Z_]+)`", re.MULTILINE)
# Read, but set by others: the machine, pip and uv, Django, the test runner.
OTHERS_OWN = {"PATH", "CI", "HOME", "UV_INDEX_URL", "DJANGO_ALLOW_ASYNC_UNSAFE", "PYTEST_XDIST_WORKER"}
CODE = ("sopcycle", "bootstrap", "tests")


def _found(pattern: re.Pattern[str], text: str) -> set[str]:
    return {next(filter(None, groups)) for groups in (m.groups() for m in pattern.finditer(text))}


@pytest.mark.parametrize("file", documents(), ids=name_of)
def test_every_command_that_is_mentioned_exists(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    recipes = set(re.findall(r"^(\w+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert _found(MAKE, text) - recipes == set()
    assert _found(MANAGE, text) - set(get_commands()) == set()
    assert {
        name for name in _found(MODULE, text) if importlib.util.find_spec(name.rstrip(".")) is None
    } == set()


@pytest.mark.parametrize("file", documents(), ids=name_of)
def test_every_file_of_the_project_that_is_mentioned_exists(file: Path) -> None:
    mentioned = _found(FILE, file.read_text(encoding="utf-8"))

    assert {name for name in mentioned if not (PROJECT / name).exists()} == set()


def _variables() -> set[str]:
    """Every environment variable that the code reads."""
    files = (file for folder in CODE for file in (PROJECT / folder).rglob("*.py"))
    texts = (file.read_text(encoding="utf-8") for file in files)
    return {name for text in texts for name in _found(READ, text)} - OTHERS_OWN


def test_every_environment_variable_is_documented_and_every_documented_one_is_read() -> None:
    documented = set(SETTING.findall((PROJECT / "docs/settings.md").read_text(encoding="utf-8")))

    assert _variables() - documented == set(), "add to docs/settings.md"
    assert documented - _variables() == set(), "nobody reads these"


def test_every_company_setting_is_documented() -> None:
    text = (PROJECT / "docs/company-settings.md").read_text(encoding="utf-8")

    assert {key for key in SETTINGS if f"`{key}`" not in text} == set()


def test_the_readme_names_every_person_of_the_demo_who_signs_in_with_a_role_of_the_own() -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    firsts = {signin.role: signin.email for signin in reversed(DEMO_SIGNINS) if signin.role != "service"}

    assert {email for email in firsts.values() if email not in text} == set()
    assert f"`{PASSWORD}`" in text


def test_pictures_of_the_documents_are_few_and_small() -> None:
    pictures = list((PROJECT / "docs").rglob("*.png"))

    assert 1 <= len(pictures) <= 6
    assert {picture.name for picture in pictures if picture.stat().st_size > 200_000} == set()
