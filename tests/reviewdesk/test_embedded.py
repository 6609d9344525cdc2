"""The embedded servers, really started, in folders of their own."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from reviewdesk import embedded

USE = """
import sys, time, pathlib
from reviewdesk import embedded
servers = embedded.Servers(pathlib.Path(sys.argv[1]))
servers.ensure_running()
print("up", flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder PostgreSQL's own user can reach, as root too; pytest closes its own to others."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def use(folder: Path, seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", USE, str(folder), str(seconds)], stdout=subprocess.PIPE, text=True)


def wait_up(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"


def is_redis_up(folder: Path) -> bool:
    try:
        return bool(redis.Redis(unix_socket_path=str(folder / "run" / "redis.sock")).ping())
    except redis.RedisError:
        return False


def is_postgres_up(folder: Path) -> bool:
    try:
        psycopg2.connect(host=str(folder / "run"), user="postgres", dbname="reviewdesk").close()
    except psycopg2.OperationalError:
        return False
    return True


def test_two_start_at_once_share_the_servers_and_the_last_stops_them(folder: Path) -> None:
    first, second = use(folder, 0), use(folder, 4)
    wait_up(first)
    wait_up(second)
    first.wait()
    assert is_postgres_up(folder)
    assert is_redis_up(folder)
    second.wait()
    assert not is_postgres_up(folder)
    assert not is_redis_up(folder)


def test_servers_left_by_a_kill_are_found_again_and_ended_by_the_next_stop(folder: Path) -> None:
    killed = use(folder, 60)
    wait_up(killed)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert is_postgres_up(folder)
    next_one = use(folder, 0)
    wait_up(next_one)
    next_one.wait()
    assert not is_postgres_up(folder)
    assert not is_redis_up(folder)


def test_a_long_path_gets_a_short_folder_of_its_own(tmp_path: Path) -> None:
    servers = embedded.Servers(tmp_path / ("x" * 120))
    longest = servers.sockets / ".s.PGSQL.5432.lock"
    assert len(str(longest)) <= 107
    servers.folder.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's PostgreSQL runs as somebody else")
def test_a_closed_home_gets_a_folder_the_server_can_reach(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    servers = embedded.Servers(home / "clone" / "var")
    assert not servers.folder.is_relative_to(home)
    servers.folder.rmdir()
