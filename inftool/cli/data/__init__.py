"""Verbs about specs and the tools and worlds made from them."""
