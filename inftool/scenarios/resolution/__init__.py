"""The independent resolver: parses what was said, and checks blueprints with it."""
