"""The independent resolver: parses what was said back into values, and checks blueprints with it."""
