"""Finds the source strings of templates for Babel (`make messages` and the test of missing translations)."""

from __future__ import annotations

import io
from collections.abc import Collection, Generator
from typing import IO, Any

from babel.messages.extract import extract_python
from django.conf import settings
from django.utils.translation.template import templatize


def template_messages(
    fileobj: IO[bytes], keywords: Any, comment_tags: Collection[str], options: Any
) -> Generator[Any, None, None]:
    """Babel extraction method: Django turns the template into pseudo-Python, Babel reads that."""
    if not settings.configured:
        settings.configure()
    source = templatize(fileobj.read().decode(), origin=getattr(fileobj, "name", None))
    lines = "\n".join(line.strip() for line in source.splitlines())
    yield from extract_python(io.BytesIO(lines.encode()), keywords, comment_tags, {"encoding": "utf-8"})
