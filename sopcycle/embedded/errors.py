"""The one way in which starting or running may fail: with a sentence for a person."""


class Refusal(Exception):
    """What is wrong, where, and what to do about it, in one line."""
