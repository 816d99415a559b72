"""Products, markets, sites, resources, prices, costs, currencies, working calendars."""
