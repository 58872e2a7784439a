"""The entities that a request names: how each is chosen, found, and referred to."""
