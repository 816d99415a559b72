"""The WSGI application that gunicorn serves."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from sopcycle.embedded.gate import wait_at_gate

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sopcycle.settings")

application = get_wsgi_application()

from core.system_checks import refuse_demo_people  # noqa: E402 - the applications must be loaded

# Every page is imported before the web server forks: nobody waits for it, and memory is shared.
import_module(settings.ROOT_URLCONF)

wait_at_gate()
refuse_demo_people()

# What is loaded now stays for ever: the collector need not look through it during a request.
gc.collect()
gc.freeze()
