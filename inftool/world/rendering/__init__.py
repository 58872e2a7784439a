"""Bodies of results: entities and errors in the shapes that the spec declares."""
