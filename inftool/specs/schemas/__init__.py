"""JSON Schema: from any dialect that a document uses to self-contained 2020-12, within a budget of bytes."""
