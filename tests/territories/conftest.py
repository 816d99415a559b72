"""What several files about realignments begin with."""

import pytest

from tests.territories.realigning import Realigned, a_realigned_world


@pytest.fixture
def world(db: None) -> Realigned:
    return a_realigned_world()
