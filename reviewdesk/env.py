"""Settings from the environment: read once, typed, and refused loudly when they make no sense."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

names_read: set[str] = set()
"""Every variable asked for so far; the README's settings table is tested against it."""


def text(name: str, default: str = "") -> str:
    names_read.add(name)
    return os.environ.get(name, default)


def flag(name: str, default: bool) -> bool:
    """True for 1/true/yes/on, False for 0/false/no/off or nothing. Raises ImproperlyConfigured for anything else."""
    value = text(name, str(default)).strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} must be a yes or a no (1/0, true/false), not {value!r}.")


def number(name: str, default: int) -> int:
    """A whole number. Raises ImproperlyConfigured for anything else."""
    value = text(name, str(default)).strip()
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def words(name: str, default: str = "") -> list[str]:
    """Comma-separated words, blanks left out."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
