"""Learns from what people decide: fits a light layer over the shipped model, compares, promotes, and tags anew."""

from .champions import champion

__all__ = ["champion"]
