"""Verbs about runs: make, play, judge, measure, export."""
