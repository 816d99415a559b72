"""Tests that share one big load: Django's TestCase loads once per class and undoes what each test does."""

import tempfile
from pathlib import Path
from typing import ClassVar

from django.test import TestCase, override_settings

from core import company


class LoadedOnce(TestCase):
    """Subclasses load in `setUpTestData`. Uploaded files go to a folder that ends with the class."""

    files: ClassVar[Path]

    @classmethod
    def setUpClass(cls) -> None:
        cls.files = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.enterClassContext(override_settings(MEDIA_ROOT=cls.files))
        cls.addClassCleanup(company.forget)
        company.forget()
        super().setUpClass()

    def setUp(self) -> None:
        company.forget()
