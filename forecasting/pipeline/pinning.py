"""Pins as a run keeps them: read once when it is asked for, so that every chunk sees the same."""

from collections.abc import Sequence
from typing import Any

from forecasting.engine.pin import Method, Pin
from forecasting.models import ForecastPin

THE_SYSTEM = "the system"


def active_pins() -> dict[str, dict[str, Any]]:
    """The pins of active demand units that hold now: unit → pin, method, by, note."""
    rows = ForecastPin.objects.filter(ended=None, demand_unit__is_active=True)
    return {
        str(pin.demand_unit_id): {
            "pin": pin.pk,
            "method": pin.method,
            "by": pin.pinned_by.name if pin.pinned_by else THE_SYSTEM,
            "note": pin.reason,
        }
        for pin in rows.select_related("pinned_by").order_by("demand_unit")
    }


def pins_of(kept: dict[str, dict[str, Any]], units: Sequence[int]) -> list[Pin | None]:
    """What a run keeps of its pins, as the engine wants it: one per unit, or None."""
    found = [kept.get(str(unit)) for unit in units]
    return [Pin(Method(one["method"]), one["by"], one["note"]) if one else None for one in found]
