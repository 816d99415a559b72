"""manage.py demo_signins: who can sign in to the demo company."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.demo_signins import DEMO_SIGNINS
from core.models import Person
from core.roles import Role

ROW = "{:30} {:32} {}"


class Command(BaseCommand):
    help = "Print one demo sign-in per role: role, e-mail, password."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MODE not in {"demo", "test"}:
            raise CommandError("Demo sign-ins exist only in demo mode. This installation runs in production.")
        there = set(Person.objects.filter(is_demo=True, is_active=True).values_list("email", flat=True))
        if not there:
            raise CommandError("There is no demo company here. Load it with: manage.py demo")
        self.stdout.write(ROW.format("Role", "E-mail", "Password"))
        for signin in DEMO_SIGNINS:
            if signin.email in there and signin.role != Role.SERVICE:
                self.stdout.write(ROW.format(signin.role.label, signin.email, signin.password))
