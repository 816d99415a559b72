"""Entry of `python -m sopcycle.embedded`."""

import sys
from importlib import import_module

if sys.platform == "win32":
    # Said before the rest is imported: that needs modules which Windows has not.
    sys.exit(
        "sopcycle: there are no embedded servers for Windows. Use WSL, or `docker compose up` "
        "(docs/running.md)."
    )
sys.exit(import_module("sopcycle.embedded.cli").main())
