"""`with`: any command between a start and a stop of the servers."""

import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sopcycle.embedded import places
from sopcycle.embedded.errors import Refusal
from sopcycle.embedded.process import die_with_parent
from sopcycle.embedded.servers import Servers
from sopcycle.embedded.stopping import StopAsked, StopFlag


def run_with_servers(state: Path | None, command: Sequence[str], *, careless: bool) -> int:
    """Start the servers, run the command with their addresses, stop them, give its exit code."""
    flag = StopFlag()
    flag.listen()
    with _state_folder(state) as folder:
        servers = Servers(folder, flag.pause, careless=careless)
        try:
            servers.lock()
            servers.start()
            return _run(command, servers.environment(), flag)
        finally:
            servers.stop()


def run_services(state: Path) -> int:
    """Only the servers, in the foreground, until asked to stop or one of them dies."""
    flag = StopFlag()
    flag.listen()
    servers = Servers(state, flag.pause)
    try:
        servers.lock()
        servers.start()
        environment = servers.environment()
        print(f"DATABASE_URL={environment['DATABASE_URL']}\nREDIS_URL={environment['REDIS_URL']}")
        return _watch(servers, flag)
    except StopAsked:
        return 0
    finally:
        servers.stop()


def _watch(servers: Servers, flag: StopFlag) -> int:
    while all(process.alive for process in servers.processes):
        flag.pause()
    dead = next(process for process in servers.processes if not process.alive)
    raise Refusal(f"{dead.name} stopped by itself with code {dead.exit_code}.")


@contextmanager
def _state_folder(state: Path | None) -> Iterator[Path]:
    """The folder asked for, else one that lives as long as the command."""
    if state is not None:
        yield state
        return
    folder = Path(tempfile.mkdtemp(prefix="sopcycle-"))
    folder.chmod(0o711)  # as root, the servers' account must be able to pass through
    try:
        yield folder
    finally:
        places.remove(folder)


def _run(command: Sequence[str], environment: dict[str, str], flag: StopFlag) -> int:
    """In our own process group: the terminal's Ctrl-C reaches the command by itself."""
    try:
        child = subprocess.Popen(command, env=environment, preexec_fn=die_with_parent(signal.SIGTERM))
    except OSError as trouble:
        raise Refusal(f"{command[0]} cannot be run: {trouble.strerror}.") from None
    try:
        while child.poll() is None:
            flag.pause()
    except StopAsked as stop:
        if stop.asked is not signal.SIGINT:
            child.send_signal(stop.asked)
        child.wait()
    code = child.returncode
    return code if code >= 0 else 128 - code
