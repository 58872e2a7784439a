"""A blueprint as a resettable environment."""
