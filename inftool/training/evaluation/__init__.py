"""Examinations on held-out APIs, and BFCL."""
