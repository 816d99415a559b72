"""The side bar: places, the pages in them, and the action that opens each.

A room adds its pages here. Only pages the person may open are shown.
"""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from core.roles import actions_of


@dataclass(frozen=True)
class Link:
    """A page in the side bar: its label, route name and the action that opens it.

    `pages` are the lists that stand behind it, as tabs above each of them; `also` are beginnings of
    addresses of further pages that lie below it.
    """

    label: str
    route: str
    action: str
    pages: tuple["Link", ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """A group of the side bar, with an icon of the sprite."""

    label: str
    icon: str
    links: tuple[Link, ...]


PLACES = (
    Place("Home", "home", (Link("Home", "dashboards:home", "home.view"),)),
    Place(
        "Cycle",
        "cycle",
        (
            Link("Cycles", "planning:cycle-list", "cycle.view"),
            Link("Calendar", "planning:calendar", "cycle.view"),
            Link("My tasks", "planning:task-list", "tasks.own"),
            Link("Meetings", "planning:meeting-list", "cycle.view"),
            Link("Assumptions", "planning:assumption-list", "cycle.view"),
            Link("Risks and opportunities", "planning:risk-list", "cycle.view"),
            Link("Decisions", "planning:decision-list", "cycle.view"),
            Link("Released plans", "planning:release-list", "release.view"),
            Link("Plan against actual", "planning:monitoring", "release.view"),
            Link("Accuracy", "planning:accuracy", "release.view"),
            Link("Waterfall", "planning:waterfall", "release.view"),
            Link("Value added", "planning:value-added", "release.view"),
        ),
    ),
    Place(
        "Data",
        "data",
        (
            Link("Data sources", "gathering:source-board", "sources.view"),
            Link("Imports", "gathering:import-list", "imports.view"),
            Link("Unknown names", "gathering:unmapped-list", "imports.view"),
            Link("Import profiles", "gathering:profile-list", "imports.view"),
            Link("File formats", "gathering:format-list", "imports.view"),
            Link("Data quality", "gathering:issue-list", "quality.view"),
            Link("Sales by month", "gathering:sales-list", "facts.view"),
            Link("Order lines", "gathering:line-list", "facts.view"),
            Link("Returns", "gathering:return-list", "facts.view"),
            Link("Stock", "gathering:stock-list", "facts.view"),
            Link("Open orders", "gathering:open-order-list", "facts.view"),
            Link("Capacity", "gathering:capacity-list", "facts.view"),
            Link("Budget", "gathering:budget-list", "facts.view"),
            Link("Targets", "gathering:target-list", "facts.view"),
            Link("External forecasts", "gathering:external-forecast-list", "facts.view"),
            Link("What moves demand", "gathering:timeline", "notes.view"),
        ),
    ),
    Place(
        "Forecasts",
        "forecasts",
        (
            Link("Forecasts", "forecasting:run-list", "forecast.view"),
            Link("Launches", "forecasting:launch-list", "forecast.view"),
            Link("Successors", "forecasting:succession-list", "forecast.view"),
            Link("ABC and XYZ", "forecasting:newest-classes", "forecast.view"),
            Link("Pinned methods", "forecasting:pin-list", "forecast.view"),
            Link("Deal forecast", "forecasting:deal-forecast", "forecast.view"),
        ),
    ),
    Place(
        "Catalog",
        "catalog",
        (
            Link("Products", "catalog:product-list", "catalog.view"),
            Link("Families", "catalog:family-list", "catalog.view"),
            Link("Markets", "catalog:market-list", "catalog.view"),
            Link("Demand units", "catalog:demand-unit-list", "catalog.view"),
            Link("Prices", "catalog:price-list", "catalog.view"),
            Link("Costs", "catalog:cost-list", "catalog.costs"),
            Link("Sites", "catalog:site-list", "catalog.view"),
            Link("Resources", "catalog:resource-list", "catalog.view"),
            Link("Bills of capacity", "catalog:capacity-use-list", "catalog.view"),
            Link("Bills of material", "catalog:bill-of-materials-list", "catalog.view"),
            Link("Units", "catalog:unit-list", "catalog.view"),
            Link("Unit conversions", "catalog:unit-conversion-list", "catalog.view"),
            Link("Currencies", "catalog:currency-list", "catalog.view"),
            Link("Month rates", "catalog:month-rate-list", "catalog.view"),
            Link("Working calendars", "catalog:calendar-list", "catalog.view"),
        ),
    ),
    Place(
        "Customers",
        "people",
        (
            Link("Accounts", "crm:account-list", "crm.view"),
            Link("Contacts", "crm:contact-list", "crm.view"),
            Link("Reps", "crm:rep-list", "crm.view"),
            Link("Teams", "crm:team-list", "crm.view"),
        ),
    ),
    Place(
        "Pipeline",
        "pipeline",
        (
            Link("Board", "crm:pipeline-board", "deals.view"),
            Link("Deals", "crm:deal-list", "deals.view"),
            Link("Deals at risk", "crm:pipeline-risks", "deals.view"),
            Link("Coverage", "crm:pipeline-coverage", "deals.view"),
            Link("What changed", "crm:pipeline-changes", "deals.view"),
            Link("Funnel", "crm:pipeline-funnel", "deals.view"),
            Link("Deal stages", "crm:deal-stage-list", "deals.view"),
            Link("Leads", "crm:lead-list", "leads.view"),
            Link("Lead sources", "crm:lead-source-list", "leads.view"),
            Link("Lead routing", "crm:lead-routing", "leads.view"),
            Link("Agreement with marketing", "crm:lead-agreement", "leads.view"),
            Link("Order papers", "crm:paper-list", "papers.view"),
            Link("Exceptions of papers", "crm:paper-exceptions", "papers.view"),
            Link("Bookings", "crm:booking-list", "deals.view"),
        ),
    ),
    Place(
        "Territories",
        "territories",
        (
            Link(
                "Models",
                "territories:model-list",
                "territories.view",
                pages=(
                    Link("Territory models", "territories:model-list", "territories.view"),
                    Link("Rules", "territories:rule-list", "territories.view"),
                    Link("Accounts by territory", "territories:placement-list", "territories.view"),
                ),
                also=("/territories/territories/", "/territories/pins/"),
            ),
            Link(
                "Gaps",
                "territories:gap-list",
                "territories.view",
                pages=(
                    Link("Gaps", "territories:gap-list", "territories.view"),
                    Link("Overlaps", "territories:overlap-list", "territories.view"),
                ),
            ),
            Link(
                "Coverage",
                "territories:coverage-list",
                "territories.view",
                pages=(
                    Link("Who covers what", "territories:coverage-list", "territories.view"),
                    Link("Coverage roles", "territories:coverage-role-list", "territories.view"),
                ),
            ),
            Link(
                "Vacancies",
                "territories:missing-cover",
                "territories.view",
                pages=(
                    Link("Vacancies and absences", "territories:missing-cover", "territories.view"),
                    Link("Stand-ins", "territories:cover-list", "territories.view"),
                ),
            ),
            Link(
                "Changed hands",
                "territories:change-list",
                "territories.view",
                pages=(
                    Link("What changed hands", "territories:change-list", "territories.view"),
                    Link("Ownership changes", "territories:ownership-list", "territories.view"),
                ),
            ),
            Link(
                "Balance",
                "territories:balance",
                "territories.view",
                pages=(
                    Link("Balance", "territories:balance", "territories.view"),
                    Link("Account work", "territories:work-list", "territories.view"),
                    Link("Rep bases", "territories:base-list", "territories.view"),
                ),
            ),
            Link("Map", "territories:map", "territories.view"),
            Link("Realignments", "territories:scenario-list", "territories.view"),
            Link("Quotas", "territories:quota-plan-list", "quotas.view"),
            Link("Your quota", "territories:quota-own", "quotas.accept"),
            Link(
                "Attainment",
                "territories:attainment",
                "attainment.view",
                pages=(
                    Link("Attainment", "territories:attainment", "attainment.view"),
                    Link("Sold outside", "territories:attainment-outside", "attainment.view"),
                ),
            ),
            Link("Fairness", "territories:fairness", "attainment.view"),
        ),
    ),
    Place(
        "Pay",
        "pay",
        (
            Link("Your pay", "compensation:own-pay", "pay.accept", also=("/pay/reps/", "/pay/statements/")),
            Link("Your plan", "compensation:goals", "pay.accept"),
            Link("Statements", "compensation:statement-list", "pay.view"),
            Link(
                "Runs",
                "compensation:run-list",
                "pay.runs",
                pages=(
                    Link("Months", "compensation:run-list", "pay.runs"),
                    Link("Adjustments", "compensation:adjustment-list", "pay.runs"),
                    Link("Accrual", "compensation:accrual", "pay.export"),
                ),
            ),
            Link(
                "Plans",
                "compensation:plan-list",
                "pay.plans",
                pages=(
                    Link("Plans", "compensation:plan-list", "pay.plans"),
                    Link("Pay roles", "compensation:pay-role-list", "pay.plans"),
                ),
                also=("/pay/versions/", "/pay/on-plans/"),
            ),
            Link(
                "People",
                "compensation:earner-list",
                "pay.view",
                pages=(
                    Link("Who earns by which plan", "compensation:earner-list", "pay.view"),
                    Link("Positions", "compensation:position-list", "pay.view"),
                    Link("Quotas for pay", "compensation:plan-quota-list", "pay.view"),
                    Link("Scores", "compensation:score-list", "pay.view"),
                    Link("Acceptance of plans", "compensation:goals-acceptances", "pay.view"),
                ),
            ),
            Link(
                "Credits",
                "compensation:credit-list",
                "pay.own",
                pages=(
                    Link("Credits", "compensation:credit-list", "pay.own"),
                    Link("Nobody is credited", "compensation:credit-missing", "pay.plans"),
                    Link("Credit rules", "compensation:credit-rule-list", "pay.plans"),
                    Link("Cancellations", "compensation:cancellation-list", "pay.own"),
                    Link("Held pay", "compensation:hold-list", "pay.own"),
                ),
                also=("/pay/deals/",),
            ),
            Link(
                "Disputes",
                "compensation:dispute-list",
                "pay.own",
                pages=(
                    Link("Disputes", "compensation:dispute-list", "pay.own"),
                    Link("What they tell", "compensation:dispute-figures", "pay.view"),
                ),
            ),
            Link("Contests", "compensation:contest-list", "pay.own"),
            Link("Studio", "compensation:study-list", "pay.plans"),
            Link(
                "Costs",
                "compensation:cost-of-selling",
                "pay.cost",
                pages=(
                    Link("Cost of selling", "compensation:cost-of-selling", "pay.cost"),
                    Link("Contract costs", "compensation:contract-costs", "pay.cost"),
                    Link("Contract costs by deal", "compensation:contract-deals", "pay.cost"),
                ),
            ),
        ),
    ),
    Place(
        "Connections",
        "webhook",
        (
            Link("CRM connections", "crm:endpoint-list", "hooks.view"),
            Link("Deliveries", "crm:delivery-list", "hooks.view"),
            Link("CRM events", "crm:inbox-event-list", "hooks.view"),
            Link("CRM values", "crm:value-list", "hooks.view"),
            Link("Reconciliations", "crm:reconciliation-list", "hooks.view"),
            Link("Outgoing webhooks", "planning:subscription-list", "subscriptions.manage"),
        ),
    ),
    Place(
        "Settings",
        "settings",
        (
            Link("Company", "core:company", "settings.view"),
            Link("People", "core:people", "people.view"),
            Link("Rights", "core:rights", "people.view"),
            Link("Event log", "core:events", "events.view"),
            Link("Jobs", "core:jobs", "jobs.view"),
            Link("Message channels", "core:channels", "channels.manage"),
            Link("API", "core:api-docs", "api.docs"),
        ),
    ),
)


def navigation(person: Any, path: str) -> tuple[list[dict[str, Any]], str]:
    """The groups the person may open, and the label of the one that `path` lies in."""
    allowed = actions_of(person)
    groups: list[dict[str, Any]] = []
    for place in PLACES:
        items = [_item(link, allowed) for link in place.links if link.action in allowed]
        if items:
            groups.append({"label": place.label, "icon": place.icon, "url": items[0]["url"], "items": items})
    _mark_active(groups, path)
    return groups, next((group["label"] for group in groups if group["active"]), "")


def tabs_of(groups: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    """The lists that belong with the one at this very address, itself among them; none on other pages."""
    items = [item for group in groups for item in group["items"] if item["active"]]
    tabs = [tab for item in items for tab in item["tabs"]]
    if len(tabs) < 2 or all(tab["url"] != path for tab in tabs):
        return []
    return [tab | {"active": tab["url"] == path} for tab in tabs]


def _item(link: Link, allowed: set[str]) -> dict[str, Any]:
    tabs = [
        {"label": page.label, "url": reverse(page.route)} for page in link.pages if page.action in allowed
    ]
    url = reverse(link.route)
    return {
        "label": link.label,
        "url": url,
        "tabs": tabs,
        "beginnings": [url, *(tab["url"] for tab in tabs), *link.also],
    }


def _mark_active(groups: list[dict[str, Any]], path: str) -> None:
    """The longest address that begins the path wins: /data/imports/7/ lies in /data/imports/."""
    items = [item for group in groups for item in group["items"]]
    beginnings = [url for item in items for url in item["beginnings"] if _lies_in(path, url)]
    current = max(beginnings, key=len, default="")
    own = [item for item in items if current in {item["url"], *(tab["url"] for tab in item["tabs"])}]
    active = own or [item for item in items if current in item["beginnings"]]
    for group in groups:
        for item in group["items"]:
            item["active"] = item in active
        group["active"] = any(item["active"] for item in group["items"])


def _lies_in(path: str, url: str) -> bool:
    """Every address begins with that of the home page: only the home page itself lies in it."""
    return path == url if url == "/" else path.startswith(url)
