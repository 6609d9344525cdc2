"""`make run`, really run: it comes up with its demo, leaves nothing behind, and gets over being killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk.run import MARK

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        "REVIEWDESK_VAR": str(folder),
        "PORT": str(port),
        "WEB_WORKERS": "1",
        "QUEUE_WORKERS": "1",
    }
    log = (folder / "run.log").open("ab")
    return subprocess.Popen(
        [sys.executable, "-m", "reviewdesk.run"],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def wait_ready(folder: Path, times: int, seconds: float = 120) -> None:
    """Until the log has announced a ready ReviewDesk so many times."""
    log = folder / "run.log"
    deadline = time.monotonic() + seconds
    while log.read_text().count("ReviewDesk is ready") < times:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


def processes_of(folder: Path) -> list[str]:
    """Command lines that carry the run's mark or work in its folder."""
    mark = f"{MARK}={folder}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            if command and (mark in (process / "environ").read_bytes() or bytes(folder) in command):
                found.append(command.decode(errors="replace"))
        except OSError:
            continue
    return found


def wait_gone(folder: Path, seconds: float = 30) -> list[str]:
    deadline = time.monotonic() + seconds
    while (left := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return left


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes through /proc")
def test_a_run_comes_up_survives_a_kill_and_leaves_nothing_behind(folder: Path) -> None:
    port = free_port()
    killed = start(folder, port)
    wait_ready(folder, 1)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert processes_of(folder), "the kill left nothing behind, so this test shows nothing"

    second = start(folder, port)
    wait_ready(folder, 2)
    third = start(folder, free_port())
    assert third.wait(timeout=60) == 1
    assert "already runs from this folder" in (folder / "run.log").read_text()

    second.send_signal(signal.SIGINT)
    assert second.wait(timeout=60) == 0, (folder / "run.log").read_text()
    assert wait_gone(folder) == []
