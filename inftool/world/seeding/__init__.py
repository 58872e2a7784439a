"""The entities that a world starts with: keys, values, and references between them."""
