"""Every read of the core; public ones take the person and return what they may see."""
