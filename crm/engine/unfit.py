"""A value that cannot stand in its column."""


class Unfit(ValueError):
    """The text says which value cannot stand, and why."""
