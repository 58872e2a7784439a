"""Closing the loop: rewards, environments, training, evaluation and what to synthesize next. The only package that may import torch."""
