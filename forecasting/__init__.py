"""Statistical forecasts and their accuracy."""
