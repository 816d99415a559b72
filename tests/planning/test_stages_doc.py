"""docs/stages.md says what the table says."""

from planning.documents import moves, stages
from planning.engine.moves import ASKED, MOVES, STAGES
from planning.models import StageName
from planning.workflow.perform import GUARDS
from sopcycle.documents.parts import DOCS


def test_the_document_holds_every_move_of_the_table() -> None:
    text = (DOCS / "stages.md").read_text(encoding="utf-8")
    for move in MOVES:
        line = f"| `{move.name}` | {StageName(move.source).label} | {StageName(move.target).label} |"
        assert line in text


def test_the_document_holds_every_stage_in_order() -> None:
    text = stages()
    places = [text.index(f"{place}. {StageName(name).label}") for place, name in enumerate(STAGES, start=1)]
    assert places == sorted(places)


def test_every_guard_of_the_table_is_explained_and_no_other() -> None:
    named = {guard for move in MOVES for guard in move.guards}
    assert named == set(ASKED) == set(GUARDS)
    for name in named:
        assert f"| `{name}` | {ASKED[name]} |" in (DOCS / "stages.md").read_text(encoding="utf-8")


def test_who_may_release_is_the_vp_alone() -> None:
    line = next(line for line in moves().splitlines() if line.startswith("| `release` |"))
    assert "| VP of S&OP |" in line
