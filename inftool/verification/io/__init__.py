"""Trajectories of other people: files, layouts, and BFCL."""
