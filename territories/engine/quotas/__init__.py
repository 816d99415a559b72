"""Quotas as pure arithmetic: shares, whole cents that add up, bounds, seasons, days, ramp and pace."""
