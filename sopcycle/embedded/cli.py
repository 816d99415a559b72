"""Command line of the embedded servers: `python -m sopcycle.embedded run | with | services`."""

import argparse
import os
import sys
from pathlib import Path

from sopcycle.embedded.command import run_services, run_with_servers
from sopcycle.embedded.errors import Refusal
from sopcycle.embedded.logs import DISK_FULL
from sopcycle.embedded.stopping import StopAsked
from sopcycle.embedded.supervisor import Supervisor, follow_parent, read_options

PROJECT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    """Exit code 2 and one line when something has to be mended first."""
    options = _parser().parse_args()
    try:
        return int(options.do(options))
    except Refusal as refusal:
        return _refuse(str(refusal))
    except OSError as trouble:
        if trouble.strerror != DISK_FULL:
            raise
        return _refuse(f"The disk is full ({trouble.filename}). Free some space and start again.")
    except StopAsked as stop:
        return 128 + stop.asked


def _refuse(text: str) -> int:
    print(f"sopcycle: {' '.join(text.split())}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sopcycle.embedded", description=__doc__)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="the whole product, until Ctrl-C")
    run.add_argument("--with-parent", action="store_true", help="stop when the caller is killed")
    run.set_defaults(do=_run)
    around = commands.add_parser("with", help="run a command between start and stop of the servers")
    around.add_argument("--state", type=_folder, help="default: a temporary one")
    around.add_argument("--fast", action="store_true", help="for tests: give up safety on a crash")
    around.add_argument("command", nargs="+", help="after --")
    around.set_defaults(do=_with)
    services = commands.add_parser("services", help="only the servers, in the foreground")
    services.add_argument("--state", type=_folder, default=_default_state())
    services.set_defaults(do=lambda options: run_services(options.state))
    return parser


def _run(options: argparse.Namespace) -> int:
    if options.with_parent:
        follow_parent()
    return Supervisor(read_options(PROJECT, _default_state())).run()


def _with(options: argparse.Namespace) -> int:
    return run_with_servers(options.state, options.command, careless=options.fast)


def _folder(text: str) -> Path:
    return Path(text).resolve()


def _default_state() -> Path:
    return Path(os.environ.get("SOPCYCLE_STATE") or PROJECT / "var").resolve()
