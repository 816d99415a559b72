"""Load, compute, store once: what jobs do with data that comes in."""
