from __future__ import annotations

import pytest

from tests.reviews.ingest.exports import FakeClassifier


@pytest.fixture
def classifier(monkeypatch: pytest.MonkeyPatch) -> FakeClassifier:
    fake = FakeClassifier()
    monkeypatch.setattr("reviews.ingest.storing.classifying.champion", lambda: fake)
    return fake
