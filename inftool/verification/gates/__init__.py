"""The gates, one a file."""
