"""English and the forms of identifiers: words, verbs, and how values are written. Knows no domain."""
