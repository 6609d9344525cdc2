"""Patterns laid out to be read."""

from __future__ import annotations

import re


def phrases(pattern: str) -> re.Pattern[str]:
    """A pattern over several lines: spaces and line ends in it mean nothing, for the letters of a draft hold none."""
    return re.compile(pattern, re.VERBOSE)
