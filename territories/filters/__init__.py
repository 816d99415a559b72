"""Filters of territories and quotas."""
