"""Reads of territories and quotas."""
