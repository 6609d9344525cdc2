"""A server on this machine that is a robot of DingTalk, Feishu or WeCom, or a webhook's receiver: it checks what such a
service checks, and answers in its words."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

SECRET = "SECof-the-robot"
TOKEN = "token-of-the-robot"
HOUR_SECONDS = 3600
PATHS = {
    "dingtalk": f"/robot/send?access_token={TOKEN}",
    "feishu": f"/open-apis/bot/v2/hook/{TOKEN}",
    "wecom": f"/cgi-bin/webhook/send?key={TOKEN}",
    "webhook": "/notices",
}


class Received(NamedTuple):
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Robots:
    """`received` is what was taken. `answers` are given instead of judging, one a message, as (status, JSON)."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.received: list[Received] = []
        self.answers: list[tuple[int, dict[str, Any]]] = []
        self.now: float = time.time()
        self.delay_seconds = 0.0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def address(self, service: str) -> str:
        return f"http://{self.host}{PATHS[service]}"

    def answer(self, path: str, headers: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        time.sleep(self.delay_seconds)
        if self.answers:
            return self.answers.pop(0)
        asked = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        body = json.loads(raw)
        verdict = {
            "/robot/send": lambda: self._dingtalk(query, body),
            f"/open-apis/bot/v2/hook/{TOKEN}": lambda: self._feishu(body),
            "/cgi-bin/webhook/send": lambda: self._wecom(query, body),
            "/notices": lambda: self._webhook(headers, raw),
        }.get(asked.path)
        if verdict is None:
            return 404, {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}
        status, words = verdict()
        if status == 200 and not words.get("errcode") and not words.get("code"):
            self.received.append(Received(path, headers, body))
        return status, words

    def _dingtalk(self, query: dict[str, str], body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if query.get("access_token") != TOKEN:
            return 200, {"errcode": 300005, "errmsg": "token is not exist"}
        stamp = query.get("timestamp", "0")
        wanted = _signature(SECRET, f"{stamp}\n{SECRET}")
        if abs(self.now - int(stamp) / 1000) > HOUR_SECONDS or query.get("sign") != wanted:
            return 200, {"errcode": 310000, "errmsg": "sign not match"}
        if body["msgtype"] != "markdown" or not {"title", "text"} <= set(body["markdown"]):
            return 200, {"errcode": 40035, "errmsg": "missing parameter"}
        return 200, {"errcode": 0, "errmsg": "ok"}

    def _feishu(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        stamp = body.get("timestamp", "0")
        wanted = _signature(f"{stamp}\n{SECRET}", "")
        if abs(self.now - int(stamp)) > HOUR_SECONDS or body.get("sign") != wanted:
            return 200, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour", "data": {}}
        rows = body["content"]["post"]["zh_cn"]["content"]
        if body["msg_type"] != "post" or not all(word["tag"] in {"text", "a"} for row in rows for word in row):
            return 200, {"code": 9499, "msg": "Bad Request", "data": {}}
        return 200, {"code": 0, "msg": "success", "data": {}}

    def _wecom(self, query: dict[str, str], body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if query.get("key") != TOKEN:
            return 200, {"errcode": 93000, "errmsg": "invalid webhook url"}
        if body["msgtype"] != "markdown" or len(body["markdown"]["content"].encode()) > 4096:
            return 200, {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}
        return 200, {"errcode": 0, "errmsg": "ok"}

    def _webhook(self, headers: dict[str, str], raw: bytes) -> tuple[int, dict[str, Any]]:
        stamp = headers.get("x-reviewdesk-timestamp", "")
        wanted = hmac.new(SECRET.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
        if headers.get("x-reviewdesk-signature") != f"sha256={wanted}" or not headers.get("idempotency-key"):
            return 401, {}
        return 200, {}


def _signature(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


@contextmanager
def robots_at_work() -> Iterator[Robots]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, words = robots.answer(self.path, headers, raw)
            body = json.dumps(words).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", robots.address("webhook"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    robots = Robots(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield robots
    server.shutdown()
    server.server_close()
    thread.join()
