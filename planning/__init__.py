"""Cycles, stages, consensus, supply plans, scenarios, approvals and releases."""
