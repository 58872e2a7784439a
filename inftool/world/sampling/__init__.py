"""Sampled values: what a property holds, by its schema and by what its name means."""
