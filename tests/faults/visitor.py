"""Somebody signed in at the web of a machine, without a browser."""

from __future__ import annotations

import http.client
from http import HTTPStatus
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.faults.machine import Machine

TOKEN = "t" * 32


class Answer(NamedTuple):
    status: int
    location: str
    text: str


class Visitor:
    def __init__(self, machine: Machine, user: User) -> None:
        """Starts the web of `machine` where it does not run."""
        if machine.web is None:
            machine.start_web()
        self.machine = machine
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookies = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: TOKEN}
        self.cookies = {**cookies, settings.LANGUAGE_COOKIE_NAME: "zh-hans"}

    def get(self, path: str) -> Answer:
        return self._request("GET", path, b"")

    def post(self, path: str, **fields: object) -> Answer:
        """The page that it leads to."""
        body = encode_multipart(BOUNDARY, {"csrfmiddlewaretoken": TOKEN, **fields})
        answer = self._request("POST", path, body)
        return self.get(answer.location)._replace(location=answer.location) if answer.location else answer

    def _request(self, method: str, path: str, body: bytes) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.machine.port, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, {"Cookie": cookies, "Content-Type": MULTIPART_CONTENT})
        response = connection.getresponse()
        text = response.read().decode()
        for cookie in response.msg.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        is_redirect = response.status == HTTPStatus.FOUND
        return Answer(response.status, response.headers["Location"] if is_redirect else "", text)
