"""JSON Schema of any dialect -> self-contained JSON Schema 2020-12, within a budget of bytes."""
