"""`make run`: everything the product needs, on one machine, until Ctrl-C.

Starts the embedded servers, brings the database up to date, loads the demo where there is none, then runs the
processes of the Procfile.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
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
from honcho.environ import parse_procfile
from honcho.manager import Manager

MARK = "REVIEWDESK_RUN"
"""Set for every process of a run, so that what a killed run left behind is found again."""

WAIT_SECONDS = 90


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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
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
    """The Procfile's processes, until one ends or a signal comes; their exit code, 0 after Ctrl-C."""
    manager = Manager()
    environment = {**os.environ, MARK: str(settings.VAR_DIR), "PYTHONUNBUFFERED": "1"}
    for name, command in parse_procfile(Path("Procfile").read_text()).processes.items():
        manager.add_process(name, command, env=environment, cwd=str(settings.BASE_DIR))
    manager.loop()
    return 0 if manager.returncode in {130, 143} else int(manager.returncode or 0)


def end_leftovers() -> None:
    """Kill what a run that was itself killed has left behind."""
    for pid in _marked_processes():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


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
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
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
