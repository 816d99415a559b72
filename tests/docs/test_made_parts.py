"""The parts of docs/ that are made from the code say what the code says."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from sopcycle.documents import parts as made
from sopcycle.documents.entities import diagram, rooms_with_tables, tables_of
from sopcycle.documents.marks import filled, names_in, stale
from sopcycle.documents.parts import DOCS, parts
from sopcycle.documents.tables import commands, rights


def test_no_made_part_is_stale() -> None:
    assert sorted(stale(DOCS, parts())) == [], "run `make docs` and commit the result"


def test_every_made_part_stands_in_a_document() -> None:
    used = {name for file in DOCS.rglob("*.md") for name in names_in(file.read_text(encoding="utf-8"))}

    assert used == set(parts())


def test_a_part_is_replaced_between_its_marks_and_nothing_else() -> None:
    text = "before\n<!-- made: x -->\nold\n<!-- end -->\nafter\n"

    new = filled(text, {"x": lambda: "new"})

    assert new == "before\n<!-- made: x -->\n\nnew\n\n<!-- end -->\nafter\n"
    assert filled(new, {"x": lambda: "new"}) == new


def test_a_mark_that_nobody_fills_is_an_error() -> None:
    with pytest.raises(KeyError):
        filled("<!-- made: nobody -->\n<!-- end -->", {})


def test_the_check_names_the_stale_document_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rights.md"
    file.write_text("<!-- made: rights -->\n<!-- end -->\n", encoding="utf-8")
    monkeypatch.setattr("core.management.commands.write_docs.DOCS", tmp_path)

    with pytest.raises(CommandError, match=r"rights\.md"):
        call_command("write_docs", "--check")

    assert file.read_text(encoding="utf-8") == "<!-- made: rights -->\n<!-- end -->\n"
    call_command("write_docs", verbosity=0)
    call_command("write_docs", "--check", verbosity=0)
    assert "home.view" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("room", ["core", "catalog", "crm", "gathering"])
def test_the_diagram_of_a_room_has_every_table(room: str) -> None:
    drawn = diagram(room)

    assert room in rooms_with_tables()
    assert all(f"    {model.__name__} {{" in drawn for model in tables_of(room))


def test_the_diagram_leaves_the_kept_versions_out() -> None:
    assert "ProductEvent" not in diagram("catalog")
    assert "Product }o--|| Family : family" in diagram("catalog")
    assert "Product }o--o| Product : predecessor" in diagram("catalog")


def test_the_tables_hold_what_the_code_holds() -> None:
    assert "| `catalog.costs` | see costs and margins |" in rights()
    assert "`manage.py demo`" in commands()
    assert DOCS.parent == made.PROJECT
