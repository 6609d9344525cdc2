"""The language of a request: what the user chose in the header, else the site's own, whatever the browser asks for.

Programs choose nothing in a header of ours: under /api/ the one of their request counts.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

PROGRAMS = "/api/"


class ChosenLanguageMiddleware:
    """Django's LocaleMiddleware without the Accept-Language header: the teams are Chinese, their browsers often not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        if request.path.startswith(PROGRAMS):
            language = translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response
