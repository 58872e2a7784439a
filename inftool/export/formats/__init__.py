"""Training formats, one a file."""
