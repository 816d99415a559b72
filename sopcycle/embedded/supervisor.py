"""`make run`: one process that starts, watches and stops all the others."""

import os
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from sopcycle.embedded import preflight, programs
from sopcycle.embedded.errors import Refusal
from sopcycle.embedded.gate import Gate
from sopcycle.embedded.health import ask
from sopcycle.embedded.logs import last_words, turn_over
from sopcycle.embedded.process import Process, follow, stop_together
from sopcycle.embedded.programs import Program
from sopcycle.embedded.servers import Servers
from sopcycle.embedded.stopping import StopAsked, StopFlag

WEB_ANSWERS_WITHIN = 180


@dataclass(frozen=True)
class Options:
    """What the environment asks for."""

    project: Path
    state: Path
    mode: str
    host: str
    port: int

    @property
    def address(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def read_options(project: Path, state: Path) -> Options:
    """Raises Refusal when PORT is not a port."""
    return Options(
        project=project,
        state=state,
        mode=os.environ.get("SOPCYCLE_MODE") or "demo",
        host=os.environ.get("HOST") or "127.0.0.1",
        port=preflight.check_port_number(os.environ.get("PORT") or "8000"),
    )


def follow_parent() -> None:
    """Stop when `make` is killed: without it nobody would know that we still run."""
    follow(os.getppid(), signal.SIGTERM)


class Supervisor:
    """Order up: servers, prepare and web (which waits for it), worker, beat. Order down: the reverse."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._flag = StopFlag()
        self._servers = Servers(options.state, self._flag.pause)
        self._programs: dict[str, Process] = {}
        self._began = time.monotonic()

    def run(self) -> int:
        """Until asked to stop, or until one of the processes dies, which raises Refusal."""
        self._flag.listen()
        try:
            self._start()
            self._watch()
        except StopAsked as stop:
            self._say(f"stopping ({stop.asked.name})")
        finally:
            self._stop()
        self._say("stopped; nothing is left running")
        return 0

    def _start(self) -> None:
        listener = self._check()
        self._servers.start()
        self._say("the servers are up")
        signins = self._options.state / "signins.txt"
        gate = Gate()
        self._launch(programs.web(listener, gate))  # loads its code while the database is prepared
        listener.close()
        self._prepare(signins)
        gate.open()
        self._wait_for_web()  # before the rest: more programs that load at once would make everybody wait
        self._launch(programs.worker())
        self._launch(programs.beat(self._options.state))
        self._announce(signins)

    def _check(self) -> socket.socket:
        options = self._options
        preflight.check_demo_stays_here(options.host, options.mode)
        self._servers.lock()
        listener = preflight.reserve_port(options.host, options.port, self._flag.pause)
        preflight.check_given_servers_answer()
        return listener

    def _prepare(self, signins: Path) -> None:
        process = self._launch(programs.prepare(signins))
        while process.alive:
            self._flag.pause()
        if process.exit_code:
            raise Refusal(f"The database could not be prepared: {self._last_words('prepare')}")
        del self._programs["prepare"]
        self._say("the database is prepared")

    def _launch(self, program: Program) -> Process:
        file = self._log(program.name)
        turn_over(file)
        with file.open("ab") as log:
            process = Process(
                program.name,
                program.command,
                env=self._servers.environment() | {"PYTHONUNBUFFERED": "1"},
                cwd=self._options.project,
                ending=program.ending,
                log=log,
                shows_output=program.shows_output,
                keeps_open=program.keeps_open,
            )
        self._programs[program.name] = process
        return process

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + WEB_ANSWERS_WITHIN
        while (answer := ask(self._options.host, self._options.port)) != 200:
            self._refuse_if_one_died()
            if time.monotonic() > deadline:
                raise Refusal(f"The web server gave {answer} at {self._options.address}/healthz/.")
            self._flag.pause()

    def _watch(self) -> None:
        while True:
            self._refuse_if_one_died()
            self._flag.pause()

    def _refuse_if_one_died(self) -> None:
        for process in (*self._servers.processes, *self._programs.values()):
            if not process.alive:
                raise Refusal(f"{self._obituary(process)} So everything was stopped.")

    def _obituary(self, process: Process) -> str:
        code = process.exit_code or 0
        if code < 0:
            return f"{process.name} was killed ({signal.Signals(-code).name})."
        return f"{process.name} ended by itself: {self._last_words(process.name.lower())}."

    def _stop(self) -> None:
        first = [self._programs[name] for name in self._programs if name != "worker"]
        stop_together(first)
        stop_together([self._programs[name] for name in self._programs if name == "worker"])
        self._servers.stop()

    def _announce(self, signins: Path) -> None:
        self._say(f"ready at {self._options.address} – Ctrl-C stops it")
        self._say(f"logs are in {self._options.state / 'logs'}")
        if self._options.mode == "demo":
            print(signins.read_text(encoding="utf-8"), flush=True)

    def _log(self, name: str) -> Path:
        return self._options.state / "logs" / f"{name}.log"

    def _last_words(self, name: str) -> str:
        return last_words(self._log({"postgresql": "postgres"}.get(name, name)))

    def _say(self, text: str) -> None:
        print(f"sopcycle {time.monotonic() - self._began:5.1f} s  {text}", flush=True)
