"""Sets up what the project runs on. Only the standard library: nothing else is there yet."""
