"""Finding and filling the marked parts of a document."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

MARKED = re.compile(r"(<!-- made: (?P<name>[\w:-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(text: str, parts: Mapping[str, Callable[[], str]]) -> str:
    """The text with every marked part made anew. Raises KeyError for a name nobody makes."""
    return MARKED.sub(lambda found: f"{found[1]}\n{parts[found['name']]().strip()}\n\n{found[3]}", text)


def names_in(text: str) -> list[str]:
    return [found["name"] for found in MARKED.finditer(text)]


def stale(folder: Path, parts: Mapping[str, Callable[[], str]]) -> dict[Path, str]:
    """The documents whose marked parts are not what the code says now, with their new text."""
    texts = {file: file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.md"))}
    made = {file: filled(text, parts) for file, text in texts.items()}
    return {file: text for file, text in made.items() if text != texts[file]}


def table(columns: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
