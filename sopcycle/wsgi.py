"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sopcycle.settings")

application = get_wsgi_application()

from core.system_checks import refuse_demo_people  # noqa: E402 - the applications must be loaded

refuse_demo_people()
