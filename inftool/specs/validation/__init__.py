"""Validation of values against schemas, with violations in words."""
