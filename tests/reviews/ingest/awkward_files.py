"""The folder of awkward files: those of text lie in `awkward/`, those of bytes are made here."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

from tests.reviews.ingest.files import csv_text, gz, open_formulas_xlsx, xls, xlsx, zipped

FOLDER = Path(__file__).parent / "awkward"
HEADINGS = ("订单号", "评价内容", "评价时间", "评价结果")
CELLS = (
    HEADINGS,
    ("8401", "按钮按不动", datetime(2025, 11, 12, 8, 0, 59), "差评"),
    (8402, " 数字单号 ", 45973.375, "好评"),
    ("", "", "", ""),
    (4.4e18, "被表格截断的单号", datetime(2025, 11, 12, 9), "差评"),
)
FORMULAS = (
    (*HEADINGS, "备注"),
    ("8801", '=CONCATENATE("杯盖","是破的")', datetime(2025, 11, 16, 8), "差评", ""),
    ("8802", "喜欢", datetime(2025, 11, 16, 9), "好评", "=A3&B3"),
    ("8803", "一般", "=NOW()", "中评", ""),
)
TEXTS = (HEADINGS, ("8501", "掉漆", "2025-11-13 08:00", "差评"), ("8502", "喜欢", "2025-11-13 09:00", "好评"))


def awkward_files() -> dict[str, bytes]:
    """Name -> content of every file."""
    text = csv_text(TEXTS).encode("gb18030")
    workbook = xlsx({"说明": [], "评价": CELLS, "选项": HEADINGS}, hidden=["选项"])
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())} | {
        "workbook.xlsx": workbook,
        "workbook.xls": xls(CELLS),
        "open-formulas.xlsx": open_formulas_xlsx(FORMULAS),
        "half-a-workbook.xlsx": workbook[: len(workbook) // 2],
        "packed.csv.gz": gz(text),
        "packed.zip": zipped({"__MACOSX/._评价.csv": b"\0", "../../评价.csv": text, ".DS_Store": b"\0"}),
        "workbook-in.zip": zipped({"评价.xlsx": workbook}),
        "archive-in-archive.zip": zipped({"inner.zip": zipped({"评价.csv": text})}),
        "locked.zip": locked(zipped({"评价.csv": text})),
        "bomb.csv.gz": gz(bytes(100 << 20)),
    }


def locked(archive: bytes) -> bytes:
    """`archive` as if its only member had a password."""
    content = bytearray(archive)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    assert zipfile.ZipFile(io.BytesIO(content)).infolist()[0].flag_bits & 1
    return bytes(content)
