"""A long search for files that are neither read nor refused, to be run once in a while:

    nice -n 15 python -m tests.reviews.ingest.fuzzing --minutes 30 --seed 1

Mutates the awkward files and reads what comes of it. What ends otherwise than with tables or a refusal is kept in
FINDINGS, named by its seed, and belongs into the tests. For long runs of the properties, set EXAMPLES_TIMES for
test_properties.py.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import django

FINDINGS = Path(tempfile.gettempdir()) / "fuzzing-findings"
FOUND = "found"
SECONDS_EACH = 20
SEEDS_EACH = 400
"""Files that one process reads before the next one takes over."""
TOKENS = [
    *(b"<table>", b"</table>", b"<tr>", b"<td>", b"<td colspan=9 rowspan=9>", b"<![CDATA[", b"<!--", b"&#0;", b"&x;"),
    *(b"{", b"}", b"[", b"]", b'{"a":', b'"', b",", b";", b"\t", b"\r\n", b"\\ud800", b"\\u0000", b"1e999", b"NaN"),
    *(
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\x81\x30",
        b"=",
        b"'",
        b"9" * 30,
        b"-1",
        b"4294967295",
        b"A1:XFD9",
    ),
    *(b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"xl/", b"<v>", b"</c>", b' t="s"', b' r="ZZ9"'),
]


def mutated(chance: random.Random, files: list[bytes]) -> bytes:
    """One of `files` with some damage, often to what is packed inside."""
    content = chance.choice(files)
    if chance.random() < 0.7:
        try:
            if content.startswith(b"PK"):
                return _with_damaged_member(chance, content, files)
            if content.startswith(b"\x1f\x8b"):
                return gzip.compress(damaged(chance, gzip.decompress(content)[: 1 << 20], files), 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, OSError):
            pass
    return damaged(chance, content, files)


def _with_damaged_member(chance: random.Random, content: bytes, files: list[bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as archive:
        victim = chance.choice(source.infolist())
        for member in source.infolist():
            data = source.read(member)
            archive.writestr(member, damaged(chance, data, files) if member is victim else data)
    return target.getvalue()


def damaged(chance: random.Random, content: bytes, files: list[bytes]) -> bytes:
    data = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 4, 12])):
        place = chance.randrange(len(data) + 1)
        end = min(len(data), place + chance.choice([1, 3, 30, 400]))
        match chance.randrange(6):
            case 0 if data:
                data[place % len(data)] ^= 1 << chance.randrange(8)
            case 1:
                del data[place:end]
            case 2:
                data[place:place] = data[place:end] * chance.choice([1, 2, 50])
            case 3:
                data[place:place] = chance.choice(TOKENS) * chance.choice([1, 1, 1, 300])
            case 4:
                other = chance.choice(files)
                start = chance.randrange(len(other))
                data[place:end] = other[start : start + 400]
            case _ if chance.random() < 0.3:
                del data[place:]
    return bytes(data)


def read_seeds(first: int) -> None:
    """In a process of its own, confined as the one that unpacks: a crash costs only this run."""
    from reviews.ingest.unpacking.child import confine
    from tests.reviews.ingest.awkward_files import awkward_files

    FINDINGS.mkdir(exist_ok=True)
    files = [content for content in awkward_files().values() if len(content) > 1]
    confine()
    for seed in range(first, first + SEEDS_EACH):
        content = mutated(random.Random(seed), files)
        kept = FINDINGS / f"{seed}.bin"
        kept.write_bytes(content)
        # Of CPU time: the machine may have other things to do.
        signal.setitimer(signal.ITIMER_PROF, SECONDS_EACH)
        try:
            outcome = outcome_of(content)
            kept.unlink()
        except Exception:
            (FINDINGS / f"{seed}.txt").write_text(traceback.format_exc())
            outcome = FOUND
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(outcome, flush=True)


def outcome_of(content: bytes) -> str:
    """All the way that an import goes, without the database; one word for how it ended."""
    from reviews.ingest.errors import UnreadableFile
    from reviews.ingest.unpacking.child import main

    with tempfile.TemporaryDirectory() as folder:
        upload = Path(folder) / "upload"
        upload.write_bytes(content)
        answer = main(upload, Path(folder))
        if "code" in answer:
            return str(answer["code"])
        assert isinstance(answer["tables"], list)
        try:
            for _name, path, is_text in answer["tables"]:
                _read_rows(Path(path), "" if is_text else "utf-8")
        except UnreadableFile:
            return "unreadable"
    return "read"


def _read_rows(table: Path, encoding: str) -> None:
    from django.utils import timezone

    from reviews.ingest.reading.formats import recognise_layout
    from reviews.ingest.reading.presets import missing_fields, recognise_columns
    from reviews.ingest.reading.records import read_records
    from reviews.ingest.reading.rows import Row, RowReader

    with table.open("rb") as stream:
        layout = recognise_layout(stream, encoding)
        mapping = recognise_columns(layout.headings).mapping
        reader = None if missing_fields(mapping) else RowReader(layout.headings, mapping, timezone.now())
        for record in read_records(stream, layout.encoding, layout.delimiter, width=len(layout.headings)):
            "".join(record.cells).encode()
            row = reader.read(record) if reader and record.line > layout.heading_line else None
            if isinstance(row, Row):
                assert "\0" not in f"{row.content}{row.order_number}{row.buyer_name}"


def search(seed: int, minutes: float) -> int:
    """Read mutations from `seed` on; the number of findings."""
    FINDINGS.mkdir(exist_ok=True)
    outcomes: Counter[str] = Counter()
    ends = time.monotonic() + minutes * 60
    while time.monotonic() < ends:
        command = [sys.executable, "-m", "tests.reviews.ingest.fuzzing", "--from-seed", str(seed)]
        environment = os.environ | {"RUST_BACKTRACE": "0"}
        reader = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        ended = reader.stdout.split()
        outcomes.update(ended)
        seed += len(ended)
        if reader.returncode:
            is_refused = reader.returncode == -signal.SIGABRT and "memory allocation" in reader.stderr
            outcomes["too_much_memory" if is_refused else FOUND] += 1
            if is_refused:
                (FINDINGS / f"{seed}.bin").unlink()
            else:
                (FINDINGS / f"{seed}.txt").write_text(f"ended with {reader.returncode}\n{reader.stderr[-4_000:]}")
            seed += 1
    print(f"up to seed {seed}: {dict(outcomes.most_common())}; findings are in {FINDINGS}")
    return outcomes[FOUND]


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=30)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--from-seed", type=int)
    chosen = arguments.parse_args()
    if chosen.from_seed is None:
        sys.exit(bool(search(chosen.seed, chosen.minutes)))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    read_seeds(chosen.from_seed)
