"""The document that programs are written by."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from reviews.ingest.reading.presets import Field
from reviews.push.problems import MEDIA_TYPE
from tests.reviews.push.conftest import ITEM, Push, items

pytestmark = pytest.mark.django_db


@pytest.fixture
def document() -> Any:
    return Client().get("/api/openapi.json").json()


def test_the_document_is_valid(document: Any) -> None:
    validate(document)
    assert set(document["paths"]) == {"/api/reviews/", "/api/imports/{import_id}/"}
    assert document["components"]["securitySchemes"] == {"BearerToken": {"type": "http", "scheme": "bearer"}}


def test_what_the_document_says_of_a_push_holds(document: Any, push: Push) -> None:
    operation = document["paths"]["/api/reviews/"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    documented = Draft202012Validator({**body, "components": document["components"]})
    assert documented.is_valid([ITEM])
    assert documented.is_valid({"reviews": items(1000)})
    assert not documented.is_valid(items(1001))
    assert not documented.is_valid([{"content": "without a time"}])
    named = set(body["anyOf"][0]["items"]["properties"])
    assert named == set(Field.values)

    answer = push([ITEM, {**ITEM, "reviewed_at": "yesterday"}])
    receipt = operation["responses"]["202"]["content"]["application/json"]["schema"]
    Draft202012Validator({**receipt, "components": document["components"]}).validate(answer.json())


def test_problems_are_as_documented(document: Any, push: Push) -> None:
    answer = push(b"{")
    said = document["paths"]["/api/reviews/"]["post"]["responses"][str(answer.status_code)]
    Draft202012Validator(said["content"][MEDIA_TYPE]["schema"]).validate(answer.json())


def test_the_state_of_an_import_is_as_documented(document: Any, push: Push, secret: str) -> None:
    url = push([{**ITEM, "reviewed_at": "yesterday"}]).json()["import"]["url"]
    answer = Client().get(url, headers={"Authorization": f"Bearer {secret}"})
    said = document["paths"]["/api/imports/{import_id}/"]["get"]["responses"]["200"]
    schema = {**said["content"]["application/json"]["schema"], "components": document["components"]}
    Draft202012Validator(schema).validate(answer.json())
