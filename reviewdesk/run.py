"""`make run`: everything the product needs, on one machine, until Ctrl-C.

Starts the embedded servers, brings the database up to date, loads the demo where there is none, then runs the
processes of the Procfile.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import django
from django.conf import settings
from django.core.management import call_command

MARK = "REVIEWDESK_RUN"
"""Set for every process of a run, so that what a killed run left behind is found again."""

WAIT_SECONDS = 90
STOP_SECONDS = 20
KILL_SECONDS = 5


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewdesk.settings")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.chdir(settings.BASE_DIR)
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    lock = _only_run()
    if lock is None:
        print("ReviewDesk already runs from this folder. Stop it there with Ctrl-C first.", file=sys.stderr)
        return 1
    end_leftovers()
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    if is_port_taken(host, port):
        print(f"Port {port} is in use. Choose another one: make run PORT={port + 1}", file=sys.stderr)
        return 1
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(0))
    prepare()
    threading.Thread(target=_announce, args=(f"http://{host}:{port}",), daemon=True).start()
    return run_processes()


def prepare() -> None:
    """Servers, tables, and the demo: quick when all is there."""
    settings.SERVERS.ensure_running()
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    if settings.DEBUG:
        call_command("load_demo")


def run_processes() -> int:
    """The Procfile's processes under honcho, until one ends or a signal comes: 0 then, else honcho's exit code."""
    environment = {**os.environ, MARK: str(settings.VAR_DIR), "PYTHONUNBUFFERED": "1"}
    honcho = subprocess.Popen([sys.executable, "-m", "honcho", "start"], env=environment, start_new_session=True)
    try:
        return honcho.wait()
    except SystemExit:
        honcho.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            honcho.wait(timeout=STOP_SECONDS)
        return 0
    finally:
        end_leftovers()


def end_leftovers() -> None:
    """Kill what a run, perhaps itself killed, has left behind, and wait until it is gone."""
    deadline = time.monotonic() + KILL_SECONDS
    while (left := list(_marked_processes())) and time.monotonic() < deadline:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)


def is_port_taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _only_run() -> IO[str] | None:
    """The lock that this folder's one run holds; None when another holds it."""
    lock = (settings.VAR_DIR / "running").open("w")
    try:
        # Not flock: that one would live on in forked children after this process was killed.
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        lock.close()
        return None
    return lock


def _marked_processes() -> Iterator[int]:
    """Processes that carry this folder's mark; needs /proc, elsewhere there are none to find."""
    mark = f"{MARK}={settings.VAR_DIR}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)
        except OSError:
            continue


def _announce(url: str) -> None:
    """Say where the product is once it answers."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310
                if json.load(answer)["status"] == "ok":
                    break
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.5)
    else:
        print(f"ReviewDesk does not answer at {url}/healthz yet; see the messages above.", flush=True)
        return
    accounts = "agent1, agent2, supervisor1, admin1 (password reviewdesk-demo)" if settings.DEBUG else ""
    print(f"\nReviewDesk is ready: {url}\nAccounts: {accounts}\nCtrl-C stops it.\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
