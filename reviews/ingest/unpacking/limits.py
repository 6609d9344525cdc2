"""How much is unpacked of one upload before it is refused: what a year of a large shop needs, and no more."""

UNPACKED_BYTES = 2 << 30
"""Of everything that comes out of one upload."""
RATIO = 200
"""Unpacked bytes per byte of the archive; tables come to about 10, archives made to fill disks to 1,000 and more."""
RATIO_FREE_BYTES = 64 << 20
"""Up to here the ratio does not count: a small table of equal rows packs very well."""
MEMBERS = 100
"""Files in an archive."""
TABLES = 100
COLUMNS = 300
ROWS = 2_000_000
CELL_CHARACTERS = 1 << 20
JSON_CHARACTERS = 32 << 20
"""One JSON value outside an array: an answer of an interface with all its objects."""
NAME_CHARACTERS = 200

MEMORY_BYTES = 3 << 29
"""Address space of the process that parses. A workbook of 1,000,000 rows with 9 columns took 1.25 GB of it."""
CPU_SECONDS = 300
WALL_SECONDS = 600


def allowed_bytes(packed: int) -> int:
    """How many bytes an archive of `packed` bytes may unpack to."""
    return min(UNPACKED_BYTES, max(RATIO_FREE_BYTES, packed * RATIO))
