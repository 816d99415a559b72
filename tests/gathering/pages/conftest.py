"""The company of these tests."""

from tests.gathering.pages.company import _own_files, company, profile

__all__ = ["_own_files", "company", "profile"]
