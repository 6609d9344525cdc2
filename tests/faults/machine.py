"""A machine of its own for ReviewDesk: servers, workers and web as real processes, all of which can be killed."""

from __future__ import annotations

import contextlib
import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import redis
from django_rq import get_queue

from reviewdesk import embedded, queue

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
UNPACKING = b"reviews.ingest.unpacking.child"
"""In the command line of the process that takes foreign files apart."""


def wait_until(is_so: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> float:
    """The seconds it took."""
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < seconds, what
        time.sleep(0.01)
    return time.monotonic() - begun


def processes() -> Iterator[int]:
    return (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))


def command_line(pid: int) -> bytes:
    """Empty for one that has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def session_of(pid: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        return os.getsid(pid)
    return 0


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def is_listening(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


class Machine:
    """`folder` is its REVIEWDESK_VAR."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers = embedded.Servers(folder)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.endswith("_URL")},
            "DJANGO_SETTINGS_MODULE": "reviewdesk.settings",
            "REVIEWDESK_VAR": str(folder),
            "TMPDIR": str(folder / "tmp"),
            "LOG_LEVEL": "ERROR",
        }
        (folder / "tmp").mkdir()
        self.uploads = folder / "uploads"
        self.uploads.mkdir()
        self.log = (folder / "processes.log").open("ab")
        self.pool = 0
        self.web: subprocess.Popen[bytes] | None = None
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.nursery = self._started("-m", "tests.faults.nursery", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._answer() == "up"

    def start_workers(self) -> None:
        assert self.nursery.stdin
        self.nursery.stdin.write(b"start\n")
        self.nursery.stdin.flush()
        self.pool = int(self._answer())

    def kill_workers(self, *, spares: bytes = b"") -> None:
        """SIGKILL for the pool, its workers and what they are at, but for those whose command line holds `spares`."""
        # A worker may fork between a look and the kill: look until none is left.
        while members := [pid for pid in self._members() if not spares or spares not in command_line(pid)]:
            for pid in members:
                kill(pid)

    def kill_worker(self) -> None:
        """SIGKILL for all but the pool, which then starts other workers."""
        for pid in self._members():
            if pid != self.pool:
                kill(pid)

    def _members(self) -> list[int]:
        """Everything in the session of the pool: what works on a job has a process group of its own."""
        return [pid for pid in processes() if session_of(pid) == self.pool and command_line(pid)] if self.pool else []

    def unpacking(self) -> list[int]:
        return [
            pid for pid in processes() if UNPACKING in command_line(pid) and bytes(self.folder) in command_line(pid)
        ]

    def sweep(self) -> None:
        """What the scheduler does by the clock, unless the last one still waits."""
        if not get_queue(queue.SWEEPS).count:
            queue.enqueue("reviews.jobs.resume_stalled_imports", queue=queue.SWEEPS)

    def start_scheduler(self) -> None:
        self.scheduler = self._started("-m", "reviewdesk.schedule")

    def start_web(self, *, file_limit: int = resource.RLIM_INFINITY) -> None:
        """The web, which may write `file_limit` bytes into a file."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        arguments = ("--workers", "1", "--threads", "4", "--no-control-socket", "--bind", f"127.0.0.1:{self.port}")
        self.web = self._started("-m", "gunicorn", "reviewdesk.wsgi", *arguments)
        resource.prlimit(self.web.pid, resource.RLIMIT_FSIZE, (file_limit, resource.RLIM_INFINITY))
        wait_until(self._answers, "the web answers")

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.suppress(OSError), contextlib.closing(connection):
            connection.request("GET", "/accounts/login/")
            return connection.getresponse().status < 500
        return False

    @property
    def postgres(self) -> embedded.Postgres:
        return embedded.Postgres(self.servers.folder / "postgres", self.servers.sockets)

    @property
    def redis(self) -> embedded.Redis:
        return embedded.Redis(self.servers.folder / "redis", self.servers.sockets)

    def crash_postgres(self) -> None:
        """Let it go down without writing anything more, as in a power cut."""
        pid = int((self.postgres.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        wait_until(lambda: not (self.postgres.data / "postmaster.pid").exists(), "PostgreSQL is down")

    def lose_redis(self) -> None:
        """Kill it, and lose all that it knew."""
        client = redis.Redis(unix_socket_path=str(self.redis.socket))
        kill(int(client.info("server")["process_id"]))
        wait_until(lambda: not is_listening(self.redis.socket), "Redis is down")
        for file in sorted(self.redis.data.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()

    def stop(self) -> None:
        """End all but the servers."""
        self.kill_workers()
        for process in (self.web, self.scheduler):
            if process:
                process.terminate()
                process.wait()
        self.web = self.scheduler = None

    def close(self) -> None:
        self.stop()
        assert self.nursery.stdin
        self.nursery.stdin.close()
        self.nursery.wait()

    def _started(
        self, *arguments: str, stdin: int = subprocess.DEVNULL, stdout: int | None = None
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=stdin,
            stdout=stdout or self.log,
            stderr=self.log,
        )

    def _answer(self) -> str:
        assert self.nursery.stdout
        return self.nursery.stdout.readline().decode().strip()
