"""How a world reads JSON Schema: schemas flattened to shapes, validation, and repair of values."""
