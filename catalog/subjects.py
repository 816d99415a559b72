"""What of the catalog can be commented, and its page about one person."""

from django.urls import reverse

from catalog.columns import (
    demand_unit_url,
    family_url,
    market_url,
    product_url,
    resource_url,
    site_url,
)
from catalog.models import DemandUnit, Family, Market, Product, Resource, Site
from catalog.selectors import VISIBLE
from core.slots import PersonLink, person_links
from core.subjects import register

PAGES = {
    Product: product_url,
    Family: family_url,
    Market: market_url,
    DemandUnit: demand_unit_url,
    Site: site_url,
    Resource: resource_url,
}
for model, url in PAGES.items():
    name = str(model._meta.verbose_name)
    register(model, label=name, action="catalog.view", visible_to=VISIBLE[model], url=url)

person_links.append(
    PersonLink("Markets and families", "people.manage", lambda p: reverse("catalog:scope", args=[p.pk]))
)
