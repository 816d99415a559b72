"""The pages that look at everything: home and search. Reads only."""
