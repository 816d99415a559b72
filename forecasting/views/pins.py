"""Pinned methods: the list of all, pin one to a demand unit, take one off."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from catalog.models import DemandUnit
from catalog.selectors import demand_units_visible_to
from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import FormPage
from core.roles import can
from forecasting.filters.runs import PinFilter
from forecasting.forms.runs import EndPinForm, PinForm
from forecasting.models import ForecastPin
from forecasting.selectors.pins import pin_of_unit, pins_visible_to, worth_of
from forecasting.services.pins import end_pin, pin_method

PAYS = {True: "pays", False: "does not pay"}
PAYS_TONES = {True: "good", False: "warn", None: "quiet"}


def age_of(pin: ForecastPin) -> int:
    """Whole days that the pin holds or held."""
    return ((pin.ended or timezone.now()) - pin.since).days


def worth_words(pin: ForecastPin) -> str:
    """Whether a pin pays, in a word or two."""
    worth = worth_of(pin)
    if worth.pays is None:
        return "not tested" if worth.used else "not used yet"
    return PAYS[worth.pays]


class PinList(ListPage):
    """Every pinned method, how old it is, and whether it still pays."""

    action = "forecast.view"
    title = "Pinned methods"
    pretitle = "Forecasts"
    filterset_class = PinFilter
    default_order = "-since"
    empty = Empty(
        "No pinned methods",
        "The engine chooses a method for each demand unit. Where you know better, pin one on the demand "
        "unit’s forecast page: the next runs use it, and this list says whether it pays.",
    )
    columns = [
        Column("product", "Product", "demand_unit.product.name", order="demand_unit__product__name"),
        Column("market", "Market", "demand_unit.market.name", order="demand_unit__market__name"),
        Column("method", "Method", "get_method_display", order="method"),
        Column("reason", "Why"),
        Column("by", "Pinned by", "pinned_by.name", order="pinned_by__name"),
        Column("since", "Since", kind="time", order="since"),
        Column("age", "Age", age_of, "number", unit="days"),
        Column("measure", "Measured by", lambda pin: worth_of(pin).measure if worth_of(pin).used else ""),
        Column("with_it", "Error with it", lambda pin: worth_of(pin).with_it, "number"),
        Column("without", "Error without", lambda pin: worth_of(pin).without, "number"),
        Column(
            "pays",
            "Back-test",
            worth_words,
            "badge",
            tone=lambda pin: PAYS_TONES[worth_of(pin).pays],
            help="Whether the pinned method erred less than the engine's own choice.",
        ),
        Column("ended", "Ended", kind="time", order="ended"),
        Column("end_reason", "Why it ended"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[ForecastPin]:
        return pins_visible_to(person_of(request))

    def row_url(self, row: ForecastPin) -> str:
        return reverse("forecasting:newest-series", args=[row.demand_unit_id])


class PinAdd(FormPage):
    """Pin a method to a demand unit."""

    action = "forecast.pin"
    form_class = PinForm
    pretitle = "Pin a method"
    submit_label = "Pin this method"
    done = "{row} is pinned: the next forecast uses it."
    note = (
        "From the next run on, this demand unit is forecast by the method you choose, with intervals from "
        "its own back-tests, until somebody ends the pin. No other demand unit changes."
    )

    def row(self, request: HttpRequest, **kwargs: Any) -> DemandUnit:
        return get_object_or_404(demand_units_visible_to(person_of(request)), pk=kwargs["demand_unit"])

    def save(self, request: HttpRequest, row: DemandUnit, data: dict[str, Any]) -> ForecastPin:
        return pin_method(actor=person_of(request), unit=row, **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        unit = saved.demand_unit_id if isinstance(saved, ForecastPin) else saved.pk
        return reverse("forecasting:newest-series", args=[unit])

    def more(self, request: HttpRequest, row: DemandUnit) -> dict[str, Any]:
        holds = pin_of_unit(person_of(request), row.pk)
        if holds is None:
            return {}
        by = holds.pinned_by.name if holds.pinned_by else "the system"
        now = f"It is pinned to {holds.get_method_display()} by {by}: {holds.reason.rstrip('.')}."
        return {"note": f"{now} This replaces it. {self.note}"}


class PinEnd(FormPage):
    """Take a pin off."""

    action = "forecast.pin"
    form_class = EndPinForm
    pretitle = "End a pinned method"
    submit_label = "End this pin"
    done = "{row}: the engine chooses again from the next forecast on."
    note = "From the next run on, the engine chooses the method of this demand unit again."

    def rows(self, request: HttpRequest) -> QuerySet[ForecastPin]:
        return pins_visible_to(person_of(request))

    def initial(self, request: HttpRequest, row: ForecastPin) -> dict[str, Any]:
        return {"revision": row.revision}

    def save(self, request: HttpRequest, row: ForecastPin, data: dict[str, Any]) -> ForecastPin:
        return end_pin(actor=person_of(request), pin=row, **data)

    def done_url(self, request: HttpRequest, saved: ForecastPin) -> str:
        return reverse("forecasting:newest-series", args=[saved.demand_unit_id])


def pin_state(request: HttpRequest, unit: int) -> dict[str, Any]:
    """The pin of a demand unit for its page: what holds, and what the reader may do about it."""
    holds = pin_of_unit(person_of(request), unit)
    may = bool(can(request.user, "forecast.pin"))
    return {
        "pin": holds,
        "pays": worth_words(holds) if holds else "",
        "tone": PAYS_TONES[worth_of(holds).pays] if holds else "",
        "worth": worth_of(holds) if holds else None,
        "pin_url": reverse("forecasting:pin-add", args=[unit]) if may else "",
        "end_url": reverse("forecasting:pin-end", args=[holds.pk]) if may and holds else "",
    }
