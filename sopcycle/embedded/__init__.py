"""Real PostgreSQL and Valkey from pip wheels, and one supervisor that owns every process."""
