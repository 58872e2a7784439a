"""Reports about coverage, and why cells of it are open."""
