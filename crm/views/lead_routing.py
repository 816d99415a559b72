"""Pages of how leads are routed: the rules in order with their seats, absences, and a trial."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_POST

from core.access import Page, person_of, requires
from core.listing import Column, Empty
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from core.roles import can
from crm.engine.routing import Asked, place
from crm.forms.lead_setup import NewRuleForm, RuleForm, SeatChangeForm, SeatForm, TrialForm
from crm.models import Rep, RoutingRule, RoutingSeat
from crm.selectors.lead_routing import (
    away_on,
    open_leads_of,
    routing_rules,
    rules_visible_to,
    seats_visible_to,
)
from crm.services.lead_setup import (
    add_row,
    add_rule,
    change_setup,
    make_fallback,
    move_rule,
    remove_rule,
    remove_seat,
)
from crm.views.leads import MANAGE, VIEW

ROUTING = "crm:lead-routing"


class RoutingPage(Page):
    """The rules as they are asked, with who takes turns and how much each rep holds."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        person = person_of(request)
        rules = list(rules_visible_to(person))
        seats = list(seats_visible_to(person))
        reps = {seat.rep_id for seat in seats}
        loads, away = open_leads_of(reps), away_on(timezone.localdate(), reps)
        last = max((rule.position for rule in rules if not rule.is_fallback), default=0)
        shown = [
            _rule(rule, [seat for seat in seats if seat.rule_id == rule.pk], loads, away) for rule in rules
        ]
        caught = any(one["rule"].is_fallback and one["seats"] for one in shown)
        context = {
            "rules": shown,
            "caught": caught,
            "last": last,
            "may_manage": bool(can(person, MANAGE)),
            "primary": Link("Add a rule", reverse("crm:routing-rule-add")),
            **_trial(request),
        }
        return render(request, "crm/leads/routing.html", context)


def _rule(rule: RoutingRule, seats: list[RoutingSeat], loads: Any, away: set[int]) -> dict[str, Any]:
    return {
        "rule": rule,
        "asks": conditions_of(rule),
        "url": reverse("crm:routing-rule", args=[rule.pk]),
        "seats": [
            {
                "rep": seat.rep.name,
                "load": loads[seat.rep_id],
                "capacity": seat.capacity,
                "is_away": seat.rep_id in away,
                "is_full": loads[seat.rep_id] >= seat.capacity,
            }
            for seat in seats
        ],
    }


def conditions_of(rule: RoutingRule) -> str:
    """What the rule asks of a lead, in words."""
    if rule.is_fallback:
        return "Whatever no other rule takes"
    asked = [
        f"market {rule.market.name} or below" if rule.market is not None else "",
        f"from {rule.source.name}" if rule.source is not None else "",
        f"in {rule.country}" if rule.country else "",
        f"{rule.least_employees} employees or more" if rule.least_employees else "",
    ]
    return capfirst(", ".join(filter(None, asked))) or "Any lead"


def _trial(request: HttpRequest) -> dict[str, Any]:
    """Who would get a lead like this now; nothing is stored."""
    form = TrialForm(request.GET or None, person=person_of(request))
    if not form.is_valid():
        return {"form": form}
    values = form.cleaned_data
    asked = Asked(
        market=values["market"].pk if values["market"] else None,
        source=values["source"].pk if values["source"] else None,
        country=values["country"],
        employees=values["employees"],
    )
    placement = place(asked, routing_rules(timezone.localdate()))
    rep = Rep.objects.get(pk=placement.rep) if placement is not None else None
    return {"form": form, "tried": True, "placement": placement, "rep": rep}


# --- one rule -------------------------------------------------------------------------------------


class RulePage(DetailPage):
    action = VIEW
    edit = (MANAGE, "crm:routing-rule-edit")
    template_name = "crm/leads/rule.html"
    facts = [
        Column("asks", "Takes", conditions_of),
        Column("hours", "Answer within", lambda row: f"{row.hours} working hours"),
        Column("is_fallback", "Fallback", kind="bool"),
        Column("is_active", "Active", kind="bool"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[RoutingRule]:
        return rules_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: RoutingRule) -> list[Link]:
        return [Link("Lead routing", reverse(ROUTING))]

    def more(self, request: HttpRequest, row: RoutingRule) -> dict[str, Any]:
        return {"may_manage": bool(can(request.user, MANAGE))}

    def sections(self, request: HttpRequest, row: RoutingRule) -> list[Section]:
        seats = list(seats_visible_to(person_of(request)).filter(rule=row))
        loads = open_leads_of({seat.rep_id for seat in seats})
        columns = [
            Column("rep", "Rep", "rep.name"),
            Column("load", "Open leads", lambda seat: loads[seat.rep_id], "number"),
            Column("capacity", "At once", kind="number"),
            Column("last_given", "Last lead", kind="time"),
        ]
        add = reverse("crm:routing-seat-add", args=[row.pk])
        manages = bool(can(request.user, MANAGE))
        return [
            table_section(
                "Seats",
                seats,
                columns,
                empty=Empty("Nobody sits here", "Reps who take turns in this rule stand here."),
                note="Whoever has waited longest and has room gets the next lead.",
                links=(Link("Seat a rep", add, MANAGE),),
                row_url=_seat_url if manages else None,
            )
        ]


def _seat_url(seat: RoutingSeat) -> str:
    return reverse("crm:routing-seat-edit", args=[seat.pk])


class RuleAdd(AddPage):
    action = MANAGE
    form_class = NewRuleForm
    heading = "Add a rule"
    submit_label = "Add the rule"
    note = "It is asked after the other rules, before the fallback. Then seat the reps who take turns."

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"is_active": True, "hours": 4} | super().initial(request, row)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> RoutingRule:
        return add_rule(actor=person_of(request), values=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("crm:routing-rule", args=[saved.pk])

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse(ROUTING)


class RuleEdit(EditPage):
    action = MANAGE
    form_class = RuleForm

    def rows(self, request: HttpRequest) -> QuerySet[RoutingRule]:
        return rules_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> RoutingRule:
        return change_setup(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("crm:routing-rule", args=[saved.pk])


def _rule_of(request: HttpRequest, pk: int) -> RoutingRule:
    return get_object_or_404(rules_visible_to(person_of(request)), pk=pk)


@require_POST
@requires(MANAGE)
def rule_move(request: HttpRequest, pk: int) -> HttpResponse:
    up = request.POST.get("up") == "yes"
    rule = move_rule(actor=person_of(request), rule=_rule_of(request, pk), up=up)
    messages.success(request, f"“{rule}” is asked {'earlier' if up else 'later'} now.")
    return redirect(ROUTING)


@require_POST
@requires(MANAGE)
def rule_fallback(request: HttpRequest, pk: int) -> HttpResponse:
    rule = make_fallback(actor=person_of(request), rule=_rule_of(request, pk))
    messages.success(request, f"“{rule}” is the fallback now.")
    return redirect(ROUTING)


@require_POST
@requires(MANAGE)
def rule_remove(request: HttpRequest, pk: int) -> HttpResponse:
    rule = _rule_of(request, pk)
    remove_rule(actor=person_of(request), rule=rule)
    messages.success(request, f"“{rule}” is removed.")
    return redirect(ROUTING)


# --- seats ----------------------------------------------------------------------------------------


class SeatAdd(AddPage):
    """The row is the rule in which the rep takes a seat."""

    action = MANAGE
    form_class = SeatForm
    heading = "Seat a rep"
    submit_label = "Seat the rep"
    done = "{row} is seated."

    def rows(self, request: HttpRequest) -> QuerySet[RoutingRule]:
        return rules_visible_to(person_of(request))

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"capacity": 20}

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> RoutingSeat:
        return add_row(actor=person_of(request), row=RoutingSeat(rule=row, **data))

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        rule = saved.rule_id if isinstance(saved, RoutingSeat) else saved.pk
        return reverse("crm:routing-rule", args=[rule])


class SeatEdit(EditPage):
    action = MANAGE
    form_class = SeatChangeForm
    template_name = "crm/leads/seat.html"

    def rows(self, request: HttpRequest) -> QuerySet[RoutingSeat]:
        return seats_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> RoutingSeat:
        return change_setup(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("crm:routing-rule", args=[saved.rule_id])


@require_POST
@requires(MANAGE)
def seat_remove(request: HttpRequest, pk: int) -> HttpResponse:
    seat = get_object_or_404(seats_visible_to(person_of(request)), pk=pk)
    remove_seat(actor=person_of(request), seat=seat)
    messages.success(request, f"{seat.rep.name} takes no more turns in “{seat.rule}”.")
    return redirect("crm:routing-rule", pk=seat.rule_id)
