"""Trains the shipped weights. Needs scipy, which the running product does not."""

from .course import Settings, train
from .examples import UnusableExamples

__all__ = ["Settings", "UnusableExamples", "train"]
