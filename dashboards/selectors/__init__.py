"""What the home page and the search read, always within the person's rights and scope."""
