"""Self-contained schemas within a budget of bytes."""
