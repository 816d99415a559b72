"""Entry of `python3 -m bootstrap`. The rest is imported once this Python is known to be able to."""

import sys
from importlib import import_module

if sys.platform == "win32":
    sys.exit("setup: Windows is not supported. Use WSL, or `docker compose up` (docs/running.md).")
if sys.version_info < (3, 11):  # noqa: UP036 - this is where an older one is told so
    sys.exit(
        "setup: Python 3.11 or newer is needed and this is {}.{}. "
        "Choose another: make PYTHON=python3.12 …".format(*sys.version_info)
    )
sys.exit(import_module("bootstrap.setup").main())
