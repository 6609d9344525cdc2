"""Trains the shipped weights. Needs PyTorch and scipy, which the running product does not."""
