"""The addresses that settings read before any server runs."""

from pathlib import Path
from urllib.parse import unquote

import environ
import redis

from sopcycle.embedded import addresses
from sopcycle.embedded.account import Account
from sopcycle.embedded.places import LONGEST_SOCKET_FOLDER, prepare

OURSELVES = Account("me", Path.home().stat().st_uid, Path.home().stat().st_gid, switch=False)


def test_the_addresses_need_no_running_server_and_make_no_folder(tmp_path: Path) -> None:
    state = tmp_path / "not made"

    assert addresses.database_url(state).endswith("/sopcycle")
    assert addresses.redis_url(state).startswith("unix:///")
    assert not state.exists()


def test_django_reads_a_socket_folder_with_spaces_and_capitals_from_the_address(tmp_path: Path) -> None:
    state = tmp_path / "My State"
    state.mkdir()
    (state / addresses.PASSWORD_FILE).write_text("p/w@:%")

    config = environ.Env().db_url_config(addresses.database_url(state))

    assert unquote(config["HOST"]) == str(state / "run")
    assert (config["USER"], config["PASSWORD"], config["NAME"]) == ("sop", "p/w@:%", "sopcycle")


def test_redis_reads_the_socket_from_the_address(tmp_path: Path) -> None:
    state = tmp_path / "My State"

    pool = redis.Redis.from_url(addresses.redis_url(state)).connection_pool

    assert pool.connection_kwargs["path"] == str(state / "run" / "valkey.sock")


def test_a_long_path_gets_a_short_socket_folder_that_the_addresses_find(tmp_path: Path) -> None:
    state = tmp_path / ("deep " * 12) / ("deeper " * 8)
    state.mkdir(parents=True)

    prepare(state, OURSELVES)

    sockets = addresses.socket_folder(state)
    assert len(str(sockets)) <= LONGEST_SOCKET_FOLDER
    assert sockets.is_dir() and sockets.stat().st_mode & 0o077 == 0
    sockets.rmdir()


def test_a_state_folder_that_is_moved_keeps_its_servers_with_it(tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.mkdir()
    prepare(before, OURSELVES)

    after = before.rename(tmp_path / "after")

    assert addresses.cluster_folder(after) == after / "postgres"
