"""Validation of arguments against a tool's schema, with violations in words."""
