"""Pictures as phones and screenshots make them, for tests of attachments."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

PLACE_TAG, GPS = 0x8825, {1: "N", 2: (31.0, 14.0, 0.0)}
CAMERA_TAG, ROTATED_TAG = 0x0110, 0x0112
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF"


def photo(size: tuple[int, int] = (60, 40)) -> bytes:
    """A JPEG that lies on its side and tells camera and place."""
    exif = Image.Exif()
    exif[CAMERA_TAG], exif[ROTATED_TAG] = "SECRET-CAMERA", 6
    exif.get_ifd(PLACE_TAG).update(GPS)
    return _saved(Image.new("RGB", size, "#b33"), "JPEG", exif=exif, comment=b"SECRET-COMMENT")


def picture(kind: str = "PNG", mode: str = "RGBA", size: tuple[int, int] = (30, 20)) -> bytes:
    return _saved(Image.new(mode, size), kind)


def moving(kind: str, frames: int = 3) -> bytes:
    first, *rest = (Image.new("RGB", (20, 20), (shade % 6 * 40, 0, 0)) for shade in range(frames))
    return _saved(first, kind, save_all=True, append_images=rest, comment=b"SECRET-COMMENT")


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    content = BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()
