"""Forms of territories and quotas."""
