"""The guards of stage 3, supply planning: each gives every reason why its stage cannot be signed yet."""

from collections.abc import Callable

from core.errors import Reason
from planning.models import Cycle

GUARDS: dict[str, Callable[[Cycle], list[Reason]]] = {}
