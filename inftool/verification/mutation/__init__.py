"""Mutants of trajectories, by which checkers are measured."""
