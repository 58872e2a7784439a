"""The entities that a world starts with."""
