"""Pages of territories and quotas."""
