"""BFCL's files: function docs as tools, gold answers and models' results as calls."""
