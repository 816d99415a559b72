"""The plans that docs/compensation.md prints can be read as they stand."""

import re
from pathlib import Path

import pytest
import yaml

from compensation.engine.plan import Form
from compensation.engine.plan_reading import plan_from
from compensation.engine.plan_writing import mapping_of

TEXT = (Path(__file__).parents[2] / "docs" / "compensation.md").read_text(encoding="utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.S)]
PLANS = [block if isinstance(block, dict) else {"plan": "Parts", "components": block} for block in BLOCKS]


@pytest.mark.parametrize("said", PLANS)
def test_a_printed_plan_is_read_and_written_back(said: dict[str, object]) -> None:
    plan = plan_from(said)
    assert plan_from(mapping_of(plan)) == plan


def test_every_form_is_printed() -> None:
    printed = {component.form for said in PLANS for component in plan_from(said).components}
    assert printed == set(Form)
