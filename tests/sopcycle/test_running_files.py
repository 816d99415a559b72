"""What people are told about running, and the files that containers are made from."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parent.parent.parent
READS = re.compile(r"""(?:\benv\.\w+|environ(?:\.get)?)[(\[]\s*"([A-Z][A-Z_]+)\"""")
SOURCES = ("sopcycle", "bootstrap", "core", "catalog", "crm", "gathering", "demo", "benchmarks")
# Set by tools for themselves or by our own programs for each other, never by a person.
NOT_SETTINGS = {
    "DJANGO_SETTINGS_MODULE",
    "DJANGO_ALLOW_ASYNC_UNSAFE",
    "BENCH_DATABASE",
    "PATH",
    "PYTEST_XDIST_WORKER",
}


def variables_read() -> set[str]:
    found: set[str] = set()
    for folder in SOURCES:
        for file in (PROJECT / folder).rglob("*.py"):
            found.update(READS.findall(file.read_text(encoding="utf-8")))
    return found - NOT_SETTINGS


def compose() -> dict[str, Any]:
    text = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["services"])


def recipes() -> list[str]:
    text = (PROJECT / "Makefile").read_text(encoding="utf-8")
    return re.findall(r"^([a-z]+):", text, flags=re.MULTILINE)


def test_every_variable_that_the_code_reads_is_on_the_settings_page() -> None:
    page = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")

    read = variables_read()

    assert {"PORT", "SECRET_KEY", "DATABASE_URL"} <= read
    assert sorted(name for name in read if f"`{name}`" not in page) == []


def test_make_alone_lists_every_recipe_on_a_line() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout

    assert [line.split()[1] for line in listed.splitlines()] == recipes()
    assert len(recipes()) <= 15


def test_every_recipe_is_one_line() -> None:
    text = (PROJECT / "Makefile").read_text(encoding="utf-8")

    assert re.findall(r"^\t.*\n\t", text, flags=re.MULTILINE) == []


def test_the_continuous_integration_runs_make_test() -> None:
    script = PROJECT / ".ci" / "run"

    assert script.stat().st_mode & 0o100
    assert "exec make test" in script.read_text(encoding="utf-8")


def test_the_containers_have_no_default_secret() -> None:
    text = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")

    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "VALKEY_PASSWORD", "ALLOWED_HOSTS"):
        assert f"${{{name}:?" in text
        assert f"${{{name}:-" not in text


@pytest.mark.parametrize("service", ["postgres", "valkey", "web", "worker", "beat"])
def test_every_container_that_stays_up_is_asked_for_its_health(service: str) -> None:
    assert compose()[service]["healthcheck"]["test"]


def test_the_product_in_containers_is_in_production_mode_and_waits_for_its_tables() -> None:
    for service in ("web", "worker", "beat"):
        described = compose()[service]

        assert described["environment"]["SOPCYCLE_MODE"] == "production"
        assert described["depends_on"]["prepare"]["condition"] == "service_completed_successfully"


def test_the_image_does_not_run_as_root() -> None:
    last_stage = (PROJECT / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]

    assert re.search(r"^USER sopcycle$", last_stage, flags=re.MULTILINE)
