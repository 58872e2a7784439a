"""A world's view of JSON Schema: shapes, validation, and repair of values."""
