"""Loading, sampling and serving models."""
