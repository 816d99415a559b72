"""What a process loads: the web server starts without the libraries that only workers need."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
HEAVY = ("statsmodels", "scipy.stats", "matplotlib")
PROGRAM = f"""
import sys, django
django.setup()
import sopcycle.urls
print(*[name for name in {HEAVY} if name in sys.modules])
"""


def test_the_web_server_does_not_load_what_only_forecasts_need() -> None:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
