"""Gated rewards of messages and episodes."""
