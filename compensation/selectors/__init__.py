"""Every read of pay; public ones take the user."""
