"""Every read of planning. What takes a `user` returns only what that person may see."""
