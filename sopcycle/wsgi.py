"""The WSGI application that gunicorn serves."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sopcycle.settings")

application = get_wsgi_application()

from core.system_checks import refuse_demo_people  # noqa: E402 - the applications must be loaded

refuse_demo_people()

# Every page is imported before the web server forks: nobody waits for it, and memory is shared.
import_module(settings.ROOT_URLCONF)

# What is loaded now stays for ever: the collector need not look through it during a request.
gc.collect()
gc.freeze()
