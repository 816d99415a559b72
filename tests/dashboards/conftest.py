"""The world of facts that the tests here change."""

from tests.gathering.world import world

__all__ = ["world"]
