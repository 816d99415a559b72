"""Every write of pay."""
