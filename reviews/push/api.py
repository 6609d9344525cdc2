"""POST /api/reviews/ and what belongs to it. The OpenAPI document is made of this and of `schemas`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Status
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer

from reviews.models import ImportBatch, PushToken

from .bodies import BODY_MB, read_items, tabulate
from .limits import count_request
from .problems import MEDIA_TYPE, Problem
from .receiving import receipt_of, receive_push, refusals_of
from .repeating import answered_once
from .schemas import PROBLEM, PROBLEMS, REQUEST_BODY, ImportState, Receipt
from .tokens import note_use, token_of


class PushRequest(HttpRequest):
    """What a function of the interface receives."""

    auth: PushToken


class BearerToken(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> PushToken | None:
        known = token_of(token.strip())
        if known is None:
            return None
        if known.revoked_at is not None:
            raise Problem(HTTPStatus.FORBIDDEN, "revoked", _("This token was revoked. Ask an admin for another one."))
        now = timezone.now()
        count_request(known, now)
        note_use(known, now)
        return known


api = NinjaAPI(
    title="ReviewDesk",
    version="1",
    description="Hand in reviews as they appear, and ask what became of them.",
    auth=BearerToken(),
    docs_url=None,
    openapi_url="openapi.json",
    urls_namespace="push",
    openapi_extra={"info": {"summary": "Push reviews"}},
)


def _documented(*statuses: int, **extra: Any) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": PROBLEM}}
    problems = {status: {"description": PROBLEMS[status], "content": content} for status in statuses}
    return {"responses": problems, **extra}


_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "maxLength": 200},
    "description": "With the same key and body the answer of the first push comes again, for 24 hours",
}


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem.response()


@api.exception_handler(AuthenticationError)
def _stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    detail = _("Send “Authorization: Bearer” with a push token that an admin made under Imports.")
    return Problem(HTTPStatus.UNAUTHORIZED, "unauthorized", detail, {"WWW-Authenticate": "Bearer"}).response()


@api.post(
    "reviews/",
    url_name="reviews",
    response={202: Receipt},
    exclude_none=True,
    by_alias=True,
    openapi_extra=_documented(
        401, 403, 411, 413, 415, 422, 429, requestBody=REQUEST_BODY, parameters=[_KEY]
    ),
)  # fmt: skip
def push_reviews(request: PushRequest) -> Status[dict[str, Any]]:
    """Hand in 1 to 1,000 reviews. Each is accepted or rejected on its own."""
    body = _body(request)
    now = timezone.now()

    def receive() -> dict[str, Any]:
        table = tabulate(read_items(body, request.content_type or ""))
        batch = receive_push(token=request.auth, table=table, now=now)
        url = request.build_absolute_uri(reverse("push:import", args=[batch.pk]))
        return receipt_of(batch, len(table.rows), url)

    key = request.headers.get("Idempotency-Key", "")
    return Status(202, answered_once(token=request.auth, key=key, body=body, now=now, answer=receive))


@api.get(
    "imports/{int:import_id}/",
    url_name="import",
    response={200: ImportState},
    openapi_extra=_documented(401, 403, 404, 429),
)
def import_state(request: PushRequest, import_id: int) -> dict[str, Any]:
    """What became of a push."""
    batch = ImportBatch.objects.filter(
        pk=import_id, shop=request.auth.shop_id, source=ImportBatch.Source.PUSH
    ).first()  # fmt: skip
    if batch is None:
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", _("This shop has no push with the number %d.") % import_id)
    told = ("id", "status", "rows", "created", "updated", "unchanged", "rejected", "negative", "cases_opened")
    return {
        **{name: getattr(batch, name) for name in told},
        "received_at": batch.uploaded_at,
        "finished_at": batch.finished_at,
        "error": batch.error,
        "rejections": refusals_of(batch),
    }


def _body(request: HttpRequest) -> bytes:
    """Raises Problem for a body that is too long, of unknown length, or compressed."""
    limit = BODY_MB << 20
    if "Content-Length" not in request.headers:
        raise Problem(
            HTTPStatus.LENGTH_REQUIRED, "length_required", _("Send Content-Length: a body in chunks is not read.")
        )
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "compressed", _("Send the body without compression."))
    body = request.read(limit + 1)
    if len(body) > limit:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body_too_big",
            _("The body has more than %(limit)d MB. Send fewer reviews at once.") % {"limit": BODY_MB},
        )
    return body
