"""Accounts and reps; deals, leads and webhooks join them."""
