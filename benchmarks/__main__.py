"""`make bench`: prints one table and writes it to var/bench.json.

Works in a database of its own below var/bench, emptied first. BENCH_ROWS (100,000) is the size of the import.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Measure

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    os.environ["REVIEWDESK_VAR"] = str(ROOT / "var" / "bench")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewdesk.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.SERVERS.ensure_running()
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("flush", verbosity=0, interactive=False)
    rows = int(os.environ.get("BENCH_ROWS", "100000"))
    measures = []
    for measure in _all(rows):
        measures.append(measure)
        ratio = f"{measure.ratio:8.2f} x {measure.baseline}" if measure.ratio is not None else ""
        print(f"{measure.name:<58}{measure.value:>14,.1f} {measure.unit:<10}{ratio}", flush=True)
    target = ROOT / "var" / "bench.json"
    target.write_text(json.dumps({"rows": rows, "measures": [measure._asdict() for measure in measures]}, indent=1))
    return 0


def _all(rows: int) -> Iterator[Measure]:
    from benchmarks import classification, imports, pages

    yield from classification.measure()
    yield from imports.measure(rows)
    yield from pages.measure()


if __name__ == "__main__":
    sys.exit(main())
