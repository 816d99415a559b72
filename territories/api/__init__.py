"""The API of territories and quotas."""
