"""The project's documents, as the tests read them."""

import re
from pathlib import Path

from django.conf import settings

PROJECT = Path(settings.BASE_DIR)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def documents() -> list[Path]:
    """README and its like, and everything under docs/."""
    return sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])


def prose(file: Path) -> str:
    """The text without its fenced blocks."""
    return FENCE.sub("", file.read_text(encoding="utf-8"))


def name_of(file: Path) -> str:
    return str(file.relative_to(PROJECT))
