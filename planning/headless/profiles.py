"""Import profiles that a folder is read by: its own, the named ones, or a layout that is known."""

from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from core.errors import Invalid, Reason
from gathering.datasets import DATASETS
from gathering.models import ImportProfile

KEYS = ("code", "dataset", "definition")
LAYOUTS = Path(settings.BASE_DIR) / "docs" / "examples"


@dataclass(frozen=True)
class ProfileFile:
    """A profile and the files it reads: `pattern` as in `Sales*.psv`.

    `home` is the folder it lies in. One that somebody asked for by name must find a file; those of
    a folder read what is there.
    """

    code: str
    dataset: str
    definition: str
    pattern: str
    home: Path | None = None
    is_asked_for: bool = False


def wanted_profiles(data: Path, wanted: list[str]) -> list[ProfileFile]:
    """The profiles that lie among the files, then those named: a code, a YAML file or a folder.

    `NAME=FILE` says which file a profile reads. Raises Invalid for a profile that is not there.
    """
    found = _profiles_in(data)
    for text in wanted:
        name, _, pattern = text.partition("=")
        found += _named(name, pattern)
    return found


def recognised(files: list[Path]) -> tuple[list[ProfileFile], str]:
    """The profiles of the example whose every file is here, and its name: files as their maker left them."""
    for home in sorted(path for path in LAYOUTS.iterdir() if path.is_dir()):
        profiles = [profile for profile in _profiles_in(home) if "*" not in profile.pattern]
        if profiles and all(_reads_one(profile, files) for profile in profiles):
            return profiles, home.name
    return [], ""


def is_profile(path: Path) -> bool:
    return path.suffix.lower() in {".yaml", ".yml"}


def _reads_one(profile: ProfileFile, files: list[Path]) -> bool:
    return any(fnmatch(path.name.lower(), profile.pattern.lower()) for path in files)


def _named(name: str, pattern: str) -> list[ProfileFile]:
    path = Path(name)
    if path.is_dir():
        found = _profiles_in(path)
        if not found:
            raise Invalid(Reason(f"{path} has no profiles: no file in it is YAML.", "invalid", "profile"))
        return found
    profile = _read(path) if is_profile(path) else _saved(name)
    return [replace(profile, pattern=pattern or profile.pattern, is_asked_for=True)]


def _saved(code: str) -> ProfileFile:
    profile = ImportProfile.objects.filter(code=code).first()
    if profile is None:
        text = f"“{code}” is no saved profile, no YAML file and no folder. See: manage.py profiles list"
        raise Invalid(Reason(text, "invalid", "profile"))
    return ProfileFile(code, profile.dataset, profile.definition, f"{code}.*")


def _profiles_in(folder: Path) -> list[ProfileFile]:
    """By name: of two profiles for the same dataset the first in the alphabet comes in first."""
    return [_read(path) for path in sorted(folder.iterdir()) if path.is_file() and is_profile(path)]


def _read(path: Path) -> ProfileFile:
    raw = _yaml(path)
    missing = [key for key in KEYS if not isinstance(raw, dict) or key not in raw]
    if missing:
        raise Invalid(Reason(f"{path.name} lacks: {', '.join(missing)}.", "invalid", "profile"))
    if raw["dataset"] not in DATASETS:
        raise Invalid(Reason(f"{path.name}: “{raw['dataset']}” is no dataset.", "invalid", "profile"))
    definition = raw["definition"]
    if not isinstance(definition, str):
        definition = yaml.safe_dump(definition, sort_keys=False, allow_unicode=True)
    pattern = str(raw.get("file") or f"{path.stem}.*")
    return ProfileFile(str(raw["code"]), raw["dataset"], definition, pattern, path.parent)


def _yaml(path: Path) -> Any:
    try:
        # BaseLoader keeps every scalar as the text it is, as the profile's own reader wants it.
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    except OSError as error:
        raise Invalid(Reason(f"{path} cannot be opened: {error.strerror}.", "invalid", "profile")) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid(Reason(f"{path.name} is not YAML: {error}", "invalid", "profile")) from error
