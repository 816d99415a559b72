"""The pages of the room: a dashboard for each role, and the search."""
