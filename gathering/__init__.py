"""Sources, imports, quality checks and the facts: sales, stock, orders, capacity, budget."""
