"""The set-up: done once, done again only when what it was made from changes."""

import sys
from pathlib import Path

import pytest

from bootstrap import browser
from bootstrap.commands import SetupRefusal, run
from bootstrap.setup import PROJECT
from bootstrap.stamps import Stamps


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".venv").mkdir()
    (tmp_path / "lock").write_text("django==5.2")
    return tmp_path


def test_a_step_is_done_once(project: Path) -> None:
    stamps, sources = Stamps(project), [project / "lock"]
    assert not stamps.is_current("packages", sources, [])

    stamps.set("packages", sources)

    assert stamps.is_current("packages", sources, [])


def test_a_changed_lock_is_noticed(project: Path) -> None:
    stamps, sources = Stamps(project), [project / "lock"]
    stamps.set("packages", sources)

    (project / "lock").write_text("django==5.3")

    assert not stamps.is_current("packages", sources, [])


def test_what_was_made_and_is_gone_is_made_again(project: Path) -> None:
    stamps, sources = Stamps(project), [project / "lock"]
    stamps.set("front-end", sources)

    assert not stamps.is_current("front-end", sources, [project / "static" / "vendor"])


def test_a_project_that_was_moved_is_set_up_again(project: Path) -> None:
    Stamps(project).set("packages", [project / "lock"])

    moved = project.rename(project.with_name("moved"))

    assert not Stamps(moved).is_current("packages", [moved / "lock"], [])


def test_a_step_that_fails_says_so_in_one_line_and_repeats_the_programs_last_words(project: Path) -> None:
    failing = [sys.executable, "-c", "print('no route to host'); raise SystemExit(3)"]

    with pytest.raises(SetupRefusal, match="The packages could not be installed") as refusal:
        run(failing, project=project, otherwise="The packages could not be installed.")

    assert refusal.value.last_words == "no route to host"
    assert "no route to host" in (project / ".venv" / "setup.log").read_text()


def test_a_full_disk_is_named_as_the_reason(project: Path) -> None:
    failing = [sys.executable, "-c", "raise SystemExit('[Errno 28] No space left on device')"]

    with pytest.raises(SetupRefusal, match="The disk is full"):
        run(failing, project=project, otherwise="The packages could not be installed.")


def test_a_program_that_is_missing_or_hangs_is_a_refusal_too(project: Path) -> None:
    with pytest.raises(SetupRefusal) as missing:
        run([project / "none"], project=project, otherwise="It is missing.")
    with pytest.raises(SetupRefusal) as hanging:
        run(["sleep", "60"], project=project, otherwise="It hangs.", timeout=0.2)

    assert "No such file" in missing.value.last_words
    assert "no end after" in hanging.value.last_words


def test_a_browser_that_does_not_start_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = tmp_path / "chromium"
    stub.write_text("#!/bin/sh\nexit 1\n")
    stub.chmod(0o755)
    monkeypatch.setattr(browser, "_candidates", lambda: iter([stub]))

    assert browser.find_browser() is None


def test_the_installer_and_every_package_are_pinned_by_hash() -> None:
    for name in ("requirements.lock", "requirements-uv.lock"):
        lines = (PROJECT / name).read_text().splitlines()
        pinned = [
            index for index, line in enumerate(lines) if "==" in line and not line.startswith((" ", "#"))
        ]

        assert pinned
        assert [lines[index] for index in pinned if "--hash=sha256:" not in lines[index + 1]] == []


def test_the_locks_name_no_address() -> None:
    for name in ("requirements.lock", "requirements-uv.lock", "package-lock.json"):
        text = (PROJECT / name).read_text()

        assert "http://" not in text
        assert '"resolved"' not in text and "--index-url" not in text
