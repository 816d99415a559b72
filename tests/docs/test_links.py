"""Links between the documents lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.docs.documents import documents, name_of, prose

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
ELSEWHERE = ("http:", "https:", "mailto:")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def _anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def _trouble(file: Path, link: str) -> str:
    """What is wrong with a link, or nothing."""
    address, _, anchor = link.partition("#")
    target = file if not address else (file.parent / address).resolve()
    if not target.exists():
        return f"{link} leads to nothing"
    if anchor and anchor not in {_anchor(h) for h in HEADING.findall(target.read_text(encoding="utf-8"))}:
        return f"{link} names no heading"
    return ""


@pytest.mark.parametrize("file", documents(), ids=name_of)
def test_every_link_resolves(file: Path) -> None:
    links = [
        link for link in LINK.findall(prose(file)) if not link.startswith(("http:", "https:", "mailto:"))
    ]

    troubles = [trouble for link in links if (trouble := _trouble(file, link))]

    assert troubles == []


def test_a_link_to_nothing_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("# Title here\n", encoding="utf-8")

    assert _trouble(file, "absent.md") == "absent.md leads to nothing"
    assert _trouble(file, "#no-such-title") == "#no-such-title names no heading"
    assert _trouble(file, "#title-here") == ""


def test_every_document_can_be_reached_from_the_readme() -> None:
    everything = {file.resolve() for file in documents()}
    seen: set[Path] = set()
    waiting = [file for file in everything if file.name == "README.md" and file.parent.name != "examples"]
    while waiting:
        file = waiting.pop()
        if file in seen or file.suffix != ".md":
            continue
        seen.add(file)
        targets = [(file.parent / link.partition("#")[0]).resolve() for link in LINK.findall(prose(file))]
        for target in targets:
            waiting += sorted(target.glob("*.md")) if target.is_dir() else [target] if target.exists() else []

    assert everything - seen == set()
