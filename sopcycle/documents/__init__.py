"""The parts of docs/ that are made from the code, so that they cannot disagree with it.

A document marks such a part with `<!-- made: NAME -->` and `<!-- end -->`; PARTS says who makes it.
"""
