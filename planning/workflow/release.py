"""The guards of stage 5, release: each gives every reason why its stage cannot be signed yet."""

from collections.abc import Callable

from core.errors import Reason
from planning.models import Cycle

GUARDS: dict[str, Callable[[Cycle], list[Reason]]] = {}
