"""Workers as the Procfile starts them, forked from a process that has everything imported: a restart takes no second.

Starts the embedded servers of REVIEWDESK_VAR and answers a line on stdin, "start", with the pid of a new session that
holds a pool of workers. At the end of stdin the servers go with it, unless somebody else holds them.
"""

from __future__ import annotations

import logging
import os
import sys
from datetime import timedelta

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from tests.faults.machine import kill, processes, session_of

PART_ROWS = 50
"""Small, so that an import has many places to be killed at."""
QUIET = timedelta(milliseconds=300)


def main() -> None:
    settings.SERVERS.ensure_running()
    django.setup()
    call_command("migrate", verbosity=0)
    connections.close_all()
    _hasten()
    print("up", flush=True)
    pools = []
    for _line in sys.stdin:
        pools.append(_fork_pool())
        print(pools[-1], flush=True)
    # Tests that were cut short have not ended them.
    for pid in processes():
        if session_of(pid) in pools:
            kill(pid)


def _hasten() -> None:
    from reviews import jobs
    from reviews.ingest import staging

    staging.PART_ROWS = PART_ROWS
    jobs.QUIET = QUIET


def _fork_pool() -> int:
    _reap()
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    logging.getLogger("rq").setLevel(logging.CRITICAL)
    call_command("rqworker-pool", "default", "sweeps", num_workers=2, verbosity=0)
    os._exit(0)


def _reap() -> None:
    """Take leave of pools that were killed."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewdesk.settings")
    main()
