"""Reads from the text of a review whether it is negative, and what it complains of. Pure: no database, no clock."""

from .classifier import Classifier, shipped
from .prediction import Prediction, Tag

__all__ = ["Classifier", "Prediction", "Tag", "shipped"]
