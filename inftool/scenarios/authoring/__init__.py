"""Blueprints written by hand, in YAML or in Python."""
