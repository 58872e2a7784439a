"""Finds the role of each tool: what it does to which resource, through which arguments."""
