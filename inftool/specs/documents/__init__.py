"""Files: finding and reading documents, with the line of everything in them, and resolving references between them."""
