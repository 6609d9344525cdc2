from __future__ import annotations

import pytest

from tests.reviews.ingest.exports import ROWS, FakeClassifier, csv_bytes


@pytest.fixture
def classifier(monkeypatch: pytest.MonkeyPatch) -> FakeClassifier:
    fake = FakeClassifier()
    monkeypatch.setattr("reviews.ingest.storing.classifying.champion", lambda: fake)
    return fake


@pytest.fixture
def many() -> bytes:
    """Sixty rows: good ones, refused ones, and lines about the same review."""
    rows = [(f"{number % 40}", *ROWS[number % 5][1:]) for number in range(50)]
    refused = [("1.2E+17", *ROWS[0][1:])] * 5 + [ROWS[0][:3]] * 5
    return csv_bytes(rows[:30] + refused + rows[30:])


@pytest.fixture
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviews.ingest.staging.PART_ROWS", 7)
