"""What a push as a whole is refused for, as RFC 9457 words it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from django.http import JsonResponse

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """`code` is stable, for programs; `detail` a translated sentence: what is wrong, and what to do."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers = dict(headers or {})

    def response(self) -> JsonResponse:
        told = {"title": self.status.phrase, "status": int(self.status), "code": self.code, "detail": self.detail}
        return JsonResponse(
            told,
            status=self.status,
            content_type=MEDIA_TYPE,
            headers=self.headers,
            json_dumps_params={"ensure_ascii": False},
        )
