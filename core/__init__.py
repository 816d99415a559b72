"""People, roles, audit events, jobs, notifications, comments, settings: nothing of the domain."""
