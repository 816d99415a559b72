"""Knowing what has been done: each step leaves the hash of what it was made from."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


class Stamps:
    """Small files in the environment itself, so that deleting it forgets everything."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._folder = project / ".venv" / "stamps"

    def is_current(self, step: str, sources: Iterable[Path], made: Iterable[Path]) -> bool:
        """Whether the step was done from these very sources and what it made is still there."""
        stamp = self._folder / step
        if not stamp.is_file() or not all(path.exists() for path in made):
            return False
        return stamp.read_text() == self._fingerprint(sources)

    def set(self, step: str, sources: Iterable[Path]) -> None:
        self._folder.mkdir(exist_ok=True)
        (self._folder / step).write_text(self._fingerprint(sources))

    def _fingerprint(self, sources: Iterable[Path]) -> str:
        """The place counts too: an environment that was moved has wrong paths in its programs."""
        total = hashlib.sha256(str(self._project).encode())
        for source in sorted(sources):
            total.update(str(source.relative_to(self._project)).encode())
            total.update(source.read_bytes())
        return total.hexdigest()
