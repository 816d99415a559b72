"""The work of each stage as a planner would do it by services; what nobody looked at is noted."""
