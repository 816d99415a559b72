"""Where the embedded servers of a state folder listen. Imported by settings: no Django here."""

import json
from pathlib import Path
from urllib.parse import quote

DATABASE = "sopcycle"
DATABASE_USER = "sop"
PASSWORD_FILE = "database-password"  # noqa: S105 - a name
PLACES_FILE = "places.json"
VALKEY_SOCKET = "valkey.sock"


def cluster_folder(state: Path) -> Path:
    """Where PostgreSQL keeps its data: in the state folder unless recorded elsewhere."""
    return state / _recorded(state).get("cluster", "postgres")


def socket_folder(state: Path) -> Path:
    """Where both servers put their sockets: in the state folder unless recorded elsewhere."""
    return state / _recorded(state).get("sockets", "run")


def valkey_socket(state: Path) -> Path:
    return socket_folder(state) / VALKEY_SOCKET


def database_url(state: Path) -> str:
    """The address of the embedded PostgreSQL, `postgres://` over its unix socket."""
    socket = quote(str(socket_folder(state)), safe="")
    return f"postgres://{DATABASE_USER}:{quote(password(state), safe='')}@{socket}/{DATABASE}"


def redis_url(state: Path) -> str:
    """The address of the embedded Valkey, `unix://` over its socket."""
    return f"unix://{quote(str(valkey_socket(state)))}"


def password(state: Path) -> str:
    """The database's password; empty before the first start has made one."""
    file = state / PASSWORD_FILE
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _recorded(state: Path) -> dict[str, str]:
    file = state / PLACES_FILE
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
