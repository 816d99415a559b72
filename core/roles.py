"""Who may do what: the roles, the actions and the one matrix between them.

`can(person, action, obj)` answers with a Decision that carries its reason. Four thin adapters use
it and nothing else does: core.api.permissions (API), core.access (pages and services) and
core.templatetags.sopcycle (templates).
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices


class Role(TextChoices):
    VP = "vp", "VP of S&OP"
    MANAGER = "manager", "S&OP manager"
    ANALYST = "analyst", "S&OP analyst"
    COORDINATOR = "coordinator", "S&OP coordinator"
    EXECUTIVE = "executive", "Executive approver"
    SALES_REP = "sales_rep", "Sales rep"
    SALES_MANAGER = "sales_manager", "Sales manager"
    EFFECTIVENESS = "effectiveness_manager", "Sales effectiveness manager"
    ADVISOR = "technical_advisor", "Technical operations advisor"
    SERVICE = "service", "Service account"


PLANNERS: set[Role] = {Role.VP, Role.MANAGER, Role.ANALYST, Role.COORDINATOR}
PEOPLE: set[Role] = {role for role in Role if role is not Role.SERVICE}
READERS = PLANNERS | {Role.EXECUTIVE, Role.SALES_MANAGER, Role.EFFECTIVENESS, Role.ADVISOR}
EVERYONE = set(Role)
DOERS = {Role.MANAGER, Role.ANALYST, Role.COORDINATOR}
SELLERS = {Role.SALES_MANAGER, Role.SALES_REP}
PAY_MAKERS = {Role.MANAGER, Role.ANALYST, Role.SERVICE}
PAY_READERS = PAY_MAKERS | {Role.VP, Role.EXECUTIVE}


@dataclass(frozen=True)
class Action:
    """Something a person may ask for: what it is called in a sentence, and whose it is."""

    does: str
    roles: frozenset[Role]


def _action(does: str, roles: set[Role]) -> Action:
    return Action(does, frozenset(roles))


ACTIONS: dict[str, Action] = {
    # core
    "home.view": _action("open the home page", EVERYONE),
    "account.own": _action("manage the own account, notifications and tokens", EVERYONE),
    "search": _action("search", PEOPLE),
    "people.view": _action("see the list of people", READERS),
    "people.manage": _action("add people and change their rights", {Role.ADVISOR}),
    "settings.view": _action("see the company settings", READERS),
    "settings.manage": _action("change the company settings", {Role.ADVISOR, Role.VP}),
    "channels.manage": _action("connect message channels", {Role.ADVISOR}),
    "events.view": _action("search the event log", {Role.VP, Role.MANAGER, Role.ADVISOR}),
    "jobs.view": _action("see background jobs", READERS | {Role.SERVICE}),
    "jobs.cancel": _action("cancel or retry a background job", PLANNERS | {Role.ADVISOR, Role.SERVICE}),
    "comments.write": _action("write comments", PEOPLE),
    "api.docs": _action("read how the API works", EVERYONE),
    # catalog
    "catalog.view": _action("see products, markets, sites and prices", EVERYONE - {Role.SALES_REP}),
    "catalog.costs": _action("see costs and margins", PLANNERS | {Role.EXECUTIVE, Role.SERVICE}),
    "catalog.edit": _action(
        "change products, markets, sites and prices",
        {Role.MANAGER, Role.ANALYST, Role.COORDINATOR, Role.SERVICE},
    ),
    # crm
    "crm.view": _action("see accounts and reps", EVERYONE - {Role.EXECUTIVE}),
    "crm.edit": _action("change accounts and reps", {Role.MANAGER, Role.COORDINATOR, Role.SERVICE}),
    "teams.manage": _action(
        "put reps into teams", {Role.MANAGER, Role.COORDINATOR, Role.SALES_MANAGER, Role.EFFECTIVENESS}
    ),
    "deals.view": _action("see deals and the pipeline", EVERYONE),
    "deals.edit": _action("change deals", {Role.MANAGER, Role.COORDINATOR, Role.SERVICE} | SELLERS),
    "deal_stages.manage": _action("change the stages of deals", {Role.MANAGER, Role.COORDINATOR}),
    "hooks.view": _action("see what CRMs push", {Role.ADVISOR, Role.MANAGER, Role.COORDINATOR, Role.SERVICE}),
    "hooks.manage": _action("connect CRMs", {Role.ADVISOR, Role.SERVICE}),
    "hooks.replay": _action(
        "map, replay and leave out what CRMs pushed",
        {Role.ADVISOR, Role.MANAGER, Role.COORDINATOR, Role.SERVICE},
    ),
    "leads.view": _action("see leads", READERS | {Role.SALES_REP, Role.SERVICE}),
    "leads.add": _action("add leads", DOERS | SELLERS | {Role.EFFECTIVENESS, Role.SERVICE}),
    "leads.work": _action("claim, answer and qualify leads", {Role.COORDINATOR} | SELLERS),
    "leads.manage": _action(
        "give leads to reps, and set rules, absences and the agreement with marketing",
        {Role.MANAGER, Role.COORDINATOR, Role.SALES_MANAGER, Role.EFFECTIVENESS},
    ),
    "papers.view": _action("see quotes, contracts, orders and invoices", EVERYONE),
    "papers.edit": _action(
        "write and move quotes, contracts, orders and invoices",
        {Role.MANAGER, Role.COORDINATOR, Role.SERVICE} | SELLERS,
    ),
    "papers.approve": _action(
        "approve quotes, contracts, orders and invoices", {Role.VP, Role.MANAGER, Role.SALES_MANAGER}
    ),
    # gathering
    "facts.view": _action("see sales, stock, orders, capacity and budget", READERS | {Role.SERVICE}),
    "imports.view": _action("see imports", PLANNERS | {Role.ADVISOR, Role.SERVICE}),
    "imports.run": _action(
        "import files", {Role.MANAGER, Role.ANALYST, Role.COORDINATOR, Role.ADVISOR, Role.SERVICE}
    ),
    "profiles.manage": _action(
        "change import profiles", {Role.MANAGER, Role.ANALYST, Role.COORDINATOR, Role.ADVISOR}
    ),
    "mappings.manage": _action(
        "map unknown names", {Role.MANAGER, Role.ANALYST, Role.COORDINATOR, Role.ADVISOR}
    ),
    "sources.view": _action("see the data sources", PLANNERS | {Role.ADVISOR, Role.EXECUTIVE}),
    "sources.manage": _action("set up data sources", {Role.MANAGER, Role.COORDINATOR}),
    "sources.sign": _action("sign data sources", {Role.MANAGER, Role.ANALYST, Role.COORDINATOR}),
    "sources.waive": _action("waive data sources", {Role.VP, Role.MANAGER, Role.COORDINATOR}),
    "quality.view": _action("see quality issues", PLANNERS | {Role.ADVISOR}),
    "quality.check": _action("run the quality rules", {Role.MANAGER, Role.ANALYST, Role.COORDINATOR}),
    "quality.waive": _action("waive quality issues", {Role.VP, Role.MANAGER, Role.ANALYST}),
    "quality.assign": _action("assign quality issues", {Role.MANAGER, Role.ANALYST, Role.COORDINATOR}),
    "notes.view": _action("see campaigns and market notes", PEOPLE),
    "notes.edit": _action(
        "write campaigns and market notes", PLANNERS | {Role.SALES_MANAGER, Role.SALES_REP}
    ),
    # territories and quotas
    "territories.view": _action("see territories and who covers what", READERS | SELLERS | {Role.SERVICE}),
    "territories.plan": _action(
        "change territories, rules and coverage", DOERS | {Role.SALES_MANAGER, Role.SERVICE}
    ),
    "territories.activate": _action("put a territory model into force", {Role.VP, Role.MANAGER}),
    "realignment.plan": _action("plan realignments", DOERS | {Role.SALES_MANAGER, Role.SERVICE}),
    "realignment.compare": _action("see realignments as a whole and compare them", READERS | {Role.SERVICE}),
    "realignment.approve": _action("approve realignments", {Role.VP, Role.MANAGER, Role.SALES_MANAGER}),
    "realignment.publish": _action("publish and undo realignments", {Role.VP, Role.MANAGER}),
    "quotas.view": _action("see quotas", READERS | SELLERS | {Role.SERVICE}),
    "quotas.plan": _action("set quotas", {Role.MANAGER, Role.ANALYST, Role.SERVICE}),
    "quotas.ask": _action(
        "propose quotas from below and ask for changes", {Role.MANAGER, Role.COORDINATOR} | SELLERS
    ),
    "quotas.approve": _action("approve quotas", {Role.VP, Role.EXECUTIVE, Role.MANAGER}),
    "quotas.accept": _action("accept the own quota", SELLERS),
    "attainment.view": _action("see attainment of quotas", READERS | SELLERS | {Role.SERVICE}),
    # compensation
    "pay.own": _action("see the own pay and plan", PEOPLE),
    "pay.view": _action(
        "see pay", {Role.VP, Role.MANAGER, Role.ANALYST, Role.EXECUTIVE, Role.SALES_MANAGER, Role.SERVICE}
    ),
    "pay.plans": _action("see pay plans", PAY_READERS),
    "pay.runs": _action("see runs of pay and adjustments", PAY_READERS),
    "pay.plan": _action("change pay plans, their people and quotas", PAY_MAKERS),
    "pay.approve_plan": _action("approve pay plans", {Role.VP, Role.EXECUTIVE, Role.MANAGER}),
    "pay.credit": _action("say who is credited, and hold pay", PAY_MAKERS),
    "pay.run": _action("calculate and review pay, and propose adjustments", PAY_MAKERS),
    "pay.approve": _action("approve pay and adjustments", {Role.VP, Role.EXECUTIVE, Role.MANAGER}),
    "pay.lock": _action("lock a month's pay and mark it as paid", {Role.VP, Role.MANAGER}),
    "pay.export": _action("take pay out for payroll and accounting", PAY_READERS),
    "pay.accept": _action("accept the own pay plan", SELLERS),
    "pay.dispute": _action("dispute the own pay", SELLERS),
    "pay.decide": _action("decide disputes of pay", {Role.VP, Role.MANAGER, Role.ANALYST}),
    "pay.cost": _action("see what selling costs", {Role.VP, Role.MANAGER, Role.ANALYST, Role.EXECUTIVE}),
    # forecasting
    "forecast.view": _action("see forecasts and their accuracy", READERS | {Role.SERVICE}),
    "forecast.run": _action("run forecasts", DOERS | {Role.SERVICE}),
    "forecast.pin": _action("pin forecast methods", {Role.MANAGER, Role.ANALYST}),
    "forecast.steer": _action("say how demand units are forecast", DOERS | {Role.SERVICE}),
    # planning: the cycle
    "cycle.view": _action("see planning cycles", READERS | {Role.SALES_REP, Role.SERVICE}),
    "cycle.open": _action("open a planning cycle", {Role.VP, Role.MANAGER, Role.COORDINATOR, Role.SERVICE}),
    "cycle.plan": _action(
        "change a cycle's owners, days, checklists and meetings", {Role.MANAGER, Role.COORDINATOR}
    ),
    "cycle.abandon": _action("abandon a cycle", {Role.VP, Role.MANAGER}),
    "stage.sign_data": _action("sign data gathering off", {Role.MANAGER, Role.COORDINATOR}),
    "stage.sign_demand": _action("sign demand planning off", {Role.MANAGER}),
    "stage.sign_supply": _action("sign supply planning off", {Role.MANAGER}),
    "stage.sign_reconciliation": _action("sign reconciliation off", {Role.MANAGER}),
    "stage.release": _action("release a plan", {Role.VP}),
    "stage.reopen": _action("reopen a stage", {Role.VP, Role.MANAGER}),
    "tasks.own": _action("see and finish the own tasks", PEOPLE),
    "tasks.manage": _action("give tasks to people", PLANNERS),
    "registers.edit": _action("write assumptions, risks and opportunities", PLANNERS | {Role.SALES_MANAGER}),
    "decision.make": _action("decide", {Role.VP, Role.MANAGER, Role.EXECUTIVE}),
    # planning: the stages
    "data.freeze": _action("freeze the data of a cycle", DOERS | {Role.SERVICE}),
    "demand.view": _action("see demand plans", READERS | {Role.SALES_REP, Role.SERVICE}),
    "demand.input": _action("give demand inputs", DOERS | SELLERS | {Role.SERVICE}),
    "demand.submit": _action("submit a stream of demand inputs", DOERS | {Role.SALES_MANAGER, Role.SERVICE}),
    "demand.waive": _action(
        "waive a stream of demand inputs", {Role.VP, Role.MANAGER, Role.COORDINATOR, Role.SERVICE}
    ),
    "demand.review": _action("review families", {Role.MANAGER, Role.ANALYST}),
    "demand.freeze": _action("freeze the consensus", {Role.MANAGER, Role.ANALYST, Role.SERVICE}),
    "supply.view": _action("see supply plans", PLANNERS | {Role.EXECUTIVE, Role.ADVISOR, Role.SERVICE}),
    "supply.solve": _action("solve supply plans", {Role.MANAGER, Role.ANALYST, Role.SERVICE}),
    "supply.act": _action("decide what is done about supply gaps", {Role.MANAGER, Role.ANALYST}),
    "scenario.edit": _action("make scenarios", {Role.MANAGER, Role.ANALYST}),
    "scenario.choose": _action("choose the scenario of a plan", {Role.VP, Role.MANAGER}),
    "approval.request": _action("ask executives for approval", {Role.MANAGER, Role.COORDINATOR}),
    "approval.sign": _action("approve or reject plans", {Role.EXECUTIVE, Role.VP}),
    "release.view": _action("see released plans", READERS | {Role.SERVICE}),
    "accuracy.people": _action("see what everybody's inputs were worth", {Role.VP, Role.MANAGER}),
    "release.export": _action("take released plans out", PLANNERS | {Role.EXECUTIVE, Role.SERVICE}),
    "subscriptions.manage": _action("connect outgoing webhooks", {Role.ADVISOR}),
}


@dataclass(frozen=True)
class Decision:
    """Whether something is allowed, and the sentence that says why not."""

    ok: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.ok


def can(person: Any, action: str, obj: Any = None) -> Decision:
    """Decide by the matrix, then by the object's own `permits(person, action)`, if it has one.

    Raises KeyError for an action that is not in the matrix: a misspelt right must never pass.
    """
    wanted = ACTIONS[action]
    if not getattr(person, "is_authenticated", False):
        return Decision(False, "Sign in first.")
    if not wanted.roles.intersection(person.roles):
        return Decision(False, f"Your role may not {wanted.does}. Allowed: {_names(wanted.roles)}.")
    permits = getattr(obj, "permits", None)
    return permits(person, action) if permits else Decision(True)


def actions_of(person: Any) -> set[str]:
    """Every action the person's roles allow, before any object is looked at."""
    return {name for name, action in ACTIONS.items() if action.roles.intersection(person.roles)}


def _names(roles: frozenset[Role]) -> str:
    return ", ".join(role.label for role in Role if role in roles)


# Routes without an action: open to everybody, opened by a secret address (the calendar feed), or
# guarded by allauth for one's own account.
PUBLIC_ROUTES = frozenset({"core:healthz", "planning:calendar-feed", "crm:hook", "crm:lead-form"})
SIGN_IN_ROUTES = ("account_", "mfa_", "socialaccount_", "social/", "openid_connect_")
