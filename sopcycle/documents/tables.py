"""Tables of rights, company settings, commands and recipes, from where the code keeps them."""

import re
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands, load_command_class

from core.company_settings import SETTINGS
from core.formats import EMPTY
from core.roles import ACTIONS, Role
from core.setting_kinds import Setting
from sopcycle.documents.marks import table

PROJECT = Path(__file__).resolve().parent.parent.parent
RECIPE = re.compile(r"^(\w+):\s.*?## (.+)$", re.MULTILINE)


def rights() -> str:
    """Who may do what: actions down, roles across."""
    columns = ["action", "may …", *(role.label for role in Role)]
    rows = [
        [f"`{name}`", action.does, *("yes" if role in action.roles else "" for role in Role)]
        for name, action in ACTIONS.items()
    ]
    return table(columns, rows)


def company_settings() -> str:
    """Every company-wide value with its default."""
    rows = [[s.label, f"`{s.key}`", _default(s), "yes" if s.dated else "", s.help] for s in SETTINGS.values()]
    return table(["setting", "key", "default", "dated", "what it does"], rows)


def _default(setting: Setting) -> str:
    """The default in words; its currency is named, not looked up: documents know no company."""
    if setting.default == "":
        return EMPTY
    return setting.shown(setting.default)


def commands() -> str:
    """The management commands of the rooms."""
    rows = [
        [f"`manage.py {name}`", room, load_command_class(room, name).help]
        for name, room in sorted(get_commands().items())
        if room in settings.ROOMS
    ]
    return table(["command", "room", "what it does"], rows)


def recipes() -> str:
    """What `make` can do."""
    found = RECIPE.findall((PROJECT / "Makefile").read_text(encoding="utf-8"))
    return table(["command", "what it does"], [[f"`make {name}`", text] for name, text in found])
