"""How plans of this room move from draft to in force: guards, and the one way to move."""
