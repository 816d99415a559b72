"""What has to be right before anything starts. Each check raises a Refusal or says nothing."""

import errno
import ipaddress
import os
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import redis

from sopcycle.embedded.errors import Refusal

MEGABYTE = 1024**2
ROOM_FOR_A_NEW_CLUSTER = 300 * MEGABYTE
ROOM_FOR_ANOTHER_START = 50 * MEGABYTE
# The web server of a supervisor that was killed lets its port go within this time.
PORT_PATIENCE = 3
ANSWERS_WITHIN = 5
BACKLOG = 2048


def check_room(folder: Path, *, new: bool) -> None:
    """The disk that holds the folder must have room for the database."""
    needed = ROOM_FOR_A_NEW_CLUSTER if new else ROOM_FOR_ANOTHER_START
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Refusal(
            f"The disk of {folder} is full: {free // MEGABYTE} MB are free and "
            f"{needed // MEGABYTE} MB are needed. Free some space, or set SOPCYCLE_STATE to a "
            "folder on another disk."
        )


def check_port_number(text: str) -> int:
    """The port as a number."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise Refusal(f"PORT is {text!r}. Use a number from 1 to 65535.")
    return int(text)


def check_demo_stays_here(host: str, mode: str) -> None:
    """Demo sign-ins are known to everyone, so the demo may only be reached from this machine."""
    if mode == "demo" and not _is_loopback(host):
        raise Refusal(
            f"HOST is {host!r}, but the demo, whose passwords are public, may only listen on "
            "127.0.0.1. Unset HOST, or set SOPCYCLE_MODE=production."
        )


def reserve_port(host: str, port: int, pause: Callable[[], None]) -> socket.socket:
    """A listening socket for the web server: nobody can take the port while the rest starts."""
    deadline = time.monotonic() + PORT_PATIENCE
    while True:
        try:
            return _bound(host, port)
        except OSError as trouble:
            if trouble.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise Refusal(_why_not(host, port, trouble)) from None
        pause()


def check_given_servers_answer() -> None:
    """DATABASE_URL and REDIS_URL, where given, must lead to servers that answer."""
    if database := os.environ.get("DATABASE_URL"):
        _check_database(database)
    if queue := os.environ.get("REDIS_URL"):
        _check_redis(queue)


def without_password(url: str) -> str:
    """The address as it may be shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    reserved = socket.socket(family, socket.SOCK_STREAM)
    try:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind((host, port))
        # Bound alone is not enough: Linux would let another program bind as well.
        reserved.listen(BACKLOG)
    except OSError:
        reserved.close()
        raise
    return reserved


def _why_not(host: str, port: int, trouble: OSError) -> str:
    if trouble.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken by another program. "
            f"Stop it, or choose another port: PORT={port + 1} make run"
        )
    return f"{host}:{port} cannot be listened on: {trouble.strerror or trouble}. Set HOST or PORT."


def _check_database(url: str) -> None:
    try:
        psycopg2.connect(url, connect_timeout=ANSWERS_WITHIN).close()
    except (psycopg2.Error, UnicodeError) as trouble:
        raise Refusal(
            f"The database at {without_password(url)} does not answer: {_one_line(trouble)}. "
            "Mend DATABASE_URL, or unset it to use the embedded one."
        ) from None


def _check_redis(url: str) -> None:
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=ANSWERS_WITHIN)
        client.ping()
        client.close()
    except (redis.RedisError, ValueError) as trouble:
        raise Refusal(
            f"The queue at {without_password(url)} does not answer: {_one_line(trouble)}. "
            "Mend REDIS_URL, or unset it to use the embedded one."
        ) from None


def _one_line(trouble: Exception) -> str:
    return " ".join(str(trouble).split()).rstrip(".")
