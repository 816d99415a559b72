"""docs/files.md: every dataset with an example that the engine reads without a problem."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from gathering.datasets import DATASETS
from gathering.engine.opening import open_rows
from gathering.engine.profile import Profile
from gathering.engine.profile_text import parse_profile
from gathering.engine.shaping import Shaper

TEXT = (Path(__file__).parents[3] / "docs" / "files.md").read_text(encoding="utf-8")


def _section(code: str) -> str:
    found = re.search(rf"^## [^\n]*\(`{code}`\)\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)
    assert found, f"docs/files.md has no section for {code}"
    return found[1]


def _block(text: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", text, re.S)
    assert found, f"no {language} example"
    return found[1]


@pytest.mark.parametrize("code", sorted(DATASETS))
def test_every_dataset_has_an_example_that_is_read_without_a_problem(code: str) -> None:
    dataset = DATASETS[code]
    example = _block(_section(code), "csv")

    opened = open_rows(io.BytesIO(example.encode()), Profile())
    parts = [Shaper(dataset, Profile(), opened.header, []).shape(chunk) for chunk in opened.chunks]

    assert tuple(opened.header) == dataset.names
    assert [part.problems for part in parts] == [[]]
    assert sum(len(part.rows) for part in parts) == 1


@pytest.mark.parametrize("code", sorted(DATASETS))
def test_every_column_is_explained(code: str) -> None:
    section = _section(code)

    assert [name for name in DATASETS[code].names if f"| {name} |" not in section] == []


def test_the_profile_of_the_documentation_is_a_profile() -> None:
    section = TEXT.split("## Import profiles (YAML)")[1]
    sales, month = DATASETS["sales"], DATASETS["budget"].field("month")

    profile = parse_profile(_block(section, "yaml"), replace(sales, fields=(*sales.fields, month)))

    assert profile.duplicates == "refuse"


def test_the_loadable_profile_of_the_documentation_is_one() -> None:
    raw = yaml.safe_load(TEXT.split("code, name and dataset:")[1].split("```yaml\n")[1].split("```")[0])

    assert parse_profile(yaml.safe_dump(raw["definition"]), DATASETS[raw["dataset"]]).rules


@pytest.mark.parametrize(
    "heading", ["## Rejects (CSV)", "## `manage.py import_file`", "## Import profiles (YAML)"]
)
def test_every_other_format_has_an_example(heading: str) -> None:
    assert "```" in TEXT.split(heading)[1].split("\n## ")[0]
