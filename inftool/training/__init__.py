"""Closing the loop: environments, rewards, training, evaluation, and what to synthesize next.

The only package that may import torch.
"""
