"""The demo company: invented, generated from a seed, and loaded through the real imports."""
