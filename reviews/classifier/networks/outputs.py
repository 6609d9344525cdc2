"""What a network says of a whole review, column by column."""

from __future__ import annotations

from ..model import CODES, TOPS

CAUSES = len(CODES) + len(TOPS)
"""Logits of the codes, then of the top causes."""
PRIMARY = slice(CAUSES, CAUSES + len(TOPS))
"""Which top cause is the primary one: logits of which one is true."""
NEGATIVE = CAUSES + len(TOPS)
OUTPUTS = NEGATIVE + 1
