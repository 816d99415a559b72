"""The mathematics of a cycle: pure, no Django, no clock."""
