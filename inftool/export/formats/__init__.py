"""Training formats, one in each file."""
